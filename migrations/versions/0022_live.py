"""Tell windows of changes

A notification for each statement that changes registrations, packages, orders, events or the two ledgers: ids only,
none from a role or session with ``greenroom.notify = 'off'``. Functions and triggers, nothing else.
"""

from migrations import run, steps, undo

revision = "0022"
down_revision = "0021"
STEPS = steps("0022_live")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
