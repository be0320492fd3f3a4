"""Let an operation of a door that is sent again not meet its own number

`greenroom.operate`, which applies it, made anew. Nothing else.
"""

from migrations import run, steps, undo

revision = "0023"
down_revision = "0022"
STEPS = steps("0023_operating")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
