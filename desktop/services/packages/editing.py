"""Editing packages: what does not take or free seats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.db.session import Scrubbed
from desktop.services import changing, inputs, money, readable, slugs
from desktop.services.packages import making, values
from desktop.services.packages.reading import COLUMNS, Details
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from desktop.db.session import Actor, Database, Transaction
    from desktop.services.packages.reading import Package

LABELS = {
    "name": "name",
    "slug": "slug",
    "description": "description",
    "duration_days": "days",
    "package_registration_deadline": "deadline",
}

UNIQUE_VIOLATION = "23505"


def edit(
    database: Database, actor: Actor, seen: Package, wanted: Details, *, confirmed: bool = False
) -> changing.Changed:
    """Make the package what is ``wanted`` where that is not what was ``seen``; the columns that were written.

    An empty slug is made anew of the name. Orders keep the amount and the currency they were opened with. A free
    package whose seats are held, of an event that needs payment, begins to cost something only when ``confirmed``.
    Raises `InvalidField` or `InvalidFields`, `SeatsUnpaid`, `Stale` with the columns that somebody else changed,
    `NotFound`, `NotAllowed`, `AccountClosed`, `Busy`. Locks nothing while anybody waits. Rulings 5, 17 and 21.
    """
    allowed = acting(actor, Operation.EDIT_PACKAGES)
    with database.transaction(allowed) as tx:
        columns = _columns(tx, seen, wanted)
        if not confirmed:
            _ask_before_seats_cost(tx, seen, columns)
    if not columns:
        return changing.Changed({}, {})
    try:
        return changing.change(
            database,
            allowed,
            "packages",
            seen.id,
            columns,
            what="package",
            seen={name: seen.stored[_field(name)] for name in columns},
            action="package.edit",
            describe=lambda old, new: _described(seen, old, new),
        )
    except Scrubbed as error:
        if error.sqlstate != UNIQUE_VIOLATION or "slug" not in columns:
            raise
    with database.transaction(allowed) as tx:  # somebody took the slug since we looked
        making.require_free(tx, columns["slug"], seen.id)
    raise errors.Busy


def _columns(tx: Transaction, seen: Package, wanted: Details) -> dict[str, Any]:
    """The columns that are to be written. What the person did not touch is not looked at: the website may have written
    what Greenroom would not."""
    had = seen.details
    checks = {
        "name": lambda: values.name(wanted.name),
        "slug": lambda: _slug(tx, seen, wanted),
        "description": lambda: inputs.text(wanted.description),
        "price": lambda: values.price(wanted.price),
        "currency": lambda: money.currency(wanted.currency or had.currency),
        "duration_days": lambda: values.duration(wanted.duration_days, seen.kind),
        "deadline": lambda: values.deadline(wanted.deadline, seen.zone, _over(tx, seen), seen.kind),
    }
    touched = {name for name in checks if getattr(wanted, name) != getattr(had, name)}
    known = values.gathered({name: check for name, check in checks.items() if name in touched})
    if touched & {"price", "currency"}:  # one is nothing without the other
        known.setdefault("price", had.price)
        known.setdefault("currency", had.currency)
        values.sellable(known["price"], known["currency"])
    return {COLUMNS.get(name, name): value for name, value in known.items()}


def _slug(tx: Transaction, seen: Package, wanted: Details) -> str:
    if not wanted.slug.strip():
        made = values.slug_for(seen.event_slug or seen.event, wanted.name)
        return (
            seen.details.slug if seen.details.slug == made else slugs.free(tx, "packages", made, values.LIMIT)
        )
    slug = slugs.typed(wanted.slug, values.LIMIT)
    making.require_free(tx, slug, seen.id)
    return slug


def _over(tx: Transaction, seen: Package) -> datetime | None:
    over: datetime | None = tx.value(
        "SELECT coalesce(end_time, start_time + interval '24 hours') FROM events WHERE id = :id",
        {"id": seen.event_id},
    )
    return over


def _ask_before_seats_cost(tx: Transaction, seen: Package, columns: Mapping[str, Any]) -> None:
    """Whoever registers while this is being decided may hold a free seat as well: the door asks them to pay, as it asks
    everybody who has not."""
    if seen.details.price or not columns.get("price"):
        return
    unpaid = tx.value(
        "SELECT count(*) FROM event_registrations r JOIN packages p ON p.id = r.package_id"
        " JOIN events e ON e.id = p.event_id AND e.payment_required"
        " WHERE r.package_id = :id AND r.status IN ('registered', 'attended')"
        " AND NOT EXISTS (SELECT FROM orders o WHERE o.id = r.order_id AND o.package_id = r.package_id"
        " AND o.payment_status IN ('paid', 'pending'))",
        {"id": seen.id},
    )
    if unpaid:
        price = readable.money(columns["price"], columns["currency"])
        raise errors.SeatsUnpaid(seen.details.name, unpaid, price)


def _field(column: str) -> str:
    return next((name for name, own in COLUMNS.items() if own == column), column)


def _described(seen: Package, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    def show(value: Any) -> str:
        return readable.full(value, seen.zone) if hasattr(value, "utcoffset") else changing.shown(value)

    said = [changing.differences(LABELS, old, new, show)]
    if new.keys() & {"price", "currency"}:
        had = seen.details
        before = readable.money(had.price, had.currency)
        after = readable.money(new.get("price", had.price), new.get("currency", had.currency))
        if before != after:
            said.append(f"price {before} → {after}")
    return f"Edited {seen.title}: {', '.join(filter(None, said))}"
