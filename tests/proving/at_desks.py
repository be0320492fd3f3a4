"""What staff do with people, for the proofs: one or many of them, waiting, at the door, and with their money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from desktop.services import attendance, orders, registering, registrations, waitlist
from desktop.services.attendance import Admission
from desktop.services.orders import Payment, Refund, Sale
from desktop.services.registering import Registering
from desktop.services.registrations import Contact
from tests.proving.operation import OVER, PACKAGE, PRICED, Operation, new, people, person

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Actor, Database
    from tests.proving.operation import Given, Run

ZONE = ZoneInfo("Asia/Kolkata")
PRICE = Decimal(499)
DESK = "Desk 1"

MOVED = (
    "SELECT r.package_id::text AS package, r.id::text AS registration, p.id::text AS other"
    " FROM event_registrations r JOIN packages p ON p.id = ANY (%(packages)s) AND p.id <> r.package_id"
    " WHERE r.package_id = ANY (%(packages)s) AND r.status IN ('registered', 'waitlisted')"
    " ORDER BY random() LIMIT 1"
)
KNOWN = (
    "SELECT package_id::text AS package, id::text AS registration, attendee_email AS email,"
    " coalesce(attendee_name, '') AS name FROM event_registrations WHERE package_id = ANY (%(packages)s)"
    " ORDER BY random() LIMIT 1"
)
UNPAID = (
    "SELECT r.package_id::text AS package, r.id::text AS registration FROM event_registrations r"
    " JOIN packages p ON p.id = r.package_id AND p.price > 0 LEFT JOIN orders o ON o.id = r.order_id"
    " WHERE r.package_id = ANY (%(packages)s) AND r.status = 'registered' AND (o.payment_status = 'paid') IS NOT TRUE"
    " ORDER BY random() LIMIT 1"
)
PAID = (
    "SELECT r.package_id::text AS package, r.order_id::text AS order FROM event_registrations r"
    " JOIN orders o ON o.id = r.order_id AND o.payment_status = 'paid'"
    " WHERE r.package_id = ANY (%(packages)s) AND r.status = 'registered' ORDER BY random() LIMIT 1"
)
SOMEBODY_PAID = (
    "WITH r AS (SELECT r.id, r.package_id FROM event_registrations r JOIN packages p ON p.id = r.package_id"
    "  WHERE r.package_id = ANY (%(packages)s) AND r.status = 'registered' AND p.price > 0 LIMIT 1),"
    " o AS (INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)"
    "  SELECT (SELECT id FROM users LIMIT 1), package_id, gen_random_uuid()::text, 499, 'paid' FROM r RETURNING id)"
    " UPDATE event_registrations SET order_id = o.id FROM o, r WHERE event_registrations.id = r.id"
)
NOBODY_PAID = "UPDATE event_registrations SET order_id = NULL WHERE package_id = ANY (%(packages)s)"


def _id(given: Given) -> UUID:
    return UUID(given["registration"])


def _ids(given: Given) -> list[UUID]:
    return [UUID(one) for one in given["registrations"].split()]


def _edit_contact(database: Database, actor: Actor, given: Given) -> object:
    seen = Contact(given["email"], given["name"])
    return registrations.edit_contact(database, actor, _id(given), seen, replace(seen, email=new()))


def _undone(do: Callable[[Database, Actor, Given], registrations.Bulk]) -> Run:
    """Does it to many, and takes it back."""

    def run(database: Database, actor: Actor, given: Given) -> object:
        undo = do(database, actor, given).undo
        return undo and registrations.undo(database, actor, undo)

    return run


def _commit(database: Database, actor: Actor, given: Given) -> object:
    return waitlist.commit(database, actor, waitlist.preview(database, actor, UUID(given["package"]), 2))


def _take_in(database: Database, actor: Actor, given: Given) -> object:
    let_in = Admission(_id(given), DESK, decision="admitted")
    attendance.admit(database, actor, let_in)
    return attendance.take_in(database, actor, Admission(_id(given), DESK, reason="is inside"))


def _undo_no_show(database: Database, actor: Actor, given: Given) -> object:
    attendance.no_show(database, actor, Admission(_id(given), DESK))
    return attendance.undo(database, actor, Admission(_id(given), DESK))


def _send(database: Database, actor: Actor, given: Given) -> object:
    actions = ("admit", "no_show", "undo", "release")
    return attendance.send(
        database,
        actor,
        [Admission(one, DESK, action=action) for one, action in zip(_ids(given), actions, strict=False)],
    )


def _take_payment(database: Database, actor: Actor, given: Given) -> object:
    return orders.take_payment(database, actor, Payment("cash", PRICE, "INR", _id(given)), ZONE)


def _sell(database: Database, actor: Actor, given: Given) -> object:
    return orders.sell(database, actor, Sale(UUID(given["package"]), new(), "cash", PRICE, "INR"), ZONE)


def _refund(*, cancel: bool) -> Run:
    return lambda database, actor, given: orders.refund(
        database, actor, Refund(UUID(given["order"]), cancel=cancel), ZONE
    )


def _fail(database: Database, actor: Actor, given: Given) -> object:
    made = registering.register(database, actor, Registering(UUID(given["package"]), new()))
    return made.order_id and orders.fail(database, actor, made.order_id, ZONE)


OPERATIONS = (
    Operation(
        "move to another package",
        MOVED,
        lambda database, actor, given: registrations.move(
            database, actor, _id(given), UUID(given["other"]), when_full="waitlist"
        ),
    ),
    Operation(
        "put back",
        person("registered"),
        lambda database, actor, given: registrations.put_back(database, actor, _id(given), "asked to"),
    ),
    Operation(
        "revive",
        person("cancelled"),
        lambda database, actor, given: registrations.revive(database, actor, _id(given)),
    ),
    Operation("edit an address", KNOWN, _edit_contact),
    Operation(
        "set answers",
        KNOWN,
        lambda database, actor, given: registrations.set_answers(
            database, actor, _id(given), {"Diet": new()}, seen={}
        ),
    ),
    Operation(
        "cancel many, and undo",
        people("registered", "waitlisted"),
        _undone(lambda database, actor, given: registrations.cancel_all(database, actor, _ids(given))),
    ),
    Operation(
        "promote many, and undo",
        people("waitlisted"),
        _undone(lambda database, actor, given: registrations.promote_all(database, actor, _ids(given))),
    ),
    Operation(
        "move many, and undo",
        people("registered", "waitlisted"),
        _undone(
            lambda database, actor, given: registrations.move_all(
                database, actor, _ids(given), UUID(given["other"]), when_full="waitlist"
            )
        ),
    ),
    Operation(
        "put many back, and undo",
        people("registered"),
        _undone(
            lambda database, actor, given: registrations.put_back_all(
                database, actor, _ids(given), "asked to"
            )
        ),
    ),
    Operation(
        "cancel many",
        people("registered", "waitlisted"),
        lambda database, actor, given: registrations.cancel_all(database, actor, _ids(given)),
    ),
    Operation(
        "let go who waits",
        person("waitlisted"),
        lambda database, actor, given: waitlist.leave(database, actor, _id(given)),
    ),
    Operation(
        "reorder the waitlist",
        person("waitlisted"),
        lambda database, actor, given: waitlist.move_to(database, actor, _id(given), 2, "promised"),
    ),
    Operation("promote as previewed", PACKAGE, _commit),
    Operation(
        "record a no-show",
        person("registered"),
        lambda database, actor, given: attendance.no_show(database, actor, Admission(_id(given), DESK)),
    ),
    Operation("take a no-show back", person("registered"), _undo_no_show),
    Operation(
        "release the seat of a no-show",
        person("no_show"),
        lambda database, actor, given: attendance.release(database, actor, Admission(_id(given), DESK)),
    ),
    Operation("take in who was let in", person("waitlisted"), _take_in),
    Operation("send a station's scans", people("registered", "attended", "no_show"), _send),
    Operation(
        "record the no-shows",
        OVER,
        lambda database, actor, given: attendance.record_no_shows(
            database, actor, UUID(given["event"]), "office"
        ),
    ),
    Operation("take a payment", UNPAID, _take_payment, before=NOBODY_PAID),
    Operation("sell", PRICED, _sell),
    Operation("refund and cancel", PAID, _refund(cancel=True), before=SOMEBODY_PAID),
    Operation("refund", PAID, _refund(cancel=False), before=SOMEBODY_PAID),
    Operation("register, and the payment fails", PRICED, _fail),
)
