"""Nobody waiting is lost, overtaken or forgotten (rulings 10, 11, 17): the proof, and what it must fail on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.proving import findings, mutants, waiting


def test_nobody_waiting_is_lost_or_overtaken(database_url):
    """Rulings 10, 11 and 17."""
    found = waiting.prove(database_url, waiting.SMALL)
    assert not found.faults, str(found)
    assert found.figures["promotions seen"] > 10
    assert found.figures["cancellations that free a seat"] > 5
    assert found.figures["kills"] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nobody_waiting_is_lost_or_overtaken_at_length(database_url):
    """Rulings 10, 11 and 17."""
    found = waiting.prove(database_url, waiting.WHOLE)
    findings.keep(found)
    assert not found.faults, str(found)


@pytest.mark.parametrize(
    "mutant",
    mutants.each(mutants.WAITLIST, {"gap closing that reorders", "promotion skips whoever is being edited"}),
)
def test_the_proof_fails_on(mutant, database_url):
    """Rulings 10, 11 and 17."""
    mutants.install(database_url, mutant)
    rounds = 30 if mutant.expected in waiting.SEEN_AT_WORK else 1  # until it is seen
    found = waiting.prove(database_url, replace(waiting.SMALL, rounds=rounds, until=mutant.expected))
    assert mutant.expected in found.faults, str(found)
