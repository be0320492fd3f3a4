"""Connections on the command line: listed without secrets, named for the window only, and the known ones told."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from desktop import settings
from desktop.__main__ import run
from desktop.cli import window
from desktop.services import connections
from desktop.services.connections import Profile

if TYPE_CHECKING:
    from pathlib import Path

GALA = Profile(UUID(int=25), "Gala office", "db.gala.example", "events", "asha", password_kept=True)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection, in a folder of the test's own."""
    monkeypatch.setattr(settings, "config_folder", lambda: tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "vnc")  # a display, as far as the command line can tell
    connections.keep(tmp_path, GALA)


def test_they_are_listed_with_where_they_lead(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connections"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "This computer: the database Greenroom keeps here",
        "Gala office: “events” on db.gala.example as asha, password in the keyring",
    ]


@pytest.mark.parametrize(("name", "key"), [("gala OFFICE", str(GALA.id)), ("this computer", "here")])
def test_the_window_opens_on_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    shown: list[tuple[str | None, str]] = []
    monkeypatch.delenv("GREENROOM_DATABASE", raising=False)
    monkeypatch.setattr(window, "show", lambda *given: shown.append(given) or 0)
    assert run(["--connection", name]) == 0
    assert shown == [(None, key)]


def test_a_name_nobody_gave_and_a_command_that_takes_none_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--connection", "opera"]) == 2
    assert "There is no connection “opera”. Those of this computer: “Gala office”." in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        run(["--connection", "Gala office", "db", "check"])
    assert left.value.code == 2
    assert "a command takes --database" in capsys.readouterr().err
