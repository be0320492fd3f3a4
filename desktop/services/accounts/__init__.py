"""The accounts of staff: signing in, roles, passwords and reset codes (rulings 24 to 26).

Nobody reads a password hash for any of it, and nobody's rights are taken from what the window knows: the functions of
revisions 0011 and 0021 decide, under their locks.
"""

from desktop.services.accounts.adding import NewStaff, add_from_command_line, add_staff, first_admin
from desktop.services.accounts.changing import PasswordSet, change_password, set_password
from desktop.services.accounts.members import (
    Member,
    Standing,
    deactivate,
    give_role,
    reactivate,
    staff,
    take_role,
)
from desktop.services.accounts.passwords import MINIMUM as MINIMUM_PASSWORD
from desktop.services.accounts.passwords import checked as checked_password
from desktop.services.accounts.resetting import PasswordReset, ResetCode, issue_reset, reset_password
from desktop.services.accounts.signing_in import sign_in, staff_exist

__all__ = [
    "MINIMUM_PASSWORD",
    "Member",
    "NewStaff",
    "PasswordReset",
    "PasswordSet",
    "ResetCode",
    "Standing",
    "add_from_command_line",
    "add_staff",
    "change_password",
    "checked_password",
    "deactivate",
    "first_admin",
    "give_role",
    "issue_reset",
    "reactivate",
    "reset_password",
    "set_password",
    "sign_in",
    "staff",
    "staff_exist",
    "take_role",
]
