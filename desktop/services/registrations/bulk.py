"""The same done to many registrations, and taken back: `greenroom.in_bulk`, fifty in one call.

Each person is decided by themselves: who is refused stops nobody else, and the result says for each what was done or
why not. What takes it all back is one `Undo`.
"""

from __future__ import annotations

import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from desktop import errors
from desktop.db.session import Acting
from desktop.services import inputs, waitlist
from desktop.services.lists import chosen
from desktop.services.permissions import Operation, acting
from desktop.services.registrations import moving, outcomes, queueing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database

    Progress = Callable[[int, int], None]
    """Told how many of how many are decided, after each call."""

    Stopped = Callable[[], bool]
    """Asked before each call whether to leave it at what is done."""

MOST = 50
"""Registrations in one call; the seats of their packages are locked meanwhile, and a website's insert waits that long:
0.1 to 0.4 s, by how many wait. The function takes a hundred at most."""

NAMES = 1000
"""Names read at a time, of those who were not tried."""

ROUNDS = 4
"""How often somebody is tried whom others are working on."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one of them. ``sentence`` says what was done, or why not; “unknown”: the connection broke, and
    whether it was done shows when the list is loaded again; “left”: the work was stopped before. ``who`` is "" where
    nobody could say it. ``promoted_id`` got the seat that became free."""

    registration_id: UUID
    who: str
    result: Literal["done", "refused", "unknown", "left"]
    sentence: str
    promoted_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes a bulk operation back, for `undo`; valid for each person until somebody else changes them."""

    operation: Operation
    what: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of everybody, in the order they were given. ``undo`` is None when nothing was done, or when this
    was an undo itself."""

    rows: tuple[RowResult, ...]
    undo: Undo | None

    @property
    def done(self) -> int:
        """How many were done."""
        return sum(row.result == "done" for row in self.rows)


def cancel_all(
    database: Database,
    actor: Actor,
    ids: Sequence[UUID],
    reason: str = "",
    progress: Progress | None = None,
    stopped: Stopped = lambda: False,
) -> Bulk:
    """Cancel them; those who wait first, so that nobody gets a seat to lose it again. Freed seats go to the next in
    line (ruling 11). Once ``stopped``, what is done stays done and the others are left. Raises `NotAllowed`, `Busy`
    and the like when not even the first call could be made."""
    work = _Work(database, acting(actor, Operation.CANCEL), "cancel", reason.strip(), progress, stopped)
    return work.do([{"id": one} for one in work.in_turn(ids)], ids, Operation.CANCEL, "cancellation")


def promote_all(
    database: Database,
    actor: Actor,
    ids: Sequence[UUID],
    progress: Progress | None = None,
    stopped: Stopped = lambda: False,
) -> Bulk:
    """Give seats to these waiting people, in the order of their places, while there are seats. Stops and raises as
    `cancel_all`."""
    work = _Work(database, acting(actor, Operation.PROMOTE), "promote", "", progress, stopped)
    return work.do([{"id": one} for one in work.in_turn(ids)], ids, Operation.PROMOTE, "promotion")


def put_back_all(
    database: Database,
    actor: Actor,
    ids: Sequence[UUID],
    reason: str,
    progress: Progress | None = None,
    stopped: Stopped = lambda: False,
) -> Bulk:
    """Put them at the end of the waitlist, who registered earlier first; none of them gets a seat that becomes free by
    it. Raises `InvalidField` without a reason, else stops and raises as `cancel_all`."""
    may = acting(actor, Operation.PUT_BACK)
    work = _Work(database, may, "put_back", moving.needed(reason), progress, stopped, ids)
    rows = [{"id": one} for one in work.in_turn(ids)]
    return work.do(rows, ids, Operation.PUT_BACK, "return to the waitlist")


def move_all(
    database: Database,
    actor: Actor,
    ids: Sequence[UUID],
    package_id: UUID,
    *,
    when_full: moving.WhenFull = "refuse",
    reason: str = "",
    progress: Progress | None = None,
    stopped: Stopped = lambda: False,
) -> Bulk:
    """Move them to another package of their event, one as `moving.move` does: those who wait first, in the order of
    their places. Stops and raises as `cancel_all`."""
    may = acting(actor, Operation.MOVE_REGISTRATIONS)
    work = _Work(database, may, "move", reason.strip(), progress, stopped)
    rows = [{"id": one, "package": package_id, "when_full": when_full} for one in work.in_turn(ids)]
    return work.do(rows, ids, Operation.MOVE_REGISTRATIONS, "move")


def undo(
    database: Database,
    actor: Actor,
    what: Undo,
    progress: Progress | None = None,
    stopped: Stopped = lambda: False,
) -> Bulk:
    """Take back what still can be: the last first, each to the state, package, place and ticket of before. Who got a
    freed seat gives it back only where it is needed, and never after having paid or come in. Who was changed by
    somebody else since stays as they are, and the sentence says so. Stops and raises as `cancel_all`. Decision 0018."""
    work = _Work(database, acting(actor, what.operation), "undo", what.what, progress, stopped)
    ids = [row["id"] for row in reversed(what.rows)]
    return work.do([{"id": row["id"], "undo": row["undo"]} for row in reversed(what.rows)], ids)


