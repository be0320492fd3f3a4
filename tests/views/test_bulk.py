"""Many registrations at once on the screen, over a real database: what is asked, done, told and taken back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop import background
from desktop.services.registrations import bulk as service
from desktop.views import bulk_steps, long_work
from desktop.views.widgets.buttons import ActionButton

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database
    from desktop.views.registrations import RegistrationsScreen

Screens = Any
Loop = Any
Until = Any
Summit = Any

CTRL = Qt.KeyboardModifier.ControlModifier


def people(database: Database, summit: Summit, number: int, status: str = "registered") -> None:
    """So many people with “Conference”, called after their number."""
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO event_registrations (id, event_id, package_id, attendee_name, attendee_email, status)"
            " SELECT gen_random_uuid(), :event, :package, 'P' || lpad(n::text, 4, '0'), 'p' || n || '@example.org',"
            " :status FROM generate_series(1, :number) n",
            {"event": summit.event_id, "package": summit.conference, "status": status, "number": number},
        )


def counts(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        rows = tx.rows("SELECT status, count(*) AS number FROM event_registrations GROUP BY status")
    return {row.status: row.number for row in rows}


def said(widget: Any) -> str:
    """Every label in it that can be seen."""
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def offered(screen: RegistrationsScreen) -> list[str]:
    """What the panel's buttons are called."""
    found = screen.bulk.panel.findChildren(ActionButton)
    return [one.accessibleName() for one in found if one.isVisible()]


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (["done"], "Promoted 1 person."),
        (["done", "refused", "left"], "Promoted 1 of 3 people. Refused: 1. Not tried, because it was stopped: 1."),
        (["refused", "refused"], "Nobody was promoted. Refused: 2."),
        (["unknown"], "Promoted 0 of 1 people. Not known, because the connection broke: 1."),
    ],
)  # fmt: skip
def test_that_nobody_was_promoted_is_said_only_where_it_is_known(results: list[Any], sentence: str) -> None:
    rows = tuple(service.RowResult(uuid4(), "", one, "") for one in results)
    assert bulk_steps.told("promote", service.Bulk(rows, None)) == sentence


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the keyboard is, and let go of it."""
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keyClick(at, key, modifiers)
    QTest.keyRelease(at, Qt.Key.Key_Control)


def press_offer(screen: Any, text: str) -> None:
    """Press a button of the message bar."""
    found = screen.messages.findChildren(QPushButton)
    next(one for one in found if one.text().replace("&", "") == text and not one.isHidden()).click()


async def all_selected(screen: RegistrationsScreen, summit: Summit, until: Until) -> RegistrationsScreen:
    """The screen with everybody of the event selected, and the panel knowing what they are."""
    screen.open(summit.event_id)
    await until(lambda: screen.list.pane is not None and screen.list.pane.model.complete)
    assert screen.list.pane is not None
    await until(screen.list.pane.model.rowCount)
    screen.list.pane.table.selectAll()
    panel = screen.bulk.panel
    await until(lambda: "Ctrl+C copies" in said(panel) and "Reading" not in said(panel))
    return screen


def test_everybody_is_cancelled_though_only_a_page_is_loaded_and_can_be_taken_back(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    people(database, summit, 300)
    summit.add("Ada Inside", "attended", "conference")

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        pane, panel = screen.list.pane, screen.bulk.panel
        assert pane is not None
        assert sum(pane.model.row_at(row) is not None for row in range(301)) < 301
        assert said(panel).startswith("301 selected | Registered 300 | Attended 1 | ")
        assert offered(screen) == [
            "Cancel…",
            "Put back on the waitlist…",
            "Move to package…",
            "Export selected…",
        ]
        press(Qt.Key.Key_Delete)
        question = panel.question
        assert question is not None
        assert question.text() == (
            "Cancel 300 registrations? Seats that become free go to the next in line."
            " 1 other among the selected stays as it is."
        )
        await until(question.confirm_button.isVisible)
        assert QApplication.focusWidget() is question.keep_button
        press(Qt.Key.Key_Return, CTRL)
        await until(lambda: screen.messages.text().startswith("Cancelled"))
        assert (
            screen.messages.text(),
            screen.messages.kind(),
        ) == ("Cancelled 300 of 301 registrations. Refused: 1.", "warning")
        assert counts(database) == {"cancelled": 300, "attended": 1}
        report = screen.bulk.report
        assert report.isVisible()
        assert QApplication.focusWidget() is report.table
        assert [report.rows.index(0, column).data() for column in (0, 1)] == ["Ada Inside", "Refused"]
        assert "take the check-in back" in report.rows.index(0, 2).data()
        press(Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is pane.table
        screen.undo()
        await until(lambda: screen.messages.text().startswith("Took"))
        assert screen.messages.text() == "Took it back for all 300."
        assert counts(database) == {"registered": 300, "attended": 1}

    in_loop(scenario())


def test_the_door_sees_how_many_and_nothing_to_press(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, door: Actor, database: Database
) -> None:
    """Ruling 24. And what is for one person only does nothing to many."""
    people(database, summit, 2)
    summit.add("نور الهدى", "waitlisted", waitlist_position=1)

    async def scenario() -> None:
        screen = await all_selected(screen_of(door), summit, until)
        assert said(screen.bulk.panel) == (
            "3 selected | Registered 2 | Waitlisted 1 | Ctrl+C copies them as a table."
        )
        assert offered(screen) == []
        assert not screen.bulk.export.action.associatedObjects()
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return):
            press(key, CTRL)
        assert counts(database) == {"registered": 2, "waitlisted": 1}
        screen.list.pane.table.selectRow(0)
        await until(lambda: screen.panel.isVisible() and screen.panel.shown() is not None)

    in_loop(scenario())


def test_a_reason_is_typed_on_while_the_list_is_read_in_another_order(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    """For a moment nobody is selected then; the question, what is typed and the keyboard stay all the same."""
    people(database, summit, 4)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        pane, panel = screen.list.pane, screen.bulk.panel
        assert pane is not None
        one_of_them = pane.model.id_at(2)
        pane.table.selectRow(1)
        await until(lambda: screen.panel.isVisible() and screen.panel.shown_buttons())
        button = screen.panel.shown_buttons()[0]
        button.setFocus()
        resets: list[None] = []
        pane.model.modelReset.connect(lambda: resets.append(None))

        async def read_in_another_order(name: str) -> None:
            before = len(resets)
            with database.transaction() as tx:
                tx.execute(
                    "UPDATE event_registrations SET attendee_name = :name WHERE id = :id",
                    {"name": name, "id": one_of_them},
                )
            pane.reload()
            await until(lambda: len(resets) > before and not pane.model.is_loading)

        await read_in_another_order("Q last")
        assert (QApplication.focusWidget(), pane.table.selected_runs()) == (button, [(1, 1)])
        pane.table.selectRow(0)
        pane.table.setFocus()
        press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: panel.isVisible() and panel.offers["put_back"].isEnabled())
        panel.offers["put_back"].start()
        question = panel.question
        assert question is not None
        QTest.keyClicks(question.reason, "wrong ")
        await read_in_another_order("P0003")
        QTest.keyClicks(QApplication.focusWidget(), "group")
        assert (panel.question, question.isVisible(), question.reason.text()) == (
            question,
            True,
            "wrong group",
        )

    in_loop(scenario())


def test_putting_back_asks_for_the_reason_and_keeps_it(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    """Ruling 14, and nothing that was typed is lost: reading the list again or looking at somebody leaves it."""
    people(database, summit, 3)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        pane, panel = screen.list.pane, screen.bulk.panel
        press(Qt.Key.Key_B, CTRL)
        assert panel.question is not None
        assert QApplication.focusWidget() is panel.question.reason
        QTest.keyClick(panel.question.reason, Qt.Key.Key_Return)
        assert panel.question.reason_field.error().startswith("Say why the seat is taken away")
        QTest.keyClicks(panel.question.reason, "wrong group")
        assert panel.question.reason_field.error() == ""
        asked = panel.question
        screen.refresh()
        await until(lambda: not pane.model.is_loading)
        assert panel.question is asked
        press(Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is pane.table
        pane.table.selectRow(0)
        pane.table.selectAll()
        await until(panel.offers["put_back"].isEnabled)
        panel.offers["put_back"].start()
        assert panel.question is not None
        QTest.keyClick(panel.question.reason, Qt.Key.Key_Return)
        await until(screen.messages.text)
        assert screen.messages.text() == "Put 3 people back on the waitlist."
        assert counts(database) == {"waitlisted": 3}
        with database.transaction() as tx:
            assert tx.value("SELECT count(*) FROM admin_logs WHERE description LIKE '%wrong group%'") == 3
        await until(lambda: "Waitlisted 3" in said(panel))
        assert offered(screen)[0] == "Promote 3"

    in_loop(scenario())


def test_moving_asks_to_which_package_and_promoting_asks_nothing(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    people(database, summit, 3)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        panel = screen.bulk.panel
        press(Qt.Key.Key_M, CTRL)
        question = panel.question
        assert question is not None
        await until(question.packages.isVisible)
        assert QApplication.focusWidget() is question.packages
        assert [question.packages.itemText(n) for n in range(2)] == [
            "Conference · no limit",
            "Workshop pass · 2 seats free",
        ]
        question.packages.choose(summit.workshop)
        question.queue.setChecked(True)
        assert screen.list.pane is not None
        table = screen.list.pane.table
        table.selectRow(0)
        table.setFocus()
        press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: panel.isVisible() and panel.offers["move"].isEnabled())
        assert panel.question is None, "it was asked of others"
        table.selectAll()
        await until(lambda: panel.isVisible() and panel.offers["move"].isEnabled() and panel.count == 3)
        panel.offers["move"].start()
        question = panel.question
        assert question is not None
        question.confirm.start()
        await until(screen.messages.text)
        assert screen.messages.text() == "Moved 3 registrations."
        assert counts(database) == {"registered": 2, "waitlisted": 1}
        with database.transaction() as tx:
            tx.execute("UPDATE packages SET capacity = 3 WHERE id = :id", {"id": summit.workshop})
        await until(lambda: "Waitlisted 1" in said(panel))
        press(Qt.Key.Key_P, CTRL)
        await until(lambda: "Promoted" in screen.messages.text())
        assert screen.messages.text() == "Promoted 1 of 3 people. Refused: 2."
        press_offer(screen, "Undo")
        await until(lambda: screen.messages.text().startswith("Took"))
        assert counts(database) == {"registered": 2, "waitlisted": 1}

    in_loop(scenario())


class Gate:
    """Where calls wait."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.open = threading.Semaphore(0)

    def release(self) -> None:
        self.open.release()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Two in a call, and each call waits until it is let through; the bar is shown at once."""
    gate = Gate()
    call = service._Work._call

    def wait(work: Any, batch: Any) -> Any:
        gate.waiting.set()
        assert gate.open.acquire(timeout=30)
        gate.waiting.clear()
        return call(work, batch)

    monkeypatch.setattr(service, "MOST", 2)
    monkeypatch.setattr(long_work, "SHOWN_AFTER_MS", 0)
    monkeypatch.setattr(long_work, "TOLD_EVERY_MS", 1)
    monkeypatch.setattr(service._Work, "_call", wait)
    return gate


async def cancelling(screen: RegistrationsScreen, until: Until) -> None:
    """Everybody selected is being cancelled, and the bar says so."""
    screen.bulk.panel.offers["cancel"].start()
    assert screen.bulk.panel.question is not None
    screen.bulk.panel.question.confirm.start()
    await until(screen.bulk.work.text)


def test_work_is_told_and_can_be_stopped_while_the_window_stays_usable(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    database: Database,
    slowly: Gate,
) -> None:
    people(database, summit, 7)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        pane, work = screen.list.pane, screen.bulk.work
        await cancelling(screen, until)
        assert work.text() == "Cancelling 0 of 7"
        slowly.release()
        await until(lambda: work.text() == "Cancelling 2 of 7")
        assert not screen.bulk.panel.offers["cancel"].isEnabled()
        assert "Something else is still being done." in screen.bulk.panel.offers["cancel"].toolTip()
        pane.table.selectRow(3)
        await until(lambda: screen.panel.isVisible() and screen.panel.shown() is not None)
        press(Qt.Key.Key_Period, CTRL)
        assert work.text() == "Cancelling 2 of 7 – stopping after what is under way"
        assert not work.stop.isEnabled()
        slowly.release()
        await until(screen.messages.text)
        assert screen.messages.text() == (
            "Cancelled 4 of 7 registrations. Not tried, because it was stopped: 3."
        )
        assert screen.messages.kind() == "warning"
        assert work.isHidden()
        assert screen.panel.isVisible()  # somebody else is looked at: the report waits until it is asked for
        assert counts(database) == {"cancelled": 4, "registered": 3}
        press_offer(screen, "Report")
        report = screen.bulk.report
        assert [report.rows.index(row, 1).data() for row in range(report.rows.rowCount())] == [
            "Not tried"
        ] * 3
        assert all(report.rows.index(row, 0).data().startswith("P000") for row in range(3))
        for _ in range(2):
            slowly.release()
        screen.undo()
        assert not report.isVisible()
        await until(lambda: screen.messages.text() == "Took it back for all 4.")
        assert counts(database) == {"registered": 7}

    in_loop(scenario())


def test_closing_while_it_runs_ends_after_the_call_that_is_under_way(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    database: Database,
    slowly: Gate,
) -> None:
    people(database, summit, 7)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        await cancelling(screen, until)
        await until(slowly.waiting.is_set)
        screen.close_down()
        slowly.release()
        await background.finish()
        assert counts(database) == {"cancelled": 2, "registered": 5}

    in_loop(scenario())


def test_a_role_taken_away_meanwhile_is_told_for_each_who_was_not_done(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    database: Database,
    slowly: Gate,
) -> None:
    """Ruling 24."""
    people(database, summit, 4)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        await cancelling(screen, until)
        slowly.release()
        await until(lambda: screen.bulk.work.text() == "Cancelling 2 of 4")
        with database.transaction() as tx:
            tx.execute("DELETE FROM user_roles WHERE user_id = :id", {"id": organizer.id})
        slowly.release()
        await until(lambda: screen.bulk.report.isVisible())
        report = screen.bulk.report
        assert report.sentence() == "Cancelled 2 of 4 registrations. Refused: 2."
        assert "may not cancel registrations" in report.rows.index(1, 2).data()
        report.chips.choose("done")
        assert report.rows.index(1, 2).data().endswith("is cancelled.")
        report.copy.start()
        await until(report.messages.text)
        lines = QApplication.clipboard().text().splitlines()
        assert [line.split("\t")[1] for line in lines] == ["Done", "Done"]

    in_loop(scenario())


def test_work_that_cannot_be_begun_is_one_sentence(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    people(database, summit, 2)

    async def scenario() -> None:
        screen = await all_selected(screen_of(organizer), summit, until)
        with database.transaction() as tx:
            tx.execute("DELETE FROM user_roles WHERE user_id = :id", {"id": organizer.id})
        screen.bulk.panel.offers["cancel"].start()
        assert screen.bulk.panel.question is not None
        screen.bulk.panel.question.confirm.start()
        await until(lambda: "may not" in screen.messages.text())
        assert counts(database) == {"registered": 2}

    in_loop(scenario())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3, "a few seconds"), (42, "about 40 s"), (110, "about 2 min"), (3 * 3600, "about 3 h")],
)
def test_how_long_it_will_take_is_said_no_more_exactly_than_it_is_known(
    qtbot: Any, seconds: float, said: str
) -> None:
    bar = long_work.LongWork()
    qtbot.addWidget(bar)
    assert bar.time_left(seconds) == said
