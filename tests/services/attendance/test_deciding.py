"""One decision: what Python says without a network and what the database says under its locks are the same verdict, for
every state there is (door.md 2, rulings 7, 14, 16 and 17)."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.services import attendance, deciding
from desktop.services.attendance import Admission, words
from desktop.services.deciding import Entry, Event, Ledger, Payment, Question, Registration

ME, OTHER, HERE, ELSEWHERE = (UUID(int=n) for n in range(1, 5))
AT = datetime(2026, 7, 1, 13, 33, 20)
STATUSES = ("registered", "waitlisted", "cancelled", "attended", "no_show")
ACTIONS = ("admit", "undo", "no_show", "release")
UNRATIFIED = ("admitted_over_capacity", "revoked", "payment_due")
LASTS = (
    None,
    *(
        Entry("admit", verdict, "Desk 2", AT, who)
        for verdict in ("admitted", *UNRATIFIED)
        for who in (ME, OTHER)
    ),
    *(Entry("no_show", "no_show", "Desk 2", AT, who) for who in (ME, OTHER)),
    Entry("undo", "undone", "Desk 2", AT, ME),
)

FACTS = """
    SELECT greenroom.decide(f.action, f.decision, f.status, f.wrong_event, f.event_off, f.closed, f.paid, f.free,
                            f.inside, f.own, f.released, f.waiting) AS verdict
      FROM jsonb_to_recordset(%s::jsonb) AS f(n int, action text, decision text, status text, wrong_event boolean,
           event_off boolean, closed boolean, paid boolean, free boolean, inside boolean, own boolean,
           released boolean, waiting boolean) ORDER BY f.n
    """


def _combinations():
    """Every combination of the facts, for the database and for Python."""
    flags = list(itertools.product((False, True), repeat=6))
    for action, decision, status, last, flag in itertools.product(
        ACTIONS, ("asked", "admitted"), (None, *STATUSES), LASTS, flags
    ):
        wrong_event, off, paid, free, only_own, released = flag
        closed, waiting = off or only_own, paid  # each both ways: a release looks at neither of those two
        ledger = Ledger(last, released)
        own_action = "no_show" if status == "no_show" and not ledger.unratified else "admit"
        own = last is not None and last.staff_id == ME and last.action == own_action
        known = {
            "action": action,
            "decision": decision,
            "status": status,
            "wrong_event": wrong_event,
            "event_off": off,
            "closed": closed,
            "paid": paid,
            "free": free,
            "inside": ledger.unratified,
            "own": own or not only_own,
            "released": released,
            "waiting": waiting,
        }
        verdict = deciding.decide(
            None if status is None else Registration(HERE, status, 1, free, waiting),
            Payment(needed=True, status="paid" if paid else "pending", amount=Decimal(10), currency="INR"),
            Event("Tech Day", "cancelled" if off else "published", closed=closed),
            ledger,
            Question(action, ME, ELSEWHERE if wrong_event else HERE, decision, only_own),
        )
        yield known, verdict


def test_python_and_the_database_give_the_same_verdict_for_every_combination_of_facts(building):
    """Rulings 7, 11, 14, 16 and 17 as one table: two implementations, one answer."""
    known, verdicts = zip(*_combinations(), strict=True)
    rows = building.rows(FACTS, json.dumps([{"n": n} | facts for n, facts in enumerate(known)]))
    different = [
        (facts, ours.code, row["verdict"])
        for facts, ours, row in zip(known, verdicts, rows, strict=True)
        if ours.code != row["verdict"]
    ]
    assert different == []
    assert len(known) == 36_864
    assert {verdict.code for verdict in verdicts} == {*words.SAYS, "already_inside", "payment_due"} - {
        "number_taken",
        "invalid",
        "failed",
        "not_let_in",
    }


def test_no_verdict_makes_a_transition_that_ruling_14_does_not_know():
    """Ruling 14: attendance knows registered→attended|no_show, attended→registered, no_show→registered|attended."""
    allowed = {
        ("registered", "attended"),
        ("registered", "no_show"),
        ("attended", "registered"),
        ("no_show", "registered"),
        ("no_show", "attended"),
    }
    made = {
        (known["status"], verdict.status)
        for known, verdict in _combinations()
        if known["status"] != verdict.status
    }
    assert made == allowed


def test_a_no_show_gets_back_in_with_a_free_seat_only():
    """Ruling 14: no_show→registered|attended needs a free seat (ruling 7: a no-show holds none)."""
    for known, verdict in _combinations():
        if known["status"] == "no_show" and verdict.status != "no_show":
            assert known["free"]


STATE = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "price": st.sampled_from([0, 10]),
        "payment_required": st.booleans(),
        "order": st.sampled_from([None, "pending", "paid", "failed", "refunded"]),
        "event": st.sampled_from(["published", "draft", "cancelled", "completed", "deleted", "over"]),
        "active": st.booleans(),
        "others": st.sampled_from([0, 1]),
        "limited": st.booleans(),
        "waiting": st.booleans(),
        "last": st.sampled_from(LASTS),
        "released": st.booleans(),
        "action": st.sampled_from(ACTIONS),
        "decision": st.sampled_from(["asked", "admitted"]),
        "elsewhere": st.booleans(),
        "only_own": st.booleans(),
    }
)


def _built(building, state, me, other):
    """The state in the database: the registration; and the facts Python is told, made from the state alone."""
    event = building.event(
        status=state["event"] if state["event"] in {"draft", "cancelled", "completed"} else "published",
        deleted_at=AT if state["event"] == "deleted" else None,
        payment_required=state["payment_required"],
        **(
            {"start_time": AT - timedelta(days=2), "end_time": AT - timedelta(days=1)}
            if state["event"] == "over"
            else {}
        ),
    )
    holds = state["status"] in {"registered", "attended"}
    package = building.package(
        event,
        price=state["price"],
        is_active=state["active"],
        capacity=1 + holds if state["limited"] else None,
    )
    order = state["order"] and building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id=str(uuid4()),
        amount_paid=state["price"],
        currency="EUR",
        payment_status=state["order"],
    )
    for _ in range(state["others"]):
        building.registration(package)
    registration = building.registration(
        package,
        status=state["status"],
        order_id=order,
        waitlist_position=1 if state["status"] == "waitlisted" else None,
    )
    if state["waiting"]:
        building.registration(package, status="waitlisted", waitlist_position=2)
    last = state["last"]
    staff = {ME: me, OTHER: other}
    if last is not None:
        entry = {
            "registration_id": registration,
            "staff_id": staff[last.staff_id],
            "station": last.station,
            "decided_at": AT,
        }
        by_itself = "admitted" if last.verdict in UNRATIFIED else "asked"
        building.insert(
            "check_ins", id=uuid4(), action=last.action, verdict=last.verdict, decision=by_itself, **entry
        )
        if state["released"]:
            building.insert(
                "check_ins", id=uuid4(), action="release", verdict="released", decision="asked", **entry
            )
        last = Entry(
            last.action,
            last.verdict,
            last.station,
            last.at,
            staff[last.staff_id],
            f"user {staff[last.staff_id]}",
        )
    facts = (
        Registration(
            event,
            state["status"],
            1 if state["status"] == "waitlisted" else None,
            not state["limited"] or not state["others"],
            state["waiting"] or state["status"] == "waitlisted",
        ),
        Payment(
            state["payment_required"] and state["price"] > 0,
            state["order"],
            Decimal(f"{state['price']}.00"),
            "EUR" if order else "INR",
        ),
        Event(
            "Monsoon Data Summit",
            "cancelled" if state["event"] == "cancelled" else "published",
            deleted=state["event"] == "deleted",
            closed=state["event"] != "published" or not state["active"],
        ),
        Ledger(last, state["released"] and last is not None),
        Question(
            state["action"],
            me,
            building.event() if state["elsewhere"] else event,
            state["decision"],
            state["only_own"],
        ),
    )
    return registration, facts


@pytest.fixture
def agree(building, database, organizer):
    """Whether the database does with a state what Python says: verdict, answer, and the row afterwards."""
    other = building.user(username="other.door")
    names = {organizer.id: organizer.name, other: "other.door"}

    def check(state):
        registration, facts = _built(building, state, organizer.id, other)
        question = facts[-1]
        ours = deciding.decide(*facts)
        looked = attendance.look(
            database,
            organizer,
            registration,
            event_id=question.event_id,
            action=question.action,
            decision=question.decision,
            only_own=question.only_own,
        )
        assert (looked.code, looked.status) == (ours.code, ours.status)
        row = database.call(
            "admit",
            {
                "p_operation": uuid4(),
                "p_action": question.action,
                "p_registration": registration,
                "p_event": question.event_id,
                "p_station": "Desk 1",
                "p_sequence": None,
                "p_staff": organizer.id,
                "p_decided_at": AT,
                "p_decision": question.decision,
                "p_only_own": question.only_own,
                "p_reason": None,
            },
        )
        assert (row.verdict, row.status) == (ours.code, ours.status)
        expected = dict(ours.answer)
        if "staff" in expected:
            expected["staff"] = names[facts[3].last.staff_id]
        told = dict(row.answer)
        if ours.code == "released":
            told = {}
        assert told == expected
        assert building.status(registration) == ours.status
        stored = building.row(
            "SELECT verdict, decision FROM check_ins WHERE registration_id = %s ORDER BY recorded_at DESC LIMIT 1",
            registration,
        )
        assert stored == {"verdict": ours.code, "decision": question.decision}
        return ours.code

    return check


quickly = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(quickly, max_examples=60)
@given(state=STATE)
def test_the_database_does_what_python_says_in_every_state(agree, state):
    """Rulings 7, 11, 14, 16 and 17, from rows in tables to rows in tables."""
    agree(state)


@pytest.mark.slow
@settings(quickly, max_examples=4000)
@given(state=STATE)
def test_the_database_does_what_python_says_in_thousands_of_states(agree, state):
    """As above, long."""
    agree(state)


def test_a_deleted_event_gives_out_no_seats(agree):
    """As the proof above found out: looking beforehand said that nobody was waiting, or that the seat would go on."""
    for waiting in (False, True):
        agree(
            {
                "status": "no_show",
                "price": 0,
                "payment_required": False,
                "order": None,
                "event": "deleted",
                "active": True,
                "others": 0,
                "limited": False,
                "waiting": waiting,
                "last": None,
                "released": False,
                "action": "release",
                "decision": "asked",
                "elsewhere": False,
                "only_own": False,
            }
        )


def test_an_unknown_ticket_is_unknown_to_both(database, building, organizer):
    assert attendance.look(database, organizer, uuid4()).code == "not_found"
    assert attendance.admit(database, organizer, Admission(uuid4(), "Desk 1")).verdict == "not_found"
