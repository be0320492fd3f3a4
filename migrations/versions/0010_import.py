"""Add the import of attendee files

One function that plans and one that carries the plan out, under the package's lock, in one call. Revoked from
PUBLIC, because it runs with its owner's rights.
"""

from alembic import op

from migrations import sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for part in ("import_plan", "import_registrations"):
        op.execute(sql(f"0010_{part}"))
