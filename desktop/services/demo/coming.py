"""What is to come: published, cancelled, still a draft, or in the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.demo.plans import EventPlan, PackagePlan

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar

MONSOON = "monsoon-data-summit"
"""The event with 5,000 people, three weeks ahead; `MONSOON_WORKSHOP` is full with 61 waiting, and
`MONSOON_CONFERENCE` has two seats left."""
MONSOON_WORKSHOP = "monsoon-summit-workshop"
MONSOON_CONFERENCE = "monsoon-summit-conference"


def events(c: Calendar) -> tuple[EventPlan, ...]:
    """Everything ahead of today, soonest first, then the drafts."""
    return (_jazz(c), _monsoon(c), _bookbinders(c), _zurich(c), _breakfast(c), _coffee(c), *_drafts(c))


def _jazz(c: Calendar) -> EventPlan:
    day = c.on(12, 5)
    return EventPlan(
        "rooftop-jazz",
        "Rooftop Jazz with the Lakshmi Quartet",
        "cancelled",
        c.ago(61, "17:00"),
        location="The Terrace, Indiranagar, Bengaluru",
        start=c.at(day, "19:30"),
        end=c.at(day, "22:30"),
        published_at=c.ago(57, "11:30"),
        cancelled_at=c.ago(6, "12:40"),
        payment_required=True,
        description="Cancelled: the roof is being repaired. Everybody gets the money back.",
        packages=(PackagePlan("rooftop-jazz-seat", "Seat", 750, 110, cancelled=74),),
    )


def _monsoon(c: Calendar) -> EventPlan:
    day = c.on(19, 0)
    return EventPlan(
        MONSOON,
        "Monsoon Data Summit",
        "published",
        c.ago(96, "10:30"),
        location="Palace Grounds, Bengaluru",
        start=c.at(day, "09:00"),
        end=c.at(day, "18:00"),
        deadline=c.at(c.on(17, 5), "18:00"),
        published_at=c.ago(89, "09:00"),
        payment_required=True,
        description="One day on measuring rain, rivers and cities, and on what to do with the numbers.",
        packages=_monsoon_packages(c),
    )


def _breakfast(c: Calendar) -> EventPlan:
    day = c.on(51, 1)
    return EventPlan(
        "founders-breakfast-31",
        "Founders’ Breakfast #31",
        "published",
        c.ago(30, "09:10"),
        location="The Verandah, Pune",
        start=c.at(day, "08:00"),
        end=c.at(day, "10:00"),
        published_at=c.ago(26, "09:30"),
        packages=(PackagePlan("founders-breakfast-31-seat", "Seat", 0, 60, registered=40, cancelled=3),),
    )


def _coffee(c: Calendar) -> EventPlan:
    day = c.on(72, 3)
    return EventPlan(
        "coffee-festival",
        "مهرجان القهوة",
        "published",
        c.ago(48, "13:50"),
        zone="Asia/Dubai",
        location="Alserkal Avenue, Dubai",
        start=c.at(day, "17:00", "Asia/Dubai"),
        end=c.at(day, "23:00", "Asia/Dubai"),
        published_at=c.ago(41, "14:00"),
        currency="AED",
        home="gulf",
        description="مساء مفتوح للجميع: محامص صغيرة، تذوق، وموسيقى.",
        packages=(
            PackagePlan("coffee-festival-entry", "دخول", 0, None, registered=262, cancelled=8),
            PackagePlan("coffee-festival-cupping", "Cupping class", 95, None, registered=48, cancelled=2),
        ),
    )


def _monsoon_packages(c: Calendar) -> tuple[PackagePlan, ...]:
    return (
        PackagePlan(
            "monsoon-summit-early-bird",
            "Early bird",
            3200,
            300,
            registered=300,
            cancelled=12,
            deadline=c.ago(60, "23:59"),
            retired_at=c.ago(59, "09:15"),
        ),
        PackagePlan(
            MONSOON_CONFERENCE,
            "Conference",
            4500,
            3600,
            registered=3598,
            unpaid=43,
            cancelled=96,
            description="All talks, lunch and the evening on the lawn.",
            pinned=(
                ("aarav.sharma", "registered"),
                ("ananya", "registered"),
                ("chidi", "registered"),
                ("lei.li", "registered"),
                ("farah", "cancelled"),
                ("m.alali", "registered"),
                ("usha.rao", "registered"),
                ("vikram", "registered"),
                ("ines.fr", "registered"),
                ("lf.castro", "registered"),
            ),
        ),
        PackagePlan(
            MONSOON_WORKSHOP,
            "Workshop pass",
            9000,
            120,
            registered=120,
            unpaid=4,
            waiting=61,
            cancelled=14,
            deadline=c.at(c.on(14), "18:00"),
            description="The conference, and a day before it in a room with twelve tables.",
            pinned=(
                ("bjorn.akesson", "registered"),
                ("diya.patel", "unpaid"),
                ("lukasz", "registered"),
                ("marta.souza", "registered"),
                ("marcos", "unpaid"),
                ("zoe.fernandez", "waitlisted"),
                ("priya", "waitlisted"),
                ("tomas", "waitlisted"),
                ("rafa", "waitlisted"),
            ),
        ),
        PackagePlan(
            "monsoon-summit-student",
            "Student",
            0,
            900,
            registered=742,
            cancelled=31,
            description="With a student card, shown at the door.",
            pinned=(("elif", "registered"), ("kavya.nair", "registered"), ("wanjiru", "registered")),
        ),
        PackagePlan("monsoon-summit-livestream", "Livestream", 600, None, registered=126, cancelled=2),
    )


def _bookbinders(c: Calendar) -> EventPlan:
    day = c.on(24, 5)
    return EventPlan(
        "bookbinders-winter-table",
        "Bookbinders’ Winter Table",
        "published",
        c.ago(66, "18:20"),
        location="Studio 4, Kochi",
        start=c.at(day, "16:30"),
        end=c.at(day, "20:00"),
        deadline=c.at(c.on(23), "12:00"),
        published_at=c.ago(62, "10:00"),
        payment_required=True,
        packages=(
            PackagePlan(
                "bookbinders-winter-seat",
                "A place at the table",
                2800,
                24,
                registered=24,
                waiting=9,
                cancelled=3,
            ),
        ),
    )


def _zurich(c: Calendar) -> EventPlan:
    day = c.on(44, 4)
    return EventPlan(
        "zurich-type-night",
        "Zürich Type Night",
        "published",
        c.ago(52, "16:45"),
        zone="Europe/Zurich",
        location="Toni-Areal, Zürich",
        start=c.at(day, "19:00", "Europe/Zurich"),
        end=c.at(day, "23:00", "Europe/Zurich"),
        published_at=c.ago(45, "17:00"),
        payment_required=True,
        currency="CHF",
        home="europe",
        packages=(
            PackagePlan("type-night-regular", "Regular", 28, 180, registered=67, unpaid=2, cancelled=4),
            PackagePlan("type-night-student", "Student", 14, 60, registered=21, cancelled=1),
        ),
    )


def _drafts(c: Calendar) -> tuple[EventPlan, ...]:
    fair = c.on(100, 5)
    return (
        EventPlan(
            "community-radio-day",
            "Community Radio Day",
            "draft",
            c.ago(12, "11:05"),
            start=c.at(c.on(60, 5), "00:00"),
        ),
        EventPlan(
            "spring-makers-fair",
            "Spring Makers’ Fair — two halls of potters, printers, luthiers and people who mend things",
            "draft",
            c.ago(20, "12:30"),
            location="Exhibition Centre, Chennai",
            start=c.at(fair, "10:00"),
            end=c.at(fair, "19:00"),
            packages=(
                PackagePlan("makers-fair-visitor", "Visitor", 150, 2200),
                PackagePlan("makers-fair-stall", "Stall", 6500, 200),
            ),
        ),
        EventPlan(
            "test-event",
            "Test event, please ignore",
            "draft",
            c.ago(44, "16:00"),
            deleted_at=c.ago(43, "09:20"),
        ),
    )
