"""Rows as a source of a `RowTable` answers them, where a test has them in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows that are what they are made of."""

    rows: Sequence[Any]

    @property
    def keys(self) -> Sequence[bytes]:
        return [row.id.bytes for row in self.rows]

    def raw(self) -> Sequence[Any]:
        return self.rows

    def make(self, raw: Any) -> Any:
        return raw
