"""Greenroom itself and what it is made with."""

from __future__ import annotations

from desktop.doctor.asking import Answer
from desktop.faults import surroundings


def look() -> Answer:
    """Versions."""
    return Answer((*surroundings.program(), *surroundings.libraries()))
