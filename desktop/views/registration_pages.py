"""The pages of the registrations: the list with its side, and what takes the whole place for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from desktop.views.widgets.header import PageHeader


class RegistrationPages(QStackedWidget):
    """One of three: the list with the ``side`` beside it under the ``header``, a file that is imported, or a
    ``report``."""

    def __init__(self, header: PageHeader, listed: QWidget, side: QWidget, report: QWidget) -> None:
        super().__init__()
        self._importing: QWidget | None = None
        self._report = report
        for stack in (listed, side):  # they scroll; the header must not give way to them
            stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(listed)
        split.addWidget(side)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(split, 1)
        for one in (page, report):
            self.addWidget(one)

    def on_list(self) -> bool:
        """Whether the list is shown."""
        return self.currentIndex() == 0

    def on_import(self) -> bool:
        """Whether a file is being looked at or written."""
        return self.currentWidget() is self._importing

    def on_report(self) -> bool:
        """Whether it is read what became of each."""
        return self.currentWidget() is self._report

    def show_list(self) -> None:
        """The list again."""
        self.setCurrentIndex(0)

    def show_import(self, page: QWidget) -> None:
        """The file instead of the list, on a page that is made for the first of them."""
        if self._importing is None:
            self._importing = page
            self.addWidget(page)
        self.setCurrentWidget(page)

    def show_report(self) -> None:
        """The report instead of the list."""
        self.setCurrentWidget(self._report)
