"""Record no-shows and batches of the door's operations

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0019"
down_revision = "0018"
STEPS = steps("0019_attendance")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
