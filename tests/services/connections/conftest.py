"""Keyrings in use while a test runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import keyrings
from tests.keyrings import Hanging, Memory

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A keyring of the test's own."""
    with keyrings.in_use(Memory()) as made:
        yield made


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """One that hangs; it is let go in the end."""
    with keyrings.in_use(Hanging()) as made:
        yield made
        made.may.set()
