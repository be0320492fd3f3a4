"""The keyring of this computer: a database's password under the id of its connection.

Keyrings are other people's programs, reached over a bus that may hang and asked by plug-ins that may raise anything.
So each question is put in a thread of its own, with a deadline, one at a time; and whatever goes wrong comes out as
`KeyringMissing`, without what the plug-in says, which may quote the secret.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE: Final = "greenroom"
PATIENCE_SECONDS = 15.0
"""How long a keyring may take: some ask the person to unlock them first."""

LEAST_PRIORITY: Final = 1
"""What the package keyring recommends. Below are those that keep passwords as plain text, or nowhere."""

_turn = threading.Lock()


class _Question(threading.Thread, Generic[T]):
    """One question to the keyring; it keeps the turn until it is answered, however late."""

    late = False
    """Whether the latest question has been given up, and still hangs."""

    def __init__(self, work: Callable[[KeyringBackend], T]) -> None:
        super().__init__(name="greenroom-keyring", daemon=True)
        self._work = work
        self.answer: list[T] = []
        self.trouble = ""

    def run(self) -> None:
        try:
            self._ask()
        finally:
            _Question.late = False
            _turn.release()

    def _ask(self) -> None:
        try:
            import keyring  # takes 0.3 s, and is not needed by most

            backend = keyring.get_keyring()
            if backend.priority < LEAST_PRIORITY:
                self.trouble = "missing"
            else:
                self.answer.append(self._work(backend))
        except Exception as error:  # noqa: BLE001 - plug-ins raise what they like, and it may quote the password
            self.trouble = _kind(error)


def _kind(error: Exception) -> str:
    return {"NoKeyringError": "missing", "KeyringLocked": "locked"}.get(type(error).__name__, "failed")


def usable() -> None:
    """Raises `KeyringMissing` where nothing can be kept."""
    _ask(lambda _backend: None)


def read(profile_id: UUID) -> str | None:
    """The password; None when it is not there. Raises `KeyringMissing`."""
    return _ask(lambda backend: backend.get_password(SERVICE, str(profile_id)))


def keep(profile_id: UUID, password: str) -> None:
    """Keep the password, and look whether it is there: some accept it and keep nothing. Raises `KeyringMissing`."""

    def work(backend: KeyringBackend) -> bool:
        backend.set_password(SERVICE, str(profile_id), password)
        return backend.get_password(SERVICE, str(profile_id)) == password

    if not _ask(work):
        raise errors.KeyringMissing("failed")


def forget(profile_id: UUID) -> None:
    """Take the password out, if it is there. Raises `KeyringMissing`."""

    def work(backend: KeyringBackend) -> None:
        if backend.get_password(SERVICE, str(profile_id)) is not None:
            backend.delete_password(SERVICE, str(profile_id))

    _ask(work)


def _ask(work: Callable[[KeyringBackend], T]) -> T:
    if not _turn.acquire(timeout=0.01 if _Question.late else PATIENCE_SECONDS):
        raise errors.KeyringMissing("silent")
    question = _Question(work)
    question.start()
    question.join(PATIENCE_SECONDS)
    if question.is_alive():
        _Question.late = True
        raise errors.KeyringMissing("silent")
    if question.trouble:
        raise errors.KeyringMissing(question.trouble)
    return question.answer[0]
