"""Nobody oversells, whoever writes (ruling 8): the proof, and the broken designs it must fail on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from psycopg import IsolationLevel

from tests.proving import findings, mutants, seats

NAMED = {
    "counter as BEFORE ROW trigger",
    "count in the locking statement",
    "REPEATABLE READ without the counter",
}
LEVELS = {"REPEATABLE READ without the counter": (IsolationLevel.REPEATABLE_READ,)}


def test_no_seat_is_sold_twice_at_any_isolation_level(database_url):
    """Ruling 8."""
    found = seats.prove(database_url, seats.SMALL)
    assert not found.faults, str(found)
    assert found.figures["snapshots"] >= seats.SMALL.snapshots
    assert found.figures["attempts"] >= seats.SMALL.attempts
    assert found.figures["kills"] > 0
    assert found.figures["packages seen with a free seat"] > 100
    assert found.figures["packages seen full"] > 100
    assert sum(times for what, times in found.told.items() if "package_capacity" in what) > 50


@pytest.mark.slow
@pytest.mark.timeout(1000)
def test_no_seat_is_sold_twice_in_fifty_thousand_attempts(database_url):
    """Ruling 8: 50,000 attempts and 100,000 snapshots while connections are killed."""
    found = seats.prove(database_url, seats.WHOLE)
    findings.keep(found)
    assert not found.faults, str(found)
    assert found.figures["snapshots"] >= 100_000
    assert found.figures["attempts"] >= 50_000
    assert min(found.figures[f"packages seen {what}"] for what in ("full", "with a free seat")) > 20_000


@pytest.mark.parametrize("mutant", mutants.each(mutants.SEATS, NAMED))
def test_the_proof_fails_on(mutant, database_url):
    """Ruling 8."""
    mutants.install(database_url, mutant)
    levels = LEVELS.get(mutant.name, seats.LEVELS)
    found = seats.prove(
        database_url, replace(seats.SMALL, attempts=20_000, levels=levels, until=mutant.expected)
    )
    assert mutant.expected in found.faults, str(found)


@pytest.mark.slow
def test_counting_under_a_lock_without_a_counter_holds_where_everybody_is_at_read_committed(database_url):
    """That is why it looks right when it is built, and why the proof needs REPEATABLE READ (concurrency.md)."""
    mutants.install(database_url, mutants.BY_NAME["REPEATABLE READ without the counter"])
    found = seats.prove(database_url, replace(seats.SMALL, levels=(IsolationLevel.READ_COMMITTED,)))
    assert "oversold" not in found.faults, str(found)


def test_staff_oversell_nothing_even_where_nothing_beneath_them_would_refuse_it(database_url):
    """Ruling 8: staff operations decide under the lock; the guard is a second line."""
    found = seats.prove_staff_alone(database_url, replace(seats.SMALL, attempts=300, snapshots=300))
    assert not found.faults, str(found)
    assert found.told["staff: done"] > 50


@pytest.mark.parametrize("mutant", mutants.each(mutants.STAFF_ALONE, {"a lock that only looks"}))
def test_the_proof_about_staff_fails_on(mutant, database_url):
    """Ruling 8."""
    mutants.install(database_url, mutant)
    found = seats.prove_staff_alone(
        database_url,
        replace(seats.SMALL, attempts=20_000, operations=seats.ONE_BY_ONE, until=mutant.expected),
    )
    assert mutant.expected in found.faults, str(found)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_staff_oversell_nothing_at_length_where_nothing_beneath_them_would_refuse_it(database_url):
    """Ruling 8."""
    found = seats.prove_staff_alone(database_url, replace(seats.WHOLE, attempts=10_000, snapshots=20_000))
    findings.keep(found)
    assert not found.faults, str(found)
