"""An import beside the website and beside other imports: real threads, real commits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from desktop import errors

if TYPE_CHECKING:
    from desktop.services.importing import ImportReport
    from tests.services.importing.conftest import Shop


def test_a_website_registration_in_flight_is_waited_for_and_takes_its_seat(shop: Shop) -> None:
    inserted, finish = threading.Event(), threading.Event()

    def website() -> None:
        with shop.database.transaction() as tx:
            tx.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                " VALUES (:event, :package, 'web@example.org')",
                {"event": shop.event, "package": shop.package},
            )
            inserted.set()
            finish.wait(10)

    thread = threading.Thread(target=website)
    thread.start()
    assert inserted.wait(10)
    timer = threading.Timer(0.3, finish.set)
    timer.start()
    report = shop.bring(shop.guests("ada", "bob", "cid", "web"))
    thread.join()
    timer.join()

    assert (report.seated, report.waitlisted, report.changed, shop.held()) == (2, 1, 1, 3)


def test_website_registrations_beside_imports_never_oversell(shop: Shop) -> None:
    shop.capacity(30)
    refused = []

    def website(number: int) -> None:
        for turn in range(10):
            try:
                with shop.database.transaction() as tx:
                    tx.execute(
                        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                        " VALUES (:event, :package, :email)",
                        {
                            "event": shop.event,
                            "package": shop.package,
                            "email": f"w{number}-{turn}@example.org",
                        },
                    )
            except errors.PackageFull:
                refused.append((number, turn))

    threads = [threading.Thread(target=website, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    reports = [shop.bring(shop.guests(*(f"f{turn}-{n}" for n in range(8)))) for turn in range(3)]
    for thread in threads:
        thread.join()

    assert shop.held() == 30
    assert sum(report.seated for report in reports) + 30 - len(refused) == 30
    waiting = [place for _, status, place in shop.people() if status == "waitlisted"]
    assert waiting == list(range(1, len(waiting) + 1))
    assert sum(report.waitlisted for report in reports) == len(waiting)


def test_two_imports_of_one_file_at_once_add_everybody_once(shop: Shop) -> None:
    path = shop.file(shop.orders_list(*(f"p{n}" for n in range(40))))
    reports: list[ImportReport] = []
    threads = [threading.Thread(target=lambda: reports.append(shop.bring(path))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(report.seated + report.waitlisted for report in reports) == [0, 0, 40]
    assert shop.sql("SELECT count(*), count(DISTINCT attendee_email) FROM event_registrations") == [(40, 40)]
    assert shop.sql("SELECT count(*) FROM orders") == [(40,)]


def test_a_row_that_somebody_else_holds_makes_the_import_busy_and_leaves_nothing(shop: Shop) -> None:
    shop.bring(shop.guests("ada", "bob"))
    before = shop.everything()

    with shop.database.transaction() as tx:
        tx.rows("SELECT 1 FROM event_registrations WHERE attendee_email = 'bob@example.org' FOR UPDATE")
        with pytest.raises(errors.Busy):
            shop.bring([*shop.guests("new"), *shop.checkin_list("bob")])
        untouched = shop.bring(shop.guests("ada"))

    assert untouched.unchanged == 1
    assert shop.everything()[:4] == before[:4]
