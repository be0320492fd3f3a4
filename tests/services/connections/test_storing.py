"""The file of connections: what is kept comes back, two windows lose nothing, and damage is kept aside."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop import errors
from desktop.services import connections
from desktop.services.connections import Profile, Tls, Typed, storing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GALA = Profile(uuid4(), "Gala office", "db.gala.example", "events", "asha")
FAIR = Profile(
    uuid4(), "‏معرض‎ Pune", "one.example.org,two.example.org:5433", "fair", port=6432, tls=Tls.ENCRYPTED
)

NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60).filter(
    lambda text: bool(text.strip())
)


def file_of(folder: Path) -> Path:
    return folder / storing.FILE


@settings(max_examples=30)
@given(
    name=NAMES,
    host=st.from_regex(r"\A[a-z][a-z0-9.-]{0,20}(:[1-9][0-9]{0,3})?(,[a-z]{1,9})?\Z"),
    port=st.integers(1, 65535),
    database=NAMES,
    user=NAMES,
    tls=st.sampled_from(Tls),
    password=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1),
)
def test_what_was_typed_is_read_again_and_leads_to_the_same_address(
    tmp_path_factory: pytest.TempPathFactory, **fields: Any
) -> None:
    password = fields.pop("password")
    folder = tmp_path_factory.mktemp("config")
    try:
        made = connections.check(Typed(**fields | {"port": str(fields["port"])}), uuid4())
    except errors.RuleViolation:
        return  # a name that normalises to one of ours
    with patch.object(storing.os, "fsync"):  # thirty times, it would be a test of the disk
        connections.keep(folder, made)
    (again,) = connections.read(folder).profiles
    assert again == made
    assert (
        password not in file_of(folder).read_text(encoding="utf-8").replace(made.name, "")
        or len(password) < 9
    )
    url = connections.address(again, password)
    options = url.get_dialect()().create_connect_args(url)[1]
    assert (options["dbname"], options["user"], options["password"]) == (made.database, made.user, password)
    assert password not in repr(url) or len(password) < 9


def test_without_a_file_there_are_none_and_nothing_is_made(tmp_path: Path) -> None:
    assert connections.read(tmp_path / "nowhere") == connections.Kept(())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder to its owner by itself")
def test_the_file_and_its_folder_are_the_persons_alone(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "greenroom"
    connections.keep(folder, GALA)
    file_of(folder).chmod(0o644)
    connections.keep(folder, FAIR)
    assert stat.S_IMODE(file_of(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_windows_that_save_at_once_lose_nothing(
    tmp_path: Path, at_once: Callable[..., list[Any]]
) -> None:
    made = [Profile(uuid4(), f"Office {n}", "db.example.org", "events") for n in range(6)]
    at_once(*[lambda one=one: connections.keep(tmp_path, one) for one in made])
    assert set(connections.read(tmp_path).profiles) == set(made)
    assert sorted(file.name for file in tmp_path.iterdir()) == [storing.FILE, storing.LOCK]


def test_what_another_window_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    connections.keep(tmp_path, GALA)
    theirs = replace(GALA, host="db2.gala.example")
    connections.keep(tmp_path, theirs, GALA)
    with pytest.raises(errors.RuleViolation, match="changed or removed in another window"):
        connections.keep(tmp_path, replace(GALA, port=5433), GALA)
    connections.remove(tmp_path, GALA.id)
    with pytest.raises(errors.RuleViolation, match="changed or removed"):
        connections.keep(tmp_path, replace(GALA, port=5433), theirs)
    assert connections.read(tmp_path).profiles == ()


def test_a_name_is_given_once(tmp_path: Path) -> None:
    connections.keep(tmp_path, GALA)
    with pytest.raises(errors.InvalidField, match="another connection called") as caught:
        connections.keep(tmp_path, replace(FAIR, name="GALA Office"))
    assert caught.value.field == "name"


def test_a_removal_is_taken_back_to_where_it_was(tmp_path: Path) -> None:
    for one in (GALA, FAIR):
        connections.keep(tmp_path, one)
    left, at = connections.remove(tmp_path, GALA.id)
    assert (left, at) == ((FAIR,), 0)
    assert connections.put_back(tmp_path, GALA, at) == (GALA, FAIR)


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"version": 1}', b"[" * 100_000])
def test_a_file_that_cannot_be_read_is_kept_aside_and_said(tmp_path: Path, damage: bytes) -> None:
    file_of(tmp_path).write_bytes(damage)
    kept = connections.read(tmp_path)
    assert kept.profiles == ()
    (aside,) = tmp_path.glob("connections-damaged-*.json")
    assert aside.read_bytes() == damage
    assert aside.name in kept.trouble
    assert connections.read(tmp_path) == connections.Kept(())  # said once
    connections.keep(tmp_path, GALA)
    assert aside.read_bytes() == damage


def test_who_only_looks_leaves_a_damaged_file_to_the_window(tmp_path: Path) -> None:
    """Which says what became of it: said to nobody, it would be lost in silence."""
    connections.keep(tmp_path, GALA)
    whole = json.loads(file_of(tmp_path).read_text(encoding="utf-8"))
    whole["connections"].append({"name": "half"})
    file_of(tmp_path).write_text(json.dumps(whole), encoding="utf-8")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    looked = connections.look(tmp_path)
    assert looked.profiles == (GALA,)
    assert "is damaged; 1 of its connections can be read" in looked.trouble
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before
    assert connections.look(tmp_path / "none") == connections.Kept(())
    assert not (tmp_path / "none").exists()
    assert "was damaged" in connections.read(tmp_path).trouble


@pytest.mark.parametrize(
    "spoilt",
    [
        {"host": "a b"},
        {"port": 0},
        {"port": "5432"},
        {"port": True},
        {"name": "half a \ud83c"},
        {"database": "two\nlines"},
        {"tls": "perhaps"},
        {"id": 7},
        {"id": "x"},
        {"name": None},
        {"password": "x"},
        {"password_kept": "yes"},
    ],
)
def test_one_damaged_entry_does_not_take_the_others_with_it(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    for one in (GALA, FAIR):
        connections.keep(tmp_path, one)
    whole = json.loads(file_of(tmp_path).read_text(encoding="utf-8"))
    whole["connections"][0] |= spoilt
    file_of(tmp_path).write_text(json.dumps(whole), encoding="utf-8")
    kept = connections.read(tmp_path)
    assert kept.profiles == (FAIR,)
    assert "1 of its connections could be read" in kept.trouble
    assert len(list(tmp_path.glob("connections-damaged-*"))) == 1


def test_a_file_that_windows_editor_saved_is_read(tmp_path: Path) -> None:
    connections.keep(tmp_path, GALA)
    file_of(tmp_path).write_bytes(b"\xef\xbb\xbf" + file_of(tmp_path).read_bytes())
    assert connections.read(tmp_path) == connections.Kept((GALA,))


@pytest.mark.parametrize(
    ("field", "text"), [("host", "db\ud800"), ("user", "a\x07"), ("name", "\u200b\u202e")]
)
def test_what_nobody_can_see_or_write_down_is_not_taken(field: str, text: str) -> None:
    with pytest.raises(errors.InvalidField) as refused:
        connections.check(replace(Typed("x", "db.example.org", "", "events"), **{field: text}), uuid4())
    assert refused.value.field == field


def test_a_newer_greenrooms_file_is_left_alone(tmp_path: Path) -> None:
    text = json.dumps({"version": 2, "connections": [{"of": "tomorrow"}]})
    file_of(tmp_path).write_text(text)
    for ask in (lambda: connections.read(tmp_path), lambda: connections.keep(tmp_path, GALA)):
        with pytest.raises(errors.AppError, match="written by a newer Greenroom"):
            ask()
    assert file_of(tmp_path).read_text() == text


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "greenroom").write_text("a file stands where the folder should be")
    with pytest.raises(errors.AppError, match="cannot be kept in"):
        connections.keep(tmp_path / "greenroom", GALA)


def test_a_name_on_the_command_line_is_found_in_any_case_or_the_known_ones_are_told() -> None:
    assert connections.named((GALA, FAIR), " gala  OFFICE ") is GALA
    with pytest.raises(errors.InvalidField, match="“Gala office”"):
        connections.named((GALA, FAIR), "opera")


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [
        ("db.example.org", {"host": "db.example.org", "port": 5432}),
        ("db.example.org:5433", {"host": "db.example.org", "port": 5433}),
        ("::1", {"host": "::1", "port": 5432}),
        ("[::1]:5433", {"host": "::1", "port": 5433}),
        ("/var/run/postgresql", {"host": "/var/run/postgresql", "port": "5432"}),
        (" one , two:5433 ", {"host": "one,two", "port": "5432,5433"}),
    ],
)
def test_every_way_to_name_a_server_leads_there(host: str, leads_to: dict[str, object]) -> None:
    url = connections.address(connections.check(Typed("x", host, "", "events"), uuid4()))
    options = url.get_dialect()().create_connect_args(url)[1]
    assert {name: options[name] for name in leads_to} == leads_to
    assert isinstance(url, sa.URL)


def test_all_that_cannot_be_taken_is_told_at_once_beside_its_field() -> None:
    with pytest.raises(errors.InvalidFields) as caught:
        connections.check(Typed("This Computer", "a b", "0", " ", "a\nb", Tls.OFF, "/x.crt"), uuid4())
    assert [one.field for one in caught.value.invalid] == [
        *("name", "host", "port", "database", "user", "certificate")
    ]


PASTED = {
    "postgresql://asha:s%40fe@db.gala.example:5433/events": (
        Typed(host="db.gala.example", port="5433", database="events", user="asha"),
        "s@fe",
        (),
    ),
    "postgres://asha@one,two:5433/events?sslmode=require&application_name=x": (
        Typed(host="one:5432,two:5433", database="events", user="asha", tls=Tls.ENCRYPTED),
        "",
        ("application_name",),
    ),
    "postgresql:///events?host=/var/run/postgresql&password=pw&sslmode=prefer": (
        Typed(host="/var/run/postgresql", database="events"),
        "pw",
        ("sslmode=prefer",),
    ),
}


@pytest.mark.parametrize("text", PASTED)
def test_a_pasted_address_fills_the_fields_and_says_what_it_leaves_out(text: str) -> None:
    assert connections.typed.is_address(text)
    pasted = connections.paste(text)
    assert (pasted.typed, pasted.password, pasted.left_out) == PASTED[text]
    assert "s@fe" not in repr(pasted)
    assert isinstance(connections.check(Typed("x", *_of(pasted.typed)), UUID(int=1)), Profile)


def _of(typed: Typed) -> tuple[str, str, str, str]:
    return typed.host, typed.port, typed.database, typed.user
