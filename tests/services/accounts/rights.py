"""What staff do, by the operation it needs: every service with an actor, called by `test_rights` as somebody who may,
and who may no more. A new service is added here; a test finds those that are not.
"""

from __future__ import annotations

import inspect
import pkgutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desktop import services
from desktop.services import (
    accounts,
    attendance,
    events,
    exporting,
    importing,
    orders,
    packages,
    registering,
    registrations,
    waitlist,
)
from desktop.services.attendance import Admission
from desktop.services.checking import repairing
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import audit, chosen, event_detail, finding, registration_detail
from desktop.services.lists import events as event_list
from desktop.services.lists import registrations as registration_list
from desktop.services.orders import Payment, Refund, Sale
from desktop.services.packages import Details, NewPackage
from desktop.services.permissions import Operation, Role
from desktop.services.registering import Registering
from desktop.services.registrations import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from desktop.db.session import Actor, Database

ZONE = ZoneInfo("Asia/Kolkata")
PASSWORD = "correct horse battery"
NEW = "staple mountain river"
PRICE = Decimal("499.50")

EXCEPTIONS = {
    "desktop.services.permissions.acting": "names the right; whoever is handed it asks",
    "desktop.services.waitlist.promoting.called": "what promote, promote_next and commit have in common",
}
"""Public functions with an actor that are no services, and why."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to do for everybody. ``actor`` has `PASSWORD` and let ``inside`` in; ``boss`` may everything, and
    ``colleague`` is on the staff. The event is published and free. The waitlist has a gap, for `repairing`: ``waiting``
    is at 2 and ``next`` at 3. ``seen`` is what `Call.before` gave."""

    database: Database
    actor: Actor
    boss: Actor
    building: Any
    event: UUID
    package: UUID
    seated: UUID
    inside: UUID
    waiting: UUID
    next: UUID
    colleague: UUID
    folder: Path
    seen: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """``service(database, actor, …)`` with what ``given`` names; ``then`` uses what comes back where that is when the
    database is asked. ``before`` is done first, by somebody who may. ``wish`` completes “may not …” where the refusal
    does not say the operation's own words, ``case`` tells two calls of one service apart."""

    service: Callable[..., Any]
    given: Callable[[Scene], dict[str, Any]] = lambda _: {}
    before: Callable[[Scene], Any] | None = None
    then: Callable[[Any], object] | None = None
    wish: str = ""
    case: str = ""

    def __call__(self, scene: Scene) -> object:
        made = self.service(scene.database, scene.actor, **self.given(scene))
        return made if self.then is None else self.then(made)

    def __str__(self) -> str:
        name = f"{self.service.__module__.removeprefix('desktop.services.')}.{self.service.__name__}"
        return f"{name} {self.case}".strip()


def services_with_an_actor() -> Iterator[Callable[..., Any]]:
    """Every public function of `desktop.services` that says on whose behalf it is called."""
    for found in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and "actor" in inspect.signature(function).parameters:
                yield function


def _listed(where: Any, key: str) -> Callable[[Any], object]:
    return lambda grid: grid.first(Order(key), where, 10, Cancellation())


def _people(scene: Scene) -> Any:
    path = scene.folder / "people.csv"
    path.write_text("Name,Email\nImani,imani@example.org\n", encoding="utf-8")
    return importing.plan_file(path, None, ZONE)


def _import(scene: Scene) -> dict[str, Any]:
    event, package = (
        scene.building.value(f"SELECT slug FROM {table} WHERE id = %s", one)
        for table, one in (("events", scene.event), ("packages", scene.package))
    )
    return {"prepared": _people(scene), "event_slug": event, "package_slug": package}


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _event_that(**columns: Any) -> Callable[[Scene], UUID]:
    """Another event in that state, with a package and somebody registered."""

    def make(scene: Scene) -> UUID:
        event: UUID = scene.building.event(**columns)
        scene.building.registration(scene.building.package(event))
        return event

    return make


def _begun(scene: Scene) -> UUID:
    return _event_that(start_time=_now() - timedelta(hours=1))(scene)


def _over(scene: Scene) -> UUID:
    return _event_that(start_time=_now() - timedelta(days=2))(scene)


def _empty_package(scene: Scene) -> UUID:
    return scene.building.package(scene.building.event())


def _sibling(scene: Scene) -> UUID:
    return scene.building.package(scene.event)


