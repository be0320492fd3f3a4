"""Cancel and complete events in one call

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0015"
down_revision = "0014"
STEPS = steps("0015_events")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
