"""The website is unharmed by staff (rulings 2 and 8, concurrency.md): the proof, and what it must fail on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.proving import findings, mutants, website


def test_a_website_beside_staff_is_told_full_and_nothing_else(database_url):
    """Rulings 2 and 8."""
    found = website.prove(database_url, website.SMALL)
    assert not found.faults, str(found)
    assert found.told["website: done"] > 200
    assert found.told["staff: done"] > 10
    assert found.figures["kills"] > 0


def test_a_website_that_edits_an_event_and_then_inserts_is_not_sacrificed_to_a_crowd(database_url):
    """Rulings 2 and 8."""
    found = website.prove(database_url, website.CROWD)
    assert not found.faults, str(found)
    assert found.told["website: done"] > 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_website_beside_staff_is_told_full_and_nothing_else_at_length(database_url):
    """Rulings 2 and 8."""
    found = website.prove(database_url, website.WHOLE)
    findings.keep(found)
    assert not found.faults, str(found)


@pytest.mark.slow
def test_the_website_does_itself_no_harm_in_the_proof(database_url):
    """What the website is told beside staff is staff's doing."""
    found = website.prove(database_url, replace(website.WHOLE, staff=0, attempts=10_000))
    found.proof = "The website alone"
    findings.keep(found)
    assert not found.faults, str(found)


@pytest.mark.parametrize("mutant", mutants.each(mutants.WEBSITE, set()))
def test_the_proof_fails_on(mutant, database_url):
    """Rulings 2 and 8."""
    mutants.install(database_url, mutant)
    found = website.prove(database_url, replace(website.WHOLE, seconds=60, until=mutant.expected))
    assert mutant.expected in found.faults, str(found)


@pytest.mark.slow
def test_the_proof_about_a_crowd_fails_when_staff_wait_for_the_event_with_the_seats_in_hand(database_url):
    """Rulings 2 and 8."""
    mutant = mutants.CROWD
    mutants.install(database_url, mutant)
    found = website.prove(
        database_url, replace(website.CROWD, attempts=10**6, seconds=60, until=mutant.expected)
    )
    assert mutant.expected in found.faults, str(found)
