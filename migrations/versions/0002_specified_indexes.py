"""Add the specification's indexes, the additional updation of packages, and the capacity view

The view gets a unique index, so that it can be refreshed without locking its readers out (ruling 7).
"""

from migrations import run, steps, undo

revision = "0002"
down_revision = "0001"

STEPS = steps("0002_specified_indexes")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
