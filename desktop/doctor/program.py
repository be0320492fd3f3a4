"""Greenroom itself and what it is made with."""

from __future__ import annotations

from desktop import surroundings
from desktop.doctor.asking import Answer


def look() -> Answer:
    """Versions."""
    return Answer((*surroundings.program(), *surroundings.libraries()))
