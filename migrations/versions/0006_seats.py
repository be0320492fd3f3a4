"""Count seats per package so that nobody oversells, whoever writes

The first count and the triggers are installed under one lock in one transaction (ruling 8, concurrency.md).
"""

from migrations import run, steps, undo

revision = "0006"
down_revision = "0005"

STEPS = steps("0006_seats")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
