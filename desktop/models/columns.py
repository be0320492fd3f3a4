"""What the columns of our tables say about a row. None of this knows SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.lists.audit import AuditRow
    from desktop.services.lists.events import EventRow
    from desktop.services.lists.registrations import RegistrationRow

CellKind = Literal["text", "muted", "address", "number", "pill", "meter"]
Tone = Literal["blue", "green", "amber", "red", "grey"]

TONES: Final[dict[str, Tone]] = {
    "registered": "blue",
    "attended": "green",
    "waitlisted": "amber",
    "cancelled": "grey",
    "no_show": "grey",
    "draft": "grey",
    "published": "green",
    "completed": "blue",
}
"""A status and the tone of its pill."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, what it says of a row and how it looks.

    ``text`` is called once, when a row is first looked at; the other functions when a cell is painted or read aloud,
    so they only pick ready values. ``sort_key`` None: the column cannot be sorted by. ``width`` is in pixels at
    100 % text; ``stretch`` takes a share of what is left. ``meter`` is the filled fraction, 0.0 to 1.0. The first
    column of a table says which row it is and cannot be hidden.
    """

    label: str
    text: Callable[[Any], str]
    kind: CellKind = "text"
    sort_key: str | None = None
    width: int = 120
    stretch: bool = False
    strong: bool = False
    tone: Callable[[Any], str | None] | None = None
    meter: Callable[[Any], float | None] | None = None
    accessible: Callable[[Any], str] | None = None
    tooltip: Callable[[Any], str] | None = None
    alignment: Literal["left", "right"] | None = None
    name: str = ""

    @property
    def key(self) -> str:
        """What it is called where it is remembered, in every language and version: ``name``, else what it is sorted
        by."""
        return self.name or self.sort_key or self.label

    @property
    def right(self) -> bool:
        """Whether it is set at the right: numbers are, unless ``alignment`` says otherwise."""
        return self.alignment == "right" if self.alignment else self.kind == "number"


def status_label(status: str) -> str:
    """A registration's or an event's status as people read it."""
    return {
        "registered": _tr("Registered"),
        "attended": _tr("Attended"),
        "waitlisted": _tr("Waitlisted"),
        "cancelled": _tr("Cancelled"),
        "no_show": _tr("No-show"),
        "draft": _tr("Draft"),
        "published": _tr("Published"),
        "completed": _tr("Completed"),
    }[status]


def registration_columns() -> tuple[Column, ...]:
    """The registrations of one event."""

    def status(row: RegistrationRow) -> str:
        return _tr("Payment due") if row.payment_due else status_label(row.status)

    def status_aloud(row: RegistrationRow) -> str:
        label = status_label(row.status)
        return f"{label}, {_tr('payment due')}" if row.payment_due else label

    def place(row: RegistrationRow) -> str:
        return "" if row.waitlist_position is None else f"#{row.waitlist_position}"

    def place_aloud(row: RegistrationRow) -> str:
        if row.waitlist_position is None:
            return _tr("not waiting")
        return _tr("number %1 on the waitlist").replace("%1", str(row.waitlist_position))

    return (
        Column(_tr("Attendee"), lambda row: row.name or row.email, sort_key="name", width=120, stretch=True),
        Column(_tr("Email"), lambda row: row.email, "address", sort_key="email", width=196, stretch=True),
        Column(_tr("Package"), lambda row: row.package, sort_key="package", width=114),
        Column(
            _tr("Status"),
            status,
            "pill",
            sort_key="status",
            width=118,
            tone=lambda row: "red" if row.payment_due else TONES[row.status],
            accessible=status_aloud,
            tooltip=status_aloud,
        ),
        Column(_tr("Waitlist"), place, "muted", sort_key="waitlist", width=70, accessible=place_aloud),
        Column(
            _tr("Payment"),
            lambda row: row.payment,
            "muted",
            sort_key="payment",
            width=124,
            accessible=lambda row: _tr("no payment") if row.payment == "—" else row.payment,
        ),
        Column(
            _tr("Registered"),
            lambda row: row.registered,
            "muted",
            sort_key="registered",
            width=106,
            tooltip=lambda row: row.registered_in_full,
        ),
    )


def event_columns() -> tuple[Column, ...]:
    """Events, with the seats of their active packages."""

    def seats(row: EventRow) -> str:
        if not row.packages:
            return _tr("no packages yet")
        if row.capacity is None:
            return _tr("%1 · no limit").replace("%1", f"{row.held:,}")
        return f"{row.held:,} / {row.capacity:,}"

    def seats_aloud(row: EventRow) -> str:
        if row.capacity is None:
            return seats(row)
        text = _tr("%1 of %2 seats held")
        return text.replace("%1", f"{row.held:,}").replace("%2", f"{row.capacity:,}")

    def fraction(row: EventRow) -> float | None:
        if row.capacity is None or not row.packages:
            return None
        return min(row.held / row.capacity, 1.0) if row.capacity else 1.0

    return (
        Column(
            _tr("Event"),
            lambda row: row.title or _tr("Untitled event"),
            sort_key="title",
            width=170,
            stretch=True,
            strong=True,
        ),
        Column(
            _tr("When"),
            lambda row: row.when,
            "muted",
            sort_key="when",
            width=184,
            tooltip=lambda row: row.when_in_full,
        ),
        Column(
            _tr("Place"), lambda row: row.place or "—", "muted", sort_key="place", width=160, stretch=True
        ),
        Column(
            _tr("Status"),
            lambda row: status_label(row.status),
            "pill",
            sort_key="status",
            width=98,
            tone=lambda row: TONES[row.status],
        ),
        Column(
            _tr("Seats held"),
            seats,
            "meter",
            sort_key="seats",
            width=156,
            meter=fraction,
            accessible=seats_aloud,
        ),
        Column(
            _tr("Waiting"),
            lambda row: f"{row.waiting:,}" if row.waiting else "",
            "number",
            sort_key="waiting",
            width=68,
            accessible=lambda row: _tr("%1 waiting").replace("%1", f"{row.waiting:,}"),
        ),
    )


def audit_columns() -> tuple[Column, ...]:
    """The audit log."""

    def told(row: AuditRow) -> str:
        return row.description

    return (
        Column(
            _tr("When"),
            lambda row: row.when,
            "muted",
            sort_key="when",
            width=118,
            tooltip=lambda row: row.when_in_full,
        ),
        Column(_tr("Who"), lambda row: row.who, width=124, name="who"),
        Column(_tr("Action"), lambda row: row.action_type, "muted", width=152, name="action"),
        Column(_tr("What happened"), told, width=420, stretch=True, tooltip=told, name="what"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("columns", text)
