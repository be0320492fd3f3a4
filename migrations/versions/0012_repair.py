"""Add the functions that mend what is derived

``greenroom db check --repair`` calls them: seat counters, lists of packages and places on waitlists, each in a
transaction of its own. Revoked from PUBLIC in the same step, because they run with their owner's rights.
"""

from migrations import run, steps, undo

revision = "0012"
down_revision = "0011"
STEPS = steps("0012_repair")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
