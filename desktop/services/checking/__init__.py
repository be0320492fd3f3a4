"""Looking a database over: what it is, whether it is as this program needs it, and whether what it keeps count of
is right. ``docs/db-check.md`` lists everything that can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db import schema
from desktop.services.checking import (
    asking,
    connection,
    derived,
    drift,
    guards,
    kept,
    privileges,
    references,
    rules,
)
from desktop.services.checking.model import Finding, Report, Severity, Subject

if TYPE_CHECKING:
    from desktop.db.session import Database, Transaction


def check(database: Database) -> Report:
    """Look the database over; nothing is locked or changed, and everything is seen at one moment: one REPEATABLE
    READ snapshot, which nobody waits for.

    Takes about three seconds for a million registrations. Raises `SchemaNewer` when the database is ahead of this
    program, `DatabaseDown`, `DatabaseRefused`.
    """
    schema.is_current(database)
    _ = database.pooling  # found out with two connections, so before one is held
    with database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tx.execute(asking.PATIENT)
        tx.execute("SET LOCAL row_security = off")  # an error instead of too few rows
        server = str(tx.value("SHOW server_version")).split(" ")[0]
        found, wanted = _schema(tx), schema.newest()
        subjects = [connection.connection(database, tx)]
        if found != wanted:
            subjects.append(_older(found, wanted))
        else:
            subjects += _everything(tx)
    return Report(server, found, wanted, tuple(subjects))


def _schema(tx: Transaction) -> str | None:
    if tx.value("SELECT to_regclass('greenroom.schema_version')") is None:
        return None
    found = tx.value("SELECT version_num FROM greenroom.schema_version")
    return None if found is None else str(found)


def _older(found: str | None, wanted: str) -> Subject:
    has = f"The database has schema {found}" if found else "The database has no schema of Greenroom's"
    return Subject(
        "schema",
        "Schema",
        1,
        "revisions",
        (
            Finding(
                kind="schema_older",
                severity=Severity.WRONG,
                sentence=f"{has}, and this program needs {wanted}",
                remedy="Run “greenroom db upgrade”; with “--plan” it only says what it would do. "
                "Everything else is looked at afterwards.",
            ),
        ),
    )


def _everything(tx: Transaction) -> list[Subject]:
    looks = (
        ("schema", "Schema", drift.drift),
        ("guards", "Ways round the guards", guards.guards),
        ("privileges", "Privileges", privileges.privileges),
        ("seats", "Seats of packages", derived.seats),
        ("packages_ids", "Lists of packages of events", derived.lists_of_packages),
        ("waitlists", "Waitlists", derived.waitlists),
        ("references", "References between rows", references.references),
        ("rules", "Rows against the rules", rules.forbidden),
        ("kept", "Kept as others wrote it", kept.kept),
        ("times", "Times in UTC", kept.times),
    )
    return [asking.where_possible(tx, name, title, look) for name, title, look in looks]
