"""What a file says of money, and the orders it becomes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from desktop.services import registering

if TYPE_CHECKING:
    from tests.services.importing.conftest import Shop


def test_a_paid_ticket_gets_a_paid_order_of_its_buyer(shop: Shop) -> None:
    report = shop.bring(shop.orders_list("ada", Currency="EUR", Price="59,00"))

    assert shop.orders() == [("ada@example.org", "paid", 59, "EUR", "bank transfer", "RCE7Y-1")]
    assert shop.sql(
        "SELECT u.email, u.password_hash, u.oauth_provider, o.purchased_at, o.access_expires_at FROM orders o"
        " JOIN users u ON u.id = o.user_id"
    ) == [("buyer@example.org", None, "local", dt.datetime.fromisoformat("2026-10-16 13:38:20"), None)]
    assert (report.paid, report.accounts) == (1, 1)


def test_a_buyer_with_an_account_keeps_it_whatever_its_case(shop: Shop) -> None:
    shop.change("INSERT INTO users (username, email) VALUES ('buyer', 'Buyer@Example.org')")

    report = shop.bring(shop.orders_list("ada", "bob"))

    assert report.accounts == 0
    assert shop.sql("SELECT DISTINCT u.username FROM orders o JOIN users u ON u.id = o.user_id") == [
        ("buyer",)
    ]


def test_buyers_whose_addresses_begin_alike_get_different_names(shop: Shop) -> None:
    rows = [
        *shop.orders_list("ada", Email="anna.very.long.name.of.a.person.with.a.long.mailbox@one.example.org"),
        *shop.orders_list("bob", Email="anna.very.long.name.of.a.person.with.a.long.mailbox@two.example.org"),
        *shop.orders_list("cid", Email="用户@example.org"),
    ]
    for index, row in enumerate(rows):
        row["Order code"] = f"X{index}"

    shop.bring(rows)

    ((names, longest),) = shop.sql(
        "SELECT count(DISTINCT username), max(length(username)) FROM users WHERE id IN (SELECT user_id FROM orders)"
    )
    assert names == 3
    assert longest <= 50


def test_silence_about_money_opens_a_pending_order_where_payment_is_required(shop: Shop) -> None:
    shop.payment_required()

    report = shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    assert [order[1:5] for order in shop.orders()] == [("pending", 49, "INR", "desk")] * 3
    assert (report.pending, report.paid) == (3, 0)
    assert any("no currency" in remark and "INR" in remark for remark in report.remarks)


def test_silence_about_money_opens_nothing_where_none_is_required(shop: Shop) -> None:
    shop.bring(shop.guests("ada", Price="49.00"))

    assert shop.orders() == []


def test_a_free_ticket_counts_as_paid_where_payment_is_required(shop: Shop) -> None:
    shop.payment_required()

    shop.bring(shop.guests("ada", Price="0.00", **{"Checked in": "2026-11-22 13:20"}))

    assert [order[1:3] for order in shop.orders()] == [("paid", 0)]
    assert shop.status("ada@example.org") == "attended"


def test_a_pending_ticket_gets_a_pending_order_with_a_seat_only(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada", "bob", "cid", "dan", Status="pending"))

    assert [(order[0], order[1]) for order in shop.orders()] == [
        ("ada@example.org", "pending"),
        ("bob@example.org", "pending"),
        ("cid@example.org", "pending"),
    ]


def test_somebody_who_paid_and_waits_keeps_the_order_and_is_pointed_out(shop: Shop) -> None:
    shop.capacity(0)

    report = shop.bring(shop.orders_list("ada"))

    assert [order[1] for order in shop.orders()] == ["paid"]
    assert [problem.kind for problem in report.problems] == ["paid_waiting"]


def test_somebody_promoted_who_paid_in_the_file_gets_no_second_order(shop: Shop) -> None:
    shop.payment_required()
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    shop.bring([*shop.guests("ada", Status="canceled"), *shop.guests("dan", Status="paid")])

    assert shop.status("dan@example.org") == "registered"
    assert shop.sql(
        "SELECT o.payment_status FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = 'dan@example.org'"
    ) == [("paid",)]


def test_a_refund_cancels_and_marks_the_order(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada"))

    report = shop.bring(shop.orders_list("ada", "bob", Status="refunded"))

    assert [(order[0], order[1]) for order in shop.orders()] == [
        ("ada@example.org", "refunded"),
        ("bob@example.org", "refunded"),
    ]
    assert (report.cancelled, report.kept_cancelled, report.refunded, shop.held()) == (1, 1, 2, 0)


def test_a_refund_made_here_is_not_undone_by_a_file(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada"))
    shop.change("UPDATE orders SET payment_status = 'refunded' WHERE package_id = :package")

    report = shop.bring(shop.orders_list("ada"))

    assert [order[1] for order in shop.orders()] == ["refunded"]
    assert [problem.kind for problem in report.problems] == ["refunded_here"]


def test_a_cancelled_pending_order_is_closed_unless_it_is_the_websites(shop: Shop) -> None:
    shop.bring(shop.orders_list("ada", "bob", Status="pending"))
    shop.change(
        "UPDATE orders o SET payment_gateway = 'razorpay', payment_id = 'pay_123' FROM event_registrations r"
        " WHERE r.order_id = o.id AND r.attendee_email = 'bob@example.org'"
    )

    shop.bring(shop.orders_list("ada", "bob", Status="expired"))

    assert [(order[0], order[1]) for order in shop.orders()] == [
        ("ada@example.org", "failed"),
        ("bob@example.org", "pending"),
    ]


def test_somebody_promoted_who_is_pending_in_the_file_gets_one_order(shop: Shop) -> None:
    shop.payment_required()
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    shop.bring([*shop.guests("ada", Status="canceled"), *shop.guests("dan", Status="pending")])

    assert shop.sql(
        "SELECT o.payment_status FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = 'dan@example.org'"
    ) == [("pending",)]


def test_nobody_who_cancelled_here_is_sold_a_ticket_by_a_file(shop: Shop) -> None:
    shop.payment_required()
    shop.bring(shop.guests("ada"))
    ((registration,),) = shop.sql("SELECT id FROM event_registrations")
    registering.cancel(shop.database, shop.actor, registration)

    report = shop.bring(shop.guests("ada", Status="paid"))

    assert report.paid == 0
    assert [order[1] for order in shop.orders()] == ["failed"]


def test_an_attendee_with_an_account_is_linked_to_it_and_a_new_buyer_is_not(shop: Shop) -> None:
    shop.change("INSERT INTO users (username, email) VALUES ('ada', 'Ada@Example.org')")

    shop.bring(shop.guests("ada", "bob", Status="paid"))

    assert shop.sql(
        "SELECT r.attendee_email, u.username FROM event_registrations r"
        " LEFT JOIN users u ON u.id = r.user_id ORDER BY r.attendee_email"
    ) == [("ada@example.org", "ada"), ("bob@example.org", None)]
