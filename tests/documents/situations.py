"""An example of every situation that makes its sentence itself; what a person would read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import driving, errors
from desktop.db.upgrading import running

if TYPE_CHECKING:
    from collections.abc import Callable

SPECIMENS: dict[str, list[Callable[[], Exception]]] = {
    "AccountClosed": [lambda: errors.AccountClosed("check people in")],
    "AlreadyRegistered": [lambda: errors.AlreadyRegistered("zoe@example.org", "Workshop pass", "waitlisted")],
    "Busy": [errors.Busy],
    "CannotAdopt": [
        lambda: errors.CannotAdopt("“summit” on db.example.org", (), 2),
        lambda: errors.CannotAdopt("“summit” on db.example.org", (), 1, begun=True),
    ],
    "DatabaseDown": [
        lambda: errors.DatabaseDown("“summit” on db.example.org", "no answer in time"),
        lambda: errors.DatabaseDown(
            "“summit” on db.example.org", "the connection broke", unknown_outcome=True
        ),
    ],
    "EventClosed": [
        lambda: errors.EventClosed("Monsoon Data Summit", "draft"),
        lambda: errors.EventClosed("Monsoon Data Summit", "cancelled"),
        lambda: errors.EventClosed("Monsoon Data Summit", "completed"),
        lambda: errors.EventClosed("Monsoon Data Summit", "deleted"),
    ],
    "KeyringMissing": [errors.KeyringMissing],
    "NotAdmitted": [
        lambda: errors.NotAdmitted(
            "cancelled", "Zoë cancelled. Register the person again if there is a seat."
        )
    ],
    "NotAllowed": [lambda: errors.NotAllowed("cancel registrations", "door")],
    "NotFound": [
        lambda: errors.NotFound("registration"),
        lambda: errors.NotFound("event", "monsoon-data-summit"),
    ],
    "PackageFull": [
        lambda: errors.PackageFull("Workshop pass"),
        lambda: errors.PackageFull("Workshop pass", 120, 120),
    ],
    "PackageRetired": [lambda: errors.PackageRetired("Early bird")],
    "SchemaNewer": [lambda: errors.SchemaNewer("0042")],
    "SchemaOlder": [errors.SchemaOlder],
    "SignInFailed": [errors.SignInFailed, lambda: errors.SignInFailed(1)],
    "SignInPaused": [lambda: errors.SignInPaused(30), lambda: errors.SignInPaused(900)],
    "Stale": [lambda: errors.Stale("event"), lambda: errors.Stale("event", ("location", "start_time"))],
    "StepMissing": [lambda: driving.StepMissing("the list did not fill")],
    "TablesBusy": [lambda: running.TablesBusy("“backup” of pg_dump has held event_registrations")],
    "Unavailable": [lambda: errors.Unavailable("The database is away.")],
    "WaitlistEmpty": [lambda: errors.WaitlistEmpty("Workshop pass")],
    "WrongState": [lambda: errors.WrongState("Zoë Fernández", "cancelled", "no-show")],
}
