"""Where an import goes, and which column of the file becomes what: recognised, and chosen otherwise by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QWidget

from desktop.models import tips
from desktop.services.importing import FIELDS
from desktop.services.importing.headers import SECRET
from desktop.views.widgets.eliding_box import ElidingBox
from desktop.views.widgets.panel import DetailPanel
from desktop.views.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_BOX = 6
"""Characters a combo box asks room for; it takes what the panel has."""


class ImportColumns(DetailPanel):
    """The package, and a choice for every field the import knows; the recognised ones come first."""

    package_chosen = Signal(str)
    """The slug of another package."""

    column_chosen = Signal(str, str)
    """A field and the column a person wants for it; an empty column leaves the field out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("How the file is read"), parent)
        self._packages: tuple[tuple[str, str], ...] = ()
        self._chosen = ""
        self._header: tuple[str, ...] = ()
        self.package = QComboBox()
        self.fields: dict[str, QComboBox] = {}

    def show_packages(self, packages: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer these packages, by slug and by what is written for it."""
        self._packages = tuple(packages)
        self._chosen = chosen
        self._header = ()
        self.fields = {}
        self._build(())

    def show_columns(self, header: Sequence[str], places: Mapping[str, int]) -> None:
        """Show which field is read from which column. The fields keep their order while the file is the same."""
        if tuple(header) != self._header:
            self._header = tuple(header)
            self._build([*places, *(name for name in FIELDS if name not in places)])
        for name, box in self.fields.items():
            text = self._header[places[name]] if name in places else ""
            box.setCurrentIndex(max(0, box.findData(text)))
            box.setToolTip(tips.as_it_is(text))

    def choose_package(self, slug: str) -> None:
        """Choose a package without telling anybody."""
        self._chosen = slug
        self.package.setCurrentIndex(self.package.findData(slug))

    def set_busy(self, busy: bool) -> None:
        """Nothing can be chosen while the file is being imported."""
        for box in (self.package, *self.fields.values()):
            box.setEnabled(not busy)

    def _build(self, names: Sequence[str]) -> None:
        self.package = _box()
        for slug, text in self._packages:
            self.package.addItem(text, slug)
        self.choose_package(self._chosen)
        self.package.setAccessibleName(self.tr("Package"))
        self.package.activated.connect(self._tell_package)
        name = label(self.tr("Into &package"), "strong")
        name.setBuddy(self.package)
        with self.filled():
            self.widget_block(name, 0)
            self.widget_block(self.package, 6)
            if names:
                self.heading(self.tr("Columns"))
                self.widget_block(self._choices(names), 8)

    def _choices(self, names: Sequence[str]) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)
        usable = [header for header in self._header if not SECRET.search(header)]
        self.fields = {}
        for row, name in enumerate(names):
            title = FIELDS[name].title
            box = _box()
            box.addItem(self.tr("not read"), "")
            for header in usable:
                box.addItem(header, header)
            box.setAccessibleName(self.tr("Column for %1").replace("%1", title))
            box.activated.connect(partial(self._tell_column, name))
            words = label(title[0].upper() + title[1:], "muted", wrap=True)
            words.setBuddy(box)
            grid.addWidget(words, row, 0)
            grid.addWidget(box, row, 1)
            self.fields[name] = box
        return holder

    def _tell_package(self, _index: int) -> None:
        slug = self.package.currentData()
        if slug != self._chosen:
            self._chosen = slug
            self.package_chosen.emit(slug)

    def _tell_column(self, name: str, _index: int) -> None:
        self.column_chosen.emit(name, self.fields[name].currentData())


def _box() -> QComboBox:
    box = ElidingBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(LONGEST_BOX)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box
