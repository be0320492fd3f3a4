"""Read rights with each operation

One function, handed to the others as their actor.
"""

from migrations import run, steps, undo

revision = "0014"
down_revision = "0013"
STEPS = steps("0014_rights")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
