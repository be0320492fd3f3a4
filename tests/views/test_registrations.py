"""The registrations screen over a real database: what one sees, what one can do, and what is said about it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop import background, errors
from desktop.services import attendance, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.lists import registrations
from desktop.services.registering import Registering
from desktop.views.widgets.buttons import ActionButton

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database
    from desktop.views.registrations import RegistrationsScreen

Screens = Any
Loop = Any
Until = Any
Summit = Any

CTRL = Qt.KeyboardModifier.ControlModifier


async def opened(screen: RegistrationsScreen, summit: Summit, until: Until) -> RegistrationsScreen:
    """The screen with the event's list and the chips' numbers on it."""
    screen.open(summit.event_id)
    await until(lambda: screen.list.pane is not None and not screen.list.pane.model.is_loading)
    await until(lambda: any(letter.isdigit() for letter in chips(screen)[0]))
    return screen


async def select(screen: RegistrationsScreen, who: UUID, until: Until) -> None:
    """Go to somebody, and wait until the panel knows everything about them."""
    pane = screen.list.pane
    assert pane is not None
    row = pane.model.row_of(who)
    assert row is not None
    pane.table.selectRow(row)
    await until(lambda: screen.panel.shown() == who and "HISTORY" in texts(screen.panel))


def texts(widget: Any) -> list[str]:
    """Every label in it that can be seen."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def buttons(widget: Any) -> list[str]:
    """What the buttons that can be seen are called."""
    found = [one for one in widget.findChildren(QPushButton) if one.isVisible()]
    return [one.accessibleName() or one.text().replace("&", "") for one in found]


def chips(screen: RegistrationsScreen) -> list[str]:
    return [one.text() for one in screen.filters.chips.findChildren(QPushButton)]


def cells(screen: RegistrationsScreen, column: int) -> list[str]:
    """A column of the list as it is shown."""
    pane = screen.list.pane
    assert pane is not None
    return [pane.model.index(row, column).data() for row in range(pane.model.rowCount())]


NAME, STATUS, PLACE, REGISTERED = 0, 3, 4, 6


