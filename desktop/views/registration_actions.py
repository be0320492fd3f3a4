"""What staff do with registrations, as steps the screen runs, and the words for what each of them did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop import background
from desktop.services import attendance, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering
from desktop.views.wording import filled, joined, named, seats

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any
    from uuid import UUID

    from desktop.services.registering import Cancelled, Registered
    from desktop.services.waitlist import Promoted
    from desktop.services.workspace import Workspace

NAMES_SPELT_OUT = 3


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: the sentence for the person, the registrations it changed, the package whose waitlist
    moved (None when nobody's place changed), the step that undoes it, and the step that registers somebody
    who was cancelled again, which is not an undo.

    Of what was done to many, ``report`` shows what became of each, ``complete`` is false when not all of it was
    done, and the list is read again instead of the ``changed`` ones.
    """

    sentence: str
    changed: tuple[UUID, ...]
    moved: UUID | None = None
    undo: Step | None = None
    register_again: Step | None = None
    report: Callable[[], object] | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One press of a button, about the registration (or the package's queue) ``subject``. ``run`` may be called
    again after a failure; ``repeatable`` says that this is harmless even when nobody knows whether the first
    try arrived, because it carries an operation id."""

    subject: UUID
    run: Callable[[], Coroutine[Any, Any, Done]]
    repeatable: bool = False


def check_in(workspace: Workspace, registration_id: UUID, who: str) -> Step:
    """Let somebody in. ``run`` raises `NotAdmitted` with the door's sentence when the rules say no."""
    admission = Admission(registration_id, workspace.station)

    async def run() -> Done:
        result = await background.run(attendance.admit, workspace.database, workspace.actor, admission)
        attendance.require_change(result, named(who), workspace.zone)
        return Done(
            attendance.sentence(result, named(who), workspace.zone),
            (registration_id,),
            undo=undo_check_in(workspace, registration_id, who),
        )

    return Step(registration_id, run, repeatable=True)


def undo_check_in(workspace: Workspace, registration_id: UUID, who: str) -> Step:
    """Take a check-in back. ``run`` raises `NotAdmitted` when there is none, or it was somebody else's."""
    admission = Admission(registration_id, workspace.station)

    async def run() -> Done:
        result = await background.run(attendance.undo, workspace.database, workspace.actor, admission)
        attendance.require_change(result, named(who), workspace.zone)
        return Done(attendance.sentence(result, named(who), workspace.zone), (registration_id,))

    return Step(registration_id, run, repeatable=True)


def promote_next(workspace: Workspace, package_id: UUID, count: int) -> Step:
    """Give seats to the next people in line."""

    async def run() -> Done:
        made = await background.run(
            waitlist.promote_next, workspace.database, workspace.actor, package_id, count
        )
        return Done(_promoted(made), made.ids, moved=package_id)

    return Step(package_id, run)


def promote(workspace: Workspace, registration_id: UUID) -> Step:
    """Give a seat to this person, ahead of others if need be."""

    async def run() -> Done:
        made = await background.run(waitlist.promote, workspace.database, workspace.actor, registration_id)
        return Done(_promoted(made), made.ids, moved=made.package_id)

    return Step(registration_id, run)


def cancel(workspace: Workspace, registration_id: UUID, email: str) -> Step:
    """Cancel a registration. Taking that back is offered only while the seat is still free, and is called
    what it is, registering again: it gives a new ticket, and a place in the queue cannot be given back."""

    async def run() -> Done:
        made = await background.run(registering.cancel, workspace.database, workspace.actor, registration_id)
        seat_is_free = made.previous_status == "registered" and made.promoted_id is None and not made.waiting
        return Done(
            _cancelled(made),
            (registration_id, made.promoted_id) if made.promoted_id else (registration_id,),
            moved=made.package_id,
            register_again=_register_again(workspace, made, email) if seat_is_free else None,
        )

    return Step(registration_id, run)


def register(workspace: Workspace, person: Registering) -> Step:
    """Add somebody."""

    async def run() -> Done:
        made = await background.run(registering.register, workspace.database, workspace.actor, person)
        return Done(_registered(made, person), (made.registration_id,))

    return Step(person.package_id, run)


def _register_again(workspace: Workspace, made: Cancelled, email: str) -> Step:
    person = Registering(made.package_id, email, when_full="refuse")

    async def run() -> Done:
        again = await background.run(registering.register, workspace.database, workspace.actor, person)
        text = _tr("%1 has a seat again, with a new ticket: links sent before no longer work.")
        return Done(filled(text, named(made.who)), (again.registration_id,))

    return Step(made.registration_id, run)


def _promoted(made: Promoted) -> str:
    names = [named(name) for name in made.names]
    if len(names) > NAMES_SPELT_OUT:
        text = _tr("Promoted %1 people: %2 and %3 more.")
        said = filled(
            text, len(names), ", ".join(names[:NAMES_SPELT_OUT]), f"{len(names) - NAMES_SPELT_OUT:,}"
        )
    else:
        said = filled(_tr("Promoted %1."), joined(names))
    if made.ahead_of:
        text = (
            _tr("Promoted %1, ahead of 1 other.")
            if made.ahead_of == 1
            else _tr("Promoted %1, ahead of %2 others.")
        )
        said = filled(text, joined(names), made.ahead_of)
    if made.passed:
        over = joined([named(one.who) for one in made.passed])
        said += " " + filled(_tr("Passed over %1, who cannot get a seat."), over)
    if made.unpaid:
        said += " " + _tr("Payment is due before they can come in.")
    return f"{said} {_left(made.free, made.waiting)}"


def _cancelled(made: Cancelled) -> str:
    who = named(made.who)
    if made.previous_status == "waitlisted":
        said = filled(_tr("%1 is off the waitlist."), who)
    elif made.promoted_who is not None:
        text = _tr("Cancelled the registration of %1. The seat went to %2.")
        said = filled(text, who, named(made.promoted_who))
    else:
        said = filled(_tr("Cancelled the registration of %1. The seat is free."), who)
    if made.payment_status == "paid":
        said += " " + _tr("The order stays paid until somebody refunds it.")
    return said


def _registered(made: Registered, person: Registering) -> str:
    who, package = named(person.name.strip() or person.email.strip()), named(made.package)
    if made.status == "waitlisted":
        text = _tr("%1 is on the waitlist of “%2” at #%3.")
        said = filled(text, who, package, f"{made.waitlist_position or made.waiting:,}")
    else:
        said = filled(_tr("%1 has a seat in “%2”."), who, package)
        if made.order_id is not None and person.paid_with is None:
            said += " " + _tr("Payment is due.")
    if made.late:
        said += " " + _tr("The deadline is over; this is recorded as late.")
    return said


def _left(free: int | None, waiting: int) -> str:
    if not waiting:
        return _tr("Nobody is waiting any more.")
    if free is None:
        return filled(_tr("%1 still waiting."), f"{waiting:,}")
    return filled(_tr("%1 free, %2 waiting."), seats(free), f"{waiting:,}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("registration_actions", text)
