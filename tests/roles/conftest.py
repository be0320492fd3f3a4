"""A database with its group roles, and a login of its own in each of them, as a person or a station has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import bcrypt
import psycopg
import pytest
import sqlalchemy as sa

from desktop.db import embedded, privileges, roles, upgrade
from desktop.db.session import Actor, Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from desktop.db.embedded import LocalServer

PASSWORD = "correct horse battery"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def _address(url: str, **parts: Any) -> str:
    """The address with other parts (``username``, ``database``), for Greenroom."""
    return sa.make_url(url).set(**parts).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server of this folder's own: roles belong to the server, and other tests' checks would find them."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with embedded.start(base / "postgres_with_roles", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def server_url(server: LocalServer) -> str:
    """The address of that server, its maintenance database."""
    return server.url("postgres")


@pytest.fixture(scope="session")
def template(server: LocalServer) -> str:
    """As everybody's, and with the group roles installed."""
    name = f"granted_{uuid4().hex}"
    server.ensure_database(name)
    granted = Database(server.url(name))
    upgrade.upgrade(granted)
    assert roles.install(granted).refused is None
    granted.close()
    return name


@pytest.fixture(scope="session")
def spare(server: LocalServer, template: str, spare_kind: type[Any]) -> Iterator[Any]:
    """The database that tests of this folder use one after the other; one whose grants on columns a test changed is
    thrown away as well."""
    kept = spare_kind(server, template)
    kept.SHAPE = kept.SHAPE.replace("atttypid, attnotnull)", "atttypid, attnotnull, attacl::text)")
    assert "attacl" in kept.SHAPE
    yield kept
    kept.drop()


@pytest.fixture(scope="session")
def logins(server: LocalServer, template: str) -> dict[str, str]:
    """A login role for each group (which ``template`` installed), and one in none: the login's name by the group's."""
    made = {name: f"login_{name}_{uuid4().hex}" for name in (*privileges.GROUPS, "nobody")}
    maintenance = Database(server.url("postgres"))
    with maintenance.transaction() as tx:
        for name, login in made.items():
            group = f" IN ROLE {privileges.group(name)}" if name in privileges.GROUPS else ""
            tx.execute(f"CREATE ROLE {login} LOGIN{group}")
    maintenance.close()
    return made


@pytest.fixture
def url_of(database_url: str, logins: dict[str, str]) -> Callable[[str], str]:
    """The address of the test's database with the login of a group."""
    return lambda name: _address(database_url, username=logins[name])


@pytest.fixture
def connected(url_of: Callable[[str], str]) -> Iterator[Callable[[str], Database]]:
    """Opens the test's database as the login of a group."""
    opened: list[Database] = []

    def connect(name: str) -> Database:
        opened.append(Database(url_of(name)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def session(url_of: Callable[[str], str]) -> Iterator[Callable[[str], psycopg.Connection[Any]]]:
    """A plain connection as the login of a group, as psql opens it."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(name: str) -> psycopg.Connection[Any]:
        plain = _address(url_of(name), drivername="postgresql")
        opened.append(psycopg.connect(plain, autocommit=True))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def password() -> str:
    """Of every account `staff` makes."""
    return PASSWORD


@pytest.fixture
def staff(building: Any) -> Callable[..., Actor]:
    """Makes an account with `PASSWORD` and the role of a group."""

    def make(name: str, username: str | None = None) -> Actor:
        login = username or f"{name}.person"
        made: UUID = building.user(username=login, email=f"{login}@example.org", password_hash=HASH)
        building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = %s", made, name)
        return Actor(made, login, f"{login}@example.org", frozenset({name}))

    return make
