"""Keyrings of every kind, none of them this computer's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import keyring
import keyring.backend
import keyring.errors
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Memory(keyring.backend.KeyringBackend):
    """A keyring that works."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
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


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A keyring of the test's own, in use."""
    before = keyring.get_keyring()
    made = Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """One that hangs, in use; it is let go in the end."""
    before = keyring.get_keyring()
    made = Hanging()
    keyring.set_keyring(made)
    yield made
    made.may.set()
    keyring.set_keyring(before)
