"""Add the import of attendee files

One function that plans and one that carries the plan out, under the package's lock, in one call. Revoked from
PUBLIC, because it runs with its owner's rights.
"""

from migrations import run, steps, undo

revision = "0010"
down_revision = "0009"

STEPS = steps("0010_import_plan", "0010_import_registrations")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
