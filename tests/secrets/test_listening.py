"""What others notify on Greenroom's channel: anybody who may connect can say anything there."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING
from uuid import uuid4

from desktop import faults
from desktop.services import changes

if TYPE_CHECKING:
    from desktop.db.session import Database
    from tests.conftest import Building
    from tests.secrets.canaries import Canaries
    from tests.secrets.conftest import Ears


def test_what_is_notified_is_repeated_by_nobody_and_ends_nothing(
    database: Database, building: Building, canaries: Canaries, ears: Ears
) -> None:
    event, heard, broken = str(uuid4()), threading.Event(), threading.Event()

    def tell(report: changes.Report) -> None:
        if isinstance(report, changes.Changes):
            heard.set()

    def break_down(report: changes.Report) -> None:
        if not isinstance(report, changes.Changes):
            return
        broken.set()
        raise LookupError(canaries.registration, report)

    def notify(payload: str) -> None:
        building.website.execute("SELECT pg_notify('greenroom', %s)", [payload])

    changes.follow(database, tell)
    listening = threading.Event()
    leave = changes.follow(database, lambda report: isinstance(report, changes.Listening) and listening.set())
    database.listener.start()
    assert listening.wait(10)
    leave()
    for payload in (
        canaries.registration,
        json.dumps({"table": canaries.reset, "did": "insert", "ids": [canaries.contact]}),
        json.dumps({"table": "events", "did": "insert", "ids": [canaries.hash]}),
        json.dumps({"table": "events", "did": "insert", "ids": [{"token": canaries.unsubscribe}]}),
        json.dumps({"table": [canaries.contact], "did": "insert", "ids": []}),
        json.dumps({"table": "events", "did": {canaries.contact: 1}, "ids": []}),
        "[" * 7_000,
        json.dumps({"table": "events", "did": "update", "ids": [event]}),
    ):
        notify(payload)
    assert heard.wait(10)

    changes.follow(database, break_down)
    with faults.threads_told(lambda error: faults.tell(faults.of(error), error)):
        notify(json.dumps({"table": "events", "did": "update", "ids": [canaries.registration]}))
        assert broken.wait(10)
        database.listener._thread.join(10)

    told = ears.everything()
    assert "a fault in Greenroom: LookupError in " in told
    assert canaries.traces(told) == []
