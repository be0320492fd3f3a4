"""What is done to many registrations at once, as steps the screen runs, and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QCoreApplication

from desktop import errors
from desktop.services import registrations
from desktop.services.grid import WIDTH
from desktop.services.lists import chosen
from desktop.services.permissions import Operation
from desktop.views.registration_actions import Done, Step
from desktop.views.wording import counted, filled

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.services.grid import Cancellation
    from desktop.services.registrations import Bulk
    from desktop.services.registrations.moving import WhenFull
    from desktop.services.workspace import Workspace
    from desktop.views.long_work import LongWork, Progress

    Report = Callable[["Reported"], None]

Result = Literal["done", "refused", "unknown", "left"]
Verb = Literal["cancel", "promote", "put_back", "move"]
Deed = Literal["cancel", "promote", "put_back", "move", "undo"]

OPERATIONS: Final[dict[Verb, Operation]] = {
    "cancel": Operation.CANCEL,
    "promote": Operation.PROMOTE,
    "put_back": Operation.PUT_BACK,
    "move": Operation.MOVE_REGISTRATIONS,
}
STATUSES: Final[dict[Verb, tuple[str, ...]]] = {
    "cancel": ("registered", "waitlisted"),
    "promote": ("waitlisted",),
    "put_back": ("registered",),
    "move": ("registered", "waitlisted"),
}
"""With whom it can be done (ruling 14)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with whom; ``ids`` are 16 bytes each."""

    verb: Verb
    ids: bytes
    reason: str = ""
    package_id: UUID | None = None
    when_full: WhenFull = "refuse"


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of each, in a sentence and row by row, and what takes it back."""

    sentence: str
    bulk: Bulk
    undo: Step | None


@dataclass(frozen=True, slots=True)
class BulkSteps:
    """Makes the steps for one event's list. ``report`` shows a report when the person asks for it."""

    workspace: Workspace
    work: LongWork
    report: Report

    def step(self, event_id: UUID, wish: Wish) -> Step:
        """Do it to all of them. ``run`` raises what the first call raises; later trouble is in the report."""

        def work(progress: Progress, asking: Cancellation) -> Bulk:
            database, actor = self.workspace.database, self.workspace.actor
            ids = chosen.each(wish.ids)
            stopped = _stopped(asking)
            if wish.verb == "promote":
                return registrations.promote_all(database, actor, ids, progress, stopped)
            if wish.verb == "put_back":
                return registrations.put_back_all(database, actor, ids, wish.reason, progress, stopped)
            if wish.verb == "move" and wish.package_id is not None:
                return registrations.move_all(
                    database,
                    actor,
                    ids,
                    wish.package_id,
                    when_full=wish.when_full,
                    reason=wish.reason,
                    progress=progress,
                    stopped=stopped,
                )
            return registrations.cancel_all(database, actor, ids, wish.reason, progress, stopped)

        return self._step(event_id, wish.verb, len(wish.ids) // WIDTH, work)

    def _undo(self, event_id: UUID, what: registrations.Undo) -> Step:
        def work(progress: Progress, asking: Cancellation) -> Bulk:
            database, actor = self.workspace.database, self.workspace.actor
            return registrations.undo(database, actor, what, progress, _stopped(asking))

        return self._step(event_id, "undo", len(what.rows), work)

    def _step(
        self, event_id: UUID, deed: Deed, total: int, work: Callable[[Progress, Cancellation], Bulk]
    ) -> Step:
        async def run() -> Done:
            if self.work.running:
                raise errors.RuleViolation(
                    _tr("Something else is still being done. Wait for it, or stop it.")
                )
            bulk = await self.work.run(doing(deed), total, work)
            undo = self._undo(event_id, bulk.undo) if bulk.undo is not None else None
            reported = Reported(told(deed, bulk), bulk, undo)
            return Done(
                reported.sentence,
                (),
                undo=undo,
                report=lambda: self.report(reported),
                complete=bulk.done == len(bulk.rows),
            )

        return Step(event_id, run)


def doing(deed: Deed) -> str:
    """What is going on, with the numbers as %1 and %2."""
    return {
        "cancel": _tr("Cancelling %1 of %2"),
        "promote": _tr("Promoting %1 of %2"),
        "put_back": _tr("Putting %1 of %2 back on the waitlist"),
        "move": _tr("Moving %1 of %2"),
        "undo": _tr("Taking back %1 of %2"),
    }[deed]


def told(deed: Deed, bulk: Bulk) -> str:
    """What was done, what was not, and who got the seats, as a sentence."""
    of = len(bulk.rows)
    numbers = Counter(row.result for row in bulk.rows)
    none, one, more, some = {
        "cancel": (
            _tr("No registration was cancelled."),
            _tr("Cancelled 1 registration."),
            _tr("Cancelled %1 registrations."),
            _tr("Cancelled %1 of %2 registrations."),
        ),
        "promote": (
            _tr("Nobody was promoted."),
            _tr("Promoted 1 person."),
            _tr("Promoted %1 people."),
            _tr("Promoted %1 of %2 people."),
        ),
        "put_back": (
            _tr("Nobody was put back on the waitlist."),
            _tr("Put 1 person back on the waitlist."),
            _tr("Put %1 people back on the waitlist."),
            _tr("Put %1 of %2 people back on the waitlist."),
        ),
        "move": (
            _tr("No registration was moved."),
            _tr("Moved 1 registration."),
            _tr("Moved %1 registrations."),
            _tr("Moved %1 of %2 registrations."),
        ),
        "undo": (
            _tr("Nothing was taken back."),
            _tr("Took it back for 1."),
            _tr("Took it back for all %1."),
            _tr("Took it back for %1 of %2."),
        ),
    }[deed]
    done = numbers["done"]
    if not done and not numbers["unknown"]:
        said = [none]
    else:
        said = [counted(of, one, more) if done == of else filled(some, f"{done:,}", f"{of:,}")]
    not_done: tuple[tuple[Result, str], ...] = (
        ("refused", _tr("Refused: %1.")),
        ("unknown", _tr("Not known, because the connection broke: %1.")),
        ("left", _tr("Not tried, because it was stopped: %1.")),
    )
    for result, sentence in not_done:
        if number := numbers[result]:
            said.append(filled(sentence, f"{number:,}"))
    if heirs := sum(row.promoted_id is not None for row in bulk.rows):
        one = _tr("1 person who waited has got a seat.")
        said.append(counted(heirs, one, _tr("%1 people who waited have got a seat.")))
    return " ".join(said)


def _stopped(asking: Cancellation) -> Callable[[], bool]:
    return lambda: asking.cancelled


def _tr(text: str) -> str:
    return QCoreApplication.translate("bulk_steps", text)
