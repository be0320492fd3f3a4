"""Staff racing for seats: real threads, real commits, many windows on one database."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import registering, waitlist
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Callable

TWENTY = 20


def _errors(results: list[object]) -> list[object]:
    return [result for result in results if isinstance(result, Exception)]


def test_of_twenty_people_one_gets_the_last_seat_and_nineteen_wait_in_a_row(
    windows, building, organizer, at_once
):
    package = building.package(capacity=1)
    results = at_once(
        *(
            partial(
                registering.register, windows[n % 4], organizer, Registering(package, f"p{n}@example.org")
            )
            for n in range(TWENTY)
        )
    )
    assert _errors(results) == []
    assert sorted(result.status for result in results) == ["registered"] + ["waitlisted"] * 19
    assert [place for place, _ in building.queue(package)] == list(range(1, TWENTY))
    assert building.held(package) == 1


def test_of_twenty_people_who_will_not_wait_nineteen_are_told_it_is_full(
    windows, building, organizer, at_once
):
    package = building.package(capacity=1)
    results = at_once(
        *(
            partial(
                registering.register,
                windows[n % 4],
                organizer,
                Registering(package, f"p{n}@example.org", when_full="refuse"),
            )
            for n in range(TWENTY)
        )
    )
    assert sum(isinstance(result, registering.Registered) for result in results) == 1
    assert sum(isinstance(result, errors.PackageFull) for result in results) == 19
    assert building.value("SELECT count(*) FROM event_registrations") == 1


def test_one_person_added_by_twenty_people_at_once_is_added_once(windows, building, organizer, at_once):
    """Ruling 13."""
    package = building.package(capacity=50)
    spellings = ["Zoe@Example.org", "zoe@example.org", " ZOE@example.ORG "]
    results = at_once(
        *(
            partial(registering.register, windows[n % 4], organizer, Registering(package, spellings[n % 3]))
            for n in range(TWENTY)
        )
    )
    assert sum(isinstance(result, registering.Registered) for result in results) == 1
    assert sum(isinstance(result, errors.AlreadyRegistered) for result in results) == 19
    assert building.held(package) == 1


def test_forty_cancels_and_promotions_at_once_keep_the_order(windows, building, organizer, at_once):
    package = building.package(capacity=30)
    seated = [building.registration(package, f"seated{n:02}@example.org") for n in range(30)]
    queue = building.waiting(package, *(f"waiting{n:02}@example.org" for n in range(60)))
    cancels = [partial(registering.cancel, windows[n % 4], organizer, seated[n]) for n in range(20)]
    raises = [partial(_raise_capacity, building, package) for _ in range(5)]
    promotions = [partial(waitlist.promote_next, windows[n % 4], organizer, package) for n in range(15)]
    work: list[Callable[[], object]] = [*cancels, *raises, *promotions]
    random.Random(7).shuffle(work)

    refused = _errors(at_once(*work))

    assert all(isinstance(error, errors.PackageFull) for error in refused), refused
    in_order = building.rows(
        "SELECT subject_id FROM admin_logs WHERE action_type = 'waitlist.promote' ORDER BY logged_at"
    )
    promoted = [row["subject_id"] for row in in_order]
    assert promoted == queue[: len(promoted)]
    assert len(promoted) >= 20
    with suppress(errors.PackageFull):  # unless the last promotion came after the last raise
        waitlist.promote_next(windows[0], organizer, package, 5)
    assert building.held(package) == 35
    assert [place for place, _ in building.queue(package)] == list(range(1, 36))


def _raise_capacity(building, package):
    with building.connect() as website:
        website.execute("UPDATE packages SET capacity = capacity + 1 WHERE id = %s", (package,))


def test_a_person_promoted_by_two_organizers_at_once_is_promoted_once(windows, building, organizer, at_once):
    package = building.package(capacity=5)
    people = building.waiting(package, "a@example.org", "b@example.org")
    results = at_once(*(partial(waitlist.promote, window, organizer, people[1]) for window in windows))
    assert sum(isinstance(result, waitlist.Promoted) for result in results) == 1
    assert sum(isinstance(result, errors.TransitionRefused) for result in results) == 3
    assert building.held(package) == 1
    assert building.queue(package) == [(1, "a@example.org")]


def test_a_registration_cancelled_by_four_organizers_at_once_frees_one_seat(
    windows, building, organizer, at_once
):
    package = building.package(capacity=1)
    seated = building.registration(package)
    building.waiting(package, "a@example.org", "b@example.org")
    results = at_once(*(partial(registering.cancel, window, organizer, seated) for window in windows))
    assert sum(isinstance(result, registering.Cancelled) for result in results) == 1
    assert sum(isinstance(result, errors.TransitionRefused) for result in results) == 3
    assert building.held(package) == 1
    assert building.queue(package) == [(1, "b@example.org")]


def test_twenty_guests_of_one_paid_package_get_twenty_accounts_and_orders(
    windows, building, organizer, at_once
):
    event = building.event(payment_required=True)
    packages = [building.package(event, price=10) for _ in range(2)]
    results = at_once(
        *(
            partial(
                registering.register,
                windows[n % 4],
                organizer,
                Registering(packages[n % 2], f"p{n // 2}@b.org"),
            )
            for n in range(TWENTY)
        )
    )
    assert _errors(results) == []
    assert building.value("SELECT count(*) FROM orders") == TWENTY
    assert building.value("SELECT count(*) FROM users WHERE email LIKE 'p%@b.org'") == TWENTY // 2


def test_a_person_who_comes_back_in_four_windows_at_once_comes_back_once(
    windows, building, organizer, at_once
):
    """Ruling 12."""
    package = building.package(capacity=1)
    old = building.registration(package, "zoe@example.org", status="cancelled")
    results = at_once(
        *(
            partial(registering.register, window, organizer, Registering(package, "zoe@example.org"))
            for window in windows
        )
    )
    (made,) = [result for result in results if isinstance(result, registering.Registered)]
    assert (made.registration_id, made.revived) == (old, True)
    assert building.held(package) == 1
