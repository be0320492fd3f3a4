"""An import as a whole: refused, all or nothing, in the log, from every format."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from desktop import errors
from desktop.services import importing

if TYPE_CHECKING:
    from desktop.db.session import Actor
    from tests.services.importing.conftest import Shop

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("state", ["draft", "cancelled", "completed"])
def test_an_event_that_is_not_published_takes_no_file(shop: Shop, state: str) -> None:
    shop.change("UPDATE events SET status = :state WHERE id = :event", state=state)
    before = shop.everything()

    with pytest.raises(errors.EventClosed, match=f"“Summit” is (a )?{state}"):
        shop.bring(shop.guests("ada"))

    assert shop.everything() == before


def test_a_deleted_event_and_a_retired_package_take_no_file(shop: Shop) -> None:
    shop.change("UPDATE packages SET is_active = false WHERE id = :package")
    with pytest.raises(errors.PackageRetired):
        shop.look(shop.guests("ada"))

    shop.change("UPDATE events SET deleted_at = timezone('UTC', now()) WHERE id = :event")
    with pytest.raises(errors.EventClosed, match="deleted"):
        shop.bring(shop.guests("ada"))


def test_an_unknown_event_or_package_is_named(shop: Shop) -> None:
    prepared = importing.plan_file(shop.file(shop.guests("ada")), None, BERLIN)

    with pytest.raises(errors.NotFound, match="“gala”"):
        importing.apply(shop.database, shop.actor, prepared, "gala", "pass")
    with pytest.raises(errors.ImportRefused, match=r"“Summit” has no package “vip”\. It has: pass\."):
        importing.preview(shop.database, shop.actor, prepared, "summit", "vip")


def test_only_those_who_may_import_do(shop: Shop, door: Actor, editor: Actor) -> None:
    prepared = importing.plan_file(shop.file(shop.guests("ada")), None, BERLIN)

    for actor in (door, editor):
        with pytest.raises(errors.NotAllowed, match="import registrations"):
            importing.apply(shop.database, actor, prepared, "summit", "pass")
        with pytest.raises(errors.NotAllowed):
            importing.preview(shop.database, actor, prepared, "summit", "pass")


def test_an_event_reads_times_in_its_own_zone_or_the_workspaces(shop: Shop) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert importing.event_zone(shop.database, "summit", tokyo).key == "Europe/Berlin"

    shop.change("UPDATE events SET time_zone = NULL WHERE id = :event")
    assert importing.event_zone(shop.database, "summit", tokyo) == tokyo

    shop.change("UPDATE events SET time_zone = 'Middle/Earth' WHERE id = :event")
    assert importing.event_zone(shop.database, "summit", tokyo) == tokyo

    with pytest.raises(errors.NotFound, match="“gala”"):
        importing.event_zone(shop.database, "gala", tokyo)


def test_a_failure_on_the_way_leaves_nothing_behind(shop: Shop) -> None:
    shop.payment_required()
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))
    before = shop.everything()
    shop.change(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$"
    )
    shop.change("CREATE TRIGGER refuse BEFORE INSERT ON check_ins FOR EACH ROW EXECUTE FUNCTION refuse()")

    with pytest.raises(errors.Unavailable, match="disk of the server"):
        shop.bring(
            [
                *shop.guests("ada", Status="canceled"),
                *shop.orders_list("eva"),
                *shop.checkin_list("dan", Status="paid"),
            ]
        )

    assert shop.everything() == before


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))
    before = shop.everything()

    report = shop.look(
        [*shop.guests("ada", Status="canceled"), *shop.orders_list("eva"), *shop.checkin_list("dan")]
    )

    assert report.dry_run
    assert (report.cancelled, report.promoted, report.waitlisted) == (1, 1, 1)
    assert shop.everything() == before


def test_one_log_row_tells_what_an_import_did(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan", "eva"))

    assert shop.sql("SELECT admin_id, action_type, description, subject_id FROM admin_logs") == [
        (
            shop.actor.id,
            "registration.import",
            "Imported 5 people into “Pass” of “Summit” from people.csv: 3 seated, 2 waitlisted, 0 cancelled already; "
            "of those who were there 0 unchanged, 0 changed, 0 cancelled; 0 checked in, 0 paid, 0 promoted",
            shop.package,
        )
    ]


def test_each_cancellation_and_promotion_has_a_log_row_of_its_own(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob", "cid", "dan"))

    shop.bring(shop.guests("ada", Status="canceled"))

    assert shop.sql(
        "SELECT l.action_type, l.description, r.attendee_email FROM admin_logs l JOIN event_registrations r"
        " ON r.id = l.subject_id ORDER BY l.logged_at"
    ) == [
        (
            "registration.cancel",
            "Cancelled Ada of “Pass” of “Summit” (was registered): line 2 of people.csv",
            "ada@example.org",
        ),
        (
            "waitlist.promote",
            "Promoted Dan from the waitlist of “Pass” of “Summit” (a cancellation in people.csv)",
            "dan@example.org",
        ),
    ]


def test_an_import_after_the_deadline_is_allowed_and_recorded(shop: Shop) -> None:
    shop.change(
        "UPDATE events SET registration_deadline = timezone('UTC', now()) - interval '1 day' WHERE id = :event"
    )

    report = shop.bring(shop.guests("ada"))

    assert (report.late, report.seated) == (True, 1)
    ((text,),) = shop.sql("SELECT description FROM admin_logs")
    assert str(text).endswith("; after the deadline")


def test_a_latin_1_file_brings_its_umlauts(shop: Shop) -> None:
    path = shop.file([{"E-Mail": "joerg@example.org", "Name": "Jörg Müßig"}], encoding="latin-1")

    report = shop.bring(path)

    assert report.format == "CSV, semicolons, Latin-1 (Windows-1252)"
    assert shop.sql("SELECT attendee_name, name_key FROM event_registrations") == [
        ("Jörg Müßig", "jorg mussig")
    ]


def test_a_workbook_brings_its_people(shop: Shop) -> None:
    book = openpyxl.Workbook()
    book.active.append(
        ["Order code", "Position ID", "Status", "Attendee email", "Attendee name", "Checked in"]
    )
    arrived = dt.datetime.fromisoformat("2026-11-22 13:20")
    book.active.append(["RCE7Y", 1, "paid", "zoe@example.org", "Zoë", arrived])
    path = shop.folder / "people.xlsx"
    book.save(path)

    shop.bring(path)

    assert shop.orders()[0][5] == "RCE7Y-1"
    assert shop.sql("SELECT decided_at FROM check_ins") == [(dt.datetime.fromisoformat("2026-11-22 12:20"),)]


def test_another_systems_secrets_never_arrive(shop: Shop) -> None:
    shop.bring(shop.checkin_list("ada", Secret="hush-hush"))

    assert not any("hush" in str(row) for rows in shop.everything() for row in rows)


def test_progress_ends_with_the_last_person(shop: Shop) -> None:
    told: list[tuple[str, int, int]] = []
    prepared = importing.plan_file(shop.file(shop.guests("ada", "bob")), None, BERLIN)

    importing.apply(shop.database, shop.actor, prepared, "summit", "pass", lambda *step: told.append(step))

    assert told == [("importing", 0, 2), ("importing", 2, 2)]
