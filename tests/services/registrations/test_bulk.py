"""Many registrations at once, and taking it back."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from desktop import errors
from desktop.db.session import Scrubbed
from desktop.services import registering, registrations, waitlist
from desktop.services.registering import Registering


@pytest.fixture
def crowd(building):
    """A package of three seats, all taken, and five people waiting: (package, seated, waiting)."""
    package = building.package(capacity=3)
    seated = [building.registration(package, f"s{n}@example.org", attendee_name=f"S{n}") for n in range(3)]
    waiting = building.waiting(package, *(f"w{n}@example.org" for n in range(5)))
    return package, seated, waiting


def _people(building):
    """What an undo must bring back: everything about everybody but when the row was last touched."""
    rows = building.rows("SELECT * FROM event_registrations ORDER BY id")
    return [{key: value for key, value in row.items() if key != "updated_at"} for row in rows]


def _results(bulk):
    return [row.result for row in bulk.rows]


def test_each_row_is_decided_by_itself_and_answered_in_the_order_asked(database, building, organizer, crowd):
    package, seated, waiting = crowd
    inside = building.registration(building.package(), attendee_name="Inside", status="attended")
    missing = uuid4()
    told = []
    done = registrations.cancel_all(
        database,
        organizer,
        [inside, seated[0], missing, waiting[0], seated[0]],
        "the bus broke down",
        lambda *so_far: told.append(so_far),
    )
    assert [(row.registration_id, row.result) for row in done.rows] == [
        (inside, "refused"),
        (seated[0], "done"),
        (missing, "refused"),
        (waiting[0], "done"),
    ]
    assert [row.sentence for row in done.rows] == [
        "Inside cannot be cancelled: the registration is attended. "
        "What can be done instead: take the check-in back.",
        "The registration of S0 is cancelled. The seat went to w1@example.org.",
        "There is no registration. It may have been deleted; reload the list.",
        "w0@example.org is off the waitlist.",
    ]
    assert done.done == 2
    assert done.rows[1].promoted_id == waiting[1]
    assert told == [(4, 4)]
    assert building.queue(package) == [(1, "w2@example.org"), (2, "w3@example.org"), (3, "w4@example.org")]
    assert [action for action, _ in building.log(waiting[0])] == ["registration.cancel"]


def test_a_bulk_cancellation_taken_back_is_as_if_it_had_never_been(database, building, organizer, crowd):
    """Ruling 12 and decision 0018: the same ticket, date and place; who got the seats gives them back."""
    package, seated, waiting = crowd
    before = _people(building)
    done = registrations.cancel_all(database, organizer, [*seated, waiting[1], waiting[4]])
    assert building.held(package) == 3
    assert [building.status(person) for person in waiting] == [
        "registered",
        "cancelled",
        *["registered"] * 2,
        "cancelled",
    ]
    assert building.queue(package) == []
    back = registrations.undo(database, organizer, done.undo)
    assert _results(back) == ["done"] * 5
    assert back.undo is None
    assert _people(building) == before
    assert {row.sentence for row in back.rows} >= {
        "S0 has the seat in “Workshop pass” back. w0@example.org is back on the waitlist.",
        "w1@example.org waits for “Workshop pass” again, at #2.",
    }
    assert (
        "registration.undo",
        "Took back the cancellation of S0: cancelled → registered in “Workshop pass” of"
        " “Monsoon Data Summit”, with the same ticket",
    ) in building.log(seated[0])
    assert building.log(waiting[0])[-1] == (
        "registration.put_back",
        "Put w0@example.org back on the waitlist of “Workshop pass” of “Monsoon Data Summit”:"
        " the cancellation of S0 was taken back",
    )


def test_bulk_promotions_go_in_the_order_of_the_queue_and_can_be_taken_back(
    database, building, organizer, crowd
):
    package, _, waiting = crowd
    building.do("UPDATE packages SET capacity = 5 WHERE id = %s", package)
    before = _people(building)
    done = registrations.promote_all(database, organizer, [waiting[3], waiting[1], waiting[4]])
    assert _results(done) == ["done", "done", "refused"]
    assert done.rows[2].sentence.startswith("“Workshop pass” is full (5 of 5 seats are held).")
    assert building.queue(package) == [(1, "w0@example.org"), (2, "w2@example.org"), (3, "w4@example.org")]
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done", "done"]
    assert _people(building) == before


def test_a_bulk_return_to_the_waitlist_gives_no_seat_to_those_sent_there(
    database, building, organizer, crowd
):
    """Rulings 11 and 14: the seats go to who waited; what nobody waits for stays free."""
    package, seated, waiting = crowd
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE id = ANY(%s)", waiting[2:])
    before = _people(building)
    done = registrations.put_back_all(database, organizer, list(reversed(seated)), "wrong group")
    assert _results(done) == ["done"] * 3
    assert [building.status(person) for person in waiting[:2]] == ["registered"] * 2
    assert building.queue(package) == [(n + 1, f"s{n}@example.org") for n in range(3)]
    assert building.held(package) == 2
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done"] * 3
    assert _people(building) == before


def test_a_bulk_move_fills_the_other_package_and_can_be_taken_back(database, building, organizer, crowd):
    package, seated, waiting = crowd
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    there = building.package(event, name="VIP", capacity=2)
    before = _people(building)
    done = registrations.move_all(database, organizer, [*seated, waiting[0]], there)
    assert _results(done) == ["done", "refused", "refused", "done"]
    assert [row.sentence for row in done.rows[:2]] == [
        "S0 has a seat in “VIP” now. The seat went to w1@example.org.",
        "“VIP” is full (2 of 2 seats are held). Add the person to the waitlist, or raise the package's capacity.",
    ]
    assert [building.held(one) for one in (package, there)] == [3, 2]
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done", "done"]
    assert _people(building) == before
    assert [building.held(one) for one in (package, there)] == [3, 0]


def test_an_undo_leaves_alone_whom_somebody_else_changed_since(database, building, organizer, crowd):
    package, seated, _ = crowd
    done = registrations.cancel_all(database, organizer, seated[:2])
    building.do("UPDATE packages SET capacity = 9 WHERE id = %s", package)
    waitlist.promote_next(database, organizer, package, 9)
    registrations.revive(database, organizer, seated[0])
    revived = building.registered(seated[0])
    back = registrations.undo(database, organizer, done.undo)
    assert _results(back) == ["done", "refused"]
    assert back.rows[1].sentence.startswith("S0 was changed by somebody else since and is registered now")
    assert building.registered(seated[0]) == revived
    # undoing twice changes nothing either
    before = _people(building)
    assert _results(registrations.undo(database, organizer, done.undo)) == ["refused"] * 2
    assert _people(building) == before


def test_a_seat_is_not_taken_back_from_somebody_who_paid_or_came_in(database, building, organizer):
    """Ruling 8: an undo oversells nobody, and takes a seat from nobody who has acted on it."""
    event = building.event(payment_required=True)
    package = building.package(event, capacity=2, price=100)
    people = [building.registration(package, attendee_name=name) for name in ("Ann", "Ben")]
    building.waiting(package, "paid@example.org", "inside@example.org")
    done = registrations.cancel_all(database, organizer, people)
    first, second = (row.promoted_id for row in done.rows)
    building.do(
        "UPDATE orders SET payment_status = 'paid', payment_gateway = 'cash'"
        " WHERE id = (SELECT order_id FROM event_registrations WHERE id = %s)",
        first,
    )
    building.do("UPDATE event_registrations SET status = 'attended' WHERE id = %s", second)
    before = _people(building)
    back = registrations.undo(database, organizer, done.undo)
    assert [row.sentence for row in back.rows] == [
        f"The seat of {who} in “Workshop pass” went to {other}, who has paid or come in since. "
        f"Raise the package's capacity, or put {who} on the waitlist."
        for who, other in (("Ben", "inside@example.org"), ("Ann", "paid@example.org"))
    ]
    assert _people(building) == before
    building.do("UPDATE packages SET capacity = 4 WHERE id = %s", package)
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done"] * 2
    assert [building.status(one) for one in (first, second)] == ["registered", "attended"]


def test_what_the_undo_does_with_orders(database, building, organizer):
    """Rulings 17 and 18: a paid order moves back with its seat, one the desk opened is closed and opened anew."""
    event = building.event(payment_required=True)
    here, there = (building.package(event, name=name, price=100, capacity=3) for name in ("A", "B"))
    paid, due = (
        registering.register(
            database, organizer, Registering(here, f"{n}@example.org", paid_with=how)
        ).registration_id
        for n, how in enumerate(("cash", None))
    )
    done = registrations.move_all(database, organizer, [paid, due], there)
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done", "done"]
    orders = building.rows(
        "SELECT o.package_id, o.payment_status FROM event_registrations r JOIN orders o ON o.id = r.order_id"
        " ORDER BY r.attendee_email"
    )
    assert [tuple(order.values()) for order in orders] == [(here, "paid"), (here, "pending")]
    assert building.value("SELECT count(*) FROM orders WHERE payment_status = 'failed'") == 2

    cancelled = registrations.cancel_all(database, organizer, [due])
    assert _results(registrations.undo(database, organizer, cancelled.undo)) == ["done"]
    assert (
        building.value(
            "SELECT o.payment_status FROM event_registrations r JOIN orders o ON o.id = r.order_id WHERE r.id = %s",
            due,
        )
        == "pending"
    )


def test_an_undo_after_the_event_was_closed_is_refused_with_the_reason(database, building, organizer, crowd):
    """Ruling 15."""
    _, seated, _ = crowd
    done = registrations.cancel_all(database, organizer, seated)
    building.do("UPDATE events SET status = 'completed'")
    before = _people(building)
    back = registrations.undo(database, organizer, done.undo)
    assert {row.sentence for row in back.rows} == {
        "“Monsoon Data Summit” is completed and gives out no seats. A completed event stays closed."
    }
    assert _people(building) == before


def test_somebody_others_work_on_stops_nobody_else(database, building, organizer, crowd):
    """A row the website holds is refused by itself after a few tries; its neighbours are done."""
    _, seated, _ = crowd
    with building.connect(autocommit=False) as website:
        website.execute("UPDATE event_registrations SET phone_number = '1' WHERE id = %s", (seated[1],))
        done = registrations.cancel_all(database, organizer, seated)
        assert _results(done) == ["done", "refused", "done"]
        assert done.rows[1].who == "S1"
        assert "Somebody else is working" in done.rows[1].sentence
        website.rollback()
    assert [building.status(person) for person in seated] == ["cancelled", "registered", "cancelled"]


def test_a_crowd_goes_in_several_calls_and_comes_back(database, building, organizer):
    package = building.package(capacity=120)
    people = [building.registration(package, f"p{n:03}@example.org") for n in range(120)]
    building.waiting(package, *(f"w{n:03}@example.org" for n in range(125)))
    before = _people(building)
    told = []
    done = registrations.cancel_all(database, organizer, people, progress=lambda *so_far: told.append(so_far))
    assert done.done == 120
    assert told == [(50, 120), (100, 120), (120, 120)]
    assert building.queue(package) == [(n - 119, f"w{n:03}@example.org") for n in range(120, 125)]
    assert registrations.undo(database, organizer, done.undo).done == 120
    assert _people(building) == before


@pytest.mark.parametrize("unknown", [True, False])
def test_a_link_that_breaks_on_the_way_keeps_what_was_done(
    database, building, organizer, monkeypatch, unknown
):
    """What was done can be taken back; for those in the broken call it says that nobody knows."""
    package = building.package(capacity=110)
    people = [building.registration(package, f"p{n:03}@example.org") for n in range(110)]
    once, calls = database.once, []

    def breaking(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise errors.DatabaseDown("here", unknown_outcome=unknown)
        return once(*arguments)

    monkeypatch.setattr(database, "once", breaking)
    done = registrations.cancel_all(database, organizer, people)
    assert _results(done) == ["done"] * 50 + ["unknown" if unknown else "refused"] * 50 + ["refused"] * 10
    assert ("not known whether" in done.rows[75].sentence) == unknown
    assert ("Not tried" in done.rows[-1].sentence) == unknown
    assert len(done.undo.rows) == 50
    assert registrations.undo(database, organizer, done.undo).done == 50
    assert building.held(package) == 110


def test_when_nothing_could_be_done_the_error_itself_is_raised(database, building, organizer, door, crowd):
    _, seated, _ = crowd
    with pytest.raises(errors.NotAllowed, match="may not cancel registrations"):
        registrations.cancel_all(database, door, seated)
    done = registrations.cancel_all(database, organizer, seated[:1])
    building.do("DELETE FROM user_roles WHERE user_id = %s", organizer.id)
    with pytest.raises(errors.NotAllowed):
        registrations.undo(database, organizer, done.undo)
    assert building.status(seated[0]) == "cancelled"


def test_a_call_takes_a_hundred_at_most_and_knows_its_verbs(database, organizer):
    """However it is called: the seats of everybody in it are locked until it ends."""
    for verb, rows in (("cancel", [{"id": str(uuid4())}] * 101), ("delete", [])):
        with pytest.raises(Scrubbed):
            database.once(
                "SELECT * FROM greenroom.in_bulk(:who, :verb, CAST(:rows AS jsonb), NULL, NULL, NULL)",
                {"who": organizer.id, "verb": verb, "rows": json.dumps(rows)},
            )


def test_an_undo_into_a_queue_somebody_reordered_keeps_places_from_one_to_n(
    database, building, organizer, crowd
):
    """Ruling 10: whatever happened to the queue meanwhile, everybody is in it once and it has no gaps."""
    package, seated, waiting = crowd
    done = registrations.cancel_all(database, organizer, [*seated[:2], waiting[3]])
    building.do("UPDATE event_registrations SET waitlist_position = NULL WHERE status = 'waitlisted'")
    registering.register(database, organizer, Registering(package, "new@example.org"))
    assert registrations.undo(database, organizer, done.undo).done == 3
    queue = building.queue(package)
    assert [place for place, _ in queue] == [1, 2, 3, 4, 5, 6]
    assert [email for _, email in queue] == [f"w{n}@example.org" for n in range(5)] + ["new@example.org"]


def test_nothing_asked_is_nothing_done(database, organizer):
    done = registrations.cancel_all(database, organizer, [])
    assert (done.rows, done.undo, done.done) == ((), None, 0)


def test_bulk_work_that_is_stopped_tells_who_was_not_tried_and_can_be_taken_back(
    monkeypatch, database, building, organizer, crowd
):
    """What was done stays done; the call that is under way is finished."""
    _, seated, waiting = crowd
    monkeypatch.setattr(registrations.bulk, "MOST", 2)
    before = _people(building)
    told = []
    gone = uuid4()
    everybody = [*waiting, gone, *seated]
    done = registrations.cancel_all(
        database,
        organizer,
        everybody,
        progress=lambda *so_far: told.append(so_far),
        stopped=lambda: len(told) == 1,
    )
    assert _results(done) == ["done", "done", *["left"] * 7]
    assert {row.sentence for row in done.rows[2:]} == {"Not tried: the work was stopped before."}
    assert [row.who for row in done.rows] == [*(f"w{n}@example.org" for n in range(5)), "", "S0", "S1", "S2"]
    assert told == [(2, 9)]
    assert _results(registrations.undo(database, organizer, done.undo)) == ["done", "done"]
    assert _people(building) == before
    nothing = registrations.cancel_all(database, organizer, seated, stopped=lambda: True)
    assert (nothing.done, nothing.undo, _people(building)) == (0, None, before)


def test_whoever_loses_the_role_meanwhile_is_told_for_each_row(
    monkeypatch, database, building, organizer, crowd
):
    """Ruling 24: rights are read in each call."""
    monkeypatch.setattr(registrations.bulk, "MOST", 2)

    def revoke(*_so_far):
        building.do("DELETE FROM user_roles WHERE user_id = %s", organizer.id)

    done = registrations.cancel_all(database, organizer, crowd[1], progress=revoke)
    assert _results(done) == ["done", "done", "refused"]
    assert done.rows[2].sentence.startswith("Your role (")
    assert "may not cancel registrations" in done.rows[2].sentence
    with pytest.raises(errors.NotAllowed):
        registrations.undo(database, organizer, done.undo)
