"""What the website changes is on screen by itself, and nothing the person is looking at moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from desktop.db import listen
from desktop.models.roles import ROW_ROLE
from desktop.views import list_pane, pacing
from desktop.views.audit import AuditScreen
from desktop.views.events import EventsScreen
from desktop.views.sections import sections
from desktop.views.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Actor, Database
    from desktop.services.workspace import Workspace

Building = Any
Loop = Any
Show = Any
Summit = Any
Until = Any


@pytest.fixture(autouse=True)
def without_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rests between two times does so for a moment only."""
    monkeypatch.setattr(list_pane, "RELOAD_REST_MS", 20)
    monkeypatch.setattr(pacing, "REST_SECONDS", 0.02)


@pytest.fixture
def at_work(
    in_window: Show, workspace_of: Callable[[Actor], Workspace], until: Until
) -> Callable[[Actor, str], Any]:
    """Signs somebody in, goes to a section and waits until its list is there and the window is live."""

    async def begin(actor: Actor, section: str) -> Shell:
        workspace = workspace_of(actor)
        shell = Shell(workspace, sections())
        in_window(shell)
        workspace.database.listener.start()
        shell.go(section)
        await until(lambda: live(shell).startswith("Live"))
        await until(lambda: pane(shell) is not None and at_rest(shell))
        return shell

    return begin


def live(shell: Shell) -> str:
    """What the sidebar says of the connection."""
    return shell.side_bar._state.text()


def pane(shell: Shell) -> Any:
    """The list that is shown."""
    screen = shell.current_screen()
    return screen.list if isinstance(screen, EventsScreen | AuditScreen) else screen.list.pane


def at_rest(shell: Shell) -> bool:
    """Whether all rows are known, and what is read again as soon as the window is live was read: a page that is still
    on its way may bring a change before it is heard of."""
    model = pane(shell).model
    return model.complete and not model._on_their_way() and not model._soon.isActive()


def seen_at(shell: Shell, who: Any) -> int:
    """How far down in the window a row is."""
    table = pane(shell).table
    inside = table.rowViewportPosition(pane(shell).model.row_of(who))
    return table.viewport().mapTo(shell, QPoint(0, inside)).y()


def texts(shell: Shell, column: int = 0) -> list[Any]:
    model = pane(shell).model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def said(shell: Shell) -> str:
    return shell.current_screen().messages.text()


def test_an_event_of_the_websites_follows(
    in_loop: Loop, at_work: Any, organizer: Actor, by_hand: Building, until: Until
) -> None:
    event = by_hand.event(title="Summit")
    other = by_hand.event(title="Other")
    package = by_hand.package(event, capacity=10)

    async def scenario() -> None:
        shell = await at_work(organizer, "events")
        screen = shell.current_screen()
        await until(lambda: texts(shell) == ["Summit", "Other"] or texts(shell) == ["Other", "Summit"])
        pane(shell).place.go_to(event)
        await until(lambda: screen.panel._event is not None and screen.panel._event.id == event)
        painted: list[float] = []
        screen.painted.connect(lambda heard, at: painted.append(at - heard))

        by_hand.do("UPDATE events SET title = 'Gipfel' WHERE id = %s", event)
        await until(lambda: "Gipfel" in texts(shell))
        await until(lambda: painted)
        assert 0 < painted[0] < 30
        assert shell._live.text().startswith("Updated ")
        await until(lambda: screen.panel._event.title == "Gipfel")

        by_hand.registration(package)
        await until(lambda: "1 / 10" in texts(shell, 4))
        await until(lambda: screen.panel._event.packages[0].held == 1)

        by_hand.do("UPDATE packages SET capacity = 12")
        await until(lambda: "1 / 12" in texts(shell, 4))

        by_hand.do("UPDATE events SET deleted_at = now() WHERE id = %s", other)
        await until(lambda: texts(shell) == ["Gipfel"])
        by_hand.event(title="New")
        await until(lambda: said(shell) == "1 new")
        assert texts(shell) == ["Gipfel"], "nobody asked to see it yet"
        await until(lambda: screen._chips._chips["upcoming"].count == 2)

    in_loop(scenario())


