"""Decide all that happens at a door in one place, apply it exactly once, and record no-shows

New: `greenroom.decide` (the verdict from facts), batches of operations, `take_in` for who was let in without a seat,
the table `greenroom.station_reports` with its two functions, `record_no_shows`. Made anew: `admit` (also no-shows and
releases; a reused number is a verdict), `admit_at_door` (whose entries may be taken back is decided by the rights of
that moment), `history_of` (who was let in without a seat was not turned away).
"""

from migrations import run, steps, undo

revision = "0019"
down_revision = "0018"
STEPS = steps("0019_attendance", "0019_operating", "0019_taking_in", "0019_ending")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
