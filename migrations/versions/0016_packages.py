"""Change packages and their seats in one call

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0016"
down_revision = "0015"
STEPS = steps("0016_packages")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
