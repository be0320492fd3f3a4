"""Every operation of a door has one effect and one verdict, whatever the line does (ruling 16, door.md 3 and 4)."""

from __future__ import annotations

import pytest

from tests.proving import exactly_once
from tests.proving.exactly_once import MUTANTS, Trial
from tests.proving.findings import keep

SMALL = Trial(operations=400, share=0.25, stations=4)


def test_every_operation_has_one_effect_and_one_verdict_on_a_line_that_breaks(server_url, building, door):
    """Ruling 16: the ledger's id is the idempotency key."""
    found = exactly_once.prove(server_url, building, door, SMALL)
    assert found.faults == {}, str(found)
    assert found.figures["operations"] >= 400
    assert found.figures["faults"] >= 30
    assert found.figures["sent again"] >= 30


@pytest.mark.parametrize("name", [*MUTANTS, "new ids when sent again"])
def test_the_proof_finds_out_a_broken_design(name, server_url, building, door):
    new_ids = name not in MUTANTS
    if not new_ids:
        exactly_once.mutate(building, name)
    trial = Trial(operations=120, share=0.35, stations=4, batch=5, new_ids=new_ids)
    found = exactly_once.prove(server_url, building, door, trial)
    assert found.faults, str(found)


@pytest.mark.slow
def test_12800_operations_under_800_faults_are_neither_lost_nor_doubled_nor_wrong(server_url, building, door):
    """The figures of the issue: 0 lost, 0 doubled, 0 wrong in 12,800 operations under 800 faults."""
    found = exactly_once.prove(server_url, building, door, Trial(operations=12_800, share=0.16))
    keep(found)
    assert found.faults == {}
    assert found.figures["operations"] >= 12_800
    assert found.figures["faults"] >= 800
