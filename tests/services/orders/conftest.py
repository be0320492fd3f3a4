"""A package that costs 499.50 in an event that wants to be paid, and the services as an organizer calls them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from desktop.services import orders

ZONE = ZoneInfo("Asia/Kolkata")
PRICE = Decimal("499.50")


@pytest.fixture
def taken(database, organizer):
    """`orders.take_payment`: the price in cash, unless said otherwise."""

    def run(registration=None, *, by=None, on=None, **known):
        wanted = {"paid_with": "cash", "amount": PRICE, "currency": "INR", "registration_id": registration}
        return orders.take_payment(on or database, by or organizer, orders.Payment(**wanted | known), ZONE)

    return run


@pytest.fixture
def sold(database, organizer):
    """`orders.sell`: for the price in cash, unless said otherwise."""

    def run(package, email="zoe@example.org", *, by=None, on=None, **known):
        wanted = {"paid_with": "cash", "amount": PRICE, "currency": "INR"}
        return orders.sell(
            on or database, by or organizer, orders.Sale(package, email, **wanted | known), ZONE
        )

    return run


@pytest.fixture
def refunded(database, organizer):
    """`orders.refund`, the registration kept unless said otherwise."""

    def run(order, *, cancel=False, by=None, on=None, **known):
        wanted = orders.Refund(order, cancel, **known)
        return orders.refund(on or database, by or organizer, wanted, ZONE)

    return run


@pytest.fixture
def failed(database, organizer):
    """`orders.fail`."""

    def run(order, reason="", *, by=None):
        return orders.fail(database, by or organizer, order, ZONE, reason)

    return run


@pytest.fixture
def gold(building):
    """A subscription of thirty days."""
    return building.package(package_type="subscription", name="Gold", price=PRICE, duration_days=30)


@pytest.fixture
def online(building):
    """An order as the website inserts it, pending at its gateway unless said otherwise."""

    def run(package, **columns):
        wanted = {
            "user_id": columns.pop("user_id", None) or building.user(),
            "package_id": package,
            "payment_id": "order_Nabc123",
            "amount_paid": PRICE,
            "payment_status": "pending",
        }
        return building.insert("orders", **wanted | columns)

    return run


@pytest.fixture
def order_of(building):
    """The order a registration has now."""

    def look(registration):
        return building.row(
            "SELECT o.* FROM orders o JOIN event_registrations r ON r.order_id = o.id WHERE r.id = %s",
            registration,
        )

    return look


@pytest.fixture
def everything(building):
    """All rows that money touches, to be compared before and after a refusal."""

    def look():
        tables = (
            "orders",
            "event_registrations",
            "users",
            "package_seats",
            "greenroom.payments",
            "admin_logs",
        )
        return {table: building.rows(f"SELECT * FROM {table} t ORDER BY t::text") for table in tables}

    return look


def utc_now() -> datetime:
    """The time as the database keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)
