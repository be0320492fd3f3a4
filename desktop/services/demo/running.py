"""What is on today, so that a door is worth opening at any hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.demo.plans import EventPlan, PackagePlan

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar

RUNNING = "harbour-film-days"
"""Runs from yesterday to tomorrow: most people are inside, some seats are free again and people wait."""
RUNNING_PASS = "harbour-film-festival-pass"  # noqa: S105 - a package's slug
TONIGHT = "riso-printing-evening"
"""Begins this evening, nobody is inside yet."""


def events(c: Calendar) -> tuple[EventPlan, ...]:
    """The event that runs from yesterday to tomorrow, and the one that begins this evening."""
    return (
        EventPlan(
            RUNNING,
            "Harbour Film Days",
            "published",
            c.ago(88, "10:45"),
            location="Pattarai Theatre, Fort Kochi",
            start=c.ago(1, "10:00"),
            end=c.at(c.on(1), "22:00"),
            published_at=c.ago(80, "12:00"),
            payment_required=True,
            description="Three days, nineteen films, one harbour. Doors stay open between the screenings.",
            packages=(
                PackagePlan(
                    RUNNING_PASS,
                    "Festival pass",
                    1200,
                    180,
                    registered=58,
                    unpaid=6,
                    attended=118,
                    no_show=4,
                    waiting=12,
                    cancelled=9,
                    description="All three days.",
                ),
                PackagePlan(
                    "harbour-film-day-ticket",
                    "Day ticket",
                    450,
                    None,
                    registered=64,
                    unpaid=3,
                    attended=83,
                    cancelled=5,
                ),
            ),
        ),
        EventPlan(
            TONIGHT,
            "An Evening of Riso Printing",
            "published",
            c.ago(29, "15:25"),
            location="Blossom Print Room, Church Street, Bengaluru",
            start=c.at(c.today, "18:30"),
            end=c.at(c.today, "21:30"),
            published_at=c.ago(27, "10:10"),
            payment_required=True,
            packages=(
                PackagePlan(
                    "riso-evening-seat", "Seat and paper", 950, 20, registered=18, unpaid=3, cancelled=2
                ),
            ),
        ),
    )
