"""A real PostgreSQL for every test: one local server per run, a migrated and empty database for every test."""

from __future__ import annotations

import gc
import itertools
import os
import tempfile
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from psycopg.rows import dict_row
from PySide6.QtCore import QSettings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never the developer's own
os.environ["XDG_STATE_HOME"] = f"{tempfile.gettempdir()}/greenroom-tests"  # no developer's log

from desktop import collecting, errors
from desktop.db import afterwards, embedded, embedded_lease, session, upgrade
from desktop.db.session import Actor, Database, Scrubbed
from tests import watching
from tests.spare import Spare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from PySide6.QtWidgets import QApplication

Database.transaction = watching.arranged(Database.transaction)  # type: ignore[method-assign]
gc.disable()  # see desktop.collecting: a pool's thread must not collect Qt objects

# On a busy machine examples are slow, which says nothing about what they try.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", settings.get_profile("searching"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """The suite tries the same examples each time, so that whoever lands a change is told of that change; new ones are
    searched for by the slow proofs."""
    settings.load_profile("searching" if config.option.markexpr == "slow" else "suite")


class Following(afterwards.Afterwards):
    """What the databases of a test do in the background, so that it can be waited for."""

    all: ClassVar[weakref.WeakSet[Following]] = weakref.WeakSet()

    def __init__(self) -> None:
        super().__init__()
        self.all.add(self)

    @classmethod
    def settled(cls) -> None:
        """Wait until every database is at rest."""
        assert all(one.settle(30) for one in list(cls.all))


session.Afterwards = Following  # type: ignore[misc]


def pytest_runtest_teardown() -> None:
    """Collect what is due, on the main thread."""
    collecting.collect_due()


TEMPLATE = f"template_{upgrade.newest()}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.LocalServer]:
    """The run's PostgreSQL; workers of pytest-xdist share it."""
    base: Path = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with embedded.start(base / "postgres", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def server_url(server: embedded.LocalServer) -> str:
    """The address of the run's server, its maintenance database."""
    return server.url("postgres")


@pytest.fixture(scope="session")
def template(server: embedded.LocalServer) -> str:
    """The name of a migrated database that nobody is connected to: one worker makes it, the others wait."""
    made = server.folder / f"{TEMPLATE}.made"
    with embedded_lease.turn(server.folder / "template", 60):
        if not made.exists():
            server.ensure_database(TEMPLATE)
            migrated = Database(server.url(TEMPLATE))
            upgrade.upgrade(migrated)
            migrated.close()
            made.touch()
    return TEMPLATE


@pytest.fixture
def empty_url(server: embedded.LocalServer) -> Iterator[str]:
    """The address of an empty database of the test's own."""
    yield from _copy(server, "template0")


@pytest.fixture(scope="session")
def spare(server: embedded.LocalServer, template: str) -> Iterator[Spare]:
    """The migrated database that tests of this worker use one after the other."""
    kept = Spare(server, template)
    yield kept
    kept.drop()


@pytest.fixture(scope="session")
def watched(server: embedded.LocalServer, template: str) -> Iterator[Spare]:
    """As `spare`, and every change Greenroom makes in it must have its line in the log."""
    kept = Spare(server, template, watched=True)
    yield kept
    kept.drop()


UNWATCHED = frozenset(
    [
        "adoption",
        "checking",
        "connections",
        "db",
        "guards",
        "migrations",
        "proving",
        "races",
        "roles",
        "secrets",
    ]
)
"""Folders of tests that look at the catalog itself, break what they find there, or load the server."""


@pytest.fixture
def lent(request: pytest.FixtureRequest) -> Iterator[Spare]:
    """A migrated database of the test's own. What services change there without a line in the log fails the test
    (ruling 23)."""
    plain = not UNWATCHED.isdisjoint(request.path.parts) or "unwatched" in request.keywords
    spare: Spare = request.getfixturevalue("spare" if plain else "watched")
    spare.take()
    yield spare
    assert spare.give_back() == []


@pytest.fixture
def database_url(lent: Spare) -> str:
    """Its address."""
    return lent.take()


@pytest.fixture
def database(lent: Spare) -> Iterator[Database]:
    """Greenroom's way to it. New for tests that look at connections; the others pass one on."""
    if not lent.watched:
        opened = Database(lent.take())
        yield opened
        opened.close()
        return
    opened = lent.database()
    yield opened
    lent.give_back_database(opened)


@pytest.fixture(scope="session")
def spare_kind() -> type[Spare]:
    """For tests that need a server of their own."""
    return Spare


def _copy(server: embedded.LocalServer, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    maintenance = Database(server.url("postgres"))
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET lock_timeout = 0")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield server.url(name)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    maintenance.close()


def _staff(building: Building, name: str, role: str) -> Actor:
    email = f"{name}@example.org"
    actor = Actor(building.user(username=name, email=email), name, email, frozenset({role}))
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = %s", actor.id, role)
    return actor


@pytest.fixture
def admin(by_hand: Building) -> Actor:
    return _staff(by_hand, "ada.admin", "admin")


@pytest.fixture
def organizer(by_hand: Building) -> Actor:
    return _staff(by_hand, "asha.menon", "organizer")


@pytest.fixture
def door(by_hand: Building) -> Actor:
    return _staff(by_hand, "noor.door", "door")


@pytest.fixture
def editor(by_hand: Building) -> Actor:
    return _staff(by_hand, "eli.editor", "editor")


class Building:
    """Events, packages and registrations as the website writes them: plain SQL on a connection of its own."""

    def __init__(self, url: str, website: psycopg.Connection[dict[str, Any]] | None = None) -> None:
        self.address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.website = website or self.connect()
        self._made = itertools.count(1)

    def connect(self, **options: Any) -> psycopg.Connection[dict[str, Any]]:
        """One more connection of the website's; commits at once unless ``autocommit=False``."""
        return psycopg.connect(self.address, row_factory=dict_row, **{"autocommit": True, **options})

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return self.website.execute(sql, values or None).fetchall()

    def row(self, sql: str, *values: Any) -> dict[str, Any]:
        (only,) = self.rows(sql, *values)
        return only

    def value(self, sql: str, *values: Any) -> Any:
        (only,) = self.row(sql, *values).values()
        return only

    def do(self, sql: str, *values: Any) -> int:
        """Run a statement; the number of rows it changed."""
        return self.website.execute(sql, values or None).rowcount

    def insert(self, table: str, **columns: Any) -> UUID:
        """Insert one row; its id."""
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        return self.value(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *columns.values())

    def user(self, **columns: Any) -> UUID:
        n = next(self._made)
        return self.insert("users", **{"username": f"user{n}", "email": f"user{n}@example.org"} | columns)

    def event(self, **columns: Any) -> UUID:
        n = next(self._made)
        wanted = {
            "title": "Monsoon Data Summit",
            "slug": f"event-{n}",
            "location": "Pune",
            "start_time": datetime.now(UTC).replace(tzinfo=None) + timedelta(days=7),
            "status": "published",
        }
        return self.insert(
            "events", **wanted | {"created_by": columns.pop("created_by", None) or self.user()} | columns
        )

    def package(self, event: UUID | None = None, **columns: Any) -> UUID:
        """A package of an event (made when there is none); without capacity it is unlimited."""
        n = next(self._made)
        wanted = {"name": "Workshop pass", "slug": f"package-{n}", "price": 0, "duration_days": 0}
        if columns.get("package_type") != "subscription":
            wanted |= {"package_type": "event", "event_id": event or self.event()}
        return self.insert("packages", **wanted | columns)

    def registration(self, package: UUID, email: str | None = None, **columns: Any) -> UUID:
        """A registration as the website inserts it: blindly, seat or no seat."""
        event = self.value("SELECT event_id FROM packages WHERE id = %s", package)
        wanted = {"attendee_email": email or f"guest{next(self._made)}@example.org"}
        return self.insert("event_registrations", event_id=event, package_id=package, **wanted | columns)

    def waiting(self, package: UUID, *emails: str) -> list[UUID]:
        """People on the waitlist, at 1..n."""
        return [
            self.registration(package, email, status="waitlisted", waitlist_position=place)
            for place, email in enumerate(emails, 1)
        ]

    def registered(self, registration: UUID) -> dict[str, Any]:
        """The row of a registration."""
        return self.row("SELECT * FROM event_registrations WHERE id = %s", registration)

    def status(self, registration: UUID) -> str:
        return self.registered(registration)["status"]

    def queue(self, package: UUID) -> list[tuple[int | None, str]]:
        """Who waits at rest, as (position, address) in the order of the positions."""
        Following.settled()
        found = self.rows(
            "SELECT waitlist_position AS place, attendee_email AS email FROM event_registrations"
            " WHERE package_id = %s AND status = 'waitlisted' ORDER BY waitlist_position, registered_at, id",
            package,
        )
        return [(row["place"], row["email"]) for row in found]

    def held(self, package: UUID) -> int:
        return self.value("SELECT held FROM package_seats WHERE package_id = %s", package)

    def log(self, subject: UUID | None = None) -> list[tuple[str, str]]:
        """The log's rows about a subject, or all, oldest first, as (action, description)."""
        found = self.rows(
            "SELECT action_type, description FROM admin_logs WHERE %s::uuid IS NULL OR subject_id = %s"
            " ORDER BY logged_at, id",
            subject,
            subject,
        )
        return [(row["action_type"], row["description"]) for row in found]

    def drift(self) -> list[dict[str, Any]]:
        """Packages whose counter is not what a recount gives; must be empty."""
        return self.rows(
            "SELECT p.id, p.capacity, s.capacity AS counted_capacity, s.held,"
            " (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id"
            "   AND r.status IN ('registered', 'attended')) AS really"
            " FROM packages p FULL JOIN package_seats s ON s.package_id = p.id"
            " WHERE s.held IS DISTINCT FROM (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id"
            "   AND r.status IN ('registered', 'attended')) OR s.capacity IS DISTINCT FROM p.capacity"
        )


@pytest.fixture
def by_hand(lent: Spare) -> Iterator[Building]:
    """As `building`, for tests that leave counters wrong on purpose."""
    made = Building(lent.take(), lent.website())
    yield made
    lent.give_back_website(made.website)


@pytest.fixture
def building_of() -> type[Building]:
    """For tests with a database of another kind."""
    return Building


@pytest.fixture
def building(by_hand: Building) -> Iterator[Building]:
    """The test's database as the website sees it. After every test its seat counters must equal a recount."""
    yield by_hand
    assert by_hand.drift() == []


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run functions in threads that start together; what each returned, or the error it raised, in order."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        start = threading.Barrier(len(functions))

        def one(function: Callable[[], Any]) -> Any:
            start.wait()
            try:
                return function()
            except (errors.AppError, Scrubbed, psycopg.Error) as error:
                return error

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return run


@pytest.fixture
def remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QSettings:
    """What the program remembers on this computer: a file of the test's own, never the developer's."""
    from desktop import app

    def made() -> QSettings:
        return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)

    monkeypatch.setattr(app, "QSettings", made)
    return made()


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed in no time."""
    from desktop.services.accounts import passwords

    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture
def light_again(qapp: QApplication) -> Iterator[None]:
    """The tests that follow find everything light and at 100 %."""
    from desktop.views import theme

    yield
    theme.apply(qapp, "light")
