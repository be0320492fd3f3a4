"""The database a command works with: the one that was named, else the local server's."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from desktop import settings
from desktop.cli import terminal
from desktop.db import embedded
from desktop.db.session import Database
from desktop.services import opening

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

LOCAL = "greenroom"


@contextmanager
def ready(arguments: argparse.Namespace) -> Iterator[Database]:
    """A database of this program's schema. The local one is made and upgraded as needed, and its server stopped
    behind the last user. Raises `SchemaOlder` for somebody else's that is not upgraded yet, `SchemaNewer`,
    `InvalidField`, `Unavailable`."""
    address = settings.read(arguments.database).database
    found = opening.open_remote(address) if address else opening.open_local(say=terminal.note)
    with closing(found):
        yield found.database


@contextmanager
def as_it_is(arguments: argparse.Namespace) -> Iterator[Database]:
    """The same database, whatever its schema is; a local one that is missing is made, empty."""
    with ExitStack() as stack:
        address = settings.read(arguments.database).database
        if address is None:
            server = stack.enter_context(embedded.start())
            server.ensure_database(LOCAL)
            address = server.url(LOCAL)
        yield stack.enter_context(closing(Database(address)))
