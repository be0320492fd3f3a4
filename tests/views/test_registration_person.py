"""Whoever is selected and changes all the time is read by turns: one at a time, and the last word stays."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import shiboken6
from PySide6.QtCore import QObject

from desktop import errors
from desktop.views import pacing, registration_event, registration_person
from desktop.views.registration_event import RegistrationEvent
from desktop.views.registration_person import RegistrationPerson

if TYPE_CHECKING:
    from uuid import UUID

Loop = Any
Until = Any


@dataclass(frozen=True)
class Row:
    """What the list knows of somebody."""

    id: UUID
    name: str


@dataclass
class Panel:
    """What it was told to show."""

    rows: list[Any] = field(default_factory=list)
    details: list[Any] = field(default_factory=list)

    def show_row(self, row: Any, _event: Any) -> None:
        self.rows.append(row)

    def show_detail(self, detail: Any) -> None:
        self.details.append(detail)


def test_somebody_who_changes_all_the_time_is_read_one_at_a_time_and_then_once_more(
    in_loop: Loop, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "REST_SECONDS", 0.0)
    monkeypatch.setattr(pacing, "RESTS_FOR", 0)
    reads: list[asyncio.Future[str]] = []

    async def person(_workspace: Any, _id: UUID) -> str:
        reads.append(asyncio.get_running_loop().create_future())
        return await reads[-1]

    monkeypatch.setattr(registration_person.reading, "person", person)
    parent, panel, who = QObject(), Panel(), uuid4()
    shown = RegistrationPerson(SimpleNamespace(), panel, parent)

    async def scenario() -> None:
        shown.show_row(Row(who, "Zoë"), None)
        await until(lambda: len(reads) == 1)  # when the selection rests
        reads[0].set_result("first")
        await until(lambda: panel.details == ["first"])
        for number in range(50):
            shown.show_row(Row(who, f"Zoë {number}"), None)
            await asyncio.sleep(0)
        await until(lambda: len(reads) == 2)
        for number in range(50):
            shown.show_row(Row(who, f"Zoë F. {number}"), None)
            await asyncio.sleep(0)
        assert len(reads) == 2
        assert panel.rows[-1].name == "Zoë F. 49"  # what the list knows is shown at once
        reads[1].set_result("second")
        await until(lambda: len(reads) == 3)
        reads[2].set_result("third")
        await until(lambda: panel.details == ["first", "second", "third"])
        shown.show_row(panel.rows[-1], None)  # said again, and nothing is new
        shown.close_down()
        shown.ask(at_once=True)
        await asyncio.sleep(0)
        assert len(reads) == 3

    in_loop(scenario())


@pytest.mark.parametrize("answer", ["it", errors.NotFound("registration"), errors.NotAllowed("look", "door")])
def test_an_answer_that_comes_when_the_screen_is_gone_is_told_nobody(
    answer: Any, in_loop: Loop, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[asyncio.Future[Any]] = []

    async def read(*_which: Any) -> Any:
        asked.append(asyncio.get_running_loop().create_future())
        return await asked[-1]

    monkeypatch.setattr(registration_person.reading, "person", read)
    monkeypatch.setattr(registration_event.reading, "numbers", read)
    parent, panel = QObject(), Panel()
    person, event = (
        RegistrationPerson(SimpleNamespace(), panel, parent),
        RegistrationEvent(SimpleNamespace(), parent),
    )
    person.row = Row(uuid4(), "Zoë")
    event.shown = SimpleNamespace(id=uuid4())

    async def scenario() -> None:
        under_way = [asyncio.ensure_future(one()) for one in (person.read, event.count)]
        await until(lambda: len(asked) == 2)
        for one in (person, event):
            one.close_down()
        shiboken6.delete(parent)
        for one, reply in zip(asked, (answer, (event.shown, None)), strict=True):
            if isinstance(answer, errors.AppError):
                one.set_exception(answer)
            else:
                one.set_result(reply)
        await asyncio.gather(*under_way)
        assert panel.details == []

    in_loop(scenario())
