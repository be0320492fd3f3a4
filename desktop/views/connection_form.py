"""The fields of a connection."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop import errors
from desktop.services import connections
from desktop.services.connections import Tls, Typed
from desktop.services.connections.typed import LONGEST_NAME
from desktop.views.widgets.buttons import SecondaryButton
from desktop.views.widgets.form_field import FormField
from desktop.views.wording import filled, joined

if TYPE_CHECKING:
    from desktop.services.connections import Profile


class ConnectionForm(QWidget):
    """What is typed stays until another connection is shown. An address pasted anywhere fills all fields."""

    edited = Signal()
    """Something was typed, so that what was said about it is out of date."""

    told = Signal(str)
    """What became of a pasted address."""

    submitted = Signal()
    """Enter was pressed in a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.lines = {name: _Line() for name in ("name", "host", "port", "database", "user", "certificate")}
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.security = QComboBox()
        for tls, text in (
            (Tls.VERIFIED, tr("Encrypted, the server is verified")),
            (Tls.AUTHORITY, tr("Encrypted, only its authority is verified")),
            (Tls.ENCRYPTED, tr("Encrypted, nothing is verified")),
            (Tls.OFF, tr("Not encrypted")),
        ):
            self.security.addItem(text, tls.value)
        self.fields = {
            "name": FormField(tr("&Name"), self.lines["name"]),
            "host": FormField(
                tr("S&erver"),
                self.lines["host"],
                tr("Such as db.example.org. You may paste a whole postgresql:// address here."),
            ),
            "port": FormField(tr("P&ort"), self.lines["port"]),
            "database": FormField(tr("&Database"), self.lines["database"]),
            "user": FormField(tr("&User"), self.lines["user"]),
            "password": FormField(tr("&Password of the database"), self.secret, " "),
            "tls": FormField(tr("Securit&y"), self.security),
            "certificate": FormField(
                tr("Certificate of the server's &authority (optional)"), self.lines["certificate"]
            ),
        }
        self.choose_file = SecondaryButton(tr("C&hoose…"))
        self.choose_file.setToolTip(tr("Choose the file of the certificate"))
        self.dialog: QFileDialog | None = None
        self._shown = Typed()
        self._build()
        for name, line in self.lines.items():
            line.textEdited.connect(partial(self._edited, name))
            line.pasted.connect(partial(self._paste, name))
            line.returnPressed.connect(self.submitted)
        self.secret.textEdited.connect(partial(self._edited, "password"))
        self.secret.returnPressed.connect(self.submitted)
        self.security.activated.connect(lambda _at: self._edited("certificate"))
        self.choose_file.clicked.connect(self._choose)

    def show_profile(self, profile: Profile | None, hint: str) -> None:
        """A connection, or None for an empty form; ``hint`` says where its password is."""
        self._fill(Typed() if profile is None else _of(profile, profile.name))
        self._shown = self.typed()
        self.secret.clear()
        self.hint_password(hint)
        self.clear_errors()

    def begin_with(self, profile: Profile, name: str) -> None:
        """Another connection with these fields, which is not saved yet."""
        self._fill(_of(profile, name))
        self.lines["name"].setFocus()
        self.lines["name"].selectAll()

    def hint_password(self, hint: str) -> None:
        """Say beneath the password what becomes of it."""
        self.fields["password"].set_hint(hint)

    def typed(self) -> Typed:
        """What stands in the fields."""
        text = {name: line.text() for name, line in self.lines.items()}
        return Typed(**text, tls=Tls(self.security.currentData()))

    @property
    def changed(self) -> bool:
        """Whether something would be lost."""
        return self.typed() != self._shown or bool(self.secret.text())

    def show_invalid(self, refusal: errors.RuleViolation) -> bool:
        """Say beside each field what cannot be taken; False when it is about none of them."""
        several = refusal.invalid if isinstance(refusal, errors.InvalidFields) else [refusal]
        about = [one for one in several if isinstance(one, errors.InvalidField) and one.field in self.fields]
        for one in about:
            self.fields[one.field].show_error(str(one))
        if about:
            self.fields[about[0].field].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(about)

    def clear_errors(self) -> None:
        """Take all complaints back."""
        for field in self.fields.values():
            field.clear_error()

    def _fill(self, typed: Typed) -> None:
        for name, line in self.lines.items():
            line.fill(getattr(typed, name))
        if not typed.port:
            self.lines["port"].fill("5432")
        self.security.setCurrentIndex(self.security.findData(typed.tls.value))

    def _edited(self, name: str, _text: str = "") -> None:
        self.fields[name].clear_error()
        self.edited.emit()

    def _paste(self, into: str, text: str) -> None:
        try:
            pasted = connections.paste(text)
        except errors.InvalidField as mistake:
            self.fields[into].show_error(filled(self.tr("%1 Nothing was filled in."), str(mistake)))
            return
        name = self.lines["name"].text() or pasted.typed.host.split(",")[0].strip("/")
        self._fill(replace(pasted.typed, name=name[:LONGEST_NAME]))
        self.clear_errors()
        self.edited.emit()
        says = [self.tr("The fields were filled in from the address.")]
        if pasted.password:
            self.secret.setText(pasted.password)
            says.append(self.tr("The password in it was put into the password field."))
        if pasted.left_out:
            text = self.tr("There is no field for %1, so that was left out.")
            says.append(filled(text, joined([f"“{option}”" for option in pasted.left_out])))
        self.told.emit(" ".join(says))

    def _choose(self) -> None:
        self.dialog = QFileDialog(self, self.tr("Choose the certificate of the server's authority"))
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        self.dialog.fileSelected.connect(self._take_file)
        self.dialog.open()

    def _take_file(self, name: str) -> None:
        self.lines["certificate"].fill(name)
        self._edited("certificate")

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        pairs = QGridLayout()
        pairs.setHorizontalSpacing(12)
        pairs.setVerticalSpacing(12)
        pairs.setColumnStretch(0, 3)
        pairs.setColumnStretch(1, 2)
        top = Qt.AlignmentFlag.AlignTop
        pairs.addWidget(self.fields["host"], 0, 0, top)
        pairs.addWidget(self.fields["port"], 0, 1, top)
        pairs.addWidget(self.fields["database"], 1, 0, top)
        pairs.addWidget(self.fields["user"], 1, 1, top)
        file = QHBoxLayout()
        file.setSpacing(8)
        file.addWidget(self.fields["certificate"], 1)
        file.addWidget(self.choose_file, 0, Qt.AlignmentFlag.AlignBottom)
        column.addWidget(self.fields["name"])
        column.addLayout(pairs)
        column.addWidget(self.fields["password"])
        column.addWidget(self.fields["tls"])
        column.addLayout(file)


class _Line(QLineEdit):
    """One line. An address that comes into it in one go is given away and does not stay, because it may hold a
    password; typing one letter after the other is left alone."""

    pasted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._before = ""
        self.textChanged.connect(self._look)

    def fill(self, text: str) -> None:
        """Show this text; what stood here is not to be had back by undoing."""
        self.setText(text)
        self.setCursorPosition(0)

    def _look(self, text: str) -> None:
        before, self._before = self._before, text
        typed = connections.is_address(before) or text.endswith("//")
        if connections.is_address(text) and not typed:
            self.fill(before)
            self.pasted.emit(text)


def _of(profile: Profile, name: str) -> Typed:
    """A connection as it stands in the form, under a name."""
    where = (connections.shown(profile), str(profile.port), profile.database)
    return Typed(name, *where, profile.user, profile.tls, profile.certificate)
