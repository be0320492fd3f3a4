"""Every place that calls a service, and every kind of answer that is no result (architecture.md, “Errors, as people
meet them”): its sentence stands where the person looks, Retry where trying again may help and Reload where somebody
else was quicker, never in a box in front of the work; and Retry does what failed once more, with what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from desktop import background, errors
from desktop.services import accounts, importing, registering, waitlist
from desktop.services.lists import chosen, event_detail, events, registration_detail, registrations
from desktop.views.events import EventsScreen
from desktop.views.sign_in import FirstRunPage, SignInPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.db.session import Actor, Database
    from desktop.services.workspace import Workspace

Loop = Any
Until = Any
Summit = Any
Screens = Any
Show = Any

RULE = errors.RuleViolation("A rule says no to this.")
DOWN = errors.DatabaseDown("“gala” on db.example", "nothing answers there")
BUSY = errors.Busy()
GONE = errors.NotFound("event", "Kino")
STALE = errors.Stale("event", ("title",))
NOT_ALLOWED = errors.NotAllowed("do this", "door")
OFFERS = {RULE: "", DOWN: "Retry", BUSY: "Retry", GONE: "Reload", STALE: "Reload", NOT_ALLOWED: ""}
"""The button each situation comes with in a message bar."""


@dataclass
class Service:
    """Stands in for a service: raises what it is told to, else does what the real one does."""

    real: Callable[..., Any]
    error: errors.AppError | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls.append(given)
        if self.error is not None:
            raise self.error
        return self.real(*given, **named)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], Service]:
    """Puts a `Service` in the place of a function."""

    def put(module: Any, name: str) -> Service:
        service = Service(getattr(module, name))
        monkeypatch.setattr(module, name, service)
        return service

    return put


def buttons(place: QWidget) -> list[str]:
    return [
        one.text().replace("&", "")
        for one in place.findChildren(QPushButton)
        if one.isVisible() and one.text()
    ]


def press(place: QWidget, text: str) -> None:
    found = place.findChildren(QPushButton)
    next(one for one in found if one.isVisible() and one.text().replace("&", "") == text).click()


def nothing_in_front() -> bool:
    """Whether no dialog is shown, modal or not."""
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    return dialogs == [] and QApplication.activeModalWidget() is None


async def meets(
    bar: Any, service: Service, act: Callable[[], object], until: Until, offers: dict[errors.AppError, str]
) -> None:
    """The table's row of one place: each situation is said in the bar with its button, and the button asks again."""
    for error, offered in offers.items():
        await background.finish()
        service.error = error
        act()
        await until(lambda error=error: bar.text() == str(error))
        await background.finish()
        assert buttons(bar) == ([offered] if offered else []), error
        assert nothing_in_front()
        if offered:
            asked, service.error = len(service.calls), None
            press(bar, offered)
            await until(lambda asked=asked: len(service.calls) > asked)
            assert service.calls[asked] == service.calls[asked - 1]
            assert bar.text() == ""
        else:
            bar.dismiss()


def test_signing_in(
    in_loop: Loop, until: Until, in_window: Show, database: Database, failing: Callable[[Any, str], Service]
) -> None:
    service = failing(accounts, "sign_in")
    page = SignInPage()

    async def scenario() -> None:
        in_window(page)
        page.show_database(database)
        page.login.editor.setText("zoë")
        page.password.editor.setText("kaffee")
        for error in (DOWN, BUSY, NOT_ALLOWED, RULE):
            service.error = error
            page.action.start()
            await until(lambda error=error: page.error() == str(error) and not page.action.running)
            assert ("Retry" in buttons(page)) == isinstance(error, errors.Unavailable)
            assert (page.login.editor.text(), page.password.editor.text()) == ("zoë", "kaffee")
            if isinstance(error, errors.Unavailable):
                service.error = RULE
                press(page, "Retry")
                await until(lambda: page.error() == str(RULE) and not page.action.running)
                assert service.calls[-1] == service.calls[-2] == (database, "zoë", "kaffee")
            assert nothing_in_front()

    in_loop(scenario())


