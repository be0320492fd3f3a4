"""Add the specification's indexes, the additional updation of packages, and the capacity view

The view gets a unique index, so that it can be refreshed without locking its readers out (ruling 7).
"""

from alembic import op

from migrations import sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(sql("0002_specified_indexes"))
