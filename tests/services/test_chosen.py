"""Many registrations, taken together."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop.errors import NotAllowed
from desktop.services.grid import Cancellation, QueryCancelled
from desktop.services.lists import chosen


def test_chosen_ones_are_divided_by_what_the_database_says(database, building, door, editor):
    package = building.package()
    order = building.insert(
        "orders", user_id=door.id, package_id=package, payment_id="1", amount_paid=5, payment_status="paid"
    )
    people = [building.registration(package) for _ in range(2)]
    people += [building.registration(package, order_id=order), *building.waiting(package, "a@example.org")]
    building.registration(package, status="cancelled")  # not among them
    ids = b"".join(one.bytes for one in [*people, uuid4()])
    found = chosen.divide(database, door, ids, Cancellation())
    assert found.statuses == {"registered": 3, "waitlisted": 1}
    assert found.paid == {"registered": 1, "waitlisted": 0}
    assert (found.of("registered", "waitlisted"), found.of("attended")) == (4, 0)
    assert chosen.divide(database, door, b"", Cancellation()) == chosen.Division()
    assert chosen.each(ids)[:-1] == people
    with pytest.raises(NotAllowed):
        chosen.divide(database, editor, ids, Cancellation())
    unwanted = Cancellation()
    unwanted.cancel()
    with pytest.raises(QueryCancelled):
        chosen.divide(database, door, ids, unwanted)
