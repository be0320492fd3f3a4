"""Bulk work of two organizers on the same people at once, while the website registers more."""

from __future__ import annotations

from collections import Counter
from functools import partial

from desktop.services.registrations import bulk


def test_two_bulk_cancellations_and_a_bulk_promotion_decide_everybody_once(
    windows, building, organizer, admin, at_once
):
    package = building.package(capacity=30)
    seated = [building.registration(package, f"seated{n:02}@example.org") for n in range(30)]
    queue = building.waiting(package, *(f"waiting{n:03}@example.org" for n in range(45)))
    everybody = [*seated, *queue]

    def website():
        for n in range(15):
            building.registration(
                package, f"web{n}@example.org", status="waitlisted", waitlist_position=900 + n
            )

    cancelling = [seated[n // 2] if n % 2 else queue[n // 2] for n in range(60)]
    one, other, promoted, _ = at_once(
        partial(bulk.cancel_all, windows[0], organizer, cancelling),
        partial(bulk.cancel_all, windows[1], admin, list(reversed(cancelling))),
        partial(bulk.promote_all, windows[2], admin, queue),
        website,
    )

    told = Counter(row.registration_id for done in (one, other) for row in done.rows if row.result == "done")
    assert set(told.values()) <= {1}, "cancelled by one of the two"
    states = {row["id"]: row["status"] for row in building.rows("SELECT id, status FROM event_registrations")}
    assert {one for one in everybody if states[one] == "cancelled"} == set(told)
    assert {row.result for done in (one, other, promoted) for row in done.rows} <= {"done", "refused"}
    lines = building.rows("SELECT subject_id FROM admin_logs WHERE action_type = 'registration.cancel'")
    assert Counter(row["subject_id"] for row in lines) == told
    assert building.held(package) == 30
    places = [place for place, _ in building.queue(package)]
    assert places == list(range(1, len(places) + 1))
    back = [bulk.undo(windows[0], organizer, done.undo) for done in (one, other) if done.undo]
    assert {row.result for done in back for row in done.rows} <= {"done", "refused"}
    assert building.held(package) == 30
