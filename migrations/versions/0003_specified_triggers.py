"""Keep updated_at and events.packages_ids by trigger

On every table that has updated_at, and for packages that move between events (rulings 6 and 22).
"""

from alembic import op

from migrations import sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(sql("0003_specified_triggers"))
