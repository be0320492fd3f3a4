"""What staff do, by the operation it needs: services that `test_rights` calls as somebody who may, and who may no more.

A service that comes with a new operation is added here, and the operation taken out of `LATER`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desktop.services import accounts, attendance, importing, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.checking import repairing
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import audit, event_detail, events, registration_detail, registrations
from desktop.services.permissions import Operation, Role
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from desktop.db.session import Actor, Database

ZONE = ZoneInfo("Asia/Kolkata")
PASSWORD = "correct horse battery"
NEW = "staple mountain river"


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to do for everybody. ``actor`` has `PASSWORD` and let ``inside`` in; ``colleague`` is on the staff. The
    waitlist has a gap, for `repairing`."""

    database: Database
    actor: Actor
    building: Any
    event: UUID
    package: UUID
    seated: UUID
    inside: UUID
    waiting: UUID
    colleague: UUID
    folder: Path


def _import(scene: Scene) -> object:
    path = scene.folder / "people.csv"
    path.write_text("Name,Email\nImani,imani@example.org\n", encoding="utf-8")
    event, package = (
        scene.building.value(f"SELECT slug FROM {table} WHERE id = %s", one)
        for table, one in (("events", scene.event), ("packages", scene.package))
    )
    return importing.apply(scene.database, scene.actor, importing.plan_file(path, None, ZONE), event, package)


def _first(grid: Any, where: Any, key: str) -> object:
    return grid.first(Order(key), where, 10, Cancellation())


CALLS: dict[Operation, dict[str, Callable[[Scene], object]]] = {
    Operation.SEE_EVENTS: {
        "events": lambda s: _first(events.grid(s.database, s.actor, ZONE), events.Where(), "title"),
        "facets": lambda s: events.facets(s.database, s.actor),
        "next one": lambda s: events.next_one(s.database, s.actor),
        "detail": lambda s: event_detail.read(s.database, s.actor, s.event, ZONE),
    },
    Operation.SEE_REGISTRATIONS: {
        "registrations": lambda s: _first(
            registrations.grid(s.database, s.actor, s.event, ZONE), registrations.Where(), "name"
        ),
        "facets": lambda s: registrations.facets(s.database, s.actor, s.event),
        "detail": lambda s: registration_detail.read(s.database, s.actor, s.seated, ZONE),
    },
    Operation.REGISTER: {
        "register": lambda s: registering.register(
            s.database, s.actor, Registering(s.package, "new@example.org")
        )
    },
    Operation.CANCEL: {"cancel": lambda s: registering.cancel(s.database, s.actor, s.seated)},
    Operation.PROMOTE: {
        "promote next": lambda s: waitlist.promote_next(s.database, s.actor, s.package),
        "promote": lambda s: waitlist.promote(s.database, s.actor, s.waiting),
    },
    Operation.ADMIT: {"admit": lambda s: attendance.admit(s.database, s.actor, Admission(s.seated, "gate"))},
    Operation.UNDO_OWN_ADMISSION: {
        "undo": lambda s: attendance.undo(s.database, s.actor, Admission(s.inside, "gate"))
    },
    Operation.UNDO_ANY_ADMISSION: {
        "undo": lambda s: attendance.undo(
            s.database, replace(s.actor, roles=frozenset({"organizer"})), Admission(s.inside, "office")
        )
    },
    Operation.IMPORT: {"import": _import},
    Operation.SEE_LOG: {
        "log": lambda s: _first(audit.grid(s.database, s.actor, ZONE), audit.Where(), "when")
    },
    Operation.CHANGE_OWN_PASSWORD: {
        "change": lambda s: accounts.change_password(s.database, s.actor, PASSWORD, NEW)
    },
    Operation.SEE_STAFF: {"staff": lambda s: accounts.staff(s.database, s.actor)},
    Operation.MANAGE_STAFF: {
        "add": lambda s: accounts.add_staff(
            s.database, s.actor, "new", "new@example.org", Role.DOOR, PASSWORD
        ),
        "give role": lambda s: accounts.give_role(s.database, s.actor, s.colleague, Role.EDITOR),
        "take role": lambda s: accounts.take_role(s.database, s.actor, s.colleague, Role.DOOR),
        "deactivate": lambda s: accounts.deactivate(s.database, s.actor, s.colleague),
        "reactivate": lambda s: accounts.reactivate(s.database, s.actor, s.colleague),
        "set password": lambda s: accounts.set_password(s.database, s.actor, s.colleague, NEW),
        "issue reset": lambda s: accounts.issue_reset(s.database, s.actor, s.colleague),
    },
    Operation.REPAIR: {"repair": lambda s: repairing.repair(s.database, s.actor)},
}

LATER = {
    Operation.EDIT_EVENTS,
    Operation.PUBLISH_EVENTS,
    Operation.CLOSE_EVENTS,
    Operation.DELETE_EVENTS,
    Operation.EDIT_PACKAGES,
    Operation.CHANGE_CAPACITY,
    Operation.EDIT_REGISTRATIONS,
    Operation.MOVE_REGISTRATIONS,
    Operation.REORDER_WAITLIST,
    Operation.RECORD_NO_SHOW,
    Operation.RECORD_NO_SHOWS,
    Operation.RELEASE_NO_SHOWS,
    Operation.SEE_ORDERS,
    Operation.TAKE_PAYMENT,
    Operation.SELL,
    Operation.REFUND,
}
"""Operations no service asks for yet."""
