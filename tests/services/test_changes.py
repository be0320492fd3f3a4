"""What the database tells of changes, and what is made of it: from the website's statement to the typed change."""

from __future__ import annotations

import json
import queue
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.services import changes, registering
from desktop.services.changes import Changes, Listening, Touched
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.session import Actor, Database

Building = Any


class Told:
    """What a follower was told; `next` waits for it."""

    def __init__(self, database: Database) -> None:
        self._reports: queue.SimpleQueue[changes.Report] = queue.SimpleQueue()
        self.leave = changes.follow(database, self._reports.put)
        database.listener.start()

    def next(self) -> changes.Report:
        return self._reports.get(timeout=20)

    def nothing_more(self) -> bool:
        return self._reports.empty()

    def changes(self) -> Changes:
        told = self.next()
        assert isinstance(told, Changes)
        return told


@pytest.fixture
def told(database: Database) -> Iterator[Told]:
    """Somebody who follows, from the first moment on."""
    following = Told(database)
    assert following.next() == Listening()
    yield following
    following.leave()


def test_a_row_is_told_with_what_it_belongs_to(told: Told, by_hand: Building) -> None:
    event = by_hand.event()
    assert told.changes().events == Touched(written=frozenset([event]))
    package = by_hand.package(event)
    heard = told.changes()
    assert heard.packages == Touched(written=frozenset([package]), of=frozenset([event]))
    assert heard.events.written == {event}, "its packages_ids changed with it"
    somebody = by_hand.registration(package)
    assert told.changes().registrations == Touched(written=frozenset([somebody]), of=frozenset([event]))
    order = by_hand.insert(
        "orders",
        user_id=by_hand.user(),
        package_id=package,
        payment_id="p",
        amount_paid=1,
        payment_status="paid",
    )
    assert told.changes().orders == Touched(written=frozenset([order]), of=frozenset([package]))
    by_hand.do("DELETE FROM event_registrations")
    assert told.changes().registrations == Touched(removed=frozenset([somebody]), of=frozenset([event]))


def test_who_moves_is_told_for_both_events(told: Told, by_hand: Building) -> None:
    here, there = by_hand.package(), by_hand.package()
    somebody = by_hand.registration(here)
    events = frozenset(row["event_id"] for row in by_hand.rows("SELECT event_id FROM packages"))
    by_hand.do(
        "UPDATE event_registrations SET (package_id, event_id) = (SELECT id, event_id FROM packages WHERE id = %s)"
        " WHERE id = %s",
        there,
        somebody,
    )
    while (heard := told.changes().registrations).of != events:
        assert heard.of < events
    assert heard.written == {somebody}


def test_nothing_is_told_of_what_was_rolled_back_or_changed_nothing(told: Told, by_hand: Building) -> None:
    package = by_hand.package()
    while not told.changes().packages:
        pass
    with by_hand.connect(autocommit=False) as website:
        website.execute("UPDATE packages SET name = 'Other'")
        website.rollback()
    by_hand.do("UPDATE packages SET name = 'Other' WHERE false")
    by_hand.do("UPDATE packages SET name = 'Known' WHERE id = %s", package)
    assert told.changes().packages.written == {package}
    assert by_hand.value("SELECT name FROM packages") == "Known"


@pytest.mark.parametrize("how", ["SET", "SET LOCAL"])
def test_a_session_can_keep_silent(told: Told, by_hand: Building, how: str) -> None:
    event = by_hand.event()
    assert told.changes().events.written == {event}
    with by_hand.connect(autocommit=False) as website:
        website.execute(f"{how} greenroom.notify = 'off'")
        website.execute("UPDATE events SET title = 'Silent'")
    by_hand.do("UPDATE events SET slug = 'told'")
    assert told.changes().events.written == {event}
    assert by_hand.value("SELECT title FROM events") == "Silent"
    assert told.nothing_more()


def test_a_role_can_be_silent(told: Told, by_hand: Building) -> None:
    by_hand.do("DROP ROLE IF EXISTS quiet_website")
    by_hand.do("CREATE ROLE quiet_website LOGIN SUPERUSER")
    by_hand.do("ALTER ROLE quiet_website SET greenroom.notify = 'off'")
    event = by_hand.event()
    assert told.changes().events.written == {event}
    with by_hand.connect(user="quiet_website") as quiet:
        quiet.execute("UPDATE events SET title = 'Silent'")
    by_hand.do("UPDATE events SET slug = 'told'")
    assert told.changes().events.written == {event}
    by_hand.do("DROP ROLE quiet_website")
    assert told.nothing_more()


def test_a_website_without_any_privilege_of_ours_is_heard(told: Told, by_hand: Building) -> None:
    package = by_hand.package()
    by_hand.do("DROP ROLE IF EXISTS plain_website")
    by_hand.do("CREATE ROLE plain_website")
    by_hand.do("GRANT SELECT, INSERT ON event_registrations TO plain_website")
    with by_hand.connect(autocommit=False) as website:
        website.execute("SET LOCAL ROLE plain_website")
        somebody = by_hand.value("SELECT gen_random_uuid()")
        website.execute(
            "INSERT INTO event_registrations (id, event_id, package_id, attendee_email) VALUES (%s, %s, %s, 'a@b.c')",
            (somebody, by_hand.value("SELECT event_id FROM packages"), package),
        )
    while not (heard := told.changes().registrations):
        pass
    assert heard.written == {somebody}
    by_hand.do("DROP OWNED BY plain_website")
    by_hand.do("DROP ROLE plain_website")


