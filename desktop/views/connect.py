"""On the way to a database: what is being opened, what it asks for, or why it cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit

from desktop.views.database_card import DatabaseCard
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.states import LOADING_AFTER_MS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class ConnectPage(DatabaseCard):
    """Another connection can be chosen at any moment, also while one is being opened."""

    asked = Signal(str, bool)
    """Try (again), with this password, "" for none; and whether the keyring is to keep it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Connect"), parent)
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.password = FormField(self.tr("&Password of the database"), self.secret)
        self.remember = QCheckBox(self.tr("&Remember in the keyring"))
        self.remember.setToolTip(
            self.tr("The keyring of this computer keeps it; Greenroom itself never does")
        )
        self.action = Action(self.tr("Connect"), self._ask, about=self.tr("Connect (Enter)"), parent=self)
        self._button = ActionButton(self.action, "primary")
        self.secret.returnPressed.connect(self.action.start)
        self.add(self.password)
        self.add(self.remember)
        self.add_footer(self._button)
        self._opening = ""
        self._wait = QTimer(self, singleShot=True, interval=LOADING_AFTER_MS)
        self._wait.timeout.connect(self._say_opening)

    def show_opening(self, sentence: str) -> None:
        """Something is being opened; ``sentence`` says so when it takes longer than half a second."""
        self._show(password=False, button=False)
        self._opening = sentence
        self.clear_error()
        self.set_subtitle("")
        self.set_hint("")
        self._wait.start()

    def show_failed(self, sentence: str) -> None:
        """It cannot be opened: why, and trying again."""
        self._show(password=False, button=True)
        self.action.setText(self.tr("Try again"))
        self.set_subtitle("")
        self.show_error(sentence)
        self._button.setFocus()

    def ask_password(self, sentence: str, *, wrong: str = "") -> None:
        """The server asks for the password; ``wrong`` says that the one it got is not right."""
        self._show(password=True, button=True)
        self.action.setText(self.tr("Connect"))
        self.set_subtitle(sentence)
        if wrong:
            self.show_error(wrong)
        else:
            self.clear_error()
        self.secret.setFocus()
        self.secret.selectAll()

    def offer_to_remember(self) -> None:
        """There is a keyring; the password that is being asked for could be kept there."""
        self.remember.setVisible(self.password.isVisibleTo(self))

    def opening(self) -> str:
        """What is said to be going on, or ""."""
        return self._opening

    def forget(self) -> None:
        """Another connection was chosen: what was typed for this one must not go there."""
        self.secret.clear()
        self.remember.setChecked(False)

    def _show(self, *, password: bool, button: bool) -> None:
        self._wait.stop()
        self._opening = ""
        if not button:
            self.connections.setFocus()  # before the button that has it is hidden
        self.password.setVisible(password)
        self.remember.hide()
        self._button.setVisible(button)

    def _say_opening(self) -> None:
        self.set_subtitle(self._opening)

    def _ask(self) -> None:
        self.asked.emit(self.secret.text(), self.remember.isChecked())
