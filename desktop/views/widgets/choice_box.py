"""A list to choose one of several records from."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from PySide6.QtWidgets import QComboBox, QWidget

from desktop.views.widgets.eliding_box import ElidingBox

LETTERS_AT_LEAST: Final = 10


class ChoiceBox(ElidingBox):
    """Choices by id. Qt compares Python objects by identity, so two equal UUIDs are not the same to a plain
    combo box: it would lose the choice whenever the records are read again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[tuple[UUID | None, str], ...] = ()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(LETTERS_AT_LEAST)

    def offer(self, choices: Sequence[tuple[UUID | None, str]]) -> None:
        """Offer these instead, without telling anybody; what was chosen stays so if it is among them."""
        if tuple(choices) == self._choices:
            return
        before = self.chosen()
        self.blockSignals(True)
        self.clear()
        self._choices = tuple(choices)
        self.addItems([text for _, text in choices])
        self.choose(before)
        self.blockSignals(False)

    def chosen(self) -> UUID | None:
        """The id of what is chosen."""
        at = self.currentIndex()
        return self._choices[at][0] if 0 <= at < len(self._choices) else None

    def choose(self, key: UUID | None) -> None:
        """Choose a record, or the first one if this is not offered."""
        ids = [one for one, _ in self._choices]
        self.setCurrentIndex(ids.index(key) if key in ids else 0)
