"""Keep the cost of a waitlist flat

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0018"
down_revision = "0017"
STEPS = steps("0018_waitlist")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
