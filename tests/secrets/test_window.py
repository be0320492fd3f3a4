"""The window with secrets behind it: what it shows and prints when the database refuses and when something breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from desktop import app, background
from desktop.services import opening
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from desktop.running import Greenroom
    from tests.conftest import Building
    from tests.secrets.canaries import Canaries, Planted
    from tests.secrets.conftest import Ears

pytestmark = pytest.mark.usefixtures("remembered", "light_again")

ASLEEP = "UPDATE users SET status = 'asleep' WHERE username = 'canary'"
UNREADABLE = "SELECT cast(password_hash AS integer) FROM users WHERE username = 'canary'"


def shown(greenroom: Greenroom) -> str:
    """Every word in the window, and what it says to those who cannot see it."""
    words = []
    for widget in [greenroom.window, *greenroom.window.findChildren(QWidget)]:
        told = [
            widget.toolTip(),
            widget.accessibleName(),
            widget.accessibleDescription(),
            widget.windowTitle(),
        ]
        ways = (getattr(widget, name, None) for name in ("displayText", "text", "toPlainText"))
        said = next(filter(None, ways), str)
        words += [*told, str(said())]
    return "\n".join(words)


def play(url: str, scenario: Callable[[Greenroom], Coroutine[Any, Any, None]]) -> int:
    async def script(greenroom: Greenroom) -> int:
        await scenario(greenroom)
        return 0

    return app.play(app.Start(lambda: opening.open_remote(url), ZoneInfo("Asia/Kolkata")), script)


def test_a_refused_password_is_not_on_the_page_that_says_so(
    locked_url: str, canaries: Canaries, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_DEBUG", "1")
    wrong = sa.make_url(locked_url).set(password=canaries.address + "x").render_as_string(hide_password=False)
    seen = []

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: greenroom.window.starting.state() == "failed")
        seen.append(shown(greenroom))

    assert play(wrong, scenario) == 0
    assert "did not accept" in seen[0]
    assert canaries.traces(seen[0] + ears.everything()) == []


def test_what_breaks_anywhere_in_the_program_is_told_without_the_row(
    building: Building,
    planted: Planted,
    database_url: str,
    canaries: Canaries,
    ears: Ears,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GREENROOM_DEBUG", "1")
    seen = []

    async def task(statement: str) -> None:
        building.website.execute(statement)

    async def worker(statement: str) -> None:
        await background.run(building.website.execute, statement)

    async def behind(statement: str) -> None:
        try:
            building.website.execute(statement)
        except Exception as error:
            raise LookupError(f"a fault of ours in {statement.split()[0]}") from error

    def slot(statement: str) -> None:
        building.website.execute(statement)

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: greenroom.window.first_run.isVisible() or greenroom.window.sign_in.isVisible())
        faults = 0
        for statement in (ASLEEP, UNREADABLE):
            for broken in (task, worker, behind):
                background.start(broken(statement))
            QTimer.singleShot(0, lambda statement=statement: slot(statement))
            faults += 4
            await until(lambda faults=faults: greenroom.faults == faults)
            seen.append(shown(greenroom))

    assert play(database_url, scenario) == 0
    told = ears.everything()
    assert "Something in Greenroom broke" in seen[0]
    assert "\npsycopg.errors.CheckViolation (23514" in seen[0]
    assert "\nbehind it: psycopg.errors." in seen[0]
    assert "\nThe log\n" in seen[0]
    assert told.count("Traceback") >= 8
    assert "a fault of ours in UPDATE" in told
    assert canaries.traces(told + "".join(seen)) == []


def test_a_sign_in_that_breaks_shows_neither_password_nor_hash(
    building: Building, planted: Planted, database_url: str, canaries: Canaries, ears: Ears
) -> None:
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin'", planted.user)
    building.do(
        "CREATE FUNCTION public.gossip() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '%', NEW.password_hash USING DETAIL = NEW::text; END $$"
    )
    building.do("CREATE TRIGGER gossip BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION public.gossip()")
    seen = []

    async def scenario(greenroom: Greenroom) -> None:
        card = greenroom.window.sign_in
        await until(card.isVisible)
        card._name.setText("canary")
        card._secret.setText(canaries.typed)
        card.action.start()
        await until(lambda: greenroom.faults)
        seen.append(shown(greenroom))

    assert play(database_url, scenario) == 0
    told = ears.everything()
    assert "a fault in Greenroom: Scrubbed" in told
    assert "Something in Greenroom broke (Scrubbed)" in seen[0]
    assert canaries.traces(told + "".join(seen)) == []
