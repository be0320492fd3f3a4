"""Move, put back, revive and correct registrations, one or many

Each is one function that locks, decides, writes and logs; greenroom.in_bulk does up to a hundred in one call and tells
what takes each of them back.
"""

from migrations import run, steps, undo

revision = "0017"
down_revision = "0016"
STEPS = steps("0017_registrations", "0017_moving", "0017_details", "0017_bulk")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
