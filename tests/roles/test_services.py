"""Every service and list works on a connection of the group it belongs to, and on no lesser one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.privileges import GROUPS
from desktop.services import (
    accounts,
    acting,
    attendance,
    exporting,
    importing,
    opening,
    orders,
    packages,
    registering,
    waitlist,
)
from desktop.services.attendance import Admission
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import audit, event_detail, events, registration_detail, registrations
from desktop.services.packages import Details, NewPackage
from desktop.services.permissions import Role
from desktop.services.registering import Registering

ZONE = ZoneInfo("Asia/Kolkata")
NEW_PASSWORD = "staple battery horse"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """bcrypt at its cheapest: its cost is not the point."""
    monkeypatch.setattr(accounts.passwords, "COST", 4)


@pytest.fixture
def summit(building):
    """A package of two seats that costs something, with a person who has paid, and one who waits."""
    event = building.event(payment_required=True, slug="summit", time_zone="Asia/Kolkata")
    package = building.package(event, capacity=2, price=499, slug="summit-workshop")
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id="pay_1",
        amount_paid=499,
        payment_status="paid",
    )
    seated = building.registration(package, "zoe@example.org", attendee_name="Zoë", order_id=order)
    (waiting,) = building.waiting(package, "next@example.org")
    return event, package, seated, waiting


def _read(grid, where, key):
    """The first page, the order of all rows, and rows by id, as a table asks."""
    none = Cancellation()
    page = grid.first(Order(key), where, 128, none)
    ids = grid.skeleton(Order(key), where, none)
    known = [ids[at : at + 16] for at in range(0, len(ids), 16)]
    assert len(grid.rows(known, none)) == len(grid.matching(where, known, none)) == len(page)
    return page


@pytest.mark.parametrize("group", GROUPS)
def test_everybody_finds_the_schema_current_and_signs_in(group, connected, staff, url_of, password):
    person = staff(group)
    mine = connected(group)
    assert upgrade.is_current(mine)
    assert accounts.staff_exist(mine)
    assert accounts.sign_in(mine, person.name, password) == person
    with pytest.raises(errors.SignInFailed):
        accounts.sign_in(mine, person.name, "wrong")
    opening.open_remote(url_of(group)).close()


@pytest.mark.parametrize("group", ["door", "organizer", "admin"])
def test_whoever_sees_events_and_registrations_sees_them(group, connected, staff, summit):
    event, package, _, waiting = summit
    actor, mine = staff(group), connected(group)
    for key in ("title", "when", "place", "status", "seats", "waiting"):
        _read(events.grid(mine, actor, ZONE), events.Where(text="monsoon"), key)
    for key in ("name", "email", "package", "status", "waitlist", "payment", "registered"):
        where = registrations.Where(status="registered", package_id=package, text="zoe +91")
        _read(registrations.grid(mine, actor, event, ZONE), where, key)
    assert events.facets(mine, actor)["upcoming"] == 1
    assert events.next_one(mine, actor) == event
    assert event_detail.read(mine, actor, event, ZONE).packages[0].held == 1
    assert registrations.facets(mine, actor, event).packages[0].name == "Workshop pass"
    detail = registration_detail.read(mine, actor, waiting, ZONE)
    assert (detail.place, detail.next_in_line, len(detail.history)) == (1, "next@example.org", 1)


@pytest.mark.parametrize("group", ["door", "organizer", "admin"])
def test_whoever_checks_in_checks_in_and_takes_it_back(group, connected, staff, summit, building):
    seated = summit[2]
    actor, mine = staff(group), connected(group)
    assert attendance.admit(mine, actor, Admission(seated, "north gate")).verdict == "admitted"
    again = attendance.admit(mine, actor, Admission(seated, "north gate"))
    assert (again.verdict, again.answer["staff"]) == ("already_inside", actor.name)
    assert registration_detail.read(mine, actor, seated, ZONE).history[0].what.startswith("Turned away")
    assert attendance.undo(mine, actor, Admission(seated, "north gate")).verdict == "undone"
    assert building.status(seated) == "registered"


@pytest.mark.parametrize("group", ["door", "organizer", "admin"])
def test_whoever_is_at_the_door_does_all_of_it(group, connected, staff, summit, building):
    event, package, seated, waiting = summit
    actor, mine = staff(group), connected(group)
    building.do("UPDATE packages SET capacity = 1 WHERE id = %s", package)
    assert attendance.look(mine, actor, seated).code == "admitted"
    assert attendance.no_show(mine, actor, Admission(seated, "north gate")).verdict == "no_show"
    assert attendance.release(mine, actor, Admission(seated, "north gate")).verdict == "released"
    assert building.status(waiting) == "registered"
    told = attendance.send(mine, actor, [Admission(waiting, "north gate", sequence=1)])
    assert told[0].verdict == "payment_due"  # promoted a moment ago
    assert attendance.report(mine, actor, event, "north gate", pending=0, last_sequence=2).missing == (2,)
    assert attendance.stations(mine, actor, event)[0].why == "missing"


def test_the_doors_own_database_role_ends_no_event_raises_no_capacity_and_takes_back_its_own_only(
    connected, staff, summit
):
    event, _package, seated, _waiting = summit
    organizer, mine = staff("organizer"), connected("door")
    with pytest.raises(errors.DatabaseRefused):
        attendance.record_no_shows(mine, organizer, event, "office")
    with pytest.raises(errors.DatabaseRefused):
        attendance.take_in(mine, organizer, Admission(seated, "office", reason="inside"))
    attendance.admit(mine, staff("door"), Admission(seated, "north gate"))
    for told in (
        attendance.undo(mine, organizer, Admission(seated, "office")),
        *attendance.send(mine, organizer, [Admission(seated, "office", action="undo")]),
    ):
        assert told.verdict == "not_yours"


@pytest.mark.parametrize(
    ("group", "verdict"), [("door", "not_yours"), ("organizer", "undone"), ("admin", "undone")]
)
def test_somebody_elses_check_in_is_taken_back_by_organizers(group, verdict, connected, staff, summit):
    seated = summit[2]
    attendance.admit(connected("door"), staff("door", "noor"), Admission(seated, "north gate"))
    result = attendance.undo(connected(group), staff(group), Admission(seated, "office", reason="a mistake"))
    assert result.verdict == verdict


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_organizers_register_promote_cancel_import_export_and_read_the_log(
    group, connected, staff, summit, building, tmp_path
):
    _, package, _, waiting = summit
    actor, mine = staff(group), connected(group)
    assert waitlist.promote_next(mine, actor, package).ids == (waiting,)
    new = registering.register(mine, actor, Registering(package, "new@example.org", "New"))
    assert new.waitlist_position == 1
    assert registering.cancel(mine, actor, waiting).promoted_id == new.registration_id
    waitlist.close_gaps(mine, package)

    path = tmp_path / "people.csv"
    path.write_text("Name,Email\nImani,imani@example.org\n", encoding="utf-8")
    zone = importing.event_zone(mine, "summit", ZONE)
    prepared = importing.plan_file(path, None, zone)
    importing.preview(mine, actor, prepared, "summit", "summit-workshop")
    importing.apply(mine, actor, prepared, "summit", "summit-workshop")
    assert (
        building.value("SELECT status FROM event_registrations WHERE attendee_name = 'Imani'") == "waitlisted"
    )
    assert len(_read(audit.grid(mine, actor, ZONE), audit.Where("imported"), "when")) == 1

    event, where = summit[0], registrations.Where()
    file = tmp_path / "guests.csv"
    assert exporting.export_registrations(mine, actor, event, ZONE, Order("name"), where, file) == 4
    assert building.log(event)[-1][0] == "registration.export"


@pytest.mark.parametrize("group", ["door", "organizer", "admin"])
def test_whoever_takes_payments_takes_them_and_says_when_one_failed(
    group, connected, staff, summit, building
):
    package = summit[1]
    actor, mine = staff(group), connected(group)
    guest = building.registration(package, "guest@example.org")
    owed = orders.due(mine, actor, registration_id=guest)
    payment = orders.Payment("cash", owed.amount, owed.currency, guest)
    paid = orders.take_payment(mine, actor, payment, ZONE)
    assert orders.take_payment(mine, actor, payment, ZONE).order_id == paid.order_id
    other = registering.register(
        connected("organizer"),
        staff("organizer", "olga"),
        Registering(building.package(building.event(payment_required=True), price=10), "other@example.org"),
    )
    assert orders.fail(mine, actor, other.order_id, ZONE).registration_id == other.registration_id


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_organizers_sell_refund_waive_and_see_orders(group, connected, staff, summit, building):
    package = summit[1]
    actor, mine = staff(group), connected(group)
    gold = building.package(package_type="subscription", name="Gold", price=99, duration_days=30)
    orders.sell(mine, actor, orders.Sale(gold, "ann@example.org", "upi", Decimal(99), "INR"), ZONE)
    guest = building.registration(package, "guest@example.org")
    waived = orders.take_payment(mine, actor, orders.Payment("complimentary", Decimal(0), "INR", guest), ZONE)
    orders.refund(mine, actor, orders.Refund(waived.order_id, cancel=True), ZONE)
    assert [one.status for one in orders.of_registration(mine, actor, guest, ZONE)] == ["refunded"]
    assert [one.package for one in orders.of_person(mine, actor, "ann@example.org", ZONE)] == ["Gold"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM greenroom.take_payment(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), NULL, 'cash', 1,"
        " 'INR', NULL)",
        "SELECT * FROM greenroom.take_payment_at_door(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), NULL,"
        " 'complimentary', 0, 'INR', NULL)",
        "SELECT * FROM greenroom.refund(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), false, NULL)",
        "SELECT * FROM greenroom.orders_of(NULL, 'zoe@example.org')",
        "SELECT * FROM greenroom.payments",
        "UPDATE orders SET payment_status = 'paid'",
        "DELETE FROM orders",
    ],
)
def test_the_doors_login_waives_nothing_gives_nothing_back_and_writes_no_order(statement, connected, summit):
    """Ruling 18: orders are never deleted, by no staff role; money goes through the functions only."""
    with pytest.raises(errors.DatabaseRefused, match="may not do this"):
        connected("door").once(statement, {})


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "UPDATE orders SET amount_paid = 0",
        "TRUNCATE orders CASCADE",
        "SELECT * FROM greenroom.payments",
    ],
)
def test_no_role_deletes_or_rewrites_orders(statement, group, connected, summit):
    """Ruling 18."""
    with pytest.raises(errors.DatabaseRefused, match="may not do this"):
        connected(group).once(statement, {})


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_the_command_line_finds_in_whose_name_it_acts(group, connected, staff):
    admin = staff("admin")
    assert acting.oldest_admin(connected(group)) == admin


def test_an_admin_adds_staff_and_the_first_admin_comes_from_an_admins_login(connected, building):
    mine = connected("admin")
    assert not accounts.staff_exist(mine)
    first = accounts.first_admin(mine, "ada", "ada@example.org", NEW_PASSWORD)
    accounts.add_staff(mine, first, "noor", "noor@example.org", Role.DOOR, NEW_PASSWORD)
    accounts.add_from_command_line(mine, "eli", "eli@example.org", Role.EDITOR, NEW_PASSWORD)
    assert building.value("SELECT count(*) FROM user_roles") == 3


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_organizers_make_edit_resize_move_retire_and_delete_packages(
    group, connected, staff, building, summit
):
    event, full, _, waiting = summit
    actor, mine = staff(group), connected(group)
    vip = packages.create(mine, actor, NewPackage(Details("VIP", Decimal(900)), event, 5), ZONE)
    packages.edit(mine, actor, vip, replace(vip.details, price=Decimal(950), currency="EUR"))
    packages.move(mine, actor, vip, building.event(slug="tech-day"))
    seen = packages.read(mine, actor, vip.id, ZONE)
    assert (seen.details.slug, seen.details.currency, seen.details.price) == ("tech-day-vip", "EUR", 950)
    assert not packages.retire(mine, actor, vip.id).active
    assert packages.reactivate(mine, actor, vip.id).active
    assert packages.delete(mine, actor, vip.id).package == "VIP"
    building.registration(full, "second@example.org")
    assert packages.set_capacity(mine, actor, full, 3, seen=2, reason="room").ids == (waiting,)


@pytest.mark.parametrize("group", GROUPS)
def test_everybody_changes_their_own_password_and_sets_one_with_a_code(
    group, connected, staff, building, password
):
    person, mine = staff(group), connected(group)
    accounts.change_password(mine, person, password, NEW_PASSWORD)
    assert accounts.sign_in(mine, person.name, NEW_PASSWORD) == person
    with pytest.raises(errors.OldPasswordWrong):
        accounts.change_password(mine, person, password, "yet another one")
    code = accounts.issue_reset(connected("admin"), staff("admin", "ada.other"), person.id).code
    assert accounts.reset_password(mine, code, password).username == person.name
    with pytest.raises(errors.ResetRefused):
        accounts.reset_password(mine, code, password)
    assert accounts.sign_in(mine, person.name, password) == person


def test_an_admin_manages_staff_and_an_organizer_sees_them(connected, staff):
    mine, ada, noor = connected("admin"), staff("admin"), staff("door", "noor")
    assert accounts.give_role(mine, ada, noor.id, Role.EDITOR).roles == {Role.DOOR, Role.EDITOR}
    assert accounts.take_role(mine, ada, noor.id, Role.DOOR).roles == {Role.EDITOR}
    assert accounts.deactivate(mine, ada, noor.id).changed
    assert accounts.reactivate(mine, ada, noor.id).changed
    assert accounts.set_password(mine, ada, noor.id, NEW_PASSWORD).username == "noor"
    for group, actor in (("admin", ada), ("organizer", staff("organizer"))):
        names = [member.username for member in accounts.staff(connected(group), actor)]
        assert names[0] == "admin.person"


def _wishes(actor, summit):
    """What each operation would do, by its name, for an actor who claims to be an admin."""
    event, package, seated, waiting = summit
    new = Registering(package, "new@example.org")
    elsewhere = Admission(seated, "office")
    return {
        "see": lambda mine: registrations.facets(mine, actor, event),
        "admit": lambda mine: attendance.admit(mine, actor, elsewhere),
        "undo anybody's": lambda mine: attendance.undo(mine, actor, elsewhere),
        "register": lambda mine: registering.register(mine, actor, new),
        "cancel": lambda mine: registering.cancel(mine, actor, seated),
        "promote": lambda mine: waitlist.promote(mine, actor, waiting),
        "resize": lambda mine: packages.set_capacity(mine, actor, package, 9, seen=2, reason="room"),
        "retire": lambda mine: packages.retire(mine, actor, package),
        "delete a package": lambda mine: packages.delete(mine, actor, package),
        "log": lambda mine: audit.grid(mine, actor, ZONE).first(
            Order("when"), audit.Where(), 128, Cancellation()
        ),
        "staff": partial(
            accounts.add_staff,
            actor=actor,
            username="e",
            email="e@x.org",
            role=Role.DOOR,
            password=NEW_PASSWORD,
        ),
        "first admin": partial(accounts.first_admin, username="e", email="e@x.org", password=NEW_PASSWORD),
        "list staff": lambda mine: accounts.staff(mine, actor),
        "role": lambda mine: accounts.give_role(mine, actor, actor.id, Role.DOOR),
        "deactivate": lambda mine: accounts.deactivate(mine, actor, actor.id),
        "password": lambda mine: accounts.set_password(mine, actor, actor.id, NEW_PASSWORD),
        "code": lambda mine: accounts.issue_reset(mine, actor, actor.id),
    }


STAFF = {"staff", "first admin", "role", "deactivate", "password", "code"}
PACKAGES = {"resize", "retire", "delete a package"}


@pytest.mark.parametrize(
    ("group", "refused"),
    [
        (
            "door",
            STAFF | PACKAGES | {"register", "cancel", "promote", "log", "list staff"},
        ),
        (
            "editor",
            STAFF
            | PACKAGES
            | {"see", "admit", "undo anybody's", "register", "cancel", "promote", "log", "list staff"},
        ),
        ("organizer", STAFF),
    ],
)
def test_the_database_refuses_what_the_services_would_let_somebody_claim(
    group, refused, connected, staff, summit
):
    mine, wishes = connected(group), _wishes(staff("admin"), summit)
    for name in refused:
        with pytest.raises(errors.DatabaseRefused, match="may not do this"):
            wishes[name](mine)


def test_an_editor_writes_posts_in_plain_sql_and_logs_it(connected, staff, building):
    actor, mine = staff("editor"), connected("editor")
    post = building.insert("blogs", author_id=actor.id, title="Old", slug="old", content="…")
    with mine.transaction(actor) as tx:
        made = tx.value(
            "INSERT INTO blogs (author_id, title, slug, content) VALUES (:by, 'New', 'new', 'text') RETURNING id",
            {"by": actor.id},
        )
        tx.execute("UPDATE blogs SET status = 'archived', deleted_at = now() WHERE id = :id", {"id": post})
        tx.execute("UPDATE blogs SET status = 'published' WHERE id = :id", {"id": made})
        tx.log("post.publish", "Published “New”", made)
        assert tx.value("SELECT count(*) FROM blogs b JOIN users u ON u.id = b.author_id") == 2
    assert building.log(made) == [("post.publish", "Published “New”")]


def test_an_organizer_keeps_events_and_packages_in_plain_sql_and_logs_it(connected, staff, building):
    actor, mine = staff("organizer"), connected("organizer")
    with mine.transaction(actor) as tx:
        event = tx.value(
            "INSERT INTO events (created_by, title, slug, start_time, location)"
            " VALUES (:by, 'Summit', 'summit', now(), 'Pune') RETURNING id",
            {"by": actor.id},
        )
        package = tx.value(
            "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)"
            " VALUES ('VIP', 'summit-vip', 0, 0, 'event', :event, 5) RETURNING id",
            {"event": event},
        )
        tx.execute("UPDATE packages SET price = 9, currency = 'EUR' WHERE id = :id", {"id": package})
        tx.execute("UPDATE events SET title = 'Great Summit' WHERE id = :id", {"id": event})
        tx.log("event.edit", "Edited “Summit”", event)
    assert building.value("SELECT packages_ids FROM events WHERE id = %s", event) == [package]
    assert building.value("SELECT capacity FROM package_seats WHERE package_id = %s", package) == 5
