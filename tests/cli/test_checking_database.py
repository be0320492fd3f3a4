"""``greenroom db check`` says what it finds to people and to machines, and mends what it is asked to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from desktop.__main__ import run
from desktop.db import upgrade
from desktop.services.checking import derived, guards, rules

DOCUMENT = Path(__file__).parents[2] / "docs" / "db-check.md"
KINDS_ELSEWHERE = {
    "server_version", "server_encoding", "not_encrypted", "not_verified", "pooler", "schema_older",
    "schema_table", "schema_column", "schema_constraint", "schema_index", "schema_trigger", "schema_view",
    "schema_function", "schema_schema", "privilege_missing", "privilege_too_much", "group_grants", "orphan",
    "overbooked", "one_person_twice", "local_time", "clock", "not_looked_at", "website_silent", "notifications_full",
    "notify_misunderstood",
}  # fmt: skip


@pytest.fixture
def workshop(building, admin):
    """A package of two seats: one person has one, one waits; and somebody who may sign in."""
    package = building.package(building.event(title="Monsoon Summit"), name="Workshop", capacity=2)
    building.registration(package)
    building.waiting(package, "c@example.org")
    return package


@pytest.fixture
def check(database_url, capsys):
    """The command's exit code, answer, and what it complained of."""

    def run_it(*arguments):
        code = run(["db", "check", "--database", database_url, *arguments])
        return code, *capsys.readouterr()

    return run_it


def test_a_database_in_order_is_all_right(workshop, check):
    code, out, err = check()

    assert (code, err) == (0, "")
    assert f"has schema {upgrade.newest()}." in out
    assert "Seats of packages: 1 package looked at, all right." in out
    assert len(re.findall("looked at, all right", out)) == len(out.splitlines()) - 1


def test_what_is_wrong_is_said_with_the_way_out_and_exits_with_1(workshop, building, check):
    building.do("UPDATE package_seats SET held = 7")

    code, out, err = check()

    assert code == 1
    assert "Seats of packages: 1 package looked at, 1 wrong." in out
    assert (
        f"    “Workshop” of “Monsoon Summit”: the counter says 7 seats are held, and 1 are ({workshop})"
        in out
    )
    assert "“greenroom db check --repair” mends this." in out
    assert "One thing is wrong" in err
    assert "nothing was changed" in err
    assert building.held(workshop) == 7
    building.do("UPDATE package_seats SET held = 1")


def test_a_note_is_said_and_is_not_wrong(workshop, building, check):
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE status = 'registered'")

    code, out, err = check()

    assert (code, err) == (0, "")
    assert "Rows against the rules: 10 rules looked at, 1 to know." in out
    assert "  note: One registration is cancelled and does not say since when." in out


def test_repair_mends_says_what_and_has_nothing_left_to_do_the_second_time(workshop, building, check):
    building.do("UPDATE package_seats SET held = 7")
    building.do("UPDATE events SET packages_ids = '{}'")

    code, out, err = check("--repair")

    assert (code, err) == (0, "Mending\n")
    assert "Recounted the seats of “Workshop” of “Monsoon Summit”: 1 held (the counter said 7)." in out
    assert "Listed the packages of “Monsoon Summit” again: 1 (the list had 0)." in out
    assert [action for action, _ in building.log()] == ["repair.seats", "repair.packages_ids"]
    code, out, err = check("--repair")
    assert (code, err) == (0, "")
    assert "There was nothing to mend." in out


def test_repair_needs_an_admin_in_whose_name_it_is_logged(workshop, building, check):
    building.do("UPDATE users SET status = 'inactive'")
    building.do("UPDATE package_seats SET held = 7")

    code, _, err = check("--repair")

    assert code == 1
    assert "has no active admin in whose name this could be done" in err
    assert building.held(workshop) == 7
    building.do("UPDATE package_seats SET held = 1")


def test_repair_leaves_what_only_a_person_can_decide(workshop, building, check):
    building.do("UPDATE packages SET capacity = -1")

    code, out, err = check("--repair")

    assert code == 1
    assert "There was nothing to mend." in out
    assert "One thing is wrong" in err


def test_machines_get_json_and_nothing_else(workshop, building, check):
    building.do("UPDATE package_seats SET held = 7")
    building.do("UPDATE event_registrations SET cancelled_at = now() WHERE status = 'registered'")

    code, out, err = check("--json")
    answer = json.loads(out)

    assert (code, err) == (1, "")
    assert out.isascii()
    assert set(answer) == {"format", "database", "server", "schema", "wrong", "notes", "subjects", "mended"}
    assert (answer["format"], answer["wrong"], answer["notes"], answer["mended"]) == (1, 1, 1, [])
    assert answer["schema"] == {"found": upgrade.newest(), "wanted": upgrade.newest()}
    assert all(
        set(subject) == {"name", "title", "counted", "things", "findings"} for subject in answer["subjects"]
    )
    (found,) = next(subject["findings"] for subject in answer["subjects"] if subject["name"] == "seats")
    assert found == {
        "kind": "seat_counter",
        "severity": "wrong",
        "sentence": derived.SEATS.one,
        "remedy": derived.SEATS.remedy,
        "count": 1,
        "rows": [
            {
                "id": str(workshop),
                "sentence": "“Workshop” of “Monsoon Summit”: the counter says 7 seats are held, and 1 are",
            }
        ],
        "sql": derived.SEATS.sql,
        "repairable": True,
    }
    building.do("UPDATE package_seats SET held = 1")


def test_machines_are_told_what_was_mended(workshop, building, check):
    building.do("UPDATE package_seats SET held = 7")

    code, out, _ = check("--json", "--repair")
    answer = json.loads(out)

    assert (code, answer["wrong"]) == (0, 0)
    assert answer["mended"] == [
        {
            "kind": "seat_counter",
            "id": str(workshop),
            "sentence": "Recounted the seats of “Workshop” of “Monsoon Summit”: 1 held (the counter said 7)",
            "done": True,
        }
    ]


def test_an_older_schema_is_wrong(workshop, building, check):
    building.do("UPDATE greenroom.schema_version SET version_num = '0005'")

    code, out, err = check()

    assert code == 1
    assert "has schema 0005" in out
    assert "Run “greenroom db upgrade”" in out
    assert "One thing is wrong" in err


def test_every_kind_is_documented_and_no_other():
    documented = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    asked = (derived.SEATS, derived.LISTS_OF_PACKAGES, derived.WAITLISTS, *rules.WRONG, *rules.NOTES)
    kinds = {question.kind for question in (*asked, *guards._questions("0"))}

    assert documented == kinds | KINDS_ELSEWHERE