@dataclass(slots=True)
class _Work:
    database: Database
    may: Acting
    verb: str
    reason: str
    progress: Progress | None
    stopped: Stopped
    behind: Sequence[UUID] = ()
    """Whom no freed seat goes to."""
    results: dict[UUID, RowResult] = field(default_factory=dict)
    undoing: list[Mapping[str, Any]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)

    def in_turn(self, ids: Sequence[UUID]) -> list[UUID]:
        """Those who wait in the order of ruling 10, then the others by when they registered."""
        wanted = dict.fromkeys(ids)
        with self.database.transaction(self.may) as tx:
            # One value: as rows, tens of thousands of them would be parsed in one go and stall the window.
            found = tx.value(
                "SELECT string_agg(uuid_send(id), ''::bytea ORDER BY (status = 'waitlisted') DESC,"
                " waitlist_position NULLS LAST, registered_at, id) FROM event_registrations WHERE id = ANY(:ids)",
                {"ids": list(wanted)},
            )
        known = dict.fromkeys(chosen.each(bytes(found or b"")))
        return [*known, *(one for one in wanted if one not in known)]

    def do(
        self,
        rows: Sequence[Mapping[str, Any]],
        asked: Sequence[UUID],
        operation: Operation | None = None,
        what: str = "",
    ) -> Bulk:
        """Do it to all of them; those who were busy again, after the others."""
        waiting = list(rows)
        try:
            for again in range(ROUNDS):
                if again:
                    time.sleep(random.uniform(0.005, 0.05 * 2**again))
                waiting = self._round(waiting, len(rows))
                if not waiting:
                    break
        finally:  # not only where all went well: places are 1..n at rest
            for package in sorted(self.touched):
                waitlist.close_gaps(self.database, package)
        undoing = Undo(operation, what, tuple(self.undoing)) if operation and self.undoing else None
        return Bulk(tuple(self.results[one] for one in dict.fromkeys(asked)), undoing)

    def _round(self, rows: Sequence[Mapping[str, Any]], total: int) -> list[Mapping[str, Any]]:
        """One call after the other; who was busy comes back, to be tried again."""
        busy: list[Mapping[str, Any]] = []
        for start in range(0, len(rows), MOST):
            if self.stopped():
                self._leave(rows[start:])
                return []
            batch = rows[start : start + MOST]
            try:
                answers = self._call(batch)
            except errors.AppError as error:
                if not self.results:
                    raise
                self._give_up(rows[start:], error, len(batch))
                return []
            for row, answer in zip(batch, answers, strict=True):
                self._take(row["id"], answer)
                if answer.outcome == "busy":
                    busy.append(row)
            if self.progress is not None:
                self.progress(total - len(busy) - (len(rows) - start - len(batch)), total)
        return busy

    def _call(self, batch: Sequence[Mapping[str, Any]]) -> Sequence[sa.Row[Any]]:
        rows, ways = queueing.placed(batch) if self.verb == "undo" else (batch, {})
        queueing.make_way(self.database, self.may, ways)
        self.touched |= {UUID(package) for package in ways}
        return self.database.once(
            "SELECT b.n, b.registration_id, b.outcome, b.who, b.answer::text AS answer, b.undo::text AS undo"
            f" FROM greenroom.in_bulk({Acting.ID}, :verb, CAST(:rows AS jsonb), :reason, :behind,"
            " CAST(:ways AS jsonb)) b ORDER BY b.n",
            {
                "verb": self.verb,
                "rows": json.dumps(rows, default=str),
                "reason": inputs.reason(self.reason),
                "behind": list(self.behind),
                "ways": json.dumps(ways),
            },
            self.may,
        )

    def _take(self, one: UUID, answer: sa.Row[Any]) -> None:
        told = {**json.loads(answer.answer, parse_float=Decimal), "outcome": answer.outcome}
        told["who"] = answer.who
        refused = outcomes.refusal(self.verb, told)
        if refused is not None:
            self.results[one] = RowResult(one, answer.who or "", "refused", str(refused))
            return
        promoted = told.get("promoted_id")
        sentence = outcomes.done(self.verb, answer.who, told)
        self.results[one] = RowResult(
            one, answer.who, "done", sentence, UUID(promoted) if promoted is not None else None
        )
        if answer.undo is not None:
            undoing = json.loads(answer.undo)
            self.undoing.append({"id": one, "undo": undoing})
            self.touched |= {UUID(undoing["package"]), UUID(undoing["before"]["package"])}
        elif self.verb == "undo":
            self.touched.add(UUID(told["package_id"]))
            if told.get("from_package"):
                self.touched.add(UUID(told["from_package"]))

    def _leave(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """These were not tried; who was busy keeps that for an answer."""
        untried = [row["id"] for row in rows if row["id"] not in self.results]
        said = "Not tried: the work was stopped before."
        for start in range(0, len(untried), NAMES):
            piece = untried[start : start + NAMES]
            names: dict[UUID, str] = {}
            with suppress(errors.AppError), self.database.transaction(self.may) as tx:  # better without names
                found = tx.rows(
                    "SELECT id, coalesce(nullif(attendee_name, ''), attendee_email) AS who FROM event_registrations"
                    " WHERE id = ANY(:ids)",
                    {"ids": piece},
                )
                names = {row.id: row.who for row in found}
            for one in piece:
                self.results[one] = RowResult(one, names.get(one, ""), "left", said)

    def _give_up(self, rows: Sequence[Mapping[str, Any]], error: errors.AppError, asked: int) -> None:
        """What was done stays done and can be taken back; the rest is told why not."""
        unknown = isinstance(error, errors.DatabaseDown) and error.unknown_outcome
        for n, row in enumerate(rows):
            known = self.results.get(row["id"])
            who = known.who if known is not None else ""
            if unknown and n < asked:
                self.results[row["id"]] = RowResult(row["id"], who, "unknown", str(error))
            else:
                why = f"Not tried, because the work stopped before: {error}" if unknown else str(error)
                self.results[row["id"]] = RowResult(row["id"], who, "refused", why)
