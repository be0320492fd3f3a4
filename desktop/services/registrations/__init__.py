"""What staff do with registrations that are there: move, put back, revive and correct them, one or many."""

from desktop.services.registrations.bulk import (
    Bulk,
    RowResult,
    Undo,
    cancel_all,
    move_all,
    promote_all,
    put_back_all,
    undo,
)
from desktop.services.registrations.details import Contact, Edited, edit_contact, set_answers
from desktop.services.registrations.moving import Moved, PutBack, Revived, move, put_back, revive

__all__ = [
    "Bulk",
    "Contact",
    "Edited",
    "Moved",
    "PutBack",
    "Revived",
    "RowResult",
    "Undo",
    "cancel_all",
    "edit_contact",
    "move",
    "move_all",
    "promote_all",
    "put_back",
    "put_back_all",
    "revive",
    "set_answers",
    "undo",
]
