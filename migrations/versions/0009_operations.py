"""Add the four operations that matter: register, cancel, promote, admit

One function each, so that no lock is held across a network round trip (concurrency.md). The service owns
permission, validation and words; the function owns lock, decision and write. Revoked from PUBLIC in the same
transaction, because they run with their owner's rights.
"""

from migrations import run, steps, undo

revision = "0009"
down_revision = "0008"

STEPS = steps(
    "0009_operations_shared",
    "0009_register",
    "0009_cancel",
    "0009_promote",
    "0009_admit",
    "0009_privileges",
)


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
