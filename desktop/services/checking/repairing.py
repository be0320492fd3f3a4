"""Mending what is derived: seat counters, lists of packages, places of waitlists.

Safe beside everybody who writes: each thing is mended by one SQL function (``0012_repair.sql``), a transaction by
itself that takes the lock everybody else takes, looks again, and logs what it changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services.checking import asking, derived
from desktop.services.checking.model import Mended
from desktop.services.permissions import Operation, acting
from desktop.services.waitlist import closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Acting, Actor, Database
    from desktop.services.checking.asking import Question
    from desktop.services.checking.model import Row


def repair(
    database: Database, actor: Actor, progress: Callable[[str, int, int], None] = lambda *_: None
) -> tuple[Mended, ...]:
    """Mend everything that `derived` finds now, the counters first; what was mended, and what others held too long.

    Locks one package's seats or one event at a time, for as long as counting or numbering it takes. Needs this
    program's schema. Raises `NotAllowed`, `DatabaseDown`, `DatabaseRefused`; what was mended before that stays mended.
    """
    mending = _Mending(database, actor)
    wrong = _wrong(database, acting(actor, Operation.REPAIR))
    of = sum(len(rows) for _, rows in wrong)
    mended: list[Mended] = []
    done = 0
    for question, rows in wrong:
        for row in rows:
            progress("mending", done, of)
            done += 1
            mended += mending.mend(question, row)
    return tuple(mended)


def _wrong(database: Database, may: Acting) -> list[tuple[Question, tuple[Row, ...]]]:
    with database.transaction(may) as tx:
        tx.execute(asking.PATIENT)
        return [
            (question, asking.rows(tx, question))
            for question in (derived.SEATS, derived.LISTS_OF_PACKAGES, derived.WAITLISTS)
        ]


@dataclass(frozen=True, slots=True)
class _Mending:
    database: Database
    actor: Actor

    def mend(self, question: Question, row: Row) -> list[Mended]:
        """One thing; nothing when it came right by itself meanwhile."""
        try:
            done = self._sentence(question, row)
        except errors.Busy:
            return [Mended(question.kind, row.id, row.sentence, done=False)]
        return [Mended(question.kind, row.id, done)] if done else []

    def _sentence(self, question: Question, row: Row) -> str | None:
        done: str | None
        if question is derived.SEATS:
            done = self._call("repair_seats", p_package=row.id)
        elif question is derived.LISTS_OF_PACKAGES:
            done = self._call("repair_packages_ids", p_event=row.id)
        else:
            done = self._number(row)
        return done

    def _number(self, row: Row) -> str | None:
        moved = 0
        while True:
            step: int = self._call("repair_waitlist", p_package=row.id, p_most=closing.STEP)
            moved += step
            if step < closing.STEP:
                break
        places = "1 place" if moved == 1 else f"{moved:,} places"
        return f"{row.sentence}. Numbered again, {places} changed" if moved else None

    def _call(self, function: str, **parameters: object) -> Any:
        return self.database.call(function, {"p_actor": acting(self.actor, Operation.REPAIR), **parameters})[
            0
        ]
