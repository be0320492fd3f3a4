"""The registrations of one event as a list."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services import readable, zones
from desktop.services.grid import Condition, Grid, Listing, Sort
from desktop.services.lists.searching import contains, each_word
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database


ORDER = "LEFT JOIN orders o ON o.id = r.order_id"
PACKAGE_NUMBER = (
    "array_position(ARRAY(SELECT q.id FROM packages q WHERE q.event_id = :event"
    ' ORDER BY greenroom.fold(q.name) COLLATE "C", q.id), r.package_id)'
)
"""A package's place among those of the event by name: numbers are sorted faster than names from a join."""


@dataclass(frozen=True, slots=True)
class Where:
    """A status, a package, and words that are each in the name, the address or the phone number."""

    status: str | None = None
    package_id: UUID | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """One registration; no token is ever read here (ruling 26). ``registered`` is in the event's zone."""

    id: UUID
    package_id: UUID
    name: str
    email: str
    package: str
    status: str
    waitlist_position: int | None
    payment: str
    payment_due: bool
    registered: str
    registered_in_full: str
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PackageFacet:
    """A package of the event and how many registrations it has."""

    id: UUID
    name: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """Registrations of an event, counted by status and by package."""

    packages: tuple[PackageFacet, ...]
    by_package: Mapping[UUID, Mapping[str, int]]

    def counts(self, package_id: UUID | None = None) -> Mapping[str, int]:
        """Registrations by status, of one package or of all."""
        if package_id is not None:
            return self.by_package.get(package_id, {})
        total: Counter[str] = Counter()
        for counts in self.by_package.values():
            total.update(counts)
        return total

    @property
    def total(self) -> int:
        """All registrations."""
        return sum(package.count for package in self.packages)


def grid(database: Database, actor: Actor, event_id: UUID, zone: ZoneInfo) -> Grid[Where, RegistrationRow]:
    """The event's registrations; ``zone`` is the workspace's. Raises `NotAllowed`."""

    def row(row: Any) -> RegistrationRow:
        own = zones.named(row.time_zone, zone)
        return RegistrationRow(
            id=row.id,
            package_id=row.package_id,
            name=row.attendee_name or "",
            email=row.attendee_email,
            package=row.package,
            status=row.status,
            waitlist_position=row.waitlist_position,
            payment=payment(row),
            payment_due=is_due(row),
            registered=readable.short(row.registered_at, own),
            registered_in_full=readable.full(row.registered_at, own),
            order_id=row.order_id,
        )

    return Grid(
        database,
        acting(actor, Operation.SEE_REGISTRATIONS),
        Listing(
            columns="r.id, r.package_id, r.attendee_name, r.attendee_email, r.status, r.waitlist_position,"
            " r.registered_at, r.order_id, p.name AS package, p.price, e.time_zone, o.payment_status, o.amount_paid,"
            " o.currency, e.payment_required AND p.price > 0 AS needs_order",
            table="event_registrations r",
            joins=f"JOIN packages p ON p.id = r.package_id JOIN events e ON e.id = r.event_id {ORDER}",
            identifier="r.id",
            scope=Condition("r.event_id = :event", {"event": event_id}),
            sorts={
                "name": Sort(('r.name_key COLLATE "C"',)),
                # 2 s instead of 10 for a million: PostgreSQL answers nothing from an index on an expression alone.
                "email": Sort(('lower(r.attendee_email COLLATE "C")',), covered=False),
                "package": Sort((PACKAGE_NUMBER, 'r.name_key COLLATE "C"')),
                "status": Sort(("r.status", 'r.name_key COLLATE "C"')),
                "waitlist": Sort(("r.waitlist_position",), blanks_last=True),
                "payment": Sort(
                    ("o.payment_status", "o.amount_paid", 'r.name_key COLLATE "C"'), ORDER, blanks_last=True
                ),
                "registered": Sort(("r.registered_at",)),
            },
            where=_condition,
            row=row,
        ),
    )


def facets(database: Database, actor: Actor, event_id: UUID) -> Facets:
    """The numbers on the chips. Raises `NotAllowed`."""
    with database.transaction(acting(actor, Operation.SEE_REGISTRATIONS)) as tx:
        packages = tx.rows(
            "SELECT id, name, is_active FROM packages WHERE event_id = :event ORDER BY is_active DESC, name, id",
            {"event": event_id},
        )
        counted = tx.rows(
            "SELECT package_id, status, count(*) AS number FROM event_registrations WHERE event_id = :event"
            " GROUP BY package_id, status",
            {"event": event_id},
        )
    by_package: dict[UUID, dict[str, int]] = {}
    for row in counted:
        by_package.setdefault(row.package_id, {})[row.status] = row.number
    return Facets(
        tuple(
            PackageFacet(p.id, p.name, sum(by_package.get(p.id, {}).values()), p.is_active) for p in packages
        ),
        by_package,
    )


def payment(row: Any) -> str:
    """“₹4,500 paid”, “Free” when there is nothing to pay, “Not paid” when there is and nothing was ordered, or a
    dash when none of this matters."""
    if row.payment_status is not None:
        nothing = not row.amount_paid and row.payment_status == "paid"
        return "Free" if nothing else f"{readable.money(row.amount_paid, row.currency)} {row.payment_status}"
    if not row.price:
        return "Free"
    return "Not paid" if is_due(row) else "—"


def is_due(row: Any) -> bool:
    """Whether the door would ask for money (ruling 17)."""
    return bool(row.status == "registered" and row.needs_order and row.payment_status != "paid")


def _condition(where: Where) -> Condition:
    condition = Condition()
    if where.status is not None:
        condition = condition & Condition("r.status = :status", {"status": where.status})
    if where.package_id is not None:
        condition = condition & Condition("r.package_id = :package", {"package": where.package_id})
    return condition & each_word(where.text, _found)


def _found(name: str, word: str) -> Condition:
    """In the name, the address or the phone number; a number is found however it was spaced when written."""
    within = [
        contains("r.name_key", f"greenroom.fold(:{name})"),
        contains("lower(r.attendee_email)", f"lower(:{name})"),
    ]
    values = {name: word}
    if re.fullmatch(r"[+(]?\d[\d().\-/]+", word):
        values[f"{name}_digits"] = re.sub(r"\D", "", word)
        within.append(contains("translate(r.phone_number, ' ().-/', '')", f":{name}_digits"))
    return Condition(" OR ".join(within), values)
