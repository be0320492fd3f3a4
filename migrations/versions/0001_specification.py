"""Create the tables of the specification, section 2

Nothing of ours yet: this is the database the website would have made.
"""

from migrations import run, steps, undo

revision = "0001"
down_revision = None

STEPS = steps("0001_specification")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
