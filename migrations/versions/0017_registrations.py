"""Move, revive and change registrations in one call

Filled in by the commits that need it.
"""

from migrations import run, steps, undo

revision = "0017"
down_revision = "0016"
STEPS = steps("0017_registrations")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
