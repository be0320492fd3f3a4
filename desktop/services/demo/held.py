"""What was held in the past year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.demo.plans import EventPlan, PackagePlan

if TYPE_CHECKING:
    from desktop.services.demo.plans import Calendar


def events(c: Calendar) -> tuple[EventPlan, ...]:
    """The completed events, oldest first."""
    open_data = c.on(-262, 5)
    type_tea = c.on(-171, 4)
    feira = c.on(-118, 6)
    kino = c.on(-76, 5)
    breakfast = c.on(-33, 1)
    return (
        EventPlan(
            "karnataka-open-data-day",
            "Karnataka Open Data Day",
            "completed",
            c.ago(331, "11:20"),
            location="Bangalore International Centre, Domlur, Bengaluru",
            start=c.at(open_data, "09:30"),
            end=c.at(open_data, "18:00"),
            deadline=c.at(c.on(-264), "18:00"),
            published_at=c.ago(324, "16:05"),
            description="Rainfall, buses, budgets: a day of tables that belong to everybody. Bring a laptop.",
            packages=(
                PackagePlan(
                    "open-data-day-free", "Open seat", 0, 1400, attended=912, no_show=236, cancelled=58
                ),
                PackagePlan(
                    "open-data-day-hands-on",
                    "Hands-on room",
                    0,
                    80,
                    attended=67,
                    no_show=13,
                    cancelled=9,
                    description="Two hours with the census tables, in groups of four.",
                ),
            ),
        ),
        EventPlan(
            "type-and-tea",
            "Type & Tea: an Evening with Wood Letters",
            "completed",
            c.ago(214, "14:40"),
            zone="Europe/Zurich",
            location="Museum für Gestaltung, Zürich",
            start=c.at(type_tea, "18:30", "Europe/Zurich"),
            end=c.at(type_tea, "22:00", "Europe/Zurich"),
            published_at=c.ago(205, "15:00"),
            payment_required=True,
            currency="CHF",
            home="europe",
            packages=(
                PackagePlan("type-and-tea-evening", "Evening", 35, 90, attended=81, no_show=7, cancelled=6),
            ),
        ),
        EventPlan(
            "feira-de-livros",
            "Feira de Livros Independentes",
            "completed",
            c.ago(176, "21:10"),
            zone="America/Sao_Paulo",
            location="Galpão Cultural, Vila Madalena, São Paulo",
            start=c.at(feira, "11:00", "America/Sao_Paulo"),
            end=c.at(feira, "19:00", "America/Sao_Paulo"),
            published_at=c.ago(170, "20:30"),
            currency="BRL",
            home="latin",
            description="Quarenta editoras pequenas, uma tarde inteira. Entrada livre, inscrição pedida.",
            packages=(
                PackagePlan(
                    "feira-entrada", "Entrada livre", 0, None, attended=318, no_show=92, cancelled=21
                ),
            ),
        ),
        EventPlan(
            "kino-am-fluss",
            "Kino am Fluss",
            "completed",
            c.ago(131, "12:15"),
            zone="Europe/Berlin",
            location="Holzmarkt 25, Berlin",
            start=c.at(kino, "20:30", "Europe/Berlin"),
            end=c.at(kino, "23:30", "Europe/Berlin"),
            published_at=c.ago(126, "13:00"),
            payment_required=True,
            currency="EUR",
            home="europe",
            packages=(
                PackagePlan("kino-liegestuhl", "Liegestuhl", 18, 140, attended=128, no_show=11, cancelled=8),
                PackagePlan("kino-freunde", "Freundeskreis", 0, 20, attended=17, no_show=3),
            ),
        ),
        EventPlan(
            "founders-breakfast-30",
            "Founders’ Breakfast #30",
            "completed",
            c.ago(70, "09:00"),
            location="The Verandah, Pune",
            start=c.at(breakfast, "08:00"),
            end=c.at(breakfast, "10:00"),
            published_at=c.ago(68, "09:30"),
            packages=(
                PackagePlan("founders-breakfast-30-seat", "Seat", 0, 60, attended=51, no_show=6, cancelled=4),
            ),
        ),
    )