def test_making_the_first_account(
    in_loop: Loop, until: Until, in_window: Show, database: Database, failing: Callable[[Any, str], Service]
) -> None:
    service = failing(accounts, "first_admin")
    page = FirstRunPage()

    async def scenario() -> None:
        in_window(page)
        page.show_database(database)
        typed = ("ada", "ada@example.org", "kaffee", "kaffee")
        for card, text in zip((page.username, page.email, page.password, page.again), typed, strict=True):
            card.editor.setText(text)
        service.error = DOWN
        page.action.start()
        await until(lambda: page.error() == str(DOWN) and not page.action.running)
        service.error = errors.InvalidField("email", "That is no address.")
        press(page, "Retry")
        await until(lambda: page.email.error() == "That is no address.")
        assert (page.error(), service.calls[0]) == ("", service.calls[1])
        assert [one.editor.text() for one in (page.username, page.email, page.password, page.again)] == list(
            typed
        )

    in_loop(scenario())


@pytest.fixture
def events_screen(
    in_window: Show, workspace_of: Callable[[Actor], Workspace], organizer: Actor
) -> EventsScreen:
    made = EventsScreen(workspace_of(organizer))
    in_window(made)
    return made


def test_counting_events(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    events_screen: EventsScreen,
    failing: Callable[[Any, str], Service],
) -> None:
    service = failing(events, "facets")

    async def scenario() -> None:
        events_screen.open()
        await until(lambda: len(service.calls) == 1 and events_screen.list.row() is not None)
        await meets(events_screen.messages, service, events_screen.refresh, until, OFFERS)
        events_screen.close_down()

    in_loop(scenario())


def test_reading_an_event_beside_the_list(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    events_screen: EventsScreen,
    failing: Callable[[Any, str], Service],
) -> None:
    service = failing(event_detail, "read")

    async def scenario() -> None:
        events_screen.open()
        await until(lambda: service.calls and events_screen.list.row() is not None)
        kinds = {error: offered for error, offered in OFFERS.items() if error is not GONE}
        await meets(events_screen.messages, service, events_screen.refresh, until, kinds)
        service.error = GONE
        events_screen.refresh()
        await until(lambda: events_screen.messages.text().endswith("was deleted meanwhile."))
        events_screen.close_down()

    in_loop(scenario())


async def shown(screen: Any, summit: Summit, until: Until) -> None:
    """The event's list, with somebody in the panel."""
    screen.open(summit.event_id)
    await until(lambda: screen.panel.shown() is not None and screen.person.row is not None)
    await until(lambda: screen.panel._about.detail is not None)


@pytest.mark.parametrize(
    ("module", "name"), [(registrations, "facets"), (registration_detail, "read")], ids=["numbers", "person"]
)
def test_reading_registrations(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
    module: Any,
    name: str,
) -> None:
    summit.add("Anna Berg")
    service = failing(module, name)

    async def scenario() -> None:
        screen = screen_of(organizer)
        await shown(screen, summit, until)
        # Of a person who is gone nothing is said: the row goes.
        kinds = {
            error: offered
            for error, offered in OFFERS.items()
            if module is registrations or error is not GONE
        }
        await meets(screen.messages, service, screen.refresh, until, kinds)

    in_loop(scenario())


def test_going_to_another_event(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
) -> None:
    summit.add("Anna Berg")
    service = failing(event_detail, "read")

    async def scenario() -> None:
        screen = screen_of(organizer)
        service.error = GONE
        screen.open(summit.event_id)
        await until(lambda: screen.list.nothing.sentence() == str(GONE))
        service.error = None
        press(screen.list, "Retry")
        await until(lambda: screen.panel.shown() is not None)
        await until(lambda: screen.panel._about.detail is not None)
        await meets(screen.messages, service, lambda: screen._go_to(summit.event_id), until, OFFERS)

    in_loop(scenario())


def test_choosing_an_event(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
) -> None:
    summit.add("Anna Berg")
    service = failing(events, "grid")

    async def scenario() -> None:
        screen = screen_of(organizer)
        await shown(screen, summit, until)
        service.error = DOWN
        screen.change_event.start()
        chooser = screen.side.chooser
        await until(lambda: chooser.pane.sentence() == str(DOWN))
        service.error = None
        press(chooser, "Retry")
        await until(lambda: chooser.list.count() == 1)
        assert nothing_in_front()

    in_loop(scenario())


