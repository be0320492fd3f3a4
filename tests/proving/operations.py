"""Every operation of staff, in one place, for the proofs.

An operation that takes, frees or moves seats, or decides under their lock, belongs here; add it when it is made.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from desktop.services import attendance, importing, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.checking import repairing
from desktop.services.registering import Registering
from tests.proving import at_desks, organizing
from tests.proving.operation import FREE, PACKAGE, PRICED, Operation, new, person

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database
    from tests.proving.operation import Given, Run


def _register(**known: str) -> Run:
    return lambda database, actor, given: registering.register(
        database,
        actor,
        Registering(UUID(given["package"]), new(), **known),  # type: ignore[arg-type]
    )


def _admission(given: Given) -> Admission:
    return Admission(UUID(given["registration"]), "Desk 1")


def _import(*, dry_run: bool) -> Run:
    def run(database: Database, actor: Actor, given: Given) -> object:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "people.csv")
            file.write_text(
                "E-mail;Name\n" + "".join(f"{new()};Guest\n" for _ in range(20)), encoding="utf-8"
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
    Operation("preview an import", SLUGS, _import(dry_run=True)),
    Operation("import", SLUGS, _import(dry_run=False)),
    Operation("repair", PACKAGE, lambda database, actor, _given: repairing.repair(database, actor)),
    *at_desks.OPERATIONS,
    *organizing.OPERATIONS,
)

BY_NAME = {operation.name: operation for operation in OPERATIONS}
