"""Add staff: roles, who has them, and failed sign-ins

Section 5.5 of the specification; rulings 24 and 25.
"""

from migrations import run, steps, undo

revision = "0004"
down_revision = "0003"

STEPS = steps("0004_staff")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