def test_ten_thousand_rows_are_one_notification_and_the_next_ones_too(by_hand: Building) -> None:
    package = by_hand.package()
    many = (
        "INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)"
        " SELECT id, %s, gen_random_uuid(), 1, 'paid' FROM users, generate_series(1, %s)"
    )
    with by_hand.connect(autocommit=False) as website, by_hand.connect() as listening:
        listening.execute("LISTEN greenroom")
        website.execute(many, (package, 10_000))
        for _ in range(150):
            website.execute(many, (package, 1))
        website.commit()
        listening.execute("SELECT 1")
        payloads = [one.payload for one in listening.notifies(timeout=0)]
    assert len(payloads) == 101, "a hundred by name, and all the others in one word"
    heard = changes.merged(payloads, 0.0).orders
    assert (heard.unnamed, heard.come_or_gone, heard.of) == (True, True, {package})
    assert len(heard.written) == 100
    assert max(map(len, payloads)) < 200


def test_what_is_told_fits_whatever_it_belongs_to(by_hand: Building) -> None:
    """A hundred rows of a hundred events are the longest there is; of more events, none is named."""
    packages = [by_hand.package() for _ in range(101)]
    by_hand.registration(packages[0])
    with by_hand.connect() as listening:
        listening.execute("LISTEN greenroom")
        for count in (100, 101):
            by_hand.do(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email) SELECT event_id, id, 'x@y.z'"
                " FROM packages ORDER BY id LIMIT %s ON CONFLICT DO NOTHING",
                count,
            )
            by_hand.do("DELETE FROM event_registrations")
        listening.execute("SELECT 1")
        payloads = [one.payload for one in listening.notifies(timeout=0)]
    assert len(payloads) == 4
    assert max(map(len, payloads)) < 7_999
    named, _, unnamed, _ = (changes.merged([one], 0.0).registrations for one in payloads)
    assert len(named.written) == len(named.of) == 100
    assert (unnamed.unnamed, unnamed.anywhere, unnamed.written) == (True, True, frozenset())


def test_a_savepoint_taken_back_takes_its_count_back(by_hand: Building) -> None:
    event = by_hand.event()
    with by_hand.connect(autocommit=False) as website, by_hand.connect() as listening:
        listening.execute("LISTEN greenroom")
        with pytest.raises(psycopg.errors.DivisionByZero), website.transaction():
            for _ in range(120):
                website.execute("UPDATE events SET title = title")
            website.execute("SELECT 1/0")
        website.execute("UPDATE events SET slug = 'kept'")
        website.commit()
        listening.execute("SELECT 1")
        (payload,) = (one.payload for one in listening.notifies(timeout=0))
    assert changes.merged([payload], 0.0).events == Touched(written=frozenset([event]))


def test_staff_are_heard_as_the_website_is(
    told: Told, by_hand: Building, database: Database, organizer: Actor
) -> None:
    package = by_hand.package()
    made = registering.register(database, organizer, Registering(package, "ana@example.org", "Ana"))
    heard = told.changes()
    while not heard.registrations:
        heard = told.changes()
    assert heard.registrations.written == {made.registration_id}
    assert made.registration_id in heard.log.of, "one commit is one burst: the log's line comes with it"


def test_nothing_is_told_after_leaving(told: Told, by_hand: Building, database: Database) -> None:
    told.leave()
    other = Told(database)
    assert other.next() == Listening()
    by_hand.event()
    assert other.changes().events
    assert told.nothing_more()
    other.leave()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.text(max_size=20)
        | st.fixed_dictionaries(
            {},
            optional={
                "table": st.sampled_from(["events", "users", ""]) | st.integers() | st.lists(st.none()),
                "did": st.sampled_from(["insert", "drop"]) | st.none() | st.lists(st.none()),
                "ids": st.lists(st.uuids().map(str) | st.text()) | st.integers(),
                "of": st.none() | st.dictionaries(st.text(), st.text()),
            },
        ).map(json.dumps)
    )
)
def test_what_somebody_else_says_on_the_channel_is_passed_over(payloads: list[str]) -> None:
    known = uuid4()
    ours = f'{{"table":"events","did":"update","ids":["{known}"],"of":[]}}'
    assert known in changes.merged([*payloads, ours], 0.0).events.written


def test_the_last_word_counts() -> None:
    one, other = UUID(int=1), UUID(int=2)
    said = [
        f'{{"table":"events","did":"{did}","ids":["{which}"],"of":[]}}'
        for did, which in (("insert", one), ("delete", one), ("delete", other), ("insert", other))
    ]
    assert changes.merged(said, 0.0).events == Touched(written=frozenset([other]), removed=frozenset([one]))
