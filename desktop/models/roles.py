"""The item roles our tables speak, beside Qt's own.

A model answers every role from ready values: a string for ``DisplayRole`` (None while the row is not loaded
yet, which is painted as a quiet bar), and the roles below where a column needs them.
"""

from typing import Final

from PySide6.QtCore import Qt

ROW_ROLE: Final[int] = int(Qt.ItemDataRole.UserRole) + 1
"""The row's own object (a frozen dataclass), or None while the row is not loaded."""

TONE_ROLE: Final[int] = int(Qt.ItemDataRole.UserRole) + 2
"""A pill's tone: "blue", "green", "amber", "red" or "grey"; "" or None draws plain text."""

METER_ROLE: Final[int] = int(Qt.ItemDataRole.UserRole) + 3
"""How full a meter is, 0.0 to 1.0 (more is drawn as full); None draws the text without a bar."""
