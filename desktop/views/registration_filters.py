"""What of an event's registrations is listed: a search, a status, a package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop.models.columns import status_label
from desktop.services.lists.registrations import Where
from desktop.views.list_pane import Empty
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.choice_box import ChoiceBox
from desktop.views.widgets.search_field import SearchField
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from desktop.services.lists.registrations import Facets
    from desktop.views.widgets.buttons import Action
    from desktop.views.widgets.header import PageHeader

STATUSES: Final = ("registered", "waitlisted", "attended", "no_show", "cancelled")
EVERYONE: Final = "all"


class RegistrationFilters(QObject):
    """The filter row of the registrations."""

    changed = Signal()
    """The person wants to see another part of the list."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facets: Facets | None = None
        self._told = True
        self.search = SearchField(self.tr("Search name, email, phone…"))
        self.chips = FilterChips(
            [Chip(EVERYONE, self.tr("All")), *(Chip(key, status_label(key)) for key in STATUSES)],
            self.tr("Status"),
        )
        self.packages = ChoiceBox()
        self.packages.setAccessibleName(self.tr("Package"))
        self.search.searched.connect(lambda _text: self._tell())
        self.chips.chosen.connect(lambda _key: self._tell())
        self.packages.activated.connect(lambda _index: self._choose_package())
        self._offer_packages()

    def add_to(self, header: PageHeader) -> None:
        """Put the three into a page's filter row."""
        for widget in (self.search, self.chips, self.packages):
            header.add_filter(widget)

    def where(self) -> Where:
        """What is to be listed."""
        status = self.chips.current()
        return Where(
            None if status == EVERYONE else status, self.packages.chosen(), self.search.text().strip()
        )

    def show_numbers(self, facets: Facets) -> None:
        """Show how many there are of each status in the chosen package, and the packages there are."""
        self._facets = facets
        self._offer_packages()
        counts = facets.counts(self.packages.chosen())
        for key in STATUSES:
            self.chips.set_count(key, counts.get(key, 0))
        self.chips.set_count(EVERYONE, sum(counts.values()))

    def show_only(self, text: str) -> None:
        """Search for this among all registrations; "" lists them all. Tells nobody."""
        self._told = False
        self.search.setText(text)
        self.search.returnPressed.emit()
        self._told = True
        self.chips.set_current(EVERYONE)
        self.packages.setCurrentIndex(0)
        if self._facets is not None:
            self.show_numbers(self._facets)

    def forget_numbers(self) -> None:
        """Another event: its numbers and packages are not known yet."""
        self._facets = None
        self._offer_packages()
        for key in (EVERYONE, *STATUSES):
            self.chips.set_count(key, None)

    def empty(self, add: Action | None) -> Empty:
        """The words for an empty list, and the way out; to ``add`` somebody where one may."""
        if (nothing := self._nothing_found()) is not None:
            return nothing
        if add is not None:
            text = self.tr("No registrations yet. Add one or import a file.")
            return Empty(text, self.tr("&Add registration"), add.start)
        return Empty(self.tr("No registrations yet."))

    def _nothing_found(self) -> Empty | None:
        """The words while something is filtered out, None when nothing is."""
        where = self.where()
        if where.text:
            text = filled(self.tr("Nothing matches “%1”."), named(where.text))
            return Empty(text, self.tr("&Clear the search"), self._clear)
        if where.status is None and where.package_id is None:
            return None
        text = self.tr("Nobody here is “%1”.") if where.status else self.tr("Nobody has “%1” yet.")
        what = status_label(where.status) if where.status else self._package()
        if where.status and where.package_id is not None:
            text = self.tr("Nobody with “%2” is “%1”.")
        return Empty(filled(text, what, self._package()), self.tr("&Show all registrations"), self._show_all)

    def _package(self) -> str:
        found = [
            one.name
            for one in (self._facets.packages if self._facets else ())
            if one.id == self.where().package_id
        ]
        return named(found[0]) if found else ""

    def _offer_packages(self) -> None:
        known = self._facets.packages if self._facets is not None else ()
        anything = (None, self.tr("Package: any"))
        self.packages.offer([anything, *((package.id, package.name) for package in known)])
        self.packages.setEnabled(self.packages.count() > 1)

    def _choose_package(self) -> None:
        if self._facets is not None:
            self.show_numbers(self._facets)
        self._tell()

    def _clear(self) -> None:
        self.search.clear()

    def _show_all(self) -> None:
        self.show_only("")
        self._tell()

    def _tell(self) -> None:
        if self._told:
            self.changed.emit()
