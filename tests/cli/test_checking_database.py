"""``greenroom db check`` finds what was made wrong, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from desktop import errors
from desktop.__main__ import run
from desktop.services import checking_database
from desktop.services.checking_database import Recount

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database, Transaction


@pytest.fixture
def summit(database: Database, admin: Actor) -> Database:
    """An event with a package of two seats and three people: one came in, one has a seat, one waits."""
    event, package = uuid4(), uuid4()
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (id, created_by, title, slug, start_time, location, status)"
            " VALUES (:id, :by, 'Monsoon Summit', 'monsoon', now(), 'Bengaluru', 'published')",
            {"id": event, "by": admin.id},
        )
        tx.execute(
            "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id, capacity)"
            " VALUES (:id, 'Workshop', 'workshop', 0, 0, 'event', :event, 2)",
            {"id": package, "event": event},
        )
        for name, status, place in (
            ("a", "attended", None),
            ("b", "registered", None),
            ("c", "waitlisted", 1),
        ):
            tx.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, waitlist_position)"
                " VALUES (:event, :package, :email, :status, :place)",
                {
                    "event": event,
                    "package": package,
                    "email": f"{name}@example.org",
                    "status": status,
                    "place": place,
                },
            )
    return database


def wrong(database: Database) -> list[str]:
    return [sentence for recount in checking_database.check(database).recounts for sentence in recount.wrong]


def test_a_database_in_order_is_counted_and_nothing_is_wrong(summit: Database) -> None:
    assert checking_database.check(summit).recounts == (
        Recount("Seats of packages", 1, ()),
        Recount("Lists of packages of events", 1, ()),
        Recount("Waitlists", 1, ()),
    )


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            "UPDATE package_seats SET held = 1",
            "“Workshop” of “Monsoon Summit”: the counter says 1 seats are held, and 2 are",
        ),
        (
            "UPDATE package_seats SET capacity = NULL",
            "“Workshop” of “Monsoon Summit”: the counter knows a capacity of no limit, and the package has 2",
        ),
        ("DELETE FROM package_seats", "“Workshop” of “Monsoon Summit”: there is no seat counter"),
        (
            "UPDATE events SET packages_ids = '{}'",
            "“Monsoon Summit”: packages_ids lacks 1 of the event's 1 packages",
        ),
        (
            "UPDATE events SET packages_ids = packages_ids || gen_random_uuid()",
            "“Monsoon Summit”: packages_ids lists 1 packages that are not of this event",
        ),
        (
            "UPDATE events SET packages_ids = packages_ids || packages_ids",
            "“Monsoon Summit”: packages_ids lists a package twice",
        ),
        (
            "UPDATE event_registrations SET waitlist_position = 4 WHERE status = 'waitlisted'",
            "“Workshop” of “Monsoon Summit”: the places of the 1 waiting people have gaps: they go from 4 to 4",
        ),
        (
            "UPDATE event_registrations SET waitlist_position = NULL WHERE status = 'waitlisted'",
            "“Workshop” of “Monsoon Summit”: 1 of 1 waiting people have no place",
        ),
        (
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, waitlist_position)"
            " SELECT event_id, package_id, 'd@example.org', status, 1 FROM event_registrations"
            " WHERE status = 'waitlisted'",
            "“Workshop” of “Monsoon Summit”: some of the 2 waiting people share a place",
        ),
    ],
)
def test_each_kind_of_damage_is_found_and_named_and_left_as_it_is(
    summit: Database, damage: str, sentence: str
) -> None:
    with summit.transaction() as tx:
        tx.execute(damage)

    assert wrong(summit) == [sentence]
    assert wrong(summit) == [sentence]


def test_everything_is_counted_at_one_moment(summit: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = checking_database._seats

    def seats_while_others_write(tx: Transaction) -> Recount:
        counted = first(tx)
        with summit.transaction() as other:
            other.execute("UPDATE event_registrations SET waitlist_position = 9 WHERE status = 'waitlisted'")
        return counted

    monkeypatch.setattr(checking_database, "_seats", seats_while_others_write)

    assert wrong(summit) == []
    assert len(wrong(summit)) == 1


def test_the_command_lists_what_is_wrong_and_exits_with_1(
    summit: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with summit.transaction() as tx:
        tx.execute("UPDATE package_seats SET held = 7")

    code = run(["db", "check", "--database", database_url])

    out, err = capsys.readouterr()
    assert code == 1
    assert "  “Workshop” of “Monsoon Summit”: the counter says 7 seats are held, and 2 are" in out
    assert "One thing is wrong" in err


def test_an_older_schema_is_told_and_not_recounted(
    summit: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with summit.transaction() as tx:
        tx.execute("DROP TABLE package_seats CASCADE")
        tx.execute("UPDATE greenroom.schema_version SET version_num = '0005'")

    code = run(["db", "check", "--database", database_url])

    assert code == 1
    assert "has schema 0005" in capsys.readouterr().err


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("UPDATE greenroom.schema_version SET version_num = '9999'")

    with pytest.raises(errors.SchemaNewer, match="9999"):
        checking_database.check(database)
