"""Adding somebody: what the form foretells, what it refuses and where it says so, and that nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from desktop import errors
from desktop.services import registering

if TYPE_CHECKING:
    from desktop.db.session import Actor
    from desktop.views.add_registration import AddRegistration
    from desktop.views.registrations import RegistrationsScreen

Screens = Any
Loop = Any
Until = Any
Summit = Any

CTRL = Qt.KeyboardModifier.ControlModifier


async def form_of(screen: RegistrationsScreen, summit: Summit, until: Until) -> AddRegistration:
    """The empty form over the event's list."""
    screen.open(summit.event_id)
    await until(screen.add.isEnabled)
    await until(lambda: screen.list.pane is not None and not screen.list.pane.model.is_loading)
    screen.add.start()
    await until(screen.form.isVisible)
    return screen.form


def type_into(line: QLineEdit, text: str) -> None:
    """Any letter, also those QTest has no key for."""
    for letter in text:
        event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(line, event)


def fill(form: AddRegistration, summit: Summit, *texts: str, package: str = "workshop") -> None:
    """Type a name, an address and a number, and choose a package."""
    for line, text in zip(form.lines, texts, strict=False):
        line.clear()
        type_into(line, text)
    form.packages.choose(getattr(summit, package))


def names(screen: RegistrationsScreen) -> list[str]:
    pane = screen.list.pane
    assert pane is not None
    return [pane.model.index(row, 0).data() for row in range(pane.model.rowCount())]


def offer(screen: RegistrationsScreen, text: str) -> QPushButton:
    found = screen.messages.findChildren(QPushButton)
    return next(one for one in found if one.text().replace("&", "") == text and not one.isHidden())


