"""Add the four operations that matter: register, cancel, promote, admit

One function each, so that no lock is held across a network round trip (concurrency.md). The service owns
permission, validation and words; the function owns lock, decision and write. Revoked from PUBLIC in the same
transaction, because they run with their owner's rights.
"""

from alembic import op

from migrations import sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for part in ("operations_shared", "register", "cancel", "promote", "admit"):
        op.execute(sql(f"0009_{part}"))
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA greenroom FROM PUBLIC")
    # What triggers run as the writer needs is not a privilege: it only computes from its arguments.
    op.execute("GRANT EXECUTE ON FUNCTION greenroom.fold(text), greenroom.holds_seat(text) TO PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA greenroom TO PUBLIC")
