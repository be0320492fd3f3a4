"""Manage staff accounts and passwords in the database

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0021"
down_revision = "0020"
STEPS = steps("0021_accounts")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
