"""The seat guard against a model: hypothesis writes what a website might, in any order, with savepoints between.

The model counts what each kind of trigger is told, in the order PostgreSQL fires them, and who is there in the end: a
statement is refused exactly when the counter is full *and* somebody would be there too many."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Callable

STATUSES = ("registered", "attended", "waitlisted", "cancelled", "no_show")
NAMES = tuple("abcdefgh")
PACKAGES = 3

statuses = st.sampled_from(STATUSES)
names = st.sampled_from(NAMES)
packages = st.integers(0, PACKAGES - 1)
capacities = st.one_of(st.none(), st.integers(0, 4))
people = st.lists(st.tuples(packages, names, statuses), min_size=1, max_size=6, unique_by=lambda p: p[:2])

Key = tuple[int, str]
"""A registration: which package, and the address."""


@dataclass
class State:
    """What the database should hold: capacities, who is there, and what the counters say."""

    capacity: list[int | None]
    people: dict[Key, str] = field(default_factory=dict)

    def copy(self) -> State:
        return State(list(self.capacity), dict(self.people))

    def held(self, people: dict[Key, str] | None = None) -> Counter[int]:
        found = (self.people if people is None else people).items()
        return Counter(package for (package, _), status in found if status in {"registered", "attended"})


def _change(before: dict[Key, str], after: dict[Key, str]) -> Counter[int]:
    """How many seats of each package a set of changed rows takes (or frees, below 0)."""
    changed: Counter[int] = Counter()
    for people, sign in ((after, 1), (before, -1)):
        for (package, _), status in people.items():
            if status in {"registered", "attended"}:
                changed[package] += sign
    return changed


class Website(RuleBasedStateMachine):
    """One connection of a website in one transaction, rolled back in the end."""

    connect: Callable[[], psycopg.Connection[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.connect()
        self.connection.row_factory = tuple_row
        self.state = State([])
        self.savepoints: list[State] = []

    @initialize(capacity=st.tuples(*[capacities] * PACKAGES))
    def an_event_with_packages(self, capacity: tuple[int | None, ...]) -> None:
        self._run("INSERT INTO users (id, username, email) VALUES (gen_random_uuid(), 'u', 'u@example.org')")
        self._run("INSERT INTO events (created_by, title) SELECT id, 'E' FROM users")
        self._run(
            "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)"
            " SELECT v.n, v.n, 0, 0, 'event', e.id, v.c FROM events e,"
            " (VALUES (0, %s::int), (1, %s), (2, %s)) AS v (n, c)",
            *capacity,
        )
        self.state = State(list(capacity))

    # One row, several, and in other words.

    @rule(people=people)
    def insert(self, people: list[tuple[int, str, str]]) -> None:
        new = {(package, name): status for package, name, status in people}
        twice = new.keys() & self.state.people.keys()
        self._do(
            f"INSERT {INTO} SELECT {COLUMNS} FROM {self._values(people)}",
            after=None if twice else self.state.people | new,
            parts=[_change({}, new)],
            else_told="23505",
        )

    @rule(people=people)
    def insert_unless_there(self, people: list[tuple[int, str, str]]) -> None:
        new = {(p, n): s for p, n, s in people if (p, n) not in self.state.people}
        self._do(
            f"INSERT {INTO} SELECT {COLUMNS} FROM {self._values(people)} ON CONFLICT DO NOTHING",
            after=self.state.people | new,
            parts=[_change({}, new)],
        )

    @rule(people=people)
    def upsert(self, people: list[tuple[int, str, str]]) -> None:
        new, old, updated = self._divided(people)
        self._do(
            f"INSERT {INTO} SELECT {COLUMNS} FROM {self._values(people)}"
            " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status",
            after=self.state.people | new | updated,
            parts=[_change(old, updated), _change({}, new)],
        )

    @rule(people=people, without=statuses)
    def merge(self, people: list[tuple[int, str, str]], without: str) -> None:
        """Inserts, updates, and deletes those who would get the status ``without``."""
        new, old, updated = self._divided(people)
        deleted = {key: old[key] for key, status in updated.items() if status == without}
        kept = {key: status for key, status in updated.items() if key not in deleted}
        after = {
            key: status for key, status in (self.state.people | new | kept).items() if key not in deleted
        }
        self._do(
            f"MERGE INTO event_registrations r USING (SELECT {COLUMNS} FROM {self._values(people)})"
            " AS s (event_id, package_id, who, status) ON r.package_id = s.package_id AND r.attendee_email = s.who"
            f" WHEN MATCHED AND s.status = '{without}' THEN DELETE"
            " WHEN MATCHED THEN UPDATE SET status = s.status WHEN NOT MATCHED THEN INSERT"
            " (event_id, package_id, attendee_email, status) VALUES (s.event_id, s.package_id, s.who, s.status)",
            after=after,
            parts=[_change({}, new), _change({k: old[k] for k in kept}, kept), _change(deleted, {})],
        )

    @rule(people=people)
    def copy(self, people: list[tuple[int, str, str]]) -> None:
        new = {(package, name): status for package, name, status in people}
        ids = {int(name): (event, package) for name, event, package in self._packages()}
        after = None if new.keys() & self.state.people.keys() else self.state.people | new

        def work() -> None:
            with self.connection.cursor().copy(f"COPY {INTO.removeprefix('INTO ')} FROM STDIN") as copy:
                for package, name, status in people:
                    copy.write_row((*ids[package], name, status))

        self._expect(work, after, [_change({}, new)], "23505")

    @rule(who=st.sets(names, min_size=1), package=st.none() | packages, status=statuses)
    def set_status(self, who: set[str], package: int | None, status: str) -> None:
        old = {k: s for k, s in self.state.people.items() if k[1] in who and package in {None, k[0]}}
        updated = dict.fromkeys(old, status)
        self._do(
            "UPDATE event_registrations r SET status = %s FROM packages p WHERE p.id = r.package_id"
            " AND attendee_email = ANY (%s) AND (%s::text IS NULL OR p.name = %s)",
            status,
            sorted(who),
            *[None if package is None else str(package)] * 2,
            after=self.state.people | updated,
            parts=[_change(old, updated)],
        )

    @rule(who=names, there=packages)
    def move(self, who: str, there: int) -> None:
        moving = {k: s for k, s in self.state.people.items() if k[1] == who and k[0] != there}
        moved = {(there, key[1]): s for key, s in moving.items()}
        clash = len(moving) > 1 or ((there, who) in self.state.people and moving)
        rest = {k: s for k, s in self.state.people.items() if k not in moving}
        self._do(
            "UPDATE event_registrations SET package_id = (SELECT id FROM packages WHERE name = %s)"
            " WHERE attendee_email = %s AND package_id <> (SELECT id FROM packages WHERE name = %s)",
            str(there),
            who,
            str(there),
            after=None if clash else rest | moved,
            parts=[_change(moving, moved)],
            else_told="23505",
        )

    @rule(who=st.sets(names, min_size=1))
    def delete(self, who: set[str]) -> None:
        gone = {k: s for k, s in self.state.people.items() if k[1] in who}
        self._do(
            "DELETE FROM event_registrations WHERE attendee_email = ANY (%s)",
            sorted(who),
            after={k: s for k, s in self.state.people.items() if k not in gone},
            parts=[_change(gone, {})],
        )

    @rule(gone=names, new=st.tuples(packages, names, statuses))
    def delete_beside_an_insert(self, gone: str, new: tuple[int, str, str]) -> None:
        if gone == new[1] or new[:2] in self.state.people:
            return
        left = {k: s for k, s in self.state.people.items() if k[1] == gone}
        added = {new[:2]: new[2]}
        rest = {k: s for k, s in self.state.people.items() if k not in left}
        self._do(
            f"WITH gone AS (DELETE FROM event_registrations WHERE attendee_email = '{gone}')"
            f" INSERT {INTO} SELECT {COLUMNS} FROM {self._values([new])}",
            after=rest | added,
            parts=[_change({}, added), _change(left, {})],
        )

    # What changes the counter's other half.

    @rule(package=packages, capacity=capacities)
    def set_capacity(self, package: int, capacity: int | None) -> None:
        self._run("UPDATE packages SET capacity = %s WHERE name = %s", capacity, str(package))
        self.state.capacity[package] = capacity

    @rule(package=packages)
    def give_a_package_another_id(self, package: int) -> None:
        used = any(key[0] == package for key in self.state.people)
        self._do(
            "UPDATE packages SET id = gen_random_uuid() WHERE name = %s",
            str(package),
            after=None if used else self.state.people,
            parts=[],
            else_told="23503",
        )

    @rule()
    def truncate(self) -> None:
        self._run("TRUNCATE event_registrations")
        self.state.people = {}

    @rule()
    def begin(self) -> None:
        self._run(f"SAVEPOINT s{len(self.savepoints)}")
        self.savepoints.append(self.state.copy())

    @rule(undo=st.booleans())
    def end(self, undo: bool) -> None:
        if self.savepoints:
            before = self.savepoints.pop()
            name = f"s{len(self.savepoints)}"
            if undo:
                self._run(f"ROLLBACK TO SAVEPOINT {name}")
                self.state = before
            self._run(f"RELEASE SAVEPOINT {name}")

    @invariant()
    def the_counters_and_the_rows_are_the_models(self) -> None:
        held = self.state.held()
        counters = self._run(
            "SELECT p.name, s.capacity, s.held FROM package_seats s JOIN packages p ON p.id = s.package_id ORDER BY 1"
        ).fetchall()
        assert counters == [(str(n), c, held[n]) for n, c in enumerate(self.state.capacity)]
        rows = self._run(
            "SELECT p.name, r.attendee_email, r.status FROM event_registrations r"
            " JOIN packages p ON p.id = r.package_id"
        ).fetchall()
        assert {(int(package), name): status for package, name, status in rows} == self.state.people

    def teardown(self) -> None:
        self.connection.rollback()
        self.connection.close()

    def _run(self, sql: str, *values: Any) -> psycopg.Cursor[Any]:
        return self.connection.execute(sql, values or None)

    def _packages(self) -> list[tuple[str, Any, Any]]:
        return self._run("SELECT name, event_id, id FROM packages").fetchall()

    def _values(self, people: list[tuple[int, str, str]]) -> str:
        listed = ", ".join(f"('{package}', '{name}', '{status}')" for package, name, status in people)
        return f"(VALUES {listed}) AS v (package, who, status) JOIN packages p ON p.name = v.package"

    def _divided(self, people: list[tuple[int, str, str]]) -> tuple[dict[Key, str], ...]:
        """Who is new; who is there, as they are, and as they would be."""
        wanted = {(package, name): status for package, name, status in people}
        there = self.state.people
        return (
            {k: s for k, s in wanted.items() if k not in there},
            {k: there[k] for k in wanted if k in there},
            {k: s for k, s in wanted.items() if k in there},
        )

    def _do(self, sql: str, *values: Any, **expected: Any) -> None:
        self._expect(lambda: self._run(sql, *values), **expected)

    def _expect(
        self,
        work: Callable[[], object],
        after: dict[Key, str] | None,
        parts: list[Counter[int]],
        else_told: str = "",
    ) -> None:
        """``after`` is None for what another constraint refuses (``else_told``)."""
        wanted = else_told if after is None else "23514" if self._too_many(after, parts) else None
        told = None
        try:
            with self.connection.transaction():
                work()
        except psycopg.Error as error:
            told = error.sqlstate
        assert told == wanted
        if told is None and after is not None:
            self.state.people = after

    def _too_many(self, after: dict[Key, str], parts: list[Counter[int]]) -> bool:
        counter, there = self.state.held(), self.state.held(after)
        for part in parts:
            for package, delta in part.items():
                counter[package] += delta
                limit = self.state.capacity[package]
                if delta > 0 and limit is not None and min(counter[package], there[package]) > limit:
                    return True
        return False


INTO = "INTO event_registrations (event_id, package_id, attendee_email, status)"
COLUMNS = "p.event_id, p.id, v.who, v.status"


def _prove(building, examples: int, steps: int, isolation: psycopg.IsolationLevel | None = None) -> None:
    def connect() -> psycopg.Connection[Any]:
        connection = building.connect(autocommit=False)
        connection.isolation_level = isolation
        return connection

    class Here(Website):
        pass

    Here.connect = staticmethod(connect)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_a_website_writes_the_counters_are_a_recount_and_nobody_is_refused_who_fits(building):
    _prove(building, 12, 20)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_whatever_a_website_writes_at_length_the_counters_are_a_recount(building):
    _prove(building, 500, 50)
