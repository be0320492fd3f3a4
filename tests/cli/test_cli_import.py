"""``greenroom import registrations``: the same report dry and real, and the log says where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from desktop.__main__ import run

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Actor, Database


@pytest.fixture
def people(database: Database, admin: Actor, tmp_path: Path) -> Path:
    """Three people in a file, and an event whose package has two seats."""
    event = uuid4()
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (id, created_by, title, slug, start_time, location, status)"
            " VALUES (:id, :by, 'Monsoon Summit', 'monsoon', now(), 'Bengaluru', 'published')",
            {"id": event, "by": admin.id},
        )
        tx.execute(
            "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)"
            " VALUES ('Workshop', 'workshop', 0, 0, 'event', :event, 2)",
            {"event": event},
        )
    path = tmp_path / "people.csv"
    path.write_text(
        "Who,Email\nZoë Fernández,zoe@example.org\n林美玲,mei@example.org\nNoor,noor@example.org\n",
        encoding="utf-8",
    )
    return path


def bring(people: Path, database_url: str, *more: str) -> int:
    return run(
        [
            *("import", "registrations", str(people), "--event", "monsoon", "--package", "workshop"),
            *("--database", database_url, "--map", "name=Who", *more),
        ]
    )


def statuses(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as tx:
        return [
            (row.attendee_name, row.status)
            for row in tx.rows(
                "SELECT attendee_name, status FROM event_registrations ORDER BY attendee_email"
            )
        ]


def test_a_dry_run_prints_the_report_and_changes_nothing(
    people: Path, database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(people, database_url, "--dry-run") == 0

    out, err = capsys.readouterr()
    assert out.startswith("Would import “people.csv” into “Workshop” of “Monsoon Summit”.\n")
    assert err == "Reading\nChecking\nPlanning\n"
    assert statuses(database) == []


def test_an_import_seats_people_then_queues_them_and_twice_is_once(
    people: Path, database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(people, database_url) == 0
    first = capsys.readouterr().out
    assert bring(people, database_url) == 0

    assert first.startswith("Imported “people.csv” into “Workshop” of “Monsoon Summit”.\n")
    assert statuses(database) == [
        ("林美玲", "registered"),
        ("Noor", "waitlisted"),
        ("Zoë Fernández", "registered"),
    ]


def test_the_log_says_it_came_from_the_command_line_in_the_name_of_the_oldest_admin(
    people: Path, database: Database, database_url: str, admin: Actor
) -> None:
    younger = uuid4()
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO users (id, username, email, created_at)"
            " VALUES (:id, 'later', 'later@example.org', now() + interval '1 hour')",
            {"id": younger},
        )
        tx.execute("INSERT INTO user_roles SELECT :id, id FROM roles WHERE name = 'admin'", {"id": younger})

    assert bring(people, database_url) == 0

    with database.transaction() as tx:
        logged = tx.rows(
            "SELECT admin_id, description FROM admin_logs WHERE action_type = 'registration.import'"
        )
    assert [row.admin_id for row in logged] == [admin.id]
    assert "people.csv (from the command line)" in logged[0].description


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--event", "monsun"], "There is no event “monsun”"),
        (["--package", "werkstatt"], "has no package “werkstatt”"),
        (["--map", "nam=Who"], "“nam” is nothing the import knows"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence_and_exit_code_1(
    people: Path,
    database: Database,
    database_url: str,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    says: str,
) -> None:
    assert bring(people, database_url, *more) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert says in err.splitlines()[-1]
    assert statuses(database) == []


def test_a_missing_file_is_a_sentence(
    people: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(people.with_name("nobody.csv"), database_url) == 1
    assert "nobody.csv" in capsys.readouterr().err


def test_without_an_admin_the_way_to_make_one_is_told(
    people: Path, database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as tx:
        tx.execute("UPDATE users SET status = 'inactive'")

    assert bring(people, database_url) == 1
    assert "greenroom staff add NAME --email E --role admin" in capsys.readouterr().err
