"""A figure is worth as much as what it was worked out with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop.services import registering
from tests.bench import pgbench, table
from tests.bench.measuring import as_json, line


def test_the_ratio_of_rounds_leaves_out_what_both_had_to_bear():
    ours, theirs = [20.0, 200.0, 22.0], [10.0, 100.0, 11.0]
    assert line("", "ms", ours, ("theirs", theirs), "of rounds").ratio == 2
    assert line("", "ms", ours, ("theirs", theirs)).ratio == 2
    assert line("", "ms", [20.0, 400.0, 66.0], ("theirs", theirs), "of rounds").ratio == 4


def test_a_rate_counts_only_while_everybody_is_warm_and_at_work():
    early = [n / 10 for n in range(1, 101)]
    late = [5 + n / 10 for n in range(1, 101)]
    # both are at it from 5 s and 20 calls on, until the first has done its hundred
    assert pgbench.rate([early, late]) == pytest.approx(20)


def test_pgbench_sends_what_the_service_sends(building, organizer, database):
    package = building.package()
    one = registering.Registering(package, "zoe@example.org")
    what = pgbench.sent(database, lambda: registering.register(database, organizer, one))
    text = pgbench.script(what, {"p_email": "'new' || :n"})
    assert "SELECT * FROM greenroom.register(" in text
    assert "p_actor => greenroom.acting(:acting_id, :acting_roles)" in text
    assert "p_email => 'new' || :n" in text
    assert "p_phone => NULL" in text
    assert "BEGIN" not in text
    assert what.parameters["p_package"] == package


def test_the_table_says_what_was_wished_for_and_what_is_not_there():
    one = line("first rows", "ms", [90.0, 100.0, 110.0]).wanting("≤ 50 ms", False)
    section = {"title": "The grid", "lines": [as_json(one)], "notes": []}
    told = {
        "machine": "two cores",
        "schema": "0001",
        "at": datetime.now(UTC).isoformat(),
        "load": 1.0,
        "sections": {"grid": section, "frozen": {"not_here": "Nothing is packed."}},
    }
    text = "\n".join(table.document(told))
    assert "| first rows | 100 ms | 90–110 |" in text
    assert "| ≤ 50 ms | NOT reached |" in text
    assert "Not measured: Nothing is packed." in text
