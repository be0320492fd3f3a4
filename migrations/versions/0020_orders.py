"""Take payments and give them back

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0020"
down_revision = "0019"
STEPS = steps("0020_orders")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
