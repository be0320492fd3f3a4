"""The command line with secrets behind it: what it prints, with and without GREENROOM_DEBUG, in every situation."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa

from desktop import __main__ as program
from desktop.db import upgrade
from desktop.doctor import asking, display

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Building
    from tests.secrets.canaries import Canaries, Planted
    from tests.secrets.conftest import Ears

COMMANDS = (
    ("db", "check"),
    ("db", "check", "--json"),
    ("db", "check", "--repair"),
    ("db", "upgrade", "--plan"),
    ("db", "upgrade"),
    ("db", "roles"),
    ("db", "downgrade", "--all"),
    ("staff", "add", "nora", "--email", "nora@example.org", "--role", "admin"),
    (
        "import",
        "registrations",
        "{people}",
        "--event",
        "canary-fair",
        "--package",
        "canary-pass",
        "--dry-run",
    ),
    ("doctor", "--verbose"),
    ("import", "registrations", "{people}", "--event", "canary-fair", "--package", "canary-pass"),
)


@pytest.fixture
def runs(canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Run a command on a database; its exit code. The password of a new member of staff is a canary."""
    people = tmp_path / "people.csv"
    people.write_text(
        "E-mail,Name,Secret,Order\n"
        f"file@example.org,Ada,{canaries.registration},A1\n"
        f"not an address,Bob,{canaries.registration},A2\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GREENROOM_DEBUG", "1")
    monkeypatch.setattr(display, "look", asking.Answer)

    def run(url: str, *command: str) -> object:
        typed = io.TextIOWrapper(io.BytesIO(canaries.typed.encode() + b"\n"))
        monkeypatch.setattr(sys, "stdin", typed)
        monkeypatch.setenv("GREENROOM_DATABASE", url)
        try:
            return program.run([word.format(people=people) for word in command])
        except SystemExit as left:
            return left.code

    return run


def test_no_command_prints_a_secret_of_a_database_in_order(
    database_url: str, planted: Planted, canaries: Canaries, runs: Callable[..., object], ears: Ears
) -> None:
    codes = {}
    for command in COMMANDS:
        if command[1] != "downgrade":
            codes[command] = runs(database_url, *command)
            assert canaries.traces(ears.everything()) == [], command
    assert set(codes.values()) <= {0, 1}
    assert codes["db", "check"] == codes["db", "upgrade"] == 0
    assert codes[COMMANDS[-1]] == 0


def test_no_command_prints_a_secret_of_a_database_in_disorder(
    building: Building,
    database_url: str,
    planted: Planted,
    canaries: Canaries,
    runs: Callable[..., object],
    ears: Ears,
) -> None:
    building.registration(planted.package, status="waitlisted", registration_token=canaries.registration)
    building.do(
        "ALTER TABLE event_registrations DISABLE TRIGGER USER; ALTER TABLE events DISABLE TRIGGER USER"
    )
    building.do(
        "UPDATE event_registrations SET status = 'attended', waitlist_position = 7, cancelled_at = now()"
    )
    building.do("UPDATE events SET packages_ids = '{}', created_at = now() + interval '1 year'")
    try:
        assert runs(database_url, "db", "check") == 1
        assert canaries.traces(ears.everything()) == []
        for command in COMMANDS[1:5]:
            runs(database_url, *command)
            assert canaries.traces(ears.everything()) == [], command
    finally:
        building.do(
            "ALTER TABLE event_registrations ENABLE TRIGGER USER; ALTER TABLE events ENABLE TRIGGER USER"
        )
        building.do(
            "UPDATE package_seats s SET held = (SELECT count(*) FROM event_registrations r"
            " WHERE r.package_id = s.package_id AND r.status IN ('registered', 'attended'))"
        )


def test_the_doctor_reads_no_password_file_aloud(
    locked_url: str,
    planted: Planted,
    canaries: Canaries,
    runs: Callable[..., object],
    ears: Ears,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "pgpass"
    escaped = canaries.address.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    url = sa.make_url(locked_url)._replace(password=None).render_as_string()

    assert runs(url, "doctor", "--verbose") == 0
    told = ears.everything()
    assert "Round trip" in told
    assert canaries.traces(told) == []


REFUSALS = {
    "a wrong password": lambda url: url.set(password=url.password[::-1]),
    "no password": lambda url: url._replace(password=None),
    "a missing database": lambda url: url.set(database="no_such_database"),
    "an unknown role": lambda url: url.set(username="canary_nobody"),
    "few privileges": lambda url: url,
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_a_connection_is_refused_for_is_told_without_its_password(
    what: str,
    locked_url: str,
    planted: Planted,
    canaries: Canaries,
    runs: Callable[..., object],
    ears: Ears,
) -> None:
    url = REFUSALS[what](sa.make_url(locked_url)).render_as_string(hide_password=False)
    for command in COMMANDS:
        assert runs(url, *command) in ({1, 2} if what != "few privileges" else {0, 1, 2}), command
        told = ears.everything()
        assert canaries.traces(told) == [], command
        assert canaries.traces(told[::-1]) == [], command


@pytest.mark.parametrize("limit", ["CONNECTION LIMIT 0", "NOLOGIN", "VALID UNTIL '2000-01-01'"])
def test_a_role_that_may_not_connect_is_told_without_its_password(
    limit: str,
    building: Building,
    locked_url: str,
    canaries: Canaries,
    runs: Callable[..., object],
    ears: Ears,
) -> None:
    building.do(f"ALTER ROLE {sa.make_url(locked_url).username} {limit}")

    assert runs(locked_url, "db", "check") == 1

    assert canaries.traces(ears.everything()) == []


UNTRANSLATED = {
    "DETAIL": lambda website, planted: website.execute("UPDATE users SET status = 'asleep'"),
    "CONTEXT": lambda website, planted: website.execute(
        "DO $$ BEGIN EXECUTE format('SELECT %L::uuid', (SELECT password_hash FROM users LIMIT 1)); END $$"
    ),
}


@pytest.mark.parametrize("what", UNTRANSLATED)
def test_a_fault_that_nobody_translated_is_traced_without_the_row(
    what: str,
    building: Building,
    planted: Planted,
    canaries: Canaries,
    runs: Callable[..., object],
    ears: Ears,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slip(*_given: object, **_named: object) -> Any:
        try:
            UNTRANSLATED[what](building.website, planted)
        except psycopg.Error as error:
            raise RuntimeError("a fault of ours") from error

    monkeypatch.setattr(upgrade, "upgrade", slip)

    assert runs(building.address, "db", "upgrade") == 1

    told = ears.everything()
    assert "a fault of ours" in told
    assert "in slip" in told
    assert canaries.traces(told) == []
