"""Add the indexes the specification forgot

One for every foreign key, every column a grid sorts by, and the token a scanner reads (ruling 28).
"""

from alembic import op

from migrations import sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(sql("0008_missing_indexes"))