def test_a_saved_person_is_selected_in_the_list_and_has_the_seat_that_was_foretold(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Anna Berg", package="conference")

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        assert QApplication.focusWidget() is form.lines[0]
        fill(form, summit, "Zoë Fernández", "Zoe@Example.org", "+34 600 000 000")
        assert form.outcome.text() == "Gets a seat: 2 free."
        assert form.paid_with.isHidden()
        QTest.keyClick(form.lines[0], Qt.Key.Key_Return, CTRL)
        await until(lambda: screen.messages.text() == "Zoë Fernández has a seat in “Workshop pass”.")
        await until(lambda: names(screen) == ["Anna Berg", "Zoë Fernández"])
        await until(lambda: screen.panel.isVisible() and screen.panel.shown() is not None)
        await until(lambda: screen.list.pane.row().email == "zoe@example.org")
        assert not form.typed

    in_loop(scenario())


def test_a_package_without_limit_and_a_full_one_foretell_what_they_do(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Anna Berg")
    summit.add("Mara Inside")

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, "Zoë Fernández", "zoe@example.org", package="conference")
        assert form.outcome.text() == "Gets a seat: there is no limit."
        fill(form, summit)
        assert form.outcome.text() == "Full: joins the waitlist at #1."
        assert form.packages.currentText() == "Workshop pass · full"
        form.save.start()
        await until(
            lambda: screen.messages.text() == "Zoë Fernández is on the waitlist of “Workshop pass” at #1."
        )
        await until(lambda: "Zoë Fernández" in names(screen))

    in_loop(scenario())


def test_the_chosen_package_stays_chosen_when_the_seats_are_read_again(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit)
        assert form.packages.currentIndex() == 1
        summit.add("Anna Berg")
        screen.refresh()
        await until(lambda: form.outcome.text() == "Gets a seat: 1 free.")
        assert form.packages.chosen() == summit.workshop

    in_loop(scenario())


def test_a_free_seat_that_others_wait_for_is_not_foretold_as_ones_own(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    summit.add("Anna Berg")
    summit.add("Priya Raman", "waitlisted", waitlist_position=1)

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit)
        assert form.outcome.text() == "Joins the waitlist at #2: 1 seat free, but others wait for it."

    in_loop(scenario())


def test_paid_with_is_asked_only_where_an_order_is_needed(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    with summit.database.transaction() as tx:
        tx.execute("UPDATE events SET payment_required = true")
        tx.execute("UPDATE packages SET price = 4500 WHERE id = :id", {"id": summit.workshop})

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, package="conference")
        assert form.paid_with.isHidden()
        fill(form, summit, "Zoë Fernández", "zoe@example.org")
        assert form.paid_with.isVisible()
        form.save.start()
        await until(
            lambda: screen.messages.text() == "Zoë Fernández has a seat in “Workshop pass”. Payment is due."
        )
        screen.add.start()
        fill(form, summit, "Anna Berg", "anna@example.org")
        form.ways_to_pay.setCurrentIndex(form.ways_to_pay.findData("cash"))
        form.save.start()
        await until(lambda: screen.messages.text() == "Anna Berg has a seat in “Workshop pass”.")
        with summit.database.transaction() as tx:
            paid = tx.rows("SELECT payment_gateway, payment_status FROM orders ORDER BY payment_status")
        assert [tuple(row) for row in paid] == [("cash", "paid"), ("desk", "pending")]

    in_loop(scenario())


@pytest.mark.parametrize(
    ("texts", "field", "words"),
    [
        (("Zoë", "zoe@", ""), "email", "“zoe@” is not an e-mail address"),
        (("Zoë", "", ""), "email", "An e-mail address is needed"),
        (("Zoë", "zoe@example.org", "12345678901234567"), "phone", "The phone number has 17 digits"),
        (("Z" * 151, "zoe@example.org", ""), "name", "The name has 151 letters"),
    ],
)
def test_a_refused_save_keeps_the_form_and_says_why_beside_the_field(
    texts: tuple[str, ...],
    field: str,
    words: str,
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, *texts)
        form.save.start()
        complained = getattr(form, field)
        await until(lambda: complained.error().startswith(words))
        assert tuple(line.text() for line in form.lines) == texts
        assert QApplication.focusWidget() is complained.editor
        assert summit.count("event_registrations") == 0
        type_into(complained.editor, "x")
        assert complained.error() == ""

    in_loop(scenario())


def test_somebody_who_is_on_the_list_already_can_be_shown_from_the_form(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández", attendee_email="zoe@example.org")
    summit.add("Anna Berg")

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        screen.filters.chips.choose("cancelled")
        fill(form, summit, "Zoe F.", "ZOE@example.org")
        assert form.existing.isHidden()
        form.save.start()
        await until(form.existing.isVisible)
        assert form.email.error().startswith("zoe@example.org is already on the list of “Workshop pass”")
        form.existing.click()
        await until(lambda: names(screen) == ["Zoë Fernández"])
        await until(lambda: screen.panel.isVisible() and screen.panel.shown() == zoe)
        screen.add.start()
        assert form.lines[0].text() == "Zoe F."

    in_loop(scenario())


def test_closing_asks_once_when_something_was_typed(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        QTest.keyClick(form.lines[0], Qt.Key.Key_Escape)
        assert screen.side.currentWidget() is screen.panel

        screen.add.start()
        fill(form, summit, "Zoë")
        QTest.keyClick(form.lines[0], Qt.Key.Key_Escape)
        assert form.question.isVisible()
        assert QApplication.focusWidget() is form.keep
        QTest.keyClick(form.keep, Qt.Key.Key_Return)
        assert form.question.isHidden()
        assert form.lines[0].text() == "Zoë"

        form.close_form.start()
        form.discard.click()
        assert screen.side.currentWidget() is screen.panel
        screen.add.start()
        assert form.lines[0].text() == ""

    in_loop(scenario())


def test_going_to_another_event_asks_before_what_was_typed_is_lost(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    with summit.database.transaction() as tx:
        other = tx.value(
            "INSERT INTO events (created_by, title, status) VALUES (:who, 'Kino', 'completed') RETURNING id",
            {"who": organizer.id},
        )

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, "Zoë")
        screen.open(other)
        assert form.question.isVisible()
        form.discard.click()
        await until(lambda: screen.header.findChildren(type(form.outcome))[0].text().startswith("Kino"))
        assert screen.side.currentWidget() is screen.panel

    in_loop(scenario())


def test_a_lost_connection_keeps_the_form_and_retry_saves_it(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register, tries = registering.register, []

    def down_at_first(*arguments: Any) -> Any:
        tries.append(arguments)
        if len(tries) == 1:
            raise errors.DatabaseDown("gala-db", "nothing answers there")
        return register(*arguments)

    monkeypatch.setattr(registering, "register", down_at_first)

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, "Zoë Fernández", "zoe@example.org")
        form.save.start()
        await until(lambda: "gala-db cannot be reached" in screen.messages.text() and form.save.isEnabled())
        assert form.isVisible()
        assert form.lines[1].text() == "zoe@example.org"
        offer(screen, "Retry").click()
        await until(lambda: names(screen) == ["Zoë Fernández"])

    in_loop(scenario())


def test_a_closed_event_says_so_instead_of_saving(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, "Zoë Fernández", "zoe@example.org")
        with summit.database.transaction() as tx:
            tx.execute("UPDATE events SET status = 'cancelled'")
        form.save.start()
        await until(lambda: form.package.error().startswith("“Monsoon Data Summit” is cancelled"))
        screen.refresh()
        await until(lambda: form.outcome.text() == "This event takes no registrations now.")
        assert not form.save.isEnabled()
        assert form.lines[0].text() == "Zoë Fernández"

    in_loop(scenario())


def test_somebody_who_cancelled_is_registered_again_from_a_filled_in_form(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández", "cancelled", attendee_email="zoe@example.org", phone_number="+34600")

    async def scenario() -> None:
        screen = screen_of(organizer)
        screen.open(summit.event_id)
        await until(lambda: screen.panel.shown() == zoe)
        await until(screen.panel.offers.add_again.isEnabled)
        screen.panel.offers.add_again.start()
        assert [line.text() for line in screen.form.lines] == ["Zoë Fernández", "zoe@example.org", "+34600"]
        assert screen.form.packages.chosen() == summit.workshop
        assert not screen.form.typed
        screen.form.save.start()
        await until(lambda: screen.messages.text() == "Zoë Fernández has a seat in “Workshop pass”.")
        assert summit.status(zoe) == "registered"
        assert summit.count("event_registrations") == 1

    in_loop(scenario())


def test_registering_somebody_again_asks_before_what_was_typed_for_another_is_lost(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    zoe = summit.add("Zoë Fernández", "cancelled", attendee_email="zoe@example.org")

    async def scenario() -> None:
        screen = screen_of(organizer)
        form = await form_of(screen, summit, until)
        fill(form, summit, "Priya Raman")
        screen.side.show_panel()
        await until(lambda: screen.panel.shown() == zoe and screen.panel.offers.add_again.isEnabled())
        screen.panel.offers.add_again.start()
        assert form.question.isVisible()
        assert form.lines[0].text() == "Priya Raman"
        form.discard.click()
        assert form.isVisible()
        assert form.lines[0].text() == "Zoë Fernández"

    in_loop(scenario())
