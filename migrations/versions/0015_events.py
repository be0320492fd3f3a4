"""Close, cancel and publish events in one call

Functions only: cancelling with everybody in the event, unpublishing, completing and deleting under the seats' lock,
restoring, publishing when nothing is missing, and moving an event to another zone with its packages' deadlines.
"""

from migrations import run, steps, undo

revision = "0015"
down_revision = "0014"
STEPS = steps("0015_events")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