def test_the_log_says_what_is_new_and_stays(
    in_loop: Loop, at_work: Any, admin: Actor, by_hand: Building, until: Until
) -> None:
    log = (
        "INSERT INTO admin_logs (admin_id, action_type, description)"
        " SELECT %s, 'x.y', 'Step ' || n FROM generate_series(1, %s) n"
    )
    by_hand.do(log, admin.id, 300)

    async def scenario() -> None:
        shell = await at_work(admin, "audit")
        table = pane(shell).table
        table.verticalScrollBar().setValue(900)
        await until(lambda: table.indexAt(table.rect().topLeft()).data(ROW_ROLE) is not None)
        top = pane(shell).model.id_at(table.rowAt(0))
        messages = shell.current_screen().messages
        messages.warning("Something else is being said.")
        by_hand.do(log, admin.id, 2)
        await until(lambda: pane(shell).model.new_rows == 2)
        assert said(shell).startswith("Something")
        messages.dismiss()
        await until(lambda: said(shell) == "2 new")
        button = messages._buttons[0]
        by_hand.do(log, admin.id, 1)
        await until(lambda: said(shell) == "3 new")
        assert messages._buttons == [button], "whoever is about to press it can"
        messages.dismiss()
        bar = table.verticalScrollBar()
        await until(lambda: not pane(shell).new_rows.holding())
        bar.setValue(900)
        on_screen = seen_at(shell, top)
        by_hand.do(log, admin.id, 1)
        await until(lambda: said(shell) == "4 new")
        await until(lambda: bar.value() > 900)
        await until(lambda: seen_at(shell, top) == on_screen)  # where they were before the bar appeared
        assert pane(shell).model.rowCount() == 300
        by_hand.do(log, admin.id, 2_000)  # bulk work: not named
        await until(lambda: pane(shell).model.rowCount() == 2_304)
        row = pane(shell).model.row_of(top)
        assert row > 2_000
        await until(lambda: said(shell) == "")
        await until(lambda: seen_at(shell, top) == on_screen)  # whatever the bar does
        table.scrollToTop()
        first = pane(shell).model.id_at(0)
        by_hand.do(log, admin.id, 2_000)
        await until(lambda: pane(shell).model.rowCount() == 4_304)
        assert pane(shell).model.id_at(table.rowAt(0)) == first, "at the top, too"

    in_loop(scenario())


def test_a_screen_that_is_not_shown_reads_nothing_and_catches_up(
    in_loop: Loop, at_work: Any, admin: Actor, by_hand: Building, until: Until
) -> None:
    by_hand.event(title="Summit")

    async def scenario() -> None:
        shell = await at_work(admin, "events")
        events = shell.current_screen()
        shell.go("audit")
        await until(lambda: pane(shell).model.complete)
        followed: list[object] = []
        events.follow = followed.append  # type: ignore[method-assign]
        by_hand.do("UPDATE events SET title = 'Gipfel'")
        by_hand.insert("admin_logs", admin_id=admin.id, action_type="x.y")
        await until(lambda: said(shell) == "1 new")
        assert not followed
        shell.go("events")
        await until(lambda: texts(shell) == ["Gipfel"])

    in_loop(scenario())


def test_what_happened_while_the_line_was_lost_is_read_when_it_is_back(
    in_loop: Loop,
    at_work: Any,
    organizer: Actor,
    by_hand: Building,
    until: Until,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = by_hand.event(title="Summit")
    monkeypatch.setattr(listen, "FIRST_TRY_SECONDS", 3_000.0)
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = %s AND datname = current_database()"
    )

    async def scenario() -> None:
        shell = await at_work(organizer, "events")
        await until(lambda: texts(shell) == ["Summit"])
        by_hand.do(kill, listen.NAME)
        await until(lambda: live(shell).startswith("Offline since "))
        assert shell._live.text() == live(shell)
        by_hand.do("UPDATE events SET title = 'Gipfel' WHERE id = %s", event)
        shell.following.hurry()
        await until(lambda: live(shell).startswith("Live"))
        await until(lambda: texts(shell) == ["Gipfel"])

    in_loop(scenario())