def press(widget: Any, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key, and let go of it: QTest leaves the modifiers down."""
    QTest.keyClick(widget, key, modifiers)
    QTest.keyRelease(widget, Qt.Key.Key_Control)


def press_offer(screen: RegistrationsScreen, text: str) -> None:
    """Press a button of the message bar."""
    found = screen.messages.findChildren(QPushButton)
    next(one for one in found if one.text().replace("&", "") == text and not one.isHidden()).click()


def test_without_an_event_the_next_published_one_is_shown(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = screen_of(organizer)
        screen.open(None)
        await until(lambda: screen.panel.shown() is not None)
        assert any(text.startswith("Monsoon Data Summit · ") for text in texts(screen.header))
        assert cells(screen, NAME) == ["Zoë Fernández"]

    in_loop(scenario())


def test_a_time_python_has_none_for_hides_nobody_and_is_told_in_words(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    """The website is a second writer, and PostgreSQL has times that Python has not."""
    added = {name: summit.add(name, package="conference") for name in ("Ana", "Björn", "Zoë")}
    with database.transaction() as tx:
        tx.execute(
            "UPDATE event_registrations SET registered_at = 'infinity' WHERE id = :id", {"id": added["Björn"]}
        )
        tx.execute("UPDATE events SET start_time = '10000-01-01', end_time = 'infinity'")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        assert cells(screen, NAME) == ["Ana", "Björn", "Zoë"]
        assert [cell == "infinitely late" for cell in cells(screen, REGISTERED)] == [False, True, False]
        assert any("in the year 10000" in text for text in texts(screen.header)), texts(screen.header)
        await select(screen, added["Björn"], until)
        assert "Björn" in texts(screen.panel)

    in_loop(scenario())


def test_without_any_event_the_way_to_the_events_is_offered(
    in_loop: Loop, until: Until, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        went: list[str] = []
        screen.went.connect(lambda place, _what: went.append(place))
        screen.open(None)
        await until(lambda: screen.list.nothing.state() == "empty")
        next(one for one in screen.list.nothing.findChildren(QPushButton)).click()
        assert went == ["events"]
        assert not screen.add.isEnabled()

    in_loop(scenario())


def test_a_check_in_changes_the_row_the_chips_and_the_panel_and_says_so(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        press(screen.list.pane.table, Qt.Key.Key_Return, CTRL)
        await until(lambda: screen.messages.text() == "Zoë Fernández is checked in.")
        await until(lambda: chips(screen)[3] == "Attended 1")
        await until(lambda: cells(screen, STATUS) == ["Attended"])
        await until(lambda: "Attended" in texts(screen.panel))
        brief = f"Checked in at desk 1 · {organizer.name}"
        await until(lambda: brief in texts(screen.panel))
        shown = [one for one in screen.panel.findChildren(QLabel) if one.isVisible()]
        (line,) = [one for one in shown if one.text() == brief]
        whole = f"Checked in Zoë Fernández at desk 1 (“Workshop pass” of “Monsoon Data Summit”) · {organizer.name}"
        assert (line.toolTip(), line.accessibleName()) == (whole, whole)
        assert buttons(screen.panel) == ["Undo check-in"]
        assert summit.status(zoe) == "attended"

    in_loop(scenario())


@pytest.mark.parametrize("way", ["message", "keys", "panel"])
def test_a_check_in_can_be_taken_back(
    way: str, in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.check_in.start()
        await until(lambda: cells(screen, STATUS) == ["Attended"])
        if way == "message":
            press_offer(screen, "Undo")
        elif way == "keys":
            screen.undo()
        else:
            screen.panel.offers.undo.start()
        await until(lambda: screen.messages.text() == "The check-in of Zoë Fernández is taken back.")
        await until(lambda: cells(screen, STATUS) == ["Registered"])
        assert summit.status(zoe) == "registered"

    in_loop(scenario())


def test_without_a_last_step_undo_says_that_there_is_nothing_to_undo(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        screen.undo()
        assert screen.messages.text() == "There is nothing to undo here."

    in_loop(scenario())


def test_somebody_who_is_inside_already_is_refused_beside_the_button_and_the_row_is_read_again(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        attendance.admit(database, organizer, Admission(zoe, "north gate"))
        screen.panel.offers.check_in.start()
        await until(lambda: screen.panel.refusal().startswith("Zoë Fernández is already inside since "))
        assert "let in at north gate by asha.menon" in screen.panel.refusal()
        assert screen.panel.refusal() in texts(screen.panel)
        assert screen.messages.text() == ""
        await until(lambda: cells(screen, STATUS) == ["Attended"])

    in_loop(scenario())


def test_what_was_refused_is_forgotten_with_the_next_person(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    anna, zoe = summit.add("Anna Berg"), summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.refuse("Not today.")
        await until(lambda: "Not today." in texts(screen.panel))
        await select(screen, anna, until)
        assert screen.panel.refusal() == ""
        assert "Not today." not in texts(screen.panel)

    in_loop(scenario())


def waiting_line(summit: Summit) -> tuple[UUID, UUID, UUID]:
    """One seat free, three people waiting for it."""
    summit.add("Mara Inside")
    return tuple(
        summit.add(name, "waitlisted", waitlist_position=place)
        for place, name in enumerate(("Zoë Fernández", "Priya Raman", "Tomás Briain"), start=1)
    )


def test_promoting_the_next_gives_the_seat_and_moves_the_queue_up(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe, priya, _ = waiting_line(summit)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, priya, until)
        assert "Waitlisted · #2 of 3" in texts(screen.panel)
        assert "1 seat free · 3 waiting" in texts(screen.panel)
        assert buttons(screen.panel) == ["Promote next", "Promote Priya", "Cancel registration"]
        press(screen.list.pane.table, Qt.Key.Key_P, CTRL)
        await until(lambda: screen.messages.text() == "Promoted Zoë Fernández. 0 seats free, 2 waiting.")
        await until(lambda: cells(screen, PLACE) == ["", "#1", "#2", ""])
        await until(lambda: "Waitlisted · #1 of 2" in texts(screen.panel))
        await until(lambda: "Full · 2 waiting" in texts(screen.panel))
        await until(lambda: chips(screen)[2] == "Waitlisted 2")
        assert buttons(screen.panel) == ["Cancel registration"]
        assert summit.status(zoe) == "registered"

    in_loop(scenario())


def test_the_first_in_line_is_promoted_by_name(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe, _, _ = waiting_line(summit)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        assert buttons(screen.panel) == ["Promote Zoë", "Cancel registration"]
        screen.panel.offers.promote_next.start()
        await until(lambda: screen.messages.text().startswith("Promoted Zoë Fernández."))
        await until(lambda: "Registered" in texts(screen.panel))
        assert summit.status(zoe) == "registered"

    in_loop(scenario())


def test_promoting_somebody_ahead_of_others_says_so(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe, _, tomas = waiting_line(summit)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, tomas, until)
        screen.panel.offers.promote_this.start()
        await until(lambda: screen.messages.text().startswith("Promoted Tomás Briain, ahead of 2 others."))
        assert (summit.status(tomas), summit.status(zoe)) == ("registered", "waitlisted")

    in_loop(scenario())


def test_all_free_seats_can_be_given_out_at_once(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández", "waitlisted", waitlist_position=1)
    priya = summit.add("Priya Raman", "waitlisted", waitlist_position=2)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        assert "Promote next 2" in buttons(screen.panel)
        screen.panel.offers.promote_free.start()
        await until(lambda: screen.messages.text().startswith("Promoted Zoë Fernández and Priya Raman."))
        assert (summit.status(zoe), summit.status(priya)) == ("registered", "registered")

    in_loop(scenario())


def test_a_seat_taken_meanwhile_is_refused_beside_the_button(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    zoe, _, _ = waiting_line(summit)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        summit.add("Quick Website")
        screen.panel.offers.promote_next.start()
        await until(
            lambda: screen.panel.refusal().startswith("“Workshop pass” is full (2 of 2 seats are held)")
        )
        await until(lambda: "Full · 3 waiting" in texts(screen.panel))

    in_loop(scenario())


def test_cancelling_asks_once_in_the_panel_and_names_who_gets_the_seat(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe, _, _ = waiting_line(summit)
    anna = summit.add("Anna Berg")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, anna, until)
        press(screen.list.pane.table, Qt.Key.Key_Delete)
        question = "Cancel Anna Berg? The seat goes to Zoë Fernández, next in line."
        await until(lambda: question in texts(screen.panel))
        assert buttons(screen.panel) == ["Cancel registration", "Keep"]
        focus = QApplication.focusWidget()
        assert isinstance(focus, ActionButton)
        assert focus.action is screen.panel.offers.keep

        press(focus, Qt.Key.Key_Escape)
        assert screen.panel.question() == ""
        assert summit.status(anna) == "registered"

        press(screen.list.pane.table, Qt.Key.Key_Backspace, CTRL)
        screen.panel.offers.confirm.start()
        await until(
            lambda: (
                screen.messages.text()
                == "Cancelled the registration of Anna Berg. The seat went to Zoë Fernández."
            )
        )
        await until(lambda: "Cancelled" in cells(screen, STATUS))
        assert buttons(screen.messages) == ["Close this message (Esc)"]
        assert (summit.status(anna), summit.status(zoe)) == ("cancelled", "registered")

    in_loop(scenario())


def test_a_cancelled_seat_that_is_still_free_can_be_had_again_and_the_message_says_what_changed(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.cancel.start()
        assert screen.panel.question() == "Cancel Zoë Fernández? The seat becomes free."
        screen.panel.offers.confirm.start()
        await until(
            lambda: screen.messages.text() == "Cancelled the registration of Zoë Fernández. The seat is free."
        )
        press_offer(screen, "Register again")
        await until(
            lambda: (
                screen.messages.text()
                == "Zoë Fernández has a seat again, with a new ticket: links sent before no longer work."
            )
        )
        await until(lambda: cells(screen, STATUS) == ["Registered"])
        assert summit.status(zoe) == "registered"

    in_loop(scenario())


def test_registering_again_is_refused_when_the_seat_went_meanwhile(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Mara Inside")
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.cancel.start()
        screen.panel.offers.confirm.start()
        await until(lambda: "Register again" in buttons(screen.messages))
        summit.add("Quick Website")
        press_offer(screen, "Register again")
        await until(lambda: screen.panel.refusal().startswith("“Workshop pass” is full"))
        assert summit.status(zoe) == "cancelled"

    in_loop(scenario())


def test_a_cancelled_place_in_the_queue_cannot_be_had_again(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe, _, _ = waiting_line(summit)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.cancel.start()
        assert screen.panel.question() == "Cancel Zoë Fernández? The place in the queue is lost for good."
        screen.panel.offers.confirm.start()
        await until(lambda: screen.messages.text() == "Zoë Fernández is off the waitlist.")
        assert buttons(screen.messages) == ["Close this message (Esc)"]
        await until(lambda: cells(screen, PLACE) == ["", "#1", "#2", ""])

    in_loop(scenario())


def test_the_search_and_the_chips_filter_and_an_empty_result_offers_the_way_back(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Zoë Fernández")
    summit.add("Priya Raman", "cancelled")
    summit.add("Łukasz Nowak", package="conference")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        assert chips(screen) == [
            "All 3",
            "Registered 2",
            "Waitlisted 0",
            "Attended 0",
            "No-show 0",
            "Cancelled 1",
        ]
        screen.search()
        QTest.keyClicks(QApplication.focusWidget(), "lukasz")
        await until(lambda: cells(screen, NAME) == ["Łukasz Nowak"])
        screen.filters.search.clear()
        screen.filters.chips.choose("cancelled")
        await until(lambda: cells(screen, NAME) == ["Priya Raman"])
        screen.filters.chips.choose("all")
        screen.filters.packages.setCurrentText("Workshop pass")
        screen.filters.packages.activated.emit(1)
        await until(lambda: cells(screen, NAME) == ["Priya Raman", "Zoë Fernández"])
        assert chips(screen)[:2] == ["All 2", "Registered 1"]

        screen.filters.search.setText("xyz")
        await until(lambda: screen.list.pane.sentence() == "Nothing matches “xyz”.")
        assert screen.panel.shown() is None
        press = next(one for one in screen.list.pane.findChildren(QPushButton) if one.isVisible())
        assert press.text() == "&Clear the search"
        press.click()
        await until(lambda: cells(screen, NAME) == ["Priya Raman", "Zoë Fernández"])

        screen.filters.chips.choose("waitlisted")
        await until(lambda: screen.list.pane.sentence() == "Nobody with “Workshop pass” is “Waitlisted”.")
        press.click()
        await until(lambda: len(cells(screen, NAME)) == 3)
        assert screen.filters.where() == registrations.Where()

    in_loop(scenario())


def test_an_event_without_registrations_offers_to_add_one(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await until(lambda: screen.list.pane.sentence() == "No registrations yet. Add one or import a file.")
        next(one for one in screen.list.pane.findChildren(QPushButton) if one.isVisible()).click()
        assert screen.form.isVisible()

    in_loop(scenario())


def test_the_door_checks_in_and_takes_back_and_sees_nothing_else_to_press(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, door: Actor
) -> None:
    zoe = summit.add("Zoë Fernández")
    priya = summit.add("Priya Raman", "waitlisted", waitlist_position=1)

    async def scenario() -> None:
        screen = await opened(screen_of(door), summit, until)
        assert buttons(screen.header)[:1] == ["Change event…"]
        assert not {"Add registration", "Import…"} & set(buttons(screen))
        await select(screen, priya, until)
        assert buttons(screen.panel) == []
        await select(screen, zoe, until)
        assert buttons(screen.panel) == ["Check in"]
        press(screen.list.pane.table, Qt.Key.Key_Delete)
        press(screen.list.pane.table, Qt.Key.Key_N, CTRL)
        assert screen.panel.question() == ""
        assert screen.panel.isVisible()
        screen.panel.offers.check_in.start()
        await until(lambda: buttons(screen.panel) == ["Undo check-in"])
        screen.panel.offers.undo.start()
        await until(lambda: buttons(screen.panel) == ["Check in"])

    in_loop(scenario())


def test_the_door_is_told_that_somebody_else_let_a_person_in(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    door: Actor,
    organizer: Actor,
    database: Database,
) -> None:
    zoe = summit.add("Zoë Fernández")
    attendance.admit(database, organizer, Admission(zoe, "north gate"))

    async def scenario() -> None:
        screen = await opened(screen_of(door), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.undo.start()
        await until(lambda: "checked in by somebody else" in screen.panel.refusal())
        assert summit.status(zoe) == "attended"

    in_loop(scenario())


def test_a_check_in_cannot_start_twice(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoe = summit.add("Zoë Fernández")
    admit, gate, calls = attendance.admit, threading.Event(), []

    def slowly(*arguments: Any) -> Any:
        calls.append(arguments)
        gate.wait(30)
        return admit(*arguments)

    monkeypatch.setattr(attendance, "admit", slowly)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        for _ in range(3):
            press(screen.list.pane.table, Qt.Key.Key_Return, CTRL)
        await until(lambda: calls)
        assert screen.panel.offers.check_in.running
        gate.set()
        await until(lambda: screen.messages.text() == "Zoë Fernández is checked in.")
        assert len(calls) == 1
        assert summit.count("check_ins") == 1

    in_loop(scenario())


def test_a_check_in_of_unknown_outcome_is_sent_again_with_the_same_operation(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoe = summit.add("Zoë Fernández")
    admit, tries = attendance.admit, []

    def lost_on_the_way_back(*arguments: Any) -> Any:
        tries.append(arguments[2].operation_id)
        answer = admit(*arguments)
        if len(tries) == 1:
            raise errors.DatabaseDown("gala-db", unknown_outcome=True)
        return answer

    monkeypatch.setattr(attendance, "admit", lost_on_the_way_back)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.check_in.start()
        await until(lambda: screen.messages.kind() == "error" and screen.messages.text())
        press_offer(screen, "Retry")
        await until(lambda: screen.messages.text() == "Zoë Fernández is checked in.")
        assert tries[0] == tries[1]
        assert summit.count("check_ins") == 1

    in_loop(scenario())


def test_a_promotion_of_unknown_outcome_offers_to_look_before_it_is_done_twice(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoe = summit.add("Zoë Fernández", "waitlisted", waitlist_position=1)
    priya = summit.add("Priya Raman", "waitlisted", waitlist_position=2)
    promote_next = waitlist.promote_next

    def lost_on_the_way_back(*arguments: Any) -> Any:
        promote_next(*arguments)
        raise errors.DatabaseDown("gala-db", unknown_outcome=True)

    monkeypatch.setattr(waitlist, "promote_next", lost_on_the_way_back)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, priya, until)
        screen.panel.offers.promote_next.start()
        await until(lambda: "Reload" in buttons(screen.messages))
        assert "Retry" not in buttons(screen.messages)
        press_offer(screen, "Reload")
        await until(lambda: cells(screen, STATUS) == ["Waitlisted", "Registered"])
        assert (summit.status(zoe), summit.status(priya)) == ("registered", "waitlisted")

    in_loop(scenario())


def test_a_cancellation_that_never_arrived_can_be_tried_again(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoe = summit.add("Zoë Fernández")
    cancel, tries = registering.cancel, []

    def down_at_first(*arguments: Any) -> Any:
        tries.append(arguments)
        if len(tries) == 1:
            raise errors.DatabaseDown("gala-db", "nothing answers there")
        return cancel(*arguments)

    monkeypatch.setattr(registering, "cancel", down_at_first)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        screen.panel.offers.cancel.start()
        screen.panel.offers.confirm.start()
        await until(lambda: screen.messages.kind() == "error" and "gala-db" in screen.messages.text())
        assert summit.status(zoe) == "registered"
        press_offer(screen, "Retry")
        await until(lambda: cells(screen, STATUS) == ["Cancelled"])

    in_loop(scenario())


def test_an_event_that_cannot_be_read_offers_retry_in_the_place_of_the_list(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summit.add("Zoë Fernández")
    transaction = summit.database.transaction
    down = [True]

    def unreachable(actor: Any = None) -> Any:
        if down[0]:
            raise errors.DatabaseDown("gala-db", "nothing answers there")
        return transaction(actor)

    monkeypatch.setattr(summit.database, "transaction", unreachable)

    async def scenario() -> None:
        screen = screen_of(organizer)
        screen.open(summit.event_id)
        await until(lambda: screen.list.nothing.state() == "failed")
        assert "gala-db cannot be reached" in screen.list.nothing.sentence()
        down[0] = False
        next(one for one in screen.list.nothing.findChildren(QPushButton) if one.isVisible()).click()
        await until(lambda: screen.panel.shown() is not None)
        assert cells(screen, NAME) == ["Zoë Fernández"]

    in_loop(scenario())


def test_another_event_is_chosen_with_the_keyboard_alone(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    summit.add("Zoë Fernández")
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (created_by, title, slug, location, start_time, status)"
            " VALUES (:who, 'Zürich Type Night', 'type', 'Toni-Areal', now() + interval '40 days', 'published')",
            {"who": organizer.id},
        )

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await until(screen.isActiveWindow)
        press(screen.list.pane.table, Qt.Key.Key_E, CTRL)
        QTest.keyClicks(QApplication.focusWidget(), "zurich")
        await until(lambda: screen.side.chooser.list.count() == 1)
        press(QApplication.focusWidget(), Qt.Key.Key_Return)
        await until(lambda: any(text.startswith("Zürich Type Night · ") for text in texts(screen.header)))
        assert screen.panel.isVisible()
        await until(lambda: screen.list.pane.state() == "empty")
        assert not screen.add.isEnabled()

    in_loop(scenario())


def test_a_name_from_right_to_left_does_not_turn_the_sentence_about(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    someone = summit.add("محمد العلي")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, someone, until)
        screen.panel.offers.check_in.start()
        await until(lambda: screen.messages.text() == "\u2068محمد العلي\u2069 is checked in.")

    in_loop(scenario())


def test_the_ticket_of_nobody_is_shown_anywhere(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    zoe = summit.add("Zoë Fernández")
    with database.transaction() as tx:
        token = str(tx.value("SELECT registration_token FROM event_registrations"))

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        shown = [*texts(screen), *(text for column in range(7) for text in cells(screen, column))]
        shown += [one.toolTip() for one in screen.findChildren(QLabel)]
        assert len(shown) > 20
        assert not [text for text in shown if token in text or token.replace("-", "") in text]

    in_loop(scenario())


def test_somebody_deleted_meanwhile_leaves_the_list(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    zoe, anna = summit.add("Zoë Fernández"), summit.add("Anna Berg")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await until(lambda: screen.panel.shown() == anna)
        with database.transaction() as tx:
            tx.execute("DELETE FROM event_registrations WHERE id = :id", {"id": zoe})
        screen.list.pane.table.selectRow(screen.list.pane.model.row_of(zoe))
        await until(lambda: cells(screen, NAME) == ["Anna Berg"])

    in_loop(scenario())


def test_every_control_has_a_name_and_can_be_reached_with_the_tab_key(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        await select(screen, zoe, until)
        await until(screen.isActiveWindow)
        screen.filters.search.setFocus()
        reached: list[str] = []
        for _ in range(30):
            focus = QApplication.focusWidget()
            assert focus is not None
            name = focus.accessibleName() or getattr(focus, "text", str)()
            assert name, focus
            if name in reached:
                break
            reached.append(name)
            press(focus, Qt.Key.Key_Tab)
        assert reached[:4] == ["Search name, email, phone…", "All, 1", "Package", "Registrations"]
        assert {"Check in", "Cancel registration", "Change event…", "Add registration"} <= set(reached)

    in_loop(scenario())


def test_the_newest_numbers_stay_whatever_answer_comes_last(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summit.add("Zoë Fernández")
    facets, gate, held = registrations.facets, threading.Event(), []

    def first_is_slow(*arguments: Any) -> Any:
        answer = facets(*arguments)
        if not held:
            held.append(answer)
            gate.wait(30)
            held.append(answer)
        return answer

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        monkeypatch.setattr(registrations, "facets", first_is_slow)
        screen.refresh()
        await until(lambda: held)
        summit.add("Anna Berg")
        screen.refresh()
        await until(lambda: chips(screen)[0] == "All 2")
        gate.set()
        await until(lambda: len(held) == 2)
        await background.finish()
        assert chips(screen)[0] == "All 2"

    in_loop(scenario())


def test_a_registration_added_elsewhere_comes_in_when_the_list_is_read_again(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, database: Database
) -> None:
    summit.add("Zoë Fernández")

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        registering.register(
            database, organizer, Registering(summit.conference, "anna@example.org", "Anna Berg")
        )
        screen.refresh()
        await until(lambda: cells(screen, NAME) == ["Anna Berg", "Zoë Fernández"])
        await until(lambda: chips(screen)[0] == "All 2")

    in_loop(scenario())
