"""Every operation of staff, in one place, for the proofs: how it finds what it is done to, and how it is done.

An operation that takes, frees or moves seats, or decides under their lock, belongs here; add it when it is made.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from desktop.services import attendance, changing, importing, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.checking import repairing
from desktop.services.permissions import Operation as Right
from desktop.services.permissions import acting
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop.db.session import Actor, Database

    Given = Mapping[str, str]
    Run = Callable[[Database, Actor, Given], object]


@dataclass(frozen=True, slots=True)
class Operation:
    """``find`` is a query for one row of texts: ``package``, whose seats it is about, and what else ``run`` is given;
    ``%(packages)s`` are those of the scene. ``one_call``: nothing is locked while an answer travels, so whoever freezes
    delays the website for 0.5 s at most; all others are ended by the server after 10 s."""

    name: str
    find: str
    run: Run
    one_call: bool = True


def _one(column: str, where: str, table: str = "event_registrations", package: str = "package_id") -> str:
    return (
        f"SELECT {package}::text AS package, id::text AS {column} FROM {table}"
        f" WHERE {package} = ANY (%(packages)s) AND {where} ORDER BY random() LIMIT 1"
    )


def person(*statuses: str) -> str:
    """Somebody whose registration is in one of the statuses."""
    return _one("registration", f"status IN ({', '.join(repr(status) for status in statuses)})")


PACKAGE = _one("id", "true", "packages", "id")
FREE = _one("id", "price = 0", "packages", "id")
PRICED = _one("id", "price > 0", "packages", "id")


def _new() -> str:
    return f"staff{uuid4().hex}@example.org"


def _register(**known: str) -> Run:
    return lambda database, actor, given: registering.register(
        database,
        actor,
        Registering(UUID(given["package"]), _new(), **known),  # type: ignore[arg-type]
    )


def _admission(given: Given) -> Admission:
    return Admission(UUID(given["registration"]), "Desk 1")


def _rename_package(database: Database, actor: Actor, given: Given) -> object:
    return changing.change(
        database,
        acting(actor, Right.EDIT_PACKAGES),
        "packages",
        UUID(given["package"]),
        {"description": _new()},
        what="package",
        seen={},
        action="package.edit",
        describe=lambda _old, _new: "Edited a package",
    )


def _rename_event(database: Database, actor: Actor, given: Given) -> object:
    return changing.change(
        database,
        acting(actor, Right.EDIT_EVENTS),
        "events",
        UUID(given["event"]),
        {"description": _new()},
        what="event",
        seen={},
        action="event.edit",
        describe=lambda _old, _new: "Edited an event",
    )


def _import(*, dry_run: bool) -> Run:
    def run(database: Database, actor: Actor, given: Given) -> object:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "people.csv")
            file.write_text(
                "E-mail;Name\n" + "".join(f"{_new()};Guest\n" for _ in range(20)), encoding="utf-8"
            )
            prepared = importing.plan_file(file, None, ZoneInfo("Asia/Kolkata"))
        work = importing.preview if dry_run else importing.apply
        return work(database, actor, prepared, given["event"], given["slug"])

    return run


SLUGS = (
    "SELECT p.id::text AS package, p.slug, e.slug AS event FROM packages p JOIN events e ON e.id = p.event_id"
    " WHERE p.id = ANY (%(packages)s) ORDER BY random() LIMIT 1"
)

OPERATIONS = (
    Operation("register", FREE, _register()),
    Operation("register and take payment", PRICED, _register(paid_with="cash")),
    Operation(
        "register again",
        "SELECT package_id::text AS package, attendee_email AS email FROM event_registrations"
        " WHERE package_id = ANY (%(packages)s) AND status = 'cancelled' ORDER BY random() LIMIT 1",
        lambda database, actor, given: registering.register(
            database, actor, Registering(UUID(given["package"]), given["email"])
        ),
    ),
    Operation(
        "cancel",
        person("registered"),
        lambda database, actor, given: registering.cancel(database, actor, UUID(given["registration"])),
    ),
    Operation(
        "leave the waitlist",
        person("waitlisted"),
        lambda database, actor, given: registering.cancel(database, actor, UUID(given["registration"])),
    ),
    Operation(
        "promote next",
        PACKAGE,
        lambda database, actor, given: waitlist.promote_next(database, actor, UUID(given["package"])),
    ),
    Operation(
        "promote three",
        PACKAGE,
        lambda database, actor, given: waitlist.promote_next(database, actor, UUID(given["package"]), 3),
    ),
    Operation(
        "promote this one",
        person("waitlisted"),
        lambda database, actor, given: waitlist.promote(database, actor, UUID(given["registration"])),
    ),
    Operation(
        "close gaps",
        PACKAGE,
        lambda database, actor, given: waitlist.close_gaps(database, UUID(given["package"])),
    ),
    Operation(
        "admit",
        person("registered"),
        lambda database, actor, given: attendance.admit(database, actor, _admission(given)),
    ),
    Operation(
        "admit a late no-show",
        person("no_show"),
        lambda database, actor, given: attendance.admit(database, actor, _admission(given)),
    ),
    Operation(
        "undo an admission",
        person("attended"),
        lambda database, actor, given: attendance.undo(database, actor, _admission(given)),
    ),
    Operation("preview an import", SLUGS, _import(dry_run=True), one_call=False),
    Operation("import", SLUGS, _import(dry_run=False), one_call=False),
    Operation("repair", PACKAGE, lambda database, actor, _given: repairing.repair(database, actor)),
    Operation("edit a package", PACKAGE, _rename_package),
    Operation(
        "edit an event",
        "SELECT id::text AS package, event_id::text AS event FROM packages WHERE id = ANY (%(packages)s)"
        " ORDER BY random() LIMIT 1",
        _rename_event,
    ),
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
