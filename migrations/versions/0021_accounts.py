"""Manage staff accounts and passwords in the database

Roles given and taken with always an admin left, deactivating and reactivating, passwords set by an admin, changed by
who proves the old one, and reset with a code of ``password_resets``; each a function with its line in the log. One
index, by which a code is found without being sent; and the website's triggers on the two tables are lent their path.
"""

from migrations import run, steps, undo

revision = "0021"
down_revision = "0020"
STEPS = steps("0021_accounts", "0021_staff", "0021_passwords")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
