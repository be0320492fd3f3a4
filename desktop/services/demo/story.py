"""A year of an events office: what was held, what runs today, what is to come.

The office is in Bengaluru (Asia/Kolkata) and works with partners in Zürich, Dubai, Berlin and São Paulo, so
currencies and zones differ. People wait only where the seats are taken; at the event that is running, four
no-shows gave theirs up, which an organizer may hand to the next (ruling 11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.demo import coming, held, running

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar, EventPlan


def events(calendar: Calendar) -> tuple[EventPlan, ...]:
    """The office's events around the calendar's day, oldest first, drafts last."""
    return (*held.events(calendar), *running.events(calendar), *coming.events(calendar))