def test_dividing_those_selected(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
) -> None:
    for name in ("Anna Berg", "Zoë Fern"):
        summit.add(name)
    service = failing(chosen, "divide")

    async def scenario() -> None:
        screen = screen_of(organizer)
        await shown(screen, summit, until)
        service.error = DOWN
        screen.list.pane.table.selectAll()
        await until(lambda: buttons(screen.messages) == ["Retry"])
        service.error = None
        press(screen.messages, "Retry")
        await until(lambda: len(service.calls) == 2)
        assert service.calls[0][:3] == service.calls[1][:3]
        await until(lambda: not screen.bulk.panel._trouble)
        assert screen.messages.text() == ""

    in_loop(scenario())


def test_promoting_somebody(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
) -> None:
    who = summit.add("Anna Berg", "waitlisted", waitlist_position=1)
    service = failing(waitlist, "promote")

    async def scenario() -> None:
        screen = screen_of(organizer)
        await shown(screen, summit, until)
        promote = next(
            one
            for one in (screen.panel.offers.promote_next, screen.panel.offers.promote_free)
            if one.isEnabled()
        )
        for error in OFFERS:
            service.error = error
            screen.messages.dismiss()
            await background.finish()
            promote.start()
            said = screen.panel.refusal if error is RULE else screen.messages.text
            await until(lambda said=said, error=error: said() == str(error))
            retry = ["Retry"] if isinstance(error, errors.Unavailable) else []
            assert buttons(screen.messages) == ([] if error is RULE else retry)
            assert nothing_in_front()
        await background.finish()
        service.error = DOWN
        promote.start()
        await until(lambda: buttons(screen.messages) == ["Retry"])
        service.error = None
        press(screen.messages, "Retry")
        await until(lambda: summit.status(who) == "registered")

    in_loop(scenario())


def test_adding_somebody(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
) -> None:
    summit.add("Anna Berg")
    service = failing(registering, "register")

    async def scenario() -> None:
        screen = screen_of(organizer)
        await shown(screen, summit, until)
        screen.add.start()
        form = screen.form
        for line, text in zip(form.lines, ("Zoë", "zoe@example.org", ""), strict=True):
            line.setText(text)
        for error in OFFERS:
            service.error = error
            form.save.start()
            said = (
                form.package.error
                if error is RULE
                else screen.messages.text
                if isinstance(error, errors.Unavailable)
                else form.trouble.text
            )
            await until(lambda said=said, error=error: said() == str(error) and not form.save.running)
            assert form.isVisible()
            assert form.lines[1].text() == "zoe@example.org"
            assert nothing_in_front()
        service.error = DOWN
        form.save.start()
        await until(lambda: buttons(screen.messages) == ["Retry"] and not form.save.running)
        form.leave()
        form.discard.click()
        assert screen.messages.text() == ""

    in_loop(scenario())


def test_importing(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    failing: Callable[[Any, str], Service],
    tmp_path: Path,
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,E-mail\nZoë,zoe@example.org\n", encoding="utf-8")
    asking, writing = failing(importing, "preview"), failing(importing, "apply")

    async def scenario() -> None:
        screen = screen_of(organizer)
        screen.open(summit.event_id)
        await until(screen.import_file.isEnabled)
        screen.import_file.start()
        page = screen.importing
        ways_out = {
            RULE: "Choose another file…",
            DOWN: "Retry",
            GONE: "Back to the list",
            NOT_ALLOWED: "Back to the list",
        }
        for error, way_out in ways_out.items():
            asking.error = error
            page.read(file)
            await until(lambda error=error: page.state.sentence() == str(error))
            assert buttons(page.state) == [way_out]
        asking.error = DOWN
        page.read(file)
        await until(lambda: page.state.sentence() == str(DOWN))
        asking.error = None
        press(page.state, "Retry")
        await until(lambda: page.state.state() == "content" and page.write.isEnabled())
        for error, offered in OFFERS.items():
            writing.error = error
            page.write.start()
            await until(lambda error=error: page.messages.text() == str(error) and not page.write.running)
            assert buttons(page.messages) == ([offered] if offered else [])
            assert nothing_in_front()
        writing.error = DOWN
        page.write.start()
        await until(lambda: buttons(page.messages) == ["Retry"] and not page.write.running)
        writing.error = None
        press(page.messages, "Retry")
        await until(lambda: summit.count("event_registrations") == 1)

    in_loop(scenario())
