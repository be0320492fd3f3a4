"""What is known of somebody: name, address, phone, and the answers to an event's own questions."""

from __future__ import annotations

import json
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services.permissions import Operation, acting
from desktop.services.registering import clean_email, clean_name, clean_phone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from desktop.db.session import Actor, Database

Answer = str | bool | int | float | tuple[str, ...]
"""What a question can be answered with; money is no answer."""

KEPT = frozenset({"import"})
"""Keys of ``registration_meta`` that are no answers: by “import” a file's people are found again."""

KEY_LENGTH = 100
ANSWER_LENGTH = 5000


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is called and reached; "" for what is not known."""

    email: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """What is stored now, and the columns that were changed."""

    registration_id: UUID
    contact: Contact
    columns: tuple[str, ...]


_CLEANING: dict[str, tuple[str, Callable[[str], str]]] = {
    "attendee_name": ("name", clean_name),
    "attendee_email": ("email", clean_email),
    "phone_number": ("phone", clean_phone),
}


def edit_contact(
    database: Database, actor: Actor, registration_id: UUID, seen: Contact, wanted: Contact
) -> Edited:
    """Write what differs between ``seen``, which the person had before them, and ``wanted``; the rest stays exactly as
    the website wrote it. The ticket and its links stay valid; an order stays with whoever paid it.

    Another address is decided under the lock of the package's seats (ruling 13). Raises `InvalidField`, `Stale` (with
    the columns) when somebody else changed the same meanwhile, `AlreadyRegistered`, `NotFound`, `NotAllowed`, `Busy`.
    """
    columns: dict[str, str | None] = {}
    before: dict[str, str | None] = {}
    for column, (field, cleaned) in _CLEANING.items():
        old, new = getattr(seen, field), getattr(wanted, field)
        before[column] = old or None
        if new != old:
            columns[column] = cleaned(new) or None
    row = database.call(
        "edit_contact",
        {
            "p_actor": acting(actor, Operation.EDIT_REGISTRATIONS),
            "p_registration": registration_id,
            "p_seen": json.dumps({column: before[column] for column in columns}),
            "p_wanted": json.dumps(columns),
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "stale":
        raise errors.Stale("registration", tuple(row.columns))
    if row.outcome == "already":
        raise errors.AlreadyRegistered(row.email, row.package_name, row.status.replace("_", "-"))
    contact = Contact(row.email, row.name or "", row.phone or "")
    return Edited(registration_id, contact, tuple(row.columns))


def set_answers(
    database: Database,
    actor: Actor,
    registration_id: UUID,
    answers: Mapping[str, Answer | None],
    *,
    seen: Mapping[str, Answer | None],
) -> Mapping[str, Any]:
    """Set the answers of these names in ``registration_meta``; None removes one. What is kept there under other names,
    by the website or an import, stays. ``seen`` holds what the person saw under the names, None for nothing; a name
    that is not in it is set whatever it was. Everything that is there afterwards comes back.

    Locks the registration. Raises `InvalidField`, `Stale` (with the names), `AnswersUnreadable`, `NotFound`,
    `NotAllowed`, `Busy`. Specification 5.4.
    """
    given = {_clean_key(key): _clean(key, value) for key, value in answers.items()}
    row = database.call(
        "set_answers",
        {
            "p_actor": acting(actor, Operation.EDIT_REGISTRATIONS),
            "p_registration": registration_id,
            "p_seen": json.dumps({_clean_key(key): value for key, value in seen.items()}),
            "p_set": json.dumps({key: value for key, value in given.items() if value is not None}),
            "p_remove": [key for key, value in given.items() if value is None],
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "stale":
        raise errors.Stale("registration", tuple(row.names))
    if row.outcome == "no_object":
        raise errors.AnswersUnreadable(row.who)
    found: Mapping[str, Any] = row.answers
    return found


def _clean_key(key: str) -> str:
    name = _text(key, "The name of an answer").strip()
    if not name:
        raise errors.InvalidField("key", "An answer needs the name of its question.")
    if len(name) > KEY_LENGTH:
        raise errors.InvalidField(
            "key", f"The name of an answer has {len(name)} letters; there is room for {KEY_LENGTH}."
        )
    if name in KEPT:
        raise errors.InvalidField(
            "key",
            f"“{name}” is kept by the program: by it people are found again in a file. Use another name.",
        )
    return name


def _clean(key: str, value: Answer | None) -> Answer | None:
    """The value as it is stored; None for one that says nothing. Raises `InvalidField`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise errors.InvalidField(key, f"“{key}” needs a number, or no answer at all.")
        return value
    if isinstance(value, str):
        return _text(value, f"“{key}”").strip() or None
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return tuple(said for part in value if (said := _text(part, f"“{key}”").strip())) or None
    raise errors.InvalidField(key, f"“{key}” is answered with text, a number, yes or no, or several texts.")


def _text(text: str, what: str) -> str:
    if len(text) > ANSWER_LENGTH:
        raise errors.InvalidField(
            what, f"{what} has {len(text):,} letters; there is room for {ANSWER_LENGTH:,}."
        )
    if "\0" in text or any(unicodedata.category(letter) == "Cs" for letter in text):
        raise errors.InvalidField(what, f"{what} holds a character that cannot be stored. Type it again.")
    return unicodedata.normalize("NFC", text)
