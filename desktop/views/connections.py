"""The connections of this computer: a list, and a form for the chosen one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from PySide6.QtCore import Signal

from desktop import background, errors
from desktop.services import connections
from desktop.views import theme
from desktop.views.card import CardPage
from desktop.views.connection_form import ConnectionForm
from desktop.views.connection_keeping import ConnectionKeeping
from desktop.views.connection_list import ConnectionList
from desktop.views.connection_split import ConnectionSplit
from desktop.views.connection_trial import ConnectionTrial
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.flow import row_of
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from desktop.services.connections import Profile, Removed, Saved

WIDTH_PX: Final = 780


class ConnectionsPage(CardPage):
    """Adding, changing, copying, removing and trying out; nothing of it touches a database but the trying, which only
    looks."""

    left = Signal()
    """Back to where one came from."""

    use_asked = Signal(str, str)
    """The key of a connection to work with, and the password typed for it."""

    changed = Signal(object)
    """All connections as they are now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Connections"), parent, WIDTH_PX)
        self._shown: Profile | None = None
        self.kept = ConnectionKeeping(self)
        self.list = ConnectionList()
        self.trial = ConnectionTrial(self._messages, self)
        self.form = ConnectionForm()
        self._make_actions()
        self._build()
        self.kept.changed.connect(self.changed)
        self.kept.refused.connect(self._say_refused)
        self.list.asked.connect(self._choose)
        self.list.itemActivated.connect(lambda _item: self.form.lines["name"].setFocus())
        self.form.edited.connect(self._edited)
        self.form.told.connect(self._messages.info)
        self.form.submitted.connect(self.use.start)
        self._follow_width()

    def open(self, folder: Path, profiles: Sequence[Profile], key: str) -> None:
        """Show the connections kept in ``folder``, that of ``key`` first; without any, an empty form."""
        self.kept.open(folder, profiles)
        self.set_subtitle(self.tr("Connections of this computer"))
        self.clear_error()
        chosen = next((one for one in profiles if str(one.id) == key), None)
        self._offer(chosen or next(iter(profiles), None))
        (self.list if profiles else self.form.lines["name"]).setFocus()
        background.start(self._look_for_keyring())

    def _make_actions(self) -> None:
        tr = self.tr
        make = partial(Action, parent=self)
        self.add_new = make(tr("&New"), self._new, shortcut="Ctrl+N", about=tr("Add a connection"))
        self.duplicate = make(
            tr("Dup&licate"),
            self._duplicate,
            shortcut="Ctrl+D",
            about=tr("Begin another one with these fields"),
        )
        self.remove = make(
            tr("&Remove"),
            self._remove,
            shortcut="Ctrl+Backspace",
            about=tr("Remove this connection and its password"),
        )
        self.use = make(
            tr("Save and &connect"),
            self._use,
            shortcut="Ctrl+Return",
            about=tr("Save, and work with this database"),
        )
        self.save = make(tr("&Save"), self._save_only, shortcut="Ctrl+S", about=tr("Save this connection"))
        self.test = make(
            tr("&Test connection"),
            self._test,
            shortcut="Ctrl+T",
            about=tr("Look whether this database can be reached"),
        )
        self.forget = make(
            tr("&Forget password"), self._forget, about=tr("Take the password out of the keyring")
        )
        self.back = make(tr("&Back"), self._back, shortcut="Esc", about=tr("Back to signing in"))

    def _build(self) -> None:
        below = row_of(ActionButton(self.add_new), ActionButton(self.duplicate), ActionButton(self.remove))
        self._split = ConnectionSplit(self.list, below, self.form)
        self.add(self._split)
        self.add_footer(
            row_of(
                ActionButton(self.use, "primary"),
                ActionButton(self.save),
                ActionButton(self.test),
                ActionButton(self.forget),
                ActionButton(self.back),
            )
        )

    def _offer(self, chosen: Profile | None) -> None:
        """List them anew, with this one chosen and in the form."""
        self.list.offer(self.kept.profiles, chosen)
        self._show(chosen)

    def _show(self, profile: Profile | None) -> None:
        self.trial.stop()
        self._shown = profile
        self.list.choose(profile)
        self.form.show_profile(profile, self.kept.about_password(profile))
        self._follow_state()

    def _follow_state(self) -> None:
        kept = self._shown is not None and self._shown.password_kept
        self.forget.setVisible(kept)
        for action in (self.remove, self.duplicate):
            action.set_available(self._shown is not None, self.tr("Choose a connection first."))

    async def _look_for_keyring(self) -> None:
        await self.kept.look_for_keyring()
        self.form.hint_password(self.kept.about_password(self._shown))

    def _choose(self, profile: Profile) -> None:
        self._leave_form(partial(self._show, profile))

    def _new(self) -> None:
        self._leave_form(self._begin)

    def _begin(self) -> None:
        self._show(None)
        self.form.lines["name"].setFocus()

    def _duplicate(self) -> None:
        self._leave_form(self._begin_with_these)

    def _begin_with_these(self) -> None:
        shown = self._shown
        self._show(None)
        if shown is not None:
            self.form.begin_with(shown, filled(self.tr("%1 (copy)"), shown.name))

    def _back(self) -> None:
        self._leave_form(self._go)

    def _go(self) -> None:
        self._go_quietly()
        self.left.emit()

    def _leave_form(self, then: Callable[[], object]) -> None:
        """Do this, unless something typed would be lost by it: then the person is asked first, in place."""
        if not self.form.changed:
            self.clear_error()
            then()
            return
        name = self.form.lines["name"].text().strip() or self.tr("The new connection")
        self._messages.warning(
            filled(self.tr("“%1” has changes that are not saved."), named(name)),
            [
                (self.tr("Sa&ve"), lambda: background.start(self._save_and(then))),
                (self.tr("D&iscard"), then),
            ],
        )

    async def _save_and(self, then: Callable[[], object]) -> None:
        if await self._saved() is not None:
            then()

    async def _save_only(self) -> None:
        saved = await self._saved()
        if saved is not None:
            self._say_saved(saved)

    def _say_saved(self, saved: Saved) -> None:
        text = filled(self.tr("“%1” was saved."), named(saved.profile.name))
        if saved.trouble:
            self._messages.info(f"{text} {saved.trouble}")
        else:
            self._messages.success(text)

    async def _use(self) -> None:
        password = self.form.secret.text()
        saved = await self._saved() if self.form.changed or self._shown is None else None
        profile = saved.profile if saved is not None else None if self.form.changed else self._shown
        if profile is not None:
            self._go_quietly()
            self.use_asked.emit(str(profile.id), password)

    def _go_quietly(self) -> None:
        self.trial.stop()
        self.form.show_profile(None, "")  # a password that was typed does not stay in a page out of sight

    async def _checked(self) -> Profile | None:
        """The connection of the form; None when something in it cannot be taken, which is said beside it."""
        self.form.clear_errors()
        self.clear_error()
        shown = self._shown
        try:
            return await background.run(
                connections.check,
                self.form.typed(),
                shown.id if shown is not None else uuid4(),
                shown,
            )
        except errors.RuleViolation as refusal:
            self.form.show_invalid(refusal)
            return None

    async def _saved(self) -> Saved | None:
        """Save what stands in the form; None when it cannot be, which is said."""
        seen, password = self._shown, self.form.secret.text()
        profile = await self._checked()
        if profile is None:
            return None
        saved = await self.kept.save(profile, seen, password)
        if saved is not None:
            self._offer(saved.profile)
        return saved

    def _say_refused(self, error: errors.AppError) -> None:
        """Beside the field it is about, else in the card."""
        if not (isinstance(error, errors.RuleViolation) and self.form.show_invalid(error)):
            self.show_error(str(error))

    async def _forget(self) -> None:
        profile = self._shown
        saved = await self.kept.forget(profile) if profile is not None else None
        if saved is None:
            return
        if self._shown is profile:  # the keyring may have taken its time, and the person gone on
            self._shown = saved.profile
            self.form.hint_password(self.kept.about_password(saved.profile))
        self.list.offer(self.kept.profiles, self._shown)
        self._follow_state()
        if saved.trouble:
            self._messages.info(saved.trouble)
        else:
            text = self.tr("The password of “%1” was forgotten.")
            self._messages.success(filled(text, named(saved.profile.name)))

    async def _remove(self) -> None:
        profile = self._shown
        removed = await self.kept.discard(profile) if profile is not None else None
        if removed is None:
            return
        left = removed.profiles
        if self._shown is profile:
            self._offer(left[min(removed.at, len(left) - 1)] if left else None)
            self.list.setFocus()
        else:
            self.list.offer(left, self._shown)
        text = filled(self.tr("“%1” was removed."), named(removed.profile.name))
        self._messages.success(
            f"{text} {removed.trouble}".strip(),
            [(self.tr("&Undo"), lambda: background.start(self._restore(removed)))],
        )

    async def _restore(self, removed: Removed) -> None:
        saved = await self.kept.restore(removed)
        if saved is not None:
            self._offer(saved.profile)
            self._messages.success(filled(self.tr("“%1” is back."), named(removed.profile.name)))

    def _edited(self) -> None:
        self.trial.stop()
        if self._messages.kind() in {"success", "error"}:
            self.clear_error()

    async def _test(self) -> None:
        password = self.form.secret.text()
        profile = await self._checked()
        if profile is not None:
            await self.trial.run(profile, password)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._follow_width()

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_split"):
            self._follow_width()

    def _follow_width(self) -> None:
        """The list stands beside the form where there is room, else above it."""
        beside = self.width() >= theme.px(WIDTH_PX) + theme.px(48)
        self._split.stand(beside=beside)
        self.set_width(WIDTH_PX if beside else 440)
