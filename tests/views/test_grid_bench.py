"""The grid's bench, on a list that is quick to read: that it measures what it says, not how long that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from desktop.models.snapshot_table import PAGE
from tests.bench import grid_run
from tests.bench.grid_contenders import Ours, in_sight

if TYPE_CHECKING:
    import pytest

ROWS = 3 * PAGE


def test_every_step_ends_with_its_rows_on_the_screen(
    in_loop: Any, in_window: Any, summit: Any, organizer: Any, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_run, "JUMPS", 3)
    with database.transaction() as tx:
        tx.connection.execute(
            text(
                "INSERT INTO event_registrations (event_id, package_id, attendee_name, attendee_email, status)"
                " SELECT :event, :package, 'Fernandez ' || n, n || '@example.org',"
                " CASE WHEN n % 2 = 0 THEN 'cancelled' ELSE 'registered' END FROM generate_series(1, :rows) n"
            ),
            {"event": summit.event_id, "package": summit.conference, "rows": ROWS},
        )
    url = database.url.render_as_string(hide_password=False)

    async def scenario() -> None:
        ours = Ours(url, summit.event_id, organizer)
        in_window(ours.widget)
        run = grid_run.Run(ours, ours=True)
        try:
            await run.timed("first rows", lambda: ours.open("name"))
            assert ours.model.rowCount() == ROWS
            await run.jumps()
            assert in_sight(ours.view)[0] > 0
            assert ours.ready()
            await run.timed("re-sort, indexed", lambda: ours.open("registered"))
            assert ours.model.order.key == "registered"
            await run.timed("filter", lambda: ours.open("name", "status"))
            assert ours.model.rowCount() == ROWS // 2
        finally:
            ours.close()
        assert len(run.told["jumps"]) == 3
        assert all(
            run.told[name] > 0 for name in ("first rows", "first rows, own", "jump to the end", "filter")
        )

    in_loop(scenario())
