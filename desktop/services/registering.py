"""Adding people to packages and cancelling them: `greenroom.register` and `greenroom.cancel`."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from desktop import errors
from desktop.services import closed, inputs, readable, transitions, waitlist
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from desktop.db.session import Actor, Database

EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\".]+(\.[^@\s,;<>()\[\]\\\".]+)+")
PAID_WITH = frozenset({"cash", "card", "upi", "bank transfer", "complimentary"})


@dataclass(frozen=True, slots=True)
class Registering:
    """What is known of the person who is to be added.

    ``when_full`` says what to do without a free seat. ``paid_with`` names how an order that is needed was
    paid (one of `PAID_WITH`); None leaves it pending (ruling 17). Who has paid is never put on the waitlist:
    without a free seat the registration is refused, whatever ``when_full`` says, and the money given back.
    """

    package_id: UUID
    email: str
    name: str = ""
    phone: str = ""
    when_full: Literal["waitlist", "refuse"] = "waitlist"
    paid_with: str | None = None
    meta: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """Where the person ended up. ``late`` is true after the deadline (ruling 15), ``revived`` when an earlier,
    cancelled registration of the same address was taken up again (ruling 12). ``free`` is None without limit.
    ``waiting``, and with it the place at the end of the queue, is exact up to 100 people, and at rest."""

    registration_id: UUID
    status: Literal["registered", "waitlisted"]
    waitlist_position: int | None
    order_id: UUID | None
    revived: bool
    late: bool
    package: str
    event: str
    free: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What the cancellation did. ``payment_status`` is that of the order afterwards, None without one. ``waiting`` is
    exact up to 100 people, and at rest."""

    registration_id: UUID
    package_id: UUID
    who: str
    previous_status: Literal["registered", "waitlisted"]
    payment_status: str | None
    promoted_id: UUID | None
    promoted_who: str | None
    waiting: int


def register(database: Database, actor: Actor, person: Registering) -> Registered:
    """Give the person a seat, or the last place of the waitlist when there is none or others wait already.

    Locks the package's seats. Raises `InvalidField`, `AlreadyRegistered`, `PackageFull` (only with
    ``when_full="refuse"``), `EventClosed`, `PackageRetired`, `NotFound`, `NotAllowed`, `Busy`; for somebody who had
    paid, cancelled and kept the order `PaidBefore` (with another payment) and `PaidAlready` (without a free seat).
    Rulings 8, 12, 13, 15, 17.
    """
    email = clean_email(person.email)
    name = clean_name(person.name)
    if person.paid_with is not None and person.paid_with not in PAID_WITH:
        raise errors.InvalidField("paid_with", f"Choose how it was paid: {', '.join(sorted(PAID_WITH))}.")
    row = database.call(
        "register",
        {
            "p_actor": acting(actor, Operation.REGISTER),
            "p_package": person.package_id,
            "p_email": email,
            "p_name": name or None,
            "p_phone": clean_phone(person.phone) or None,
            "p_when_full": "refuse" if person.paid_with else person.when_full,
            "p_paid_with": person.paid_with,
            "p_meta": json.dumps(person.meta) if person.meta is not None else None,
        },
    )
    if row.outcome == "already":
        raise errors.AlreadyRegistered(email, row.package_name, row.status.replace("_", "-"))
    if row.outcome == "paid" and person.paid_with:
        raise errors.PaidBefore(
            name or email, f"“{row.package_name}” of “{row.event_title or 'an untitled event'}”"
        )
    if row.outcome == "paid":
        raise errors.PaidAlready(name or email, row.package_name)
    if row.outcome == "full":
        raise errors.PackageFull(row.package_name, row.held, row.capacity)
    if refused := closed.refusal(row.outcome, row.package_name, row.event_title):
        raise refused
    if row.outcome == "waitlisted":  # the website may have left gaps, or written two people at one place
        waitlist.close_gaps(database, person.package_id)
    return Registered(
        registration_id=row.registration_id,
        status=row.outcome,
        waitlist_position=row.waiting if row.outcome == "waitlisted" else None,
        order_id=row.order_id,
        revived=row.revived,
        late=row.late,
        package=row.package_name,
        event=row.event_title or readable.UNTITLED,
        free=None if row.capacity is None else max(row.capacity - row.held, 0),
        waiting=row.waiting,
    )


def cancel(database: Database, actor: Actor, registration_id: UUID, reason: str = "") -> Cancelled:
    """Cancel a registration; the seat it held goes to the next waiting person in the same transaction.

    Locks the package's seats, then the registration. Raises `NotFound`, `TransitionRefused`, `NotAllowed`, `Busy`.
    Rulings 11 and 14.
    """
    row = database.call(
        "cancel",
        {
            "p_actor": acting(actor, Operation.CANCEL),
            "p_registration": registration_id,
            "p_reason": inputs.reason(reason),
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "wrong_state":
        raise transitions.refusal(row.who, "cancelled", row.previous_status)
    if row.promoted_id is not None or row.previous_status == "waitlisted":
        waitlist.close_gaps(database, row.package_id)
    return Cancelled(
        registration_id=registration_id,
        package_id=row.package_id,
        who=row.who,
        previous_status=row.previous_status,
        payment_status=row.payment_status,
        promoted_id=row.promoted_id,
        promoted_who=row.promoted_who,
        waiting=row.waiting,
    )


def clean_email(text: str) -> str:
    """The address trimmed and lower-case (ruling 13). Raises `InvalidField`."""
    email = unicodedata.normalize("NFC", text).strip().lower()
    if not email:
        raise errors.InvalidField("email", "An e-mail address is needed: tickets and news are sent there.")
    if not EMAIL.fullmatch(email) or any(unicodedata.category(c) in {"Cc", "Cf"} for c in email):
        raise errors.InvalidField(
            "email", f"“{email}” is not an e-mail address; it looks like name@example.org."
        )
    if len(email) > 255:
        raise errors.InvalidField("email", "An e-mail address has at most 255 characters.")
    return email


def clean_name(text: str) -> str:
    """The name with single blanks and without control characters. Raises `InvalidField` above 150 letters."""
    name = inputs.line(text)
    if len(name) > 150:
        raise errors.InvalidField("name", f"The name has {len(name)} letters; there is room for 150.")
    return name


def clean_phone(text: str) -> str:
    """The number without blanks and punctuation between its digits. Raises `InvalidField` above 15."""
    phone = re.sub(r"[\s().\-/]", "", text)
    if phone and not re.fullmatch(r"\+?\d+", phone):
        raise errors.InvalidField(
            "phone", "A phone number has digits only, with + in front of the country code."
        )
    if len(phone) > 15:
        raise errors.InvalidField("phone", f"The phone number has {len(phone)} digits; there is room for 15.")
    return phone
