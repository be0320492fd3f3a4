"""Add staff: roles, who has them, and failed sign-ins

Section 5.5 of the specification; rulings 24 and 25.
"""

from alembic import op

from migrations import sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(sql("0004_staff"))
