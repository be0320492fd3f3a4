"""The demo into an empty database: COPY, table by table in the order of the foreign keys, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import bcrypt
from psycopg import sql

from desktop import errors
from desktop.services.accounts import passwords
from desktop.services.demo import building, rows
from desktop.services.demo.staff import ASHA, DEMO_PASSWORD, STAFF

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop.db.session import Database, Transaction


Progress = Callable[[str, int, int], None]
"""``progress(stage, done, total)`` in rows; called in the thread of `fill`."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """How many rows of each kind the demo wrote."""

    users: int
    events: int
    packages: int
    orders: int
    registrations: int
    check_ins: int
    posts: int
    messages: int
    subscribers: int
    log_entries: int


def is_filled(database: Database) -> bool:
    """Whether this database holds the demo. Raises `DatabaseDown`, `DatabaseRefused`."""
    with database.transaction() as tx:
        return bool(tx.value("SELECT EXISTS (SELECT FROM users WHERE id = :asha)", {"asha": ASHA.id}))


def fill(database: Database, today: date, progress: Progress | None = None) -> DemoSummary:
    """Write the demo around ``today`` into a migrated database without events and users.

    The same ``today`` gives the same rows, except for the hash of `DEMO_PASSWORD`, which is salted. Takes some
    seconds; ``progress`` hears of rows written. Locks ``users`` and ``events``, so that the second of two demos
    waits for the first and is then refused. Raises `RuleViolation` when the database is in use, `Busy`, `DatabaseDown`.
    """
    with database.transaction() as tx:
        _require_empty(tx)
    if progress is not None:
        progress("Inventing people", 0, 1)
    demo = building.build(today)
    hashed = bcrypt.hashpw(DEMO_PASSWORD.encode(), bcrypt.gensalt(passwords.COST)).decode()
    staff = {account.id for account in STAFF}
    users = [replace(user, password_hash=hashed) if user.id in staff else user for user in demo.users]
    tables: tuple[tuple[str, str, type[Any], Sequence[Any]], ...] = (
        ("accounts", "users", rows.User, users),
        ("events", "events", rows.Event, demo.events),
        ("packages", "packages", rows.Package, demo.packages),
        ("orders", "orders", rows.Order, demo.orders),
        ("registrations", "event_registrations", rows.Registration, demo.registrations),
        ("check-ins", "check_ins", rows.CheckIn, demo.check_ins),
        ("posts", "blogs", rows.Post, demo.posts),
        ("messages", "contacts", rows.Message, demo.messages),
        ("newsletter readers", "newsletter_subscriptions", rows.Subscriber, demo.subscribers),
        ("log entries", "admin_logs", rows.LogEntry, demo.log),
    )
    total = sum(len(content) for *_, content in tables)
    with database.transaction() as tx:
        tx.execute("SET LOCAL lock_timeout = '30s'")
        tx.execute("LOCK TABLE users, events IN SHARE ROW EXCLUSIVE MODE")
        _require_empty(tx)
        done = 0
        for what, table, kind, content in tables:
            if progress is not None:
                progress(f"Writing {len(content):,} {what}", done, total)
            _copy(tx, table, kind, content)
            done += len(content)
        _give_roles(tx)
        tx.execute("REFRESH MATERIALIZED VIEW package_capacity_status")
        tx.execute("ANALYZE users, packages, orders, event_registrations, check_ins, admin_logs")
    if progress is not None:
        progress("The demo is ready", total, total)
    return DemoSummary(*(len(content) for *_, content in tables))


def _require_empty(tx: Transaction) -> None:
    if tx.value("SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM events)"):
        raise errors.RuleViolation(
            "This database already holds events or accounts, so the demo is not written into it. "
            "Name an empty database for the demo."
        )


def _copy(tx: Transaction, table: str, kind: type[Any], content: Sequence[Any]) -> None:
    columns = [field.name for field in fields(kind)]
    values = attrgetter(*columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in content:
            copy.write_row(values(row))


def _give_roles(tx: Transaction) -> None:
    tx.execute(
        "INSERT INTO user_roles (user_id, role_id) SELECT :user, id FROM roles WHERE name = :role",
        [{"user": account.id, "role": account.role} for account in STAFF],
    )
