"""The proof about a frozen client: a laptop that is closed, or stopped, in the middle of an operation delays a
website's insert into the same package for half a second at most where the operation is one call, and for ten seconds
at most anywhere (concurrency.md)."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from tests.conftest import Building
from tests.proving import crew, operations
from tests.proving import line as lines
from tests.proving.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from tests.proving.line import Line
    from tests.proving.operation import Operation

ONE_CALL_SECONDS = 0.5
ANYWHERE_SECONDS = 10.0
STATUSES = ("registered", "attended", "no_show", "cancelled", "waitlisted")
MEASURED_WITHIN_SECONDS = 0.25
"""By how much a busy machine may be late to notice that the ten seconds are over."""
GIVES_UP_SECONDS = 12.0
"""How long the proof waits for a website's insert before it thaws the client."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """``times`` each operation is frozen at a random moment, besides once right after each of its sends. ``until`` a
    kind of fault is found, for mutants."""

    times: int
    operations: Sequence[Operation] = operations.OPERATIONS
    until: str = ""


SMALL = Frozen(
    times=0,
    operations=[
        operations.BY_NAME[name]
        for name in (
            "register",
            "cancel",
            "promote next",
            "admit a late no-show",
            "import",
            "move to another package",
            "cancel an event",
            "record the no-shows",
            "raise the capacity",
        )
    ],
)
"""A few of each kind; freezing all of them takes too long for the suite."""
WHOLE = Frozen(times=20)


def prove(url: str, config: Frozen) -> Findings:
    """A process of its own does each operation, through a line that can stop it with SIGSTOP at the moment it has sent
    something and before it can hear the answer; then also at random moments. While it is stopped, the website inserts
    into the same package. Faults: *delayed in one call*, *delayed anywhere*, *the website was told* anything but that
    the package is full, *staff met what is no situation of theirs* when they went on."""
    found = Findings("A frozen client")
    building = Building(url)
    actor = crew.organizer(building)
    with lines.line(url) as line, _client(line, actor.id) as client:
        line.client = client.process
        for operation in config.operations:
            packages = crew.scene(building)
            spare = crew.spares(building)
            _at_each_send(found, building, line, client, operation, packages, spare, config.until)
            if config.until in found.faults:
                break
            if operation.one_call:  # else ten seconds each
                _at_random(found, building, client, operation, packages, spare, config.times)
            building.do("DELETE FROM event_registrations")
    building.website.close()
    return found


def _at_each_send(
    found: Findings,
    building: Building,
    line: Line,
    client: _Client,
    operation: Operation,
    packages: Sequence[UUID],
    spare: Mapping[str, UUID],
    until: str,
) -> None:
    client.ask(
        operation, _given(building, operation, packages, spare)
    )  # everything is imported and connected
    found.count("operations")
    for send in itertools.count(1):
        given = _given(building, operation, packages, spare)
        if not line.freezing_after(send, partial(client.begin, operation, given)):
            break
        found.count("freezes at a send")
        _frozen(found, building, client, operation)
        if until in found.faults:
            return
    client.answer()


def _at_random(
    found: Findings,
    building: Building,
    client: _Client,
    operation: Operation,
    packages: Sequence[UUID],
    spare: Mapping[str, UUID],
    times: int,
) -> None:
    chance = random.Random(operation.name)
    for _ in range(times):
        given = _given(building, operation, packages, spare)
        began = time.monotonic()
        client.ask(operation, given)
        took = time.monotonic() - began
        given = _given(building, operation, packages, spare)
        client.begin(operation, given)
        time.sleep(chance.uniform(0, took))
        os.kill(client.process.pid, signal.SIGSTOP)
        found.count("freezes at a random moment")
        _frozen(found, building, client, operation)


def _given(
    building: Building, operation: Operation, packages: Sequence[UUID], spare: Mapping[str, UUID]
) -> dict[str, str]:
    """What to do it to, among people who are all still there."""
    places = [*packages, *spare.values()]
    with building.connect() as website:
        website.execute(
            "UPDATE packages SET capacity = NULL, is_active = true WHERE id = ANY (%s)", (places,)
        )
        for package in places:
            for status in STATUSES:
                ((there,),) = (
                    row.values()
                    for row in website.execute(
                        "SELECT count(*) FROM event_registrations WHERE package_id = %s AND status = %s",
                        (package, status),
                    )
                )
                crew.people(building, package, status, max(0, 3 - there))
        website.execute(
            "UPDATE packages p SET capacity = s.held + 2 FROM package_seats s WHERE s.package_id = p.id"
            " AND p.id = ANY (%s)",
            (places,),
        )
        if operation.before:
            website.execute(operation.before, {"packages": packages, **spare})
        found = crew.given(website, operation, packages, spare)
    assert found is not None, f"there is nobody to {operation.name}"
    return found


def _frozen(found: Findings, building: Building, client: _Client, operation: Operation) -> None:
    """The client is stopped: what does the website notice?"""
    time.sleep(0.01)
    with building.connect() as website:
        website.execute(f"SET statement_timeout = '{GIVES_UP_SECONDS}s'")
        began = time.monotonic()
        try:
            website.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                " SELECT event_id, id, gen_random_uuid()::text FROM packages WHERE id = %s",
                (client.given["package"],),
            )
            told = "done"
        except psycopg.Error as error:
            told = f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
        delay = time.monotonic() - began
    os.kill(client.process.pid, signal.SIGCONT)
    found.tell("website", told)
    if told not in {"done", "23514 package_capacity"}:
        found.fault("the website was told", f"{told} while somebody was frozen in “{operation.name}”")
    kind = "one call" if operation.one_call else "several calls"
    found.most(f"longest delay, {kind} (s)", round(delay, 3))
    if operation.one_call and delay > ONE_CALL_SECONDS:
        found.fault("delayed in one call", f"{delay:.2f} s while somebody was frozen in “{operation.name}”")
    if delay > ANYWHERE_SECONDS + MEASURED_WITHIN_SECONDS:
        found.fault("delayed anywhere", f"{delay:.2f} s while somebody was frozen in “{operation.name}”")
    went_on = client.answer()
    found.tell("staff who went on", went_on)
    if went_on not in crew.EXPECTED:
        found.fault("staff met what is no situation of theirs", f"{operation.name}: {went_on}")


class _Client:
    """The process that is frozen."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.given: dict[str, str] = {}

    def begin(self, operation: Operation, given: dict[str, str]) -> None:
        """Let it do the operation."""
        self.given = given
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"operation": operation.name, "given": given}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        """What it was told, when it is done."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the client died"
        told: str = json.loads(line)["told"]
        return told

    def ask(self, operation: Operation, given: dict[str, str]) -> str:
        """Do the operation."""
        self.begin(operation, given)
        return self.answer()


@contextmanager
def _client(line: Line, actor: UUID) -> Iterator[_Client]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.proving.freezing", line.url, str(actor)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Client(process)
    finally:
        process.kill()  # SIGKILL ends a stopped process as well
        process.communicate()
