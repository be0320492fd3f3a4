"""Which columns a person sees, in which order and how wide: remembered per table and person on this computer.

By the columns' keys, not by their numbers: a column a later version brings appears where it belongs, one it takes
away is forgotten, and what cannot be read is ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.models.columns import Column

VERSION: Final = 1
NARROWEST, WIDEST = 20, 4_000
"""Pixels at 100 % text between which a remembered width is believed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Numbers of columns as they are described: all of them in the ``order`` they are shown in, those not shown, and
    the widths (pixels at 100 % text) that somebody gave."""

    order: tuple[int, ...]
    hidden: frozenset[int] = frozenset()
    widths: Mapping[int, int] = field(default_factory=dict)


def as_described(columns: Sequence[Column]) -> Choice:
    """All of them, in the order of their descriptions."""
    return Choice(tuple(range(len(columns))))


def read(name: str, columns: Sequence[Column]) -> Choice:
    """What was remembered under this name, as far as it fits these columns. The first of them is always shown."""
    stored = QSettings().value(_key(name))
    try:
        told: Any = json.loads(stored) if isinstance(stored, str) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("version") != VERSION:
        return as_described(columns)
    numbers = {column.key: number for number, column in enumerate(columns)}
    order = _numbers(told.get("order"), numbers)
    for number in range(len(columns)):  # new ones come after the column they are described after
        if number not in order:
            order.insert(order.index(number - 1) + 1 if number else 0, number)
    given = told.get("widths")
    widths = {
        numbers[key]: width
        for key, width in (given.items() if isinstance(given, dict) else ())
        if key in numbers and isinstance(width, int) and NARROWEST <= width <= WIDEST
    }
    return Choice(tuple(order), frozenset(_numbers(told.get("hidden"), numbers)) - {0}, widths)


def keep(name: str, columns: Sequence[Column], choice: Choice) -> None:
    """Remember it; nothing when it is as described."""
    if choice == as_described(columns):
        QSettings().remove(_key(name))
        return
    told = {
        "version": VERSION,
        "order": [columns[number].key for number in choice.order],
        "hidden": [columns[number].key for number in sorted(choice.hidden)],
        "widths": {columns[number].key: width for number, width in choice.widths.items()},
    }
    QSettings().setValue(_key(name), json.dumps(told))


def _key(name: str) -> str:
    return f"columns/{name}"


def _numbers(keys: Any, numbers: Mapping[str, int]) -> list[int]:
    """The numbers of these keys, each once, in their order."""
    known = [key for key in keys if isinstance(key, str) and key in numbers] if isinstance(keys, list) else []
    return [numbers[key] for key in dict.fromkeys(known)]