def _bill(scene: Scene) -> tuple[UUID, UUID]:
    """A registration that has to be paid, and its order."""
    package = scene.building.package(scene.building.event(payment_required=True), price=PRICE)
    made = registering.register(scene.database, scene.boss, Registering(package, "bill@example.org"))
    return made.registration_id, scene.building.registered(made.registration_id)["order_id"]


def _paid(scene: Scene) -> UUID:
    registration, order = _bill(scene)
    orders.take_payment(scene.database, scene.boss, Payment("cash", PRICE, "INR", registration), ZONE)
    return order


def _of_event(scene: Scene) -> dict[str, Any]:
    return {"event_id": scene.seen or scene.event}


def _of_event_with_zone(scene: Scene) -> dict[str, Any]:
    return {"event_id": scene.seen or scene.event, "zone": ZONE}


def _of_package(scene: Scene) -> dict[str, Any]:
    return {"package_id": scene.seen or scene.package}


def _for(field: str, **known: Any) -> Callable[[Scene], dict[str, Any]]:
    """The registration of that field of the scene."""
    return lambda scene: {"registration_id": getattr(scene, field)} | known


def _admission(field: str, action: Any = "admit", **known: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {"admission": Admission(getattr(scene, field), "gate", action=action, **known)}


def _sends(field: str, action: Any) -> Call:
    """A batch of one operation."""
    return Call(
        attendance.send,
        lambda scene: {"operations": [Admission(getattr(scene, field), "gate", action=action)]},
        before=_absent if action == "release" else None,
        case=action,
    )


def _absent(scene: Scene) -> UUID:
    """A no-show whose seat nobody has yet."""
    one: UUID = scene.building.registration(scene.package, "absent@example.org", status="no_show")
    return one


def _let_in(scene: Scene) -> UUID:
    """Somebody a station let in without a seat."""
    full = scene.building.package(scene.event, capacity=0)
    (one,) = scene.building.waiting(full, "over@example.org")
    attendance.admit(scene.database, scene.boss, Admission(one, "gate", decision="admitted"))
    return one


def _undoing(make: Callable[[Scene], registrations.Bulk], case: str) -> Call:
    return Call(
        registrations.undo, lambda s: {"what": s.seen}, before=lambda s: _undo_of(s, make), case=f"a {case}"
    )


def _undo_of(scene: Scene, make: Callable[[Scene], registrations.Bulk]) -> registrations.Undo:
    undo = make(scene).undo
    assert undo is not None
    scene.database.settle()
    return undo


def _seen_event(scene: Scene) -> events.Event:
    return events.read(scene.database, scene.boss, scene.event)


def _seen_package(scene: Scene) -> packages.Package:
    return packages.read(scene.database, scene.boss, _empty_package(scene), ZONE)


CALLS: dict[Operation, tuple[Call, ...]] = {
    Operation.SEE_EVENTS: (
        Call(event_list.grid, lambda _: {"zone": ZONE}, then=_listed(event_list.Where(), "title")),
        Call(event_list.facets),
        Call(event_list.next_one),
        Call(finding.events, lambda _: {"zone": ZONE, "text": "a", "cancellation": Cancellation()}),
        Call(event_detail.read, _of_event_with_zone),
    ),
    Operation.EDIT_EVENTS: (
        Call(events.create, lambda _: {"zone": ZONE, "title": "Winter school"}),
        Call(events.read, _of_event),
        Call(
            events.edit,
            lambda s: {"seen": s.seen, "zone": ZONE, "title": "Another title"},
            before=_seen_event,
            case="its title",
        ),
        Call(
            events.edit,
            lambda s: {"seen": s.seen, "zone": ZONE, "time_zone": "Europe/Berlin"},
            before=_seen_event,
            case="its zone",
        ),
    ),
    Operation.PUBLISH_EVENTS: (
        Call(events.publish, _of_event_with_zone, before=_event_that(status="draft")),
        Call(events.unpublish, _of_event),
    ),
    Operation.CLOSE_EVENTS: (
        Call(events.preview_cancel, _of_event),
        Call(events.cancel, _of_event),
        Call(events.complete, _of_event_with_zone, before=_begun),
        Call(events.no_shows, _of_event),
    ),
    Operation.DELETE_EVENTS: (
        Call(events.delete, _of_event),
        Call(events.restore, _of_event, before=_event_that(deleted_at=_now())),
        Call(events.binned),
    ),
    Operation.EDIT_PACKAGES: (
        Call(events.duplicate, _of_event_with_zone),
        Call(packages.create, lambda s: {"new": NewPackage(Details("VIP", PRICE), s.event), "zone": ZONE}),
        Call(packages.read, lambda s: {"package_id": s.package, "zone": ZONE}),
        Call(
            packages.edit,
            lambda s: {"seen": s.seen, "wanted": replace(s.seen.details, name="VIP")},
            before=_seen_package,
        ),
        Call(packages.retire, _of_package),
        Call(
            packages.reactivate,
            _of_package,
            before=lambda s: packages.retire(s.database, s.boss, s.package).package_id,
        ),
        Call(packages.delete, _of_package, before=_empty_package),
        Call(packages.move, lambda s: {"seen": s.seen, "event_id": s.event}, before=_seen_package),
    ),
    Operation.CHANGE_CAPACITY: (
        Call(
            packages.set_capacity,
            lambda s: {"package_id": s.package, "capacity": 9, "seen": 5, "reason": "a larger room"},
        ),
        Call(attendance.take_in, _admission("seen", reason="is inside"), before=_let_in),
    ),
    Operation.SEE_REGISTRATIONS: (
        Call(
            registration_list.grid,
            _of_event_with_zone,
            then=_listed(registration_list.Where(), "name"),
        ),
        Call(registration_list.facets, _of_event),
        Call(chosen.divide, lambda s: {"ids": s.seated.bytes, "cancellation": Cancellation()}),
        Call(finding.people, lambda _: {"text": "a", "cancellation": Cancellation()}),
        Call(finding.people_named, lambda _: {"text": "a", "cancellation": Cancellation()}),
        Call(registration_detail.read, _for("seated", zone=ZONE)),
        Call(attendance.look, _for("seated")),
        Call(attendance.stations, _of_event),
    ),
    Operation.REGISTER: (
        Call(registering.register, lambda s: {"person": Registering(s.package, "new@example.org")}),
        Call(
            registrations.revive,
            _for("seen"),
            before=lambda s: s.building.registration(s.package, "gone@example.org", status="cancelled"),
        ),
    ),
    Operation.EDIT_REGISTRATIONS: (
        Call(
            registrations.edit_contact,
            _for("seated", seen=Contact("zoe@example.org"), wanted=Contact("zo@example.org", "Zoë")),
        ),
        Call(registrations.set_answers, _for("seated", answers={"Diet": "vegan"}, seen={})),
    ),
    Operation.CANCEL: (
        Call(registering.cancel, _for("seated")),
        Call(registrations.cancel_all, lambda s: {"ids": [s.seated, s.waiting]}),
        Call(waitlist.leave, _for("waiting")),
        _undoing(lambda s: registrations.cancel_all(s.database, s.boss, [s.waiting]), "cancellation"),
    ),
    Operation.MOVE_REGISTRATIONS: (
        Call(
            registrations.move,
            lambda s: {"registration_id": s.seated, "package_id": s.seen},
            before=_sibling,
        ),
        Call(
            registrations.move_all,
            lambda s: {"ids": [s.seated, s.waiting], "package_id": s.seen},
            before=_sibling,
        ),
        _undoing(
            lambda s: registrations.move_all(s.database, s.boss, [s.seated, s.waiting], _sibling(s)), "move"
        ),
    ),
    Operation.PROMOTE: (
        Call(waitlist.promote_next, _of_package),
        Call(waitlist.promote, _for("waiting")),
        Call(waitlist.preview, _of_package),
        Call(waitlist.preview_one, _for("waiting")),
        Call(
            waitlist.commit,
            lambda s: {"seen": s.seen},
            before=lambda s: waitlist.preview(s.database, s.boss, s.package),
        ),
        Call(registrations.promote_all, lambda s: {"ids": [s.waiting]}),
        _undoing(lambda s: registrations.promote_all(s.database, s.boss, [s.waiting]), "promotion"),
    ),
    Operation.REORDER_WAITLIST: (Call(waitlist.move_to, _for("next", place=1, reason="promised")),),
    Operation.PUT_BACK: (
        Call(registrations.put_back, _for("seated", reason="asked to")),
        Call(registrations.put_back_all, lambda s: {"ids": [s.seated], "reason": "asked to"}),
        _undoing(
            lambda s: registrations.put_back_all(s.database, s.boss, [s.seated], "asked to"),
            "return to the waitlist",
        ),
    ),
    Operation.ADMIT: (
        Call(attendance.admit, _admission("seated")),
        _sends("seated", "admit"),
        Call(attendance.report, lambda s: {"event_id": s.event, "station": "gate", "pending": 0}),
    ),
    Operation.UNDO_OWN_ADMISSION: (
        Call(attendance.undo, _admission("inside")),
        _sends("inside", "undo"),
    ),
    Operation.RECORD_NO_SHOW: (
        Call(attendance.no_show, _admission("seated")),
        _sends("seated", "no_show"),
    ),
    Operation.RECORD_NO_SHOWS: (
        Call(
            attendance.record_no_shows,
            lambda s: {"event_id": s.seen, "station": "office"},
            before=_over,
        ),
    ),
    Operation.RELEASE_NO_SHOWS: (
        Call(attendance.release, _admission("seen"), before=_absent),
        _sends("seen", "release"),
    ),
    Operation.SEE_ORDERS: (
        Call(orders.of_registration, _for("seated", zone=ZONE)),
        Call(orders.of_person, lambda _: {"email": "zoe@example.org", "zone": ZONE}),
    ),
    Operation.TAKE_PAYMENT: (
        Call(orders.due, lambda s: {"registration_id": s.seen[0]}, before=_bill),
        Call(
            orders.take_payment,
            lambda s: {"payment": Payment("cash", PRICE, "INR", s.seen[0]), "zone": ZONE},
            before=_bill,
        ),
        Call(orders.fail, lambda s: {"order_id": s.seen[1], "zone": ZONE}, before=_bill),
    ),
    Operation.SELL: (
        Call(
            orders.sell,
            lambda s: {"sale": Sale(s.seen, "new@example.org", "cash", PRICE, "INR"), "zone": ZONE},
            before=lambda s: s.building.package(
                package_type="subscription", name="Gold", price=PRICE, duration_days=30
            ),
        ),
    ),
    Operation.WAIVE: (
        Call(
            orders.take_payment,
            lambda s: {"payment": Payment("complimentary", Decimal(0), "INR", s.seen[0]), "zone": ZONE},
            before=_bill,
            case="that is a gift",
        ),
    ),
    Operation.REFUND: (
        Call(orders.refund, lambda s: {"wanted": Refund(s.seen, cancel=False), "zone": ZONE}, before=_paid),
        Call(
            orders.refund,
            lambda s: {"wanted": Refund(s.seen, cancel=True), "zone": ZONE},
            before=_paid,
            wish="refund orders and cancel what they paid for",
            case="and cancel",
        ),
    ),
    Operation.IMPORT: (Call(importing.preview, _import), Call(importing.apply, _import)),
    Operation.EXPORT: (
        Call(
            exporting.export_registrations,
            lambda s: {
                "event_id": s.event,
                "zone": ZONE,
                "order": Order("name"),
                "where": registration_list.Where(),
                "path": s.folder / "list.csv",
            },
        ),
        Call(
            exporting.export_events,
            lambda s: {
                "zone": ZONE,
                "order": Order("when"),
                "where": event_list.Where(),
                "path": s.folder / "events.csv",
            },
        ),
        Call(
            exporting.export_audit,
            lambda s: {
                "zone": ZONE,
                "order": Order("when"),
                "where": audit.Where(),
                "path": s.folder / "audit.csv",
            },
        ),
    ),
    Operation.SEE_LOG: (Call(audit.grid, lambda _: {"zone": ZONE}, then=_listed(audit.Where(), "when")),),
    Operation.CHANGE_OWN_PASSWORD: (Call(accounts.change_password, lambda _: {"old": PASSWORD, "new": NEW}),),
    Operation.SEE_STAFF: (Call(accounts.staff),),
    Operation.MANAGE_STAFF: (
        Call(
            accounts.add_staff,
            lambda _: {
                "username": "new",
                "email": "new@example.org",
                "role": Role.DOOR,
                "password": PASSWORD,
            },
        ),
        Call(accounts.give_role, lambda s: {"user_id": s.colleague, "role": Role.EDITOR}),
        Call(accounts.take_role, lambda s: {"user_id": s.colleague, "role": Role.DOOR}),
        Call(accounts.deactivate, lambda s: {"user_id": s.colleague}),
        Call(accounts.reactivate, lambda s: {"user_id": s.colleague}),
        Call(accounts.set_password, lambda s: {"user_id": s.colleague, "password": NEW}),
        Call(accounts.issue_reset, lambda s: {"user_id": s.colleague}),
    ),
    Operation.REPAIR: (Call(repairing.repair),),
}

ANSWERED = {Operation.UNDO_ANY_ADMISSION}
"""Operations whose want is no refusal but the verdict “not yours”; see ``attendance/test_taking_back.py``."""
