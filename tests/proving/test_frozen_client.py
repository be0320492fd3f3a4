"""A frozen client delays a website by half a second at most (concurrency.md): the proof, and what it must fail on."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests.proving import findings, frozen, mutants

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")

ACROSS = "seats locked across round trips"


def test_a_client_frozen_after_each_of_its_sends_does_not_delay_the_website(database_url):
    """Ruling 8 and concurrency.md: no lock is held across a round trip."""
    found = frozen.prove(database_url, frozen.SMALL)
    assert not found.faults, str(found)
    assert found.figures["freezes at a send"] >= 2 * len(frozen.SMALL.operations)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_client_frozen_at_any_moment_does_not_delay_the_website(database_url):
    """Ruling 8 and concurrency.md."""
    found = frozen.prove(database_url, frozen.WHOLE)
    findings.keep(found)
    assert not found.faults, str(found)


@pytest.mark.slow
def test_the_proof_fails_on_seats_locked_across_round_trips(database_url):
    """Ended by the server after 0.7 s here, to be quick."""
    found = frozen.prove(
        database_url,
        frozen.Frozen(
            times=0, operations=[mutants.FROZEN[f"{ACROSS}, ended early"]], until="delayed in one call"
        ),
    )
    assert set(found.faults) == {"delayed in one call"}, str(found)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_server_ends_a_frozen_transaction_after_ten_seconds(database_url):
    """The bound for whatever is not one call: `idle_in_transaction_session_timeout`."""
    operation = replace(mutants.FROZEN[ACROSS], one_call=False)
    found = frozen.prove(database_url, frozen.Frozen(times=0, operations=[operation]))
    found.proof = "A frozen client in a transaction of several calls"
    findings.keep(found)
    assert not found.faults, str(found)
    assert found.figures["longest delay, several calls (s)"] > 5


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_proof_fails_when_nobody_ends_a_frozen_transaction(database_url):
    """Without `idle_in_transaction_session_timeout`."""
    found = frozen.prove(
        database_url,
        frozen.Frozen(
            times=0,
            operations=[mutants.FROZEN["nobody ends a frozen transaction"]],
            until="delayed anywhere",
        ),
    )
    assert "delayed anywhere" in found.faults, str(found)
