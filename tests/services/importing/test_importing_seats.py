"""A file meets a package: who gets a seat, and who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.services.importing.conftest import Shop


def test_seats_go_in_the_order_of_the_file_and_then_the_queue_does(shop: Shop) -> None:
    report = shop.bring(shop.guests("eva", "dan", "cid", "bob", "ada"))

    assert shop.people() == [
        ("cid@example.org", "registered", None),
        ("dan@example.org", "registered", None),
        ("eva@example.org", "registered", None),
        ("bob@example.org", "waitlisted", 1),
        ("ada@example.org", "waitlisted", 2),
    ]
    assert (report.seated, report.waitlisted, report.first_place, report.last_place) == (3, 2, 1, 2)
    assert (report.held, report.capacity, report.waiting) == (3, 3, 2)
    assert shop.held() == 3


def test_a_file_that_fills_the_package_exactly_leaves_nobody_waiting(shop: Shop) -> None:
    report = shop.bring(shop.guests("ada", "bob", "cid"))

    assert (report.seated, report.waitlisted, report.first_place) == (3, 0, None)


def test_without_a_capacity_everybody_gets_a_seat(shop: Shop) -> None:
    shop.capacity(None)

    report = shop.bring(shop.guests(*(f"p{n}" for n in range(25))))

    assert (report.seated, report.waitlisted, report.capacity) == (25, 0, None)


def test_places_continue_behind_those_who_wait_already(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan", "eva"))
    shop.change(
        "UPDATE event_registrations SET waitlist_position = 7 WHERE attendee_email = 'eva@example.org'"
    )

    report = shop.bring(shop.guests("fay", "gil"))

    assert [place for _, status, place in shop.people() if status == "waitlisted"] == [1, 2, 3, 4]
    assert (report.first_place, report.last_place) == (3, 4)


def test_nobody_of_a_file_overtakes_the_queue_even_when_a_seat_is_free(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))
    shop.capacity(9)

    report = shop.bring(shop.guests("eva"))

    assert shop.status("eva@example.org") == "waitlisted"
    assert (report.seated, report.waitlisted, report.promoted) == (0, 1, 0)


def test_the_files_own_waiting_list_waits_even_when_seats_are_free(shop: Shop) -> None:
    rows = [*shop.guests("ada", Status="waiting list"), *shop.guests("bob", Status="approved")]

    shop.bring(rows)

    assert shop.people() == [("bob@example.org", "registered", None), ("ada@example.org", "waitlisted", 1)]


def test_a_cancellation_frees_its_seat_for_the_queue_before_the_file(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    report = shop.bring([*shop.guests("new"), *shop.guests("bob", Status="canceled")])

    assert shop.people() == [
        ("ada@example.org", "registered", None),
        ("bob@example.org", "cancelled", None),
        ("cid@example.org", "registered", None),
        ("dan@example.org", "registered", None),
        ("new@example.org", "waitlisted", 1),
    ]
    assert (report.cancelled, report.promoted, report.waitlisted, report.changed) == (1, 1, 1, 1)
    assert shop.held() == 3


def test_when_nobody_waits_a_freed_seat_goes_to_the_file(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid"))

    shop.bring([*shop.guests("new"), *shop.guests("bob", Status="expired")])

    assert shop.status("new@example.org") == "registered"


def test_seats_above_a_lowered_capacity_are_not_given_again(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid"))
    shop.capacity(2)

    report = shop.bring([*shop.guests("ada", Status="canceled"), *shop.guests("new")])

    assert (report.held, report.waiting, shop.held()) == (2, 1, 2)


def test_after_the_event_a_freed_seat_promotes_nobody(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))
    shop.change("UPDATE events SET start_time = timezone('UTC', now()) - interval '3 days' WHERE id = :event")

    report = shop.bring(shop.guests("ada", Status="canceled"))

    assert (report.cancelled, report.promoted) == (1, 0)
    assert shop.status("dan@example.org") == "waitlisted"


def test_somebody_cancelled_in_the_file_is_kept_as_history(shop: Shop) -> None:
    report = shop.bring(shop.guests("ada", Status="canceled"))

    assert (report.kept_cancelled, report.seated, shop.held()) == (1, 0, 0)
    assert shop.sql("SELECT status, cancelled_at IS NOT NULL, order_id FROM event_registrations") == [
        ("cancelled", True, None)
    ]


def test_the_queue_gets_no_freed_seat_above_a_lowered_capacity(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))
    shop.capacity(2)

    report = shop.bring(shop.guests("ada", Status="canceled"))

    assert (report.cancelled, report.promoted, report.held) == (1, 0, 2)
    assert shop.status("dan@example.org") == "waitlisted"


def test_a_cancellation_in_the_queue_moves_the_others_up(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan", "eva", "fay"))

    report = shop.bring(shop.guests("dan", Status="canceled"))

    assert (report.promoted, report.waiting) == (0, 2)
    assert shop.people()[-2:] == [("eva@example.org", "waitlisted", 1), ("fay@example.org", "waitlisted", 2)]
