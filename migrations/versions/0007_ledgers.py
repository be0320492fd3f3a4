"""Add the attendance ledger and make both ledgers append-only

For everyone, replication roles included (rulings 16 and 23).
"""

from migrations import run, steps, undo

revision = "0007"
down_revision = "0006"

STEPS = steps("0007_ledgers")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
