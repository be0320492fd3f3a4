"""Runs what the person asks for, never the same thing twice at once, and says how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop import background, errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.views.registration_actions import Done, Step
    from desktop.views.widgets.message_bar import MessageBar, Offer


class StepRunner(QObject):
    """Results and trouble go to the message bar; `refused` is the panel's to show."""

    done = Signal(object)
    """A step did something: its `Done`."""

    refused = Signal(object, str)
    """A rule said no to a step, and why. What is shown may be older than the rule's reason."""

    outdated = Signal()
    """What is shown may not be so any more: it is to be read again."""

    def __init__(self, messages: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages = messages
        self._running: set[UUID] = set()
        self._undo: Step | None = None

    async def run(self, step: Step) -> None:
        """Take a step, unless one about the same person or queue is on its way."""
        if step.subject in self._running:
            return
        self._running.add(step.subject)
        try:
            done = await step.run()
        except errors.RuleViolation as error:
            self._messages.dismiss()
            self.refused.emit(step, str(error))
        except errors.Unavailable as error:
            self._tell_trouble(step, error)
        except errors.AppError as error:
            self._messages.warning(str(error))
            self.outdated.emit()
        else:
            self.tell(done)
        finally:
            self._running.discard(step.subject)

    def start(self, step: Step) -> None:
        """Take a step in the background; what was said before is no matter any more."""
        self._messages.dismiss()
        background.start(self.run(step))

    def tell(self, done: Done) -> None:
        """Say what was done, with the way back where there is one."""
        self._undo = done.undo
        offers: list[Offer] = []
        if done.undo is not None:
            offers.append((self.tr("&Undo"), self._starter(done.undo)))
        if done.register_again is not None:
            offers.append((self.tr("&Register again"), self._starter(done.register_again)))
        if done.report is not None:
            offers.append((self.tr("Re&port"), done.report))
        self._messages.show_message("success" if done.complete else "warning", done.sentence, offers)
        self.done.emit(done)

    def undo(self) -> None:
        """Take the last step back, or say that there is nothing to take back."""
        if self._undo is None:
            self._messages.info(self.tr("There is nothing to undo here."))
        else:
            self.start(self._undo)

    def _tell_trouble(self, step: Step, error: errors.Unavailable) -> None:
        """Offer to try again, except where a second try could do it twice: then reading again comes first."""
        unsure = isinstance(error, errors.DatabaseDown) and error.unknown_outcome
        if unsure and not step.repeatable:
            self._messages.error(str(error), [(self.tr("Re&load"), self.outdated.emit)])
        else:
            self._messages.error(str(error), retry=self._starter(step))

    def _starter(self, step: Step) -> Callable[[], object]:
        return lambda: background.start(self.run(step))
