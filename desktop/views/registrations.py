"""The registrations of an event: who is coming, who waits, and what is done about it."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import background, errors
from desktop.views.import_file import ImportPage
from desktop.views.import_target import Target
from desktop.views.registration_actions import Done
from desktop.views.registration_bulk import RegistrationBulk
from desktop.views.registration_event import RegistrationEvent
from desktop.views.registration_filters import RegistrationFilters
from desktop.views.registration_header import RegistrationHeader
from desktop.views.registration_list import RegistrationList
from desktop.views.registration_pages import RegistrationPages
from desktop.views.registration_person import RegistrationPerson
from desktop.views.registration_side import RegistrationSide
from desktop.views.screen import Screen, Sought
from desktop.views.step_runner import StepRunner
from desktop.views.widgets.buttons import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.changes import Changes
    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.lists.registrations import Facets, RegistrationRow
    from desktop.services.workspace import Workspace
    from desktop.views.registration_about import About
    from desktop.views.registration_actions import Step


class RegistrationsScreen(Screen):
    """One event's list with a panel that follows the selection. The form to add somebody and the choice of
    another event take the panel's place; importing takes the whole page."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        self.current = RegistrationEvent(workspace, self)
        self.steps = StepRunner(self.messages, self)
        self.filters = RegistrationFilters(self)
        tr = self.tr
        self.change_event = self._action(
            tr("Change &event…"), self._choose_event, "Ctrl+E", tr("Show another event")
        )
        self.import_file = self._action(
            tr("&Import…"), self._import, "Ctrl+I", tr("Import people from a file")
        )
        self.add = self._action(tr("&Add registration"), self._add, "Ctrl+N", tr("Register somebody"))
        self.add.brief = tr("Add")
        self.list = RegistrationList(workspace, self.messages)
        self.bulk = RegistrationBulk(self, workspace, self.list, self.steps, self.messages)
        self.side = RegistrationSide(workspace, self.messages, self.steps.run, self.bulk.panel)
        self.panel, self.form = self.side.panel, self.side.form
        self.person = RegistrationPerson(workspace, self.panel, self)
        self.header = RegistrationHeader(
            tr("Registrations"),
            self.filters,
            workspace.actor.roles,
            (self.change_event, self.import_file, self.bulk.export.action, self.add),
        )
        self.pages = RegistrationPages(self.header, self.list, self.side, self.bulk.report)
        self.header.add_below(self.messages)
        self.header.add_below(self.bulk.work)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)

        self.current.opened.connect(self._show_event)
        self.current.missing.connect(
            lambda: self.list.say_there_is_none(partial(self.went.emit, "events", None))
        )
        self.current.failed.connect(self._say_why_no_event)
        self.current.counted.connect(self._show_numbers)
        self.current.uncounted.connect(self._say_trouble)
        self.steps.done.connect(self._show_done)
        self.steps.refused.connect(self._show_refusal)
        self.steps.outdated.connect(self.refresh)
        self.filters.changed.connect(self._show_list)
        self.filters.search.left_downwards.connect(self.list.reach)
        self.list.selected.connect(self._follow)
        self.list.opened.connect(self.panel.reach)
        self.list.status_changed.connect(self.status_changed)
        self.list.painted.connect(self.painted)
        self.list.caught_up.connect(self.caught_up)
        self.person.gone.connect(self.list.forget)
        self.person.failed.connect(self._say_trouble)
        self.side.left.connect(self.list.reach)
        self.panel.offers.add_asked.connect(self._add_again)
        self.form.saved.connect(self._show_added)
        self.form.outdated.connect(self.refresh)
        self.form.existing_asked.connect(self._show_existing)
        self.side.chooser.chosen.connect(self._choose)
        self.bulk.report_opened.connect(self.pages.show_report)
        self.bulk.report_left.connect(self._leave_page)

    @cached_property
    def importing(self) -> ImportPage:
        """The way from a file to the list; made for the first one, because it is a third of this screen."""
        page = ImportPage(self.workspace)
        page.left.connect(self._leave_page)
        page.imported.connect(self._show_imported)
        return page

    def open(self, argument: object = None) -> None:
        """Show an event by its id; None is the one shown before, else the one that is next. Somebody who is
        `Sought` is selected in it."""
        person = argument.id if isinstance(argument, Sought) else None
        argument = argument.within if isinstance(argument, Sought) else argument
        here = self.current.shown is None or argument in (None, self.current.shown.id)
        if self.pages.on_import() and (self.importing.writing or here):
            return  # a file is being looked at, or written
        if not self.pages.on_list():
            self._leave_page()
        if self.current.shown is None or argument not in (None, self.current.shown.id):
            self._choose(argument if isinstance(argument, UUID) else None, person)
        elif person is not None:
            self.side.leave_form(partial(self._go_to_person, person))
        else:
            self.refresh()
            self.list.reach()

    def reach(self) -> None:
        if self.pages.on_report():
            self.bulk.report.table.setFocus()
        else:
            self.list.reach()

    def refresh(self) -> None:
        if self.current.shown is None:
            self._go_to(None)
        else:
            self.list.reload()
            background.start(self.current.count())

    def follow(self, changes: Changes) -> None:
        if self.current.shown is None:
            if changes.events and self.list.nothing.state() == "empty":
                self.refresh()  # one may be published now
        elif self.list.follow(changes, self.current.shown):
            self.current.numbers.ask()
        elif self.person.is_concerned(changes):
            self.person.ask()

    def catch_up(self) -> None:
        if self.current.shown is None:
            self.refresh()
        else:
            self.list.catch_up()
            self.current.numbers.ask()

    def behind_since(self) -> float | None:
        return self.list.behind_since()

    def search(self) -> None:
        self.filters.search.reach()

    def undo(self) -> None:
        if self.pages.on_report():
            self.bulk.report.undo.start()
        else:
            self.steps.undo()

    @property
    def unsaved(self) -> bool:
        return self.form.typed

    def leave(self, then: Callable[[], object]) -> None:
        self.side.leave_form(then)

    def close_down(self) -> None:
        self.current.close_down()
        self.person.close_down()
        self.bulk.close_down()
        if self.pages.on_import():
            self.importing.leave()
        self.list.close_down()

    def _choose(self, event_id: UUID | None, person: UUID | None = None) -> None:
        """Another event, unless something typed would be lost and is to be kept."""
        self.side.leave_form(partial(self._go_to, event_id, person))

    def _go_to(self, event_id: UUID | None, person: UUID | None = None) -> None:
        self.side.show_panel()
        self.list.nothing.show_loading(self.tr("Reading the event…"))
        background.start(self.current.open(event_id, person))

    def _go_to_person(self, person: UUID) -> None:
        self.side.show_panel()
        self.filters.show_only("")
        self._show_list()
        self.list.go_to(person)

    def _show_event(self, event: EventDetail, person: UUID | None) -> None:
        """List the registrations of the event that has been read."""
        self.messages.dismiss()
        self.filters.forget_numbers()
        self.filters.show_only("")
        self._show_event_words(event)
        self.list.show_event(event.id, after=self.filters.packages)
        self._show_list()
        if person is not None:
            self.list.go_to(person)
        self.list.reach()

    def _say_why_no_event(self, error: errors.AppError, event_id: UUID | None) -> None:
        again = partial(self._go_to, event_id)
        if self.current.shown is not None:
            self.messages.situation(error, again, self.refresh)
        else:  # of an event that is gone, asking again would bring the same answer
            another = partial(self._go_to, None)
            self.list.nothing.show_failed(
                str(error), another if isinstance(error, errors.NotFound) else again
            )

    def _show_event_words(self, event: EventDetail) -> None:
        self.header.show_event(event)
        self.bulk.show_event(event, self.header.context)

    def _show_list(self) -> None:
        self.list.show_where(self.filters.where(), lambda: self.filters.empty(self.header.offered_add()))

    def _follow(self, row: RegistrationRow | None, count: int) -> None:
        """Show whoever is selected, at once what the list knows, and the rest when the selection rests."""
        if row is not None and self.current.shown is not None:
            self.person.show_row(row, self.current.shown)
        else:
            self.person.leave()
            if count > 1:
                self.bulk.show_selected()
            else:
                self.panel.show_nothing()
        self.side.follow(many=count > 1)

    def _say_trouble(self, error: errors.AppError) -> None:
        self.messages.situation(error, self.refresh, self.refresh)

    def _show_numbers(self, facets: Facets, changed: bool) -> None:
        """The numbers on the chips; the event's seats, where they ``changed``; and the person shown, read again."""
        self.filters.show_numbers(facets)
        if changed and (event := self.current.shown) is not None:
            self._show_event_words(event)
            self.form.show_seats(event)
        self.bulk.refresh()
        self.person.ask()

    def _show_done(self, done: Done) -> None:
        self.bulk.tell(done)
        self.list.update_rows(done)
        self._after_writing()

    def _show_refusal(self, step: Step, why: str) -> None:
        """Beside the button, when the person it is about is still shown."""
        person = self.person.row
        if person is not None and step.subject in (person.id, person.package_id):
            self.panel.refuse(why)
        else:
            self.messages.warning(why)
        if person is not None:
            self.list.update_rows(Done("", (person.id,)))
        background.start(self.current.count())

    def _after_writing(self) -> None:
        self.current.numbers.ask(at_once=True)
        self.person.ask(at_once=True)

    def _add(self) -> None:
        if self.current.shown is not None:
            shown, person = self.filters.where().package_id, self.person.row
            self.side.add(self.current.shown, shown or (person.package_id if person is not None else None))

    def _add_again(self, about: About) -> None:
        if self.current.shown is not None:
            self.side.add_again(self.current.shown, about)

    def _show_added(self, done: Done) -> None:
        if not self.form.typed:
            self.side.show_panel()
        self.list.go_to(done.changed[0])
        self.steps.tell(done)

    def _show_existing(self, email: str) -> None:
        self.side.show_panel()
        self.filters.show_only(email)
        self._show_list()

    def _choose_event(self) -> None:
        self.side.choose_event(self.current.shown.id if self.current.shown is not None else None)

    def _import(self) -> None:
        event = self.current.shown
        if event is None:
            return
        shown = self.filters.where().package_id
        wanted = next((package.slug for package in event.packages if package.id == shown), "")
        self.pages.show_import(self.importing)
        self.importing.open(Target.of(event, self.header.context), wanted)

    def _show_imported(self, _report: object) -> None:
        self.list.reload()
        self._after_writing()

    def _leave_page(self) -> None:
        """Back to the list, from whatever took its page."""
        if self.pages.on_import():
            self.importing.leave()
            self.catch_up()  # it may have been out of sight as well
        self.pages.show_list()
        self.list.reach()

    def _action(self, text: str, does: Callable[[], None], shortcut: str, about: str) -> Action:
        return Action(text, does, shortcut=shortcut, about=about, parent=self)
