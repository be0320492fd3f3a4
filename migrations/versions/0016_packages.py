"""Change packages and their seats in one call

Adds packages.currency (specification 5.6), lends the website's triggers on packages their path, and adds the functions
that change capacities, retire, reactivate, delete and move packages (rulings 8, 9, 11, 19, 22).
"""

from migrations import run, steps, undo

revision = "0016"
down_revision = "0015"
STEPS = steps("0016_packages")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
