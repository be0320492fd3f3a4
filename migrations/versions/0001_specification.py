"""Create the tables of the specification, section 2

Nothing of ours yet: this is the database the website would have made.
"""

from alembic import op

from migrations import sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sql("0001_specification"))
