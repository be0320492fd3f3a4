"""Signing in (look.md, mock “sign-in”)."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import background, errors
from desktop.db.session import Database
from desktop.services import accounts
from desktop.views.database_card import DatabaseCard
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.connection_box import Choice
from desktop.views.widgets.form_field import FormField


class SignInPage(DatabaseCard):
    """Name and password; a refusal is said in the card and the password is typed again."""

    signed_in = Signal(object)
    """The `Actor` who came in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Sign in"), parent)
        self._database: Database | None = None
        self._name = QLineEdit()
        self._secret = _secret()
        self.login = FormField(self.tr("&Name or e-mail"), self._name)
        self.password = FormField(self.tr("&Password"), self._secret)
        self.action = Action(self.tr("Sign in"), self._sign_in, about=self.tr("Sign in (Enter)"), parent=self)
        _leads_to(self._name, self._secret)
        self._secret.returnPressed.connect(self.action.start)
        self.action.running_changed.connect(self.connections.setDisabled)
        self.add(self.login)
        self.add(self.password)
        self.add_footer(ActionButton(self.action, "primary", key="Return"))

    def show_database(self, database: Database, hint: str = "") -> None:
        """Ask who is there; ``hint`` is shown under the card (the demo's accounts)."""
        self._database = database
        self.set_subtitle(self.tr("Sign in to %1").replace("%1", database.name))
        self.set_hint(hint)
        self.clear_error()
        self._secret.clear()
        (self._secret if self._name.text() else self._name).setFocus()

    def forget(self) -> None:
        """Another database was chosen: what was typed for this one must not go there."""
        self._database = None
        self._secret.clear()

    async def _sign_in(self) -> None:
        database = self._database
        if database is None:
            return
        self.clear_error()
        self.login.clear_error()
        self.password.clear_error()
        try:
            actor = await background.run(accounts.sign_in, database, self._name.text(), self._secret.text())
        except errors.InvalidField as error:
            field = self.password if error.field == "password" else self.login
            field.show_error(str(error))
            field.editor.setFocus()
        except errors.AppError as error:
            self.show_situation(error, self.action.start)
            self._secret.selectAll()
            self._secret.setFocus()
        else:
            if database is self._database:  # else another one was chosen meanwhile, where this is nobody
                self._secret.clear()
                self.signed_in.emit(actor)


class FirstRunPage(DatabaseCard):
    """The first admin of a database nobody can sign in to yet (ruling 24)."""

    made = Signal(object)
    """The `Actor` of the new admin, who is signed in."""

    sign_in_asked = Signal()
    """There is an account by now, and the person wants to sign in with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Create the first admin"), parent)
        self._database: Database | None = None
        self._name, self._address, self._secret, self._repeated = (
            QLineEdit(),
            QLineEdit(),
            _secret(),
            _secret(),
        )
        self.username = FormField(
            self.tr("&User name"), self._name, self.tr("Without blanks, such as asha.menon")
        )
        self.email = FormField(self.tr("&E-mail"), self._address)
        self.password = FormField(
            self.tr("&Password"),
            self._secret,
            self.tr("At least %1 characters").replace("%1", str(accounts.MINIMUM_PASSWORD)),
        )
        self.again = FormField(self.tr("Password &again"), self._repeated)
        self.action = Action(
            self.tr("Create and sign in"),
            self._make,
            about=self.tr("Create the first admin and sign in"),
            parent=self,
        )
        _leads_to(self._name, self._address)
        _leads_to(self._address, self._secret)
        _leads_to(self._secret, self._repeated)
        self._repeated.returnPressed.connect(self.action.start)
        self.action.running_changed.connect(self.connections.setDisabled)
        self.elsewhere = Action(
            self.tr("&Work with another database…"),
            self._go_elsewhere,
            about=self.tr("Add a connection"),
            parent=self,
        )
        self._elsewhere = ActionButton(self.elsewhere, "link")
        self.action.running_changed.connect(self._hold_elsewhere)
        for field in (self.username, self.email, self.password, self.again):
            self.add(field)
        self.add_footer(ActionButton(self.action, "primary", key="Return"))
        self.add_footer(self._elsewhere)
        self._elsewhere.hide()

    def offer_connections(self, choices: Sequence[Choice], current: str) -> None:
        """As every card; but who has this computer only is not asked to choose."""
        super().offer_connections(choices, current)
        self.connection.setVisible(len(choices) > 1)
        self._elsewhere.setVisible(len(choices) == 1)

    def forget(self) -> None:
        """Another database was chosen: what was typed for this one must not go there."""
        self._database = None
        self._secret.clear()
        self._repeated.clear()

    def _hold_elsewhere(self, running: bool) -> None:
        self.elsewhere.set_available(not running, self.tr("The account is being made."))

    def _go_elsewhere(self) -> None:
        self.manage_asked.emit()

    def show_database(self, database: Database) -> None:
        """Explain, and ask for the first account."""
        self._database = database
        self.set_subtitle(
            self.tr("Nobody can sign in to %1 yet. Make the first account; it may add the others.").replace(
                "%1", database.name
            )
        )
        self._name.setFocus()

    async def _make(self) -> None:
        database = self._database
        if database is None:
            return
        fields = {"username": self.username, "email": self.email, "password": self.password}
        for field in (*fields.values(), self.again):
            field.clear_error()
        self.clear_error()
        if self._secret.text() != self._repeated.text():
            self.again.show_error(self.tr("The two passwords are not the same."))
            self._repeated.setFocus()
            return
        try:
            actor = await background.run(
                accounts.first_admin,
                database,
                self._name.text(),
                self._address.text(),
                self._secret.text(),
            )
        except errors.InvalidField as error:
            fields[error.field].show_error(str(error))
            fields[error.field].editor.setFocus()
        except errors.NotAllowed:
            self.show_error(
                self.tr("Somebody else made the first account meanwhile. Ask them for one of your own."),
                [(self.tr("&Sign in"), self.sign_in_asked.emit)],
            )
        except errors.AppError as error:
            self.show_situation(error, self.action.start)
        else:
            if database is self._database:
                self._secret.clear()
                self._repeated.clear()
                self.made.emit(actor)


def _secret() -> QLineEdit:
    editor = QLineEdit()
    editor.setEchoMode(QLineEdit.EchoMode.Password)
    return editor


def _leads_to(editor: QLineEdit, following: QLineEdit) -> None:
    """Enter goes on to the next field, whose text is selected as with Tab, so that typing replaces it."""
    editor.returnPressed.connect(lambda: following.setFocus(Qt.FocusReason.TabFocusReason))