def test_behind_a_pooler_the_window_says_so_and_reads_again(
    in_loop: Loop,
    in_window: Show,
    workspace_of: Callable[[Actor], Workspace],
    organizer: Actor,
    by_hand: Building,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = by_hand.event(title="Summit")
    monkeypatch.setattr(listen.Listener, "_connected", lambda _self: None)
    monkeypatch.setattr(listen, "SLOW_SECONDS", 3_000.0)

    async def scenario() -> None:
        workspace = workspace_of(organizer)
        shell = Shell(workspace, sections())
        in_window(shell)
        workspace.database.listener.start()
        await until(lambda: live(shell).startswith("Behind"))
        assert "F5" in shell._live.text()
        by_hand.do("UPDATE events SET title = 'Gipfel' WHERE id = %s", event)
        workspace.database.listener.hurry()  # as if a minute were over
        await until(lambda: texts(shell) == ["Gipfel"])
        workspace.database.listener.close()

    in_loop(scenario())


async def at_registrations(at_work: Any, until: Until, who: Actor, summit: Summit) -> Any:
    """The screen of the summit's registrations, with its list and its numbers."""
    shell = await at_work(who, "registrations")
    screen = shell.current_screen()
    await until(lambda: screen.panel.shown() is not None and screen.panel._about.detail is not None)
    await until(lambda: at_rest(shell))
    return shell, screen


def row_of(shell: Shell, who: Any) -> list[Any]:
    """What the list says of somebody."""
    model = pane(shell).model
    row = model.row_of(who)
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_the_websites_registrations_follow(
    in_loop: Loop, at_work: Any, organizer: Actor, summit: Summit, by_hand: Building, until: Until
) -> None:
    order = by_hand.insert(
        "orders",
        user_id=organizer.id,
        package_id=summit.conference,
        payment_id="p",
        amount_paid=4500,
        payment_status="pending",
    )
    ana = summit.add("Ana Aalto")
    bo = summit.add("Bo Berg", package="conference", order_id=order)
    cy = summit.add("Cy Cruz")

    async def scenario() -> None:
        shell, screen = await at_registrations(at_work, until, organizer, summit)
        assert screen.panel.shown() == ana
        by_hand.do("UPDATE event_registrations SET status = 'attended' WHERE id = %s", ana)
        await until(lambda: row_of(shell, ana)[3] == "Attended")
        await until(lambda: (detail := screen.panel._about.detail) and detail.status == "attended")
        await until(lambda: screen.filters.chips._chips["attended"].count == 1)
        by_hand.do("UPDATE orders SET payment_status = 'paid' WHERE id = %s", order)
        await until(lambda: "paid" in row_of(shell, bo)[5])
        by_hand.do("UPDATE packages SET name = 'Evening' WHERE id = %s", summit.workshop)
        await until(lambda: row_of(shell, cy)[2] == "Evening")
        await until(lambda: screen.panel._about.detail.package == "Evening")
        assert row_of(shell, bo)[2] == "Conference"
        by_hand.do("DELETE FROM event_registrations WHERE id = %s", cy)
        await until(lambda: pane(shell).model.row_of(cy) is None)
        summit.add("Zoë Fernández", package="conference")
        await until(lambda: said(shell) == "1 new")
        assert pane(shell).model.rowCount() == 2
        by_hand.registration(by_hand.package())
        summit.add("Ali", package="conference")
        await until(lambda: said(shell) == "2 new")  # of this event only

    in_loop(scenario())


def test_what_somebody_is_asked_and_where_they_type_stays(
    in_loop: Loop, at_work: Any, organizer: Actor, summit: Summit, by_hand: Building, until: Until
) -> None:
    ana = summit.add("Ana Aalto")
    summit.add("Bo Berg")

    async def scenario() -> None:
        shell, screen = await at_registrations(at_work, until, organizer, summit)
        screen.panel._ask()
        assert (question := screen.panel.question())
        screen.search()
        search = screen.filters.search
        assert search.hasFocus() or search.isAncestorOf(shell.window().focusWidget())
        keyboard = shell.window().focusWidget()
        by_hand.do("UPDATE event_registrations SET attendee_email = 'ana@new.example' WHERE id = %s", ana)
        await until(lambda: row_of(shell, ana)[1] == "ana@new.example")
        await until(lambda: screen.panel._about.detail.email == "ana@new.example")
        assert screen.panel.question() == question
        assert shell.window().focusWidget() is keyboard
        assert screen.panel.shown() == ana

    in_loop(scenario())


def test_other_buttons_for_another_status_leave_the_keyboard_and_the_labels_where_they_are(
    in_loop: Loop, at_work: Any, organizer: Actor, summit: Summit, by_hand: Building, until: Until
) -> None:
    ana = summit.add("Ana Aalto", "waitlisted", waitlist_position=1)

    async def scenario() -> None:
        shell, screen = await at_registrations(at_work, until, organizer, summit)
        panel = screen.panel

        def offered() -> list[str]:
            return [one.action.text().replace("&", "") for one in panel.shown_buttons()]

        assert offered() == ["Promote Ana", "Cancel registration"]
        cancel = panel.shown_buttons()[-1]
        cancel.setFocus()
        labels = panel.findChildren(QLabel)
        name = next(one for one in labels if one.text() == "Ana Aalto")
        history = next(one for one in labels if one.text() == "HISTORY")
        hidden: list[bool] = []
        pane(shell).model.dataChanged.connect(lambda *_: hidden.append(history.isHidden()))
        by_hand.do(
            "UPDATE event_registrations SET status = 'registered', waitlist_position = NULL,"
            " attendee_name = 'Ana Alto' WHERE id = %s",
            ana,
        )
        await until(
            lambda: (
                panel._about.known and panel._about.row.status == panel._about.detail.status == "registered"
            )
        )
        assert offered() == ["Check in", "Cancel registration"]
        assert shell.window().focusWidget() is cancel is panel.shown_buttons()[-1]
        assert name.text() == "Ana Alto"
        assert hidden
        assert not any(hidden)

    in_loop(scenario())


def test_what_one_does_oneself_is_painted_once(
    in_loop: Loop,
    at_work: Any,
    organizer: Actor,
    summit: Summit,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ana = summit.add("Ana Aalto")

    async def scenario() -> None:
        shell, screen = await at_registrations(at_work, until, organizer, summit)
        model = pane(shell).model
        told: list[str] = []
        model.dataChanged.connect(lambda *_: told.append(row_of(shell, ana)[3]))
        heard: list[object] = []
        follow = screen.follow
        monkeypatch.setattr(screen, "follow", lambda changes: (follow(changes), heard.append(changes)))
        rows = model._source.rows
        reads: list[object] = []
        monkeypatch.setattr(model._source, "rows", lambda *which: (reads.append(which), rows(*which))[1])
        screen.panel.offers.check_in.start()
        await until(lambda: row_of(shell, ana)[3] == "Attended" and heard)
        await until(lambda: model.behind_since is None and len(reads) > 1)
        assert told.count("Attended") == 1

    in_loop(scenario())


def test_a_burst_is_read_in_few_goes(
    in_loop: Loop,
    at_work: Any,
    organizer: Actor,
    summit: Summit,
    by_hand: Building,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [summit.add(f"P{number:02} Somebody", package="conference") for number in range(20)]

    async def scenario() -> None:
        shell, _screen = await at_registrations(at_work, until, organizer, summit)
        model = pane(shell).model
        rows = model._source.rows
        reads: list[int] = []
        monkeypatch.setattr(
            model._source, "rows", lambda ids, *more: (reads.append(len(ids)), rows(ids, *more))[1]
        )
        with by_hand.connect(autocommit=False) as website:
            for number in range(200):
                website.execute(
                    "UPDATE event_registrations SET attendee_name = %s WHERE id = %s",
                    (f"Q{number:03}", people[number % 20]),
                )
        await until(lambda: row_of(shell, people[19])[0] == "Q199")
        await until(lambda: model.behind_since is None)
        assert len(reads) <= 4
        assert max(reads) <= 20

    in_loop(scenario())
