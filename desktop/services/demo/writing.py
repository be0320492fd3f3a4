"""The demo into an empty database: COPY, table by table in the order of the foreign keys, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import bcrypt

from desktop import errors
from desktop.services.accounts import passwords
from desktop.services.demo import building, copying, pouring, rows
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


def fill(
    database: Database, today: date, progress: Progress | None = None, registrations: int | None = None
) -> DemoSummary:
    """Write the demo around ``today`` into a migrated database without events and users. With ``registrations`` there
    are that many in all, more than there would be: the rest of them come to the fair.

    The same ``today`` gives the same rows, except for the hash of `DEMO_PASSWORD`, which is salted. Takes some
    seconds, a million registrations minutes; ``progress`` hears of rows written, and what it raises comes out of here
    with nothing written. Locks ``users`` and ``events``, so that the second of two demos waits for the first and is
    then refused. Raises `RuleViolation` when the database is in use, `Busy`, `DatabaseDown`.
    """
    with database.transaction() as tx:
        _require_empty(tx)
    _tell(progress, "Inventing people", 0, 1)
    large = None if registrations is None else building.build_fair(today, registrations)
    demo = building.build(today, large)
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
    total = sum(len(content) for *_, content in tables) + (large.visitors if large else 0)
    with database.transaction() as tx:
        tx.execute("SET LOCAL lock_timeout = '30s'")
        tx.execute("LOCK TABLE users, events IN SHARE ROW EXCLUSIVE MODE")
        _require_empty(tx)
        done = 0
        for what, table, kind, content in tables:
            _tell(progress, f"Writing {len(content):,} {what}", done, total)
            copying.copy(tx, table, kind, content)
            done += len(content)
        if large is not None:
            before = done
            pouring.pour(tx, large, lambda what, poured: _tell(progress, what, before + poured, total))
        _give_roles(tx)
        tx.execute("REFRESH MATERIALIZED VIEW package_capacity_status")
        tx.execute("ANALYZE users, packages, orders, event_registrations, check_ins, admin_logs")
    if large is not None:
        _tell(progress, "Tidying up", total, total)
        pouring.tidy(database)
    _tell(progress, "The demo is ready", total, total)
    return DemoSummary(*(len(content) for *_, content in tables))


def _tell(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)


def _require_empty(tx: Transaction) -> None:
    if tx.value("SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM events)"):
        raise errors.RuleViolation(
            "This database already holds events or accounts, so the demo is not written into it. "
            "Name an empty database for the demo."
        )


def _give_roles(tx: Transaction) -> None:
    tx.execute(
        "INSERT INTO user_roles (user_id, role_id) SELECT :user, id FROM roles WHERE name = :role",
        [{"user": account.id, "role": account.role} for account in STAFF],
    )
