"""The keyring: used where there is one, done without where there is none, and never waited for without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import chainer, fail, null

from desktop import errors
from desktop.services.connections import keyrings

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "kaffee-und-Küchen-42"
Memory = Any
Hanging = Any


def test_a_password_is_kept_under_the_id_of_its_connection_and_forgotten_again(memory: Memory) -> None:
    one, other = uuid4(), uuid4()
    keyrings.keep(one, SECRET)
    assert memory.kept == {str(one): SECRET}
    assert keyrings.read(one) == SECRET
    assert keyrings.read(other) is None
    keyrings.forget(one)
    keyrings.forget(one)  # again is harmless
    assert memory.kept == {}


class PlainText(keyring.backend.KeyringBackend):
    """A file anybody could read."""

    priority = 0.5  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("it must not be asked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("it must not be told")


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, chainer.ChainerBackend, PlainText])
def test_a_keyring_that_keeps_nothing_or_keeps_it_in_plain_text_is_none(
    memory: Memory, backend: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.backend, "get_all_keyring", list)  # a chain without links
    keyring.set_keyring(backend())
    for ask in (keyrings.usable, lambda: keyrings.keep(uuid4(), SECRET), lambda: keyrings.read(uuid4())):
        with pytest.raises(errors.KeyringMissing, match="This computer has no keyring") as caught:
            ask()
        assert caught.value.why == "missing"


@pytest.mark.parametrize(
    ("raised", "why"),
    [
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), "locked"),
        (keyring.errors.NoKeyringError("No recommended backend was available."), "missing"),
        (keyring.errors.PasswordSetError(f"Can't store {SECRET}"), "failed"),
        (keyring.errors.InitError(SECRET), "failed"),
        (ConnectionResetError(SECRET), "failed"),
        (ValueError(SECRET), "failed"),
    ],
)
def test_whatever_a_keyring_raises_is_a_sentence_without_the_password(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, raised: Exception, why: str
) -> None:
    def refuse(*_given: object) -> None:
        raise raised

    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(memory, name, refuse)
    for ask in (
        lambda: keyrings.keep(uuid4(), SECRET),
        lambda: keyrings.read(uuid4()),
        lambda: keyrings.forget(uuid4()),
    ):
        with pytest.raises(errors.KeyringMissing) as caught:
            ask()
        assert caught.value.why == why
        assert SECRET not in str(caught.value)
        assert caught.value.__context__ is None


def test_a_keyring_that_accepts_a_password_and_keeps_none_is_found_out(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "set_password", lambda *_given: None)
    with pytest.raises(errors.KeyringMissing, match="refuses to work"):
        keyrings.keep(uuid4(), SECRET)


def test_a_keyring_that_hangs_is_given_up_and_not_asked_again_before_it_answers(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyrings, "PATIENCE_SECONDS", 0.05)
    one = uuid4()
    for _ in range(3):
        with pytest.raises(errors.KeyringMissing, match="does not answer"):
            keyrings.read(one)
    assert hanging.asked == 1
    monkeypatch.setattr(keyrings, "PATIENCE_SECONDS", 30.0)
    hanging.may.set()
    with keyrings._turn:  # it is let go when the late answer is there
        pass
    keyrings.keep(one, SECRET)
    assert keyrings.read(one) == SECRET
