"""The report of a dry run is that of the run, and reads as text."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop import errors
from desktop.services import attendance, registering, waitlist

if TYPE_CHECKING:
    from desktop.services.importing import ImportReport
    from tests.services.importing.conftest import Shop


def sum_of(report: ImportReport) -> int:
    return (
        report.seated
        + report.waitlisted
        + report.kept_cancelled
        + report.changed
        + report.unchanged
        + report.refused
    )


NAMES = st.sampled_from(["ada", "bob", "cid", "dan", "eva", "fay"])
STATUSES = st.sampled_from(
    ["", "paid", "pending", "canceled", "refunded", "waiting list", "approved", "nonsense"]
)
CAME = st.sampled_from(["", "2026-11-22 13:20", "2026-11-22 14:05", "yes"])
FILES = st.lists(st.tuples(NAMES, STATUSES, CAME), max_size=8, min_size=1)
DEEDS = st.sampled_from(["nothing", "cancel", "promote", "admit", "undo", "no_show"])


def intervene(shop: Shop, name: str, deed: str) -> None:
    """What staff may do between two imports."""
    found = shop.sql(
        "SELECT id, status FROM event_registrations WHERE attendee_email = :email",
        email=f"{name}@example.org",
    )
    for registration, status in found:
        admission = attendance.Admission(registration, "desk")
        with suppress(errors.AppError):
            if deed == "cancel":
                registering.cancel(shop.database, shop.actor, registration)
            elif deed == "promote":
                waitlist.promote(shop.database, shop.actor, registration)
            elif deed == "admit":
                attendance.admit(shop.database, shop.actor, admission)
            elif deed == "undo":
                attendance.undo(shop.database, shop.actor, admission)
            elif deed == "no_show" and status == "registered":
                shop.change(
                    "UPDATE event_registrations SET status = 'no_show' WHERE id = :id", id=registration
                )


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(FILES, NAMES, DEEDS), min_size=1, max_size=4),
    seats=st.sampled_from([0, 2, 4, None]),
    required=st.booleans(),
)
def test_a_dry_run_tells_what_the_run_does_and_a_second_run_changes_nothing(
    shop: Shop, steps: list[Any], seats: int | None, *, required: bool
) -> None:
    shop.empty()
    shop.capacity(seats)
    shop.payment_required(required=required)
    for file, name, deed in steps:
        rows = [
            {"Email": f"{who}@example.org", "Name": who, "Status": status, "Checked in": came}
            for who, status, came in file
        ]
        expected = shop.look(rows)
        report = shop.bring(rows)

        assert replace(expected, dry_run=False, locked_seconds=report.locked_seconds) == report
        assert sum_of(report) == report.rows == len(rows)
        places = [place for _, status, place in shop.people() if status == "waitlisted"]
        assert (shop.held(), len(places)) == (report.held, report.waiting)
        assert places == list(range(1, len(places) + 1))
        assert seats is None or report.held <= seats

        before = shop.everything()[:4]
        again = shop.bring(rows)
        assert (again.seated, again.waitlisted, again.kept_cancelled, again.changed) == (0, 0, 0, 0)
        assert shop.everything()[:4] == before
        intervene(shop, name, deed)


def test_the_report_reads_as_text(shop: Shop) -> None:
    rows = [*shop.guests("ada", "bob", "cid", "dan"), {"Email": "nobody"}, {"Email": "ADA@example.org"}]

    lines = shop.look(rows).lines()

    assert lines[0] == "Would import “people.csv” into “Pass” of “Summit”."
    assert lines[1] == "CSV, semicolons, UTF-8; 6 rows; times without a zone are read as Europe/Berlin."
    assert lines[2] == "Columns: e-mail from “Email”, name from “Name”."
    assert "  New, with a seat                     3" in lines
    assert "  New, on the waitlist                 1  places 1 to 1" in lines
    assert "Not imported: 2" in lines
    assert "  line 6, Email: The address “nobody” has no @." in lines
    assert lines[-1] == (
        "Dry run: nothing was changed. Afterwards “Pass” would have 3 of 3 seats held, 1 waiting."
    )


def test_of_many_problems_of_a_kind_fifty_are_spelt_out(shop: Shop) -> None:
    lines = shop.look([{"Email": f"nobody{n}"} for n in range(60)] + shop.guests("ada")).lines()

    assert "Not imported: 60" in lines
    assert sum(1 for line in lines if "has no @" in line) == 50
    assert "  … and 10 more of this kind" in lines
