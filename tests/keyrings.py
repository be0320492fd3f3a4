"""Keyrings of every kind, none of them this computer's."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import keyring
import keyring.backend
import keyring.errors

if TYPE_CHECKING:
    from collections.abc import Iterator


class Memory(keyring.backend.KeyringBackend):
    """A keyring that works; what is ``kept``, by the id of its connection."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        assert service == "greenroom"
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        assert service == "greenroom"
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        assert service == "greenroom"
        if self.kept.pop(username, None) is None:
            raise keyring.errors.PasswordDeleteError


class Hanging(Memory):
    """A bus that does not answer before it ``may``."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.may.wait(30)
        return super().get_password(service, username)


class Gossiping(Memory):
    """Works until it is ``broken``, and then quotes what it was given."""

    broken = False

    def _may(self, *told: str) -> None:
        if self.broken:
            raise RuntimeError(f"cannot do this with {told} of {self.kept}")

    def get_password(self, service: str, username: str) -> str | None:
        self._may(service, username)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._may(service, username, password)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._may(service, username)
        super().delete_password(service, username)


Kind = TypeVar("Kind", bound=Memory)


@contextmanager
def in_use(made: Kind) -> Iterator[Kind]:
    """While the block runs, it is this computer's keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(made)
    try:
        yield made
    finally:
        keyring.set_keyring(before)
