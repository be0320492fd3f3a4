"""What Greenroom costs the website.

Two databases of one server, made as the website makes them; one of them is upgraded, while the website writes to it.
Then each of the website's statements is timed on both in turn. The server does not wait for the disk, because a commit
that does is so slow that it hides what the triggers cost; one figure is taken on a server that does.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import uuid4

from desktop.db import embedded
from desktop.db.session import Actor, Database
from desktop.services import attendance, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering
from tests.bench import promoting, signing_in, upgrading, website
from tests.bench import waitlist as queues
from tests.bench.measuring import Figure, Line, Section, compared, spread
from tests.bench.website import BULK, PEOPLE, Website

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID


def measure(folder: Path) -> Section:
    """All of it, and what waitlists and promotions cost as they grow."""
    figures: list[Figure] = []
    with embedded.start(folder / "fast", durable=False) as server:
        before, after, adoption = _two_websites(server)
        figures += _of_the_website(before, after)
        figures += _of_a_crowd(before, after, "4 at once for one package, each")
        figures += _of_the_staff(after)
        figures += signing_in.figures(after)
        _close(before, after)
        costs, rates = queues.measure(server), promoting.measure(server)
    with embedded.start(folder / "safe", durable=True) as server:
        before, after, _again = _two_websites(server)
        figures.append(_pair("register one, commit on disk", before.register, after.register, before, 60))
        figures += _of_a_crowd(before, after, "4 at once, commit on disk, each")
        figures += signing_in.figures(after, ", on disk")
        _close(before, after)
    return Section(
        "The website's statements, and the staff's one by one",
        tuple(_line(figure) for figure in figures),
        (*_of_the_upgrade(adoption), *queues.told(costs), *promoting.told(rates)),
        {
            "upgrade": asdict(adoption),
            "waitlist": [asdict(cost) for cost in costs],
            "promotions": [asdict(rate) for rate in rates],
        },
    )


def _line(figure: Figure) -> Line:
    """Compared with the same before the upgrade; what there was not before, with a round trip that does nothing."""
    taken, before = figure.after, figure.before
    peer, peer_median = ("round trip", figure.floor.median) if before is None else ("before", before.median)
    return Line(
        figure.name,
        "µs",
        taken.median,
        taken.low,
        taken.high,
        taken.p95,
        taken.n,
        peer,
        peer_median,
        taken.median / peer_median,
    )


def _two_websites(server: embedded.LocalServer) -> tuple[Website, Website, upgrading.Upgrading]:
    for name in ("before", "after"):
        server.ensure_database(name)
        website.build(server.url(name))
    before, after = Website(server.url("before")), Website(server.url("after"))
    adoption = upgrading.beside_writers(after, PEOPLE)
    after.do("VACUUM ANALYZE")
    return before, after, adoption


def _close(*websites: Website) -> None:
    for one in websites:
        one.connection.close()


def _pair(
    name: str,
    before: Callable[[], object],
    after: Callable[[], object],
    floor: Website,
    rounds: int,
    times: int = 5,
) -> Figure:
    return compared(
        name,
        before,
        after,
        lambda: floor.do("SELECT 1"),
        rounds=rounds,
        times=times,
    )


def _of_the_website(before: Website, after: Website) -> list[Figure]:
    figures = [
        _pair("register one", before.register, after.register, before, 100),
        _pair(
            f"register {BULK:,} in one statement", before.register_many, after.register_many, before, 15, 1
        ),
        _pair(f"register {BULK:,} by COPY", before.copy_many, after.copy_many, before, 15, 1),
    ]
    for one in (before, after):
        one.delete_bulk()
        one.do("VACUUM ANALYZE event_registrations")
    changes = (
        ("cancel and come back (two statements)", "cancel_and_return", 100),
        ("change a phone number", "change_phone", 100),
        ("pay an order", "order", 100),
        ("view a post", "view", 100),
        ("sign in", "sign_in", 100),
        ("edit a package", "edit_package", 100),
        ("edit an event", "edit_event", 100),
        (f"find one of {PEOPLE:,} by token", "follow_link", 40),
    )
    for name, method, rounds in changes:
        figures.append(_pair(name, getattr(before, method), getattr(after, method), before, rounds))
    return figures


def _of_a_crowd(before: Website, after: Website, name: str) -> list[Figure]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(6):
        taken[0].append(before.crowd(4, 50))
        taken[1].append(after.crowd(4, 50))
    floor = compared("", None, lambda: None, lambda: before.do("SELECT 1"), rounds=20).floor
    return [Figure(name, spread(taken[0][1:]), spread(taken[1][1:]), floor)]


def _of_the_staff(after: Website) -> list[Figure]:
    database = Database(after.url)
    actor = Actor(after.user, "bench", "bench@example.org", frozenset({"admin"}))
    after.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin'", actor.id)
    made: list[UUID] = []

    def register() -> None:
        person = Registering(after.package, f"{uuid4()}@example.org")
        made.append(registering.register(database, actor, person).registration_id)

    def figure(name: str, work: Callable[[], object], rounds: int = 60) -> Figure:
        return compared(name, None, work, lambda: after.do("SELECT 1"), rounds=rounds)

    rights = f"SELECT greenroom.acting('{after.user}', ARRAY['admin'])"
    figures = [
        figure("rights read in the call", lambda: after.do(rights)),
        figure("Greenroom registers one", register),
        figure(
            "Greenroom admits one", lambda: attendance.admit(database, actor, Admission(made.pop(), "door"))
        ),
    ]
    after.do(
        "UPDATE event_registrations SET status = 'waitlisted', waitlist_position = n FROM (SELECT id, row_number()"
        " OVER () AS n FROM event_registrations WHERE package_id = %s AND status = 'registered' LIMIT 200) w"
        " WHERE w.id = event_registrations.id",
        after.package,
    )
    figures.append(
        figure("Greenroom promotes one of 200", lambda: waitlist.promote_next(database, actor, after.package))
    )
    database.close()
    return figures


def _of_the_upgrade(adoption: upgrading.Upgrading) -> list[str]:
    told = [
        f"Upgrading {adoption.people:,} registrations took {adoption.seconds:.1f} s. Beside it, two writers ran"
        f" {adoption.writes:,} statements: {len(adoption.errors)} failed, the longest took"
        f" {adoption.longest_ms:,.0f} ms (before it began: {adoption.longest_before_ms:,.0f} ms)."
    ]
    return told + [f"The website met: {error}" for error in adoption.errors[:5]]
