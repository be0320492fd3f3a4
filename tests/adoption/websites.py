"""Databases as Greenroom finds them: made and filled by a website, in several hands, or by an older Greenroom."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from desktop.db.embedded import LocalServer
    from tests.connections.servers import Server

FOLDER = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way a website's database came to be: the files of ``sql/`` that were run, in order."""

    name: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


SPECIFIED = Kind("made from the specification", ("tables", "specified"))
UPDATED = Kind("with the additional updation", ("tables", "specified", "updation"))
PARTLY = Kind("with some of the additions", ("tables", "partly"))
RENAMED = Kind("in another hand", ("renamed",))
MAPPED = Kind("by an object-relational mapper", ("tables", "mapped"))
KINDS = (SPECIFIED, UPDATED, PARTLY, RENAMED, MAPPED)


def connect(url: str, **options: Any) -> psycopg.Connection[dict[str, Any]]:
    """A connection as the website has it: the server's own settings, every statement committed at once."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, row_factory=dict_row, **{"autocommit": True, **options})


@contextmanager
def empty(server: LocalServer | Server) -> Iterator[str]:
    """The address of an empty database, for as long as the block lasts."""
    name = f"website_{uuid4().hex}"
    with connect(server.url("postgres")) as maintenance:
        quickly = "STRATEGY FILE_COPY" if maintenance.info.server_version >= 150000 else ""
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0 {quickly}")
        yield server.url(name)
        maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")


def sql(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def build(url: str, kind: Kind, *, rows: bool = True, extras: bool = True) -> None:
    """Make a website's database of that kind in an empty one, with what it has of its own, and its rows."""
    with connect(url) as website:
        for name in (*kind.files, *(["extras"] if extras else []), *(["rows"] if rows else [])):
            website.execute(sql(name))


def fill(url: str) -> None:
    """The rows alone, into tables that are there."""
    with connect(url) as website:
        website.execute(sql("rows"))


def id_of(what: str) -> UUID:
    """The id of a row of ``rows.sql``: “user 3”, “package monsoon-vip”, “registration twin 1”."""
    return UUID(md5(what.encode(), usedforsecurity=False).hexdigest())


OLDER = tuple(path.stem for path in sorted((FOLDER / "older").glob("*.sql")))
"""The revisions of the Greenrooms that knew no adoption yet, oldest first."""


def build_older(url: str, revision: str) -> None:
    """The database of an older Greenroom, in an empty one. A website wrote to it from the first revision on."""
    with connect(url) as greenroom:
        greenroom.execute("SET search_path = public")  # not the schema called as the local server's user is
        greenroom.execute(
            "CREATE SCHEMA greenroom; CREATE TABLE greenroom.schema_version ("
            " version_num VARCHAR(32) NOT NULL, CONSTRAINT schema_version_pkc PRIMARY KEY (version_num))"
        )
        for step in OLDER[: OLDER.index(revision) + 1]:
            greenroom.execute(sql(f"older/{step}"))
            if step == OLDER[0]:
                greenroom.execute(sql("extras"))
                greenroom.execute(sql("rows"))
        greenroom.execute("INSERT INTO greenroom.schema_version VALUES (%s)", (revision,))
