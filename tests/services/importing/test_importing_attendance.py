"""What a file says of who came, and what the rules make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services import attendance

if TYPE_CHECKING:
    from tests.services.importing.conftest import Shop


def test_a_check_in_without_a_seat_is_noted_and_not_done(shop: Shop) -> None:
    report = shop.bring(shop.checkin_list("ada", "bob", "cid", "dan"))

    assert shop.status("dan@example.org") == "waitlisted"
    assert shop.sql("SELECT count(*) FROM check_ins") == [(3,)]
    assert [(p.line, p.field, p.reason) for p in report.problems] == [
        (
            5,
            "Checked in",
            "Dan is checked in at 2026-11-22 13:20 in the file, but has no seat here and stays on the waitlist.",
        )
    ]


def test_a_check_in_before_payment_is_noted_and_not_done(shop: Shop) -> None:
    shop.payment_required()

    report = shop.bring(shop.checkin_list("ada"))

    assert shop.status("ada@example.org") == "registered"
    assert [problem.kind for problem in report.problems] == ["attended_unpaid"]


def test_a_check_in_that_was_taken_back_here_stays_taken_back(shop: Shop) -> None:
    shop.bring(shop.checkin_list("ada"))
    ((registration,),) = shop.sql("SELECT id FROM event_registrations")
    attendance.undo(shop.database, shop.actor, attendance.Admission(registration, "desk"))

    report = shop.bring(shop.checkin_list("ada"))

    assert shop.status("ada@example.org") == "registered"
    assert [problem.kind for problem in report.problems] == ["attended_undone"]
    assert shop.sql("SELECT count(*) FROM check_ins") == [(2,)]


def test_somebody_who_came_in_here_gets_the_files_time_beside_ours(shop: Shop) -> None:
    shop.bring(shop.guests("ada"))
    ((registration,),) = shop.sql("SELECT id FROM event_registrations")
    attendance.admit(shop.database, shop.actor, attendance.Admission(registration, "Main entrance"))

    report = shop.bring(shop.checkin_list("ada"))

    assert (report.changed, report.checked_in) == (1, 0)
    assert shop.sql("SELECT station, verdict FROM check_ins ORDER BY recorded_at") == [
        ("Main entrance", "admitted"),
        ("import", "already_inside"),
    ]


def test_a_check_in_without_a_time_marks_as_attended_and_invents_no_time(shop: Shop) -> None:
    report = shop.bring(shop.orders_list("ada", **{"Check-in lists": "Main entrance"}))

    assert shop.status("ada@example.org") == "attended"
    assert (report.checked_in, shop.sql("SELECT count(*) FROM check_ins")) == (1, [(0,)])
    assert any("without a time" in remark for remark in report.remarks)
    assert shop.bring(shop.checkin_list("ada")).changed == 1
    assert shop.sql("SELECT verdict FROM check_ins") == [("admitted",)]


def test_a_no_show_is_not_checked_in_by_a_file(shop: Shop) -> None:
    shop.bring(shop.guests("ada"))
    shop.change("UPDATE event_registrations SET status = 'no_show' WHERE package_id = :package")

    report = shop.bring(shop.checkin_list("ada"))

    assert shop.status("ada@example.org") == "no_show"
    assert [problem.kind for problem in report.problems] == ["attended_no_show"]


def test_somebody_who_came_in_cannot_be_cancelled_by_a_file(shop: Shop) -> None:
    shop.bring(shop.checkin_list("ada"))

    report = shop.bring(shop.guests("ada", Status="canceled"))

    assert shop.status("ada@example.org") == "attended"
    assert [problem.kind for problem in report.problems] == ["cancel_attended"]


def test_somebody_promoted_by_the_file_can_be_checked_in_by_it(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    report = shop.bring([*shop.guests("ada", Status="canceled"), *shop.checkin_list("dan")])

    assert shop.status("dan@example.org") == "attended"
    assert (report.promoted, report.checked_in, shop.held()) == (1, 1, 3)


def test_a_check_in_without_a_time_that_was_taken_back_here_stays_taken_back(shop: Shop) -> None:
    rows = shop.guests("ada", **{"Checked in": "yes"})
    shop.bring(rows)
    ((registration,),) = shop.sql("SELECT id FROM event_registrations")
    attendance.undo(shop.database, shop.actor, attendance.Admission(registration, "desk"))

    report = shop.bring(rows)

    assert shop.status("ada@example.org") == "registered"
    assert [problem.kind for problem in report.problems] == ["attended_undone"]
