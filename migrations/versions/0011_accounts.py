"""Let staff be known to the database by what they may call, not by what they may read

Signing in, adding staff, the door's check-in and a registration's history, as functions: what the group roles of
“greenroom db roles” may call instead of reading password hashes, writing accounts and seeing the whole log.
"""

from migrations import run, steps, undo

revision = "0011"
down_revision = "0010"

STEPS = steps("0011_accounts")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
