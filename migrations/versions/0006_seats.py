"""Count seats per package so that nobody oversells, whoever writes

The first count and the triggers are installed under one lock in one transaction (ruling 8, concurrency.md).
"""

from alembic import op

from migrations import sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(sql("0006_seats"))
