"""Keep updated_at and events.packages_ids by trigger

On every table that has updated_at, and for packages that move between events (rulings 6 and 22).
"""

from migrations import run, steps, undo

revision = "0003"
down_revision = "0002"

STEPS = steps("0003_specified_triggers")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
