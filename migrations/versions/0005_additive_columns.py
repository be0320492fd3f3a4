"""Add the event's time zone, custom answers, a folded name to sort by, and what a log row is about

All nullable, so that the website's own statements go on working (rulings 2 and 5, section 5.4).
"""

from alembic import op

from migrations import sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(sql("0005_additive_columns"))
