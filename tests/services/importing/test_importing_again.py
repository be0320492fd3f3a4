"""Who was there already: the same file again, and other files about the same people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from desktop.services import registering

if TYPE_CHECKING:
    from tests.services.importing.conftest import Shop


def test_the_same_file_again_adds_nobody_and_changes_nothing(shop: Shop) -> None:
    shop.payment_required()
    rows = shop.guests("ada", "bob", "cid", "dan", Status="paid", **{"Checked in": "2026-11-22 13:20"})
    first = shop.bring(rows)
    before = shop.everything()[:4]

    second = shop.bring(rows)

    assert (first.seated, first.waitlisted, first.checked_in) == (3, 1, 3)
    assert (second.unchanged, second.changed, second.seated, second.waitlisted) == (4, 0, 0, 0)
    assert shop.everything()[:4] == before


def test_the_same_address_in_another_case_is_the_same_person(shop: Shop) -> None:
    shop.change(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email) VALUES (:event, :package,"
        " 'ADA@Example.org')"
    )

    report = shop.bring(shop.guests("ada"))

    assert (report.seated, report.changed, len(shop.people())) == (0, 1, 1)
    assert shop.sql("SELECT attendee_email, attendee_name FROM event_registrations") == [
        ("ADA@Example.org", "Ada")
    ]


def test_the_check_in_list_finds_the_people_of_the_orders_list(shop: Shop) -> None:
    shop.payment_required()
    shop.bring(shop.orders_list("ada", "bob"))

    report = shop.bring(shop.checkin_list("bob", "ada"))

    assert (report.seated, report.changed, report.checked_in) == (0, 2, 2)
    assert [status for _, status, _ in shop.people()] == ["attended", "attended"]
    assert (
        shop.sql("SELECT decided_at, station, decision, verdict, sequence FROM check_ins")
        == [(dt.datetime.fromisoformat("2026-11-22 12:20"), "import", "admit", "admitted", None)] * 2
    )
    assert [order[1] for order in shop.orders()] == ["paid", "paid"]


def test_the_orders_list_pays_what_the_check_in_list_opened(shop: Shop) -> None:
    shop.payment_required()

    first = shop.bring(shop.checkin_list("ada", "bob"))
    second = shop.bring(shop.orders_list("ada", "bob"))
    third = shop.bring(shop.checkin_list("ada", "bob"))

    assert (first.pending, first.checked_in) == (2, 0)
    assert (second.paid, second.pending, third.checked_in) == (2, 0, 2)
    assert shop.orders() == [
        ("ada@example.org", "paid", 49, "INR", "bank transfer", "RCE7Y-1"),
        ("bob@example.org", "paid", 49, "INR", "bank transfer", "RCE7Y-2"),
    ]
    assert shop.sql("SELECT count(*) FROM orders") == [(2,)]


def test_a_ticket_whose_address_changed_is_the_same_person(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada"))

    report = shop.bring(shop.orders_list("ada", **{"Attendee email": "ada@new.example.org"}))

    assert len(shop.people()) == 1
    assert (report.unchanged, [problem.kind for problem in report.problems]) == (1, ["other_email"])
    assert "registered here as ada@example.org, the file has ada@new.example.org" in report.problems[0].reason


def test_without_a_position_order_code_and_name_are_the_ticket(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada", "bob"))

    shop.bring(shop.checkin_list("bob", Email="family@example.org", **{"Attendee name": "BOB"}))
    shop.bring(shop.checkin_list("cid", Email="cid@example.org"))

    assert [email for email, _, _ in shop.people()] == [
        "ada@example.org",
        "bob@example.org",
        "cid@example.org",
    ]
    assert shop.status("bob@example.org") == "attended"


def test_another_name_under_a_known_address_is_pointed_out(shop: Shop) -> None:
    shop.bring(shop.guests("ada"))

    report = shop.bring(shop.guests("ada", Name="Grace"))

    assert [(p.field, p.reason) for p in report.problems] == [
        (
            "Name",
            "ada@example.org is registered here as “Ada”, the file has “Grace”; one address has one place.",
        )
    ]
    assert shop.sql("SELECT attendee_name FROM event_registrations") == [("Ada",)]


def test_a_ticket_is_remembered_with_its_order_its_details_and_its_import(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada", Product="Day", **{"Attendee company": "Brock GmbH"}))

    ((meta, log),) = shop.sql(
        "SELECT r.registration_meta, l.id FROM event_registrations r, admin_logs l WHERE l.action_type ="
        " 'registration.import'"
    )
    assert meta == {
        "product": "Day",
        "company": "Brock GmbH",
        "import": {"order": "RCE7Y", "position": 1, "log": str(log)},
    }


def test_details_that_are_known_stay_and_missing_ones_are_added(shop: Shop) -> None:
    person = registering.Registering(
        shop.package, "ada@example.org", "Ada", meta={"company": "Ours", "diet": "vegan"}
    )
    registering.register(shop.database, shop.actor, person)

    report = shop.bring(
        shop.orders_list(
            "ada", Phone="+49 30 1234", **{"Attendee company": "Theirs", "Attendee name": "Ada L."}
        )
    )

    ((meta, name, phone),) = shop.sql(
        "SELECT registration_meta - 'import', attendee_name, phone_number FROM event_registrations"
    )
    assert (meta, name, phone) == ({"company": "Ours", "diet": "vegan"}, "Ada", "+49301234")
    assert report.changed == 1


def test_nobody_is_revived_who_was_cancelled_here(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada"))
    ((registration,),) = shop.sql("SELECT id FROM event_registrations")
    registering.cancel(shop.database, shop.actor, registration)

    report = shop.bring(shop.orders_list("ada"))

    assert shop.status("ada@example.org") == "cancelled"
    assert [problem.kind for problem in report.problems] == ["cancelled_here"]


def test_two_of_one_name_in_one_order_are_two_people(shop: Shop) -> None:
    shop.bring(shop.checkin_list("ada"))

    report = shop.bring([*shop.checkin_list("ada"), *shop.checkin_list("ada", Email="junior@example.org")])

    assert (report.unchanged, report.seated) == (1, 1)
    assert [email for email, _, _ in shop.people()] == ["ada@example.org", "junior@example.org"]


def test_what_the_first_file_said_of_somebody_stays_when_a_second_says_otherwise(shop: Shop) -> None:
    shop.bring(shop.checkin_list("ada", Company="First"))

    shop.bring(shop.orders_list("ada", **{"Attendee company": "Second", "Seat name": "A 12"}))

    ((meta,),) = shop.sql("SELECT registration_meta - 'import' FROM event_registrations")
    assert meta == {"company": "First", "seat": "A 12"}
