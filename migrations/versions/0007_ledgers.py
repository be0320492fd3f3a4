"""Add the attendance ledger and make both ledgers append-only

For everyone, replication roles included (rulings 16 and 23).
"""

from alembic import op

from migrations import sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(sql("0007_ledgers"))
