"""The command palette (Ctrl+K): everything that can be done, every place, and every record, by typing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer, Signal

from desktop import background, errors
from desktop.models.columns import status_label
from desktop.services.grid import Cancellation, QueryCancelled
from desktop.services.lists import finding
from desktop.services.permissions import Operation, allowed
from desktop.views.actions import keys_of, offered_here, text_of, window_wide
from desktop.views.screen import Sought
from desktop.views.widgets.choosing_field import ChoosingField
from desktop.views.widgets.entry_list import Entry, EntryList
from desktop.views.widgets.overlay import Overlay
from desktop.views.widgets.search_field import QUIET_MS
from desktop.views.widgets.states import LOADING_AFTER_MS
from desktop.views.widgets.text import label
from desktop.views.wording import filled, matches, named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.finding import EventFound, PersonFound
    from desktop.services.workspace import Workspace
    from desktop.views.screen import Screen
    from desktop.views.widgets.buttons import Action

    Groups = Sequence[tuple[str, Sequence[Entry]]]


class Palette(Overlay):
    """What can be done is shown at once; records are read off the GUI thread, and the latest wish wins: a search
    nobody waits for any more is cancelled on the server. What this role may not do or read is not there."""

    went = Signal(str, object)
    """A record was chosen: the section it is shown in, and the `Sought`."""

    def __init__(self, page: QWidget, workspace: Workspace, groups: Groups) -> None:
        super().__init__(page, QCoreApplication.translate("Palette", "Commands"))
        self._workspace = workspace
        self._groups = groups
        self._cancellation = Cancellation()
        self._searching = False
        self._failed = ""
        self._events: Sequence[EventFound] = ()
        self._people: Sequence[PersonFound] = ()
        self.list = EntryList(self.tr("Commands and records"))
        self.field = ChoosingField(self.tr("Type a command, an event or a person…"), self.list)
        self.said = label("", "muted", wrap=True)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.said)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self.search)
        self._late = QTimer(self, singleShot=True, interval=LOADING_AFTER_MS)
        self._late.timeout.connect(self._say)
        self.field.searched.connect(self._typed)
        self.list.taken.connect(self._take)
        self.closed.connect(self._stop)
        self._show()

    def open(self) -> None:
        super().open()
        self.field.setFocus()

    def show_groups(self, groups: Groups) -> None:
        """More can be done than was known; the line the keyboard is at stays."""
        self._groups = groups
        self._show()

    def search(self) -> None:
        """Look for records with what is typed now; an earlier search is given up."""
        self._stop()
        if text := self.field.text().strip():
            self._cancellation = Cancellation()
            self._searching, self._failed = True, ""
            self._late.start()
            background.start(self._read(text, self._cancellation))

    def _typed(self, text: str) -> None:
        self._stop()
        self._failed = ""
        self._searching = bool(text)
        # What was found already stays as far as it matches the new words, too.
        self._events = [one for one in self._events if text and matches(text, one.title, one.place)]
        self._people = [one for one in self._people if text and matches(text, one.name, one.email)]
        if text:
            self._quiet.start()
        self._show()

    async def _read(self, text: str, cancellation: Cancellation) -> None:
        workspace = self._workspace
        database, actor = workspace.database, workspace.actor
        try:
            if allowed(actor.roles, Operation.SEE_EVENTS):
                found = await background.run(
                    finding.events, database, actor, workspace.zone, text, cancellation
                )
                if cancellation.cancelled:
                    return
                self._events = found
                self._show()
            if allowed(actor.roles, Operation.SEE_REGISTRATIONS):
                for look in (finding.people_named, finding.people):  # the quick one first
                    if len(self._people) < finding.PEOPLE_AT_MOST:
                        people = await background.run(look, database, actor, text, cancellation)
                        if cancellation.cancelled:
                            return
                        self._add_people(people)
        except QueryCancelled:
            return
        except errors.AppError as error:
            if cancellation.cancelled:
                return
            self._failed = str(error)
        self._searching = False
        self._late.stop()
        self._show()

    def _add_people(self, people: Sequence[PersonFound]) -> None:
        """Those known already keep their place: a line must not move away from under the keyboard."""
        known = {one.id for one in self._people}
        self._people = [*self._people, *(one for one in people if one.id not in known)][
            : finding.PEOPLE_AT_MOST
        ]
        self._show()

    def _show(self) -> None:
        text = self.field.text().strip()
        shown: list[Entry] = []
        for name, entries in self._groups:
            found = [one for one in entries if matches(text, name, one.text, one.about)]
            shown += [Entry(name, heading=True), *found] if found else []
        for name, entries in self._records():
            shown += [Entry(name, heading=True), *entries] if entries else []
        if self._failed:
            again = Entry(self.tr("Search again"), self._failed, does=self.search)
            shown += [Entry(self.tr("Events and people"), heading=True), again]
        self.list.show_entries(shown)
        self._say()

    def _records(self) -> Groups:
        events = [
            Entry(
                one.title or self.tr("Untitled event"),
                " · ".join(filter(None, (one.when, one.place))),
                does=partial(self.went.emit, "events", Sought(one.id, one.group)),
            )
            for one in self._events
        ]
        people = [
            Entry(
                one.name or one.email,
                " · ".join((status_label(one.status), named(one.event), one.email)),
                does=partial(self.went.emit, "registrations", Sought(one.id, one.event_id)),
            )
            for one in self._people
        ]
        return ((self.tr("Events"), events), (self.tr("People"), people))

    def _say(self) -> None:
        """Under the list: what is being done when it takes long, or that there is nothing."""
        text = self.field.text().strip()
        if self._searching:
            late = not self._late.isActive() and not self._quiet.isActive()
            self.said.setText(self.tr("Searching events and people…") if late else "")
        elif text and not self.list.entries():
            self.said.setText(filled(self.tr("Nothing is called “%1”. Esc closes."), named(text)))
        else:
            self.said.setText("")
        self.said.setVisible(bool(self.said.text()))

    def _take(self, entry: Entry) -> None:
        if entry.does is None:
            return
        if entry.does == self.search:
            self.search()
            self._show()
            return
        self.close_sheet()  # first, so that the keyboard is back where the command expects it
        entry.does()

    def _stop(self) -> None:
        self._quiet.stop()
        self._late.stop()
        self._searching = False
        self._cancellation.cancel()


def commands(
    window: QWidget, places: Sequence[tuple[str, str, Screen]], go: Callable[[str], object]
) -> Groups:
    """What can be done now: in each of the ``places`` (the section's key, its name, its screen), after going there,
    and in the whole window."""

    def do(key: str, screen: Screen, action: Action) -> None:
        if not screen.isVisible():
            go(key)
        action.start()

    groups = [
        (name, [_entry(action, partial(do, key, screen, action)) for action in offered_here(screen)])
        for key, name, screen in places
    ]
    everywhere = [_entry(action, action.trigger) for action in window_wide(window)]
    return [*groups, (QCoreApplication.translate("palette", "Greenroom"), everywhere)]


def _entry(action: Action, does: Callable[[], object]) -> Entry:
    about = action.about if action.about != text_of(action) else ""
    why_not = "" if action.isEnabled() else action.why_not or about
    return Entry(text_of(action), about, keys_of(action), does, why_not)
