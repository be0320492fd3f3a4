"""Add the indexes the specification forgot

One for every foreign key, every column a grid sorts by, and the token a scanner reads (ruling 28).
"""

from migrations import run, steps, undo

revision = "0008"
down_revision = "0007"

STEPS = steps("0008_missing_indexes")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
