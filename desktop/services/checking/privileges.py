"""What the connected account may not do and would have to, and what the group roles may do and must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db import roles, roles_checked
from desktop.db.findings import LISTED
from desktop.services.checking.model import Finding, Row, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.db.session import Transaction

REMEDY = "“greenroom db roles --plan” prints the SQL, “greenroom db roles” runs it where the account may."


def privileges(tx: Transaction) -> Subject:
    """The account's own privileges, measured against its groups' (or all of them, for an account in none), and the
    groups' grants in this database against the program's table."""
    groups = roles.granted_here(tx)
    account = tx.value("SELECT current_user")
    found = [
        _finding(
            "privilege_missing",
            Severity.WRONG,
            f"The account “{account}” lacks privileges its work needs",
            "Parts of Greenroom are refused to it. Put it into a group role, or ask the database's owner: "
            + REMEDY,
            [(privilege, privilege) for privilege in roles_checked.lacking(tx)],
        ),
        _finding(
            "privilege_too_much",
            Severity.WRONG if groups else Severity.NOTE,
            "Staff may do what nobody should",
            "The SQL beside each takes it away; it is the owner's to decide, because the website may live by it.",
            [
                (excess.sql, f"{excess.sentence.removesuffix('.')}: {excess.sql}")
                for excess in roles_checked.excesses(tx)
            ],
        ),
    ]
    if groups:
        found.append(
            _finding(
                "group_grants",
                Severity.WRONG,
                "The group roles are not granted exactly what this program's table says",
                REMEDY,
                [(statement, statement) for statement in roles.statements(tx)],
            )
        )
    looked = tuple(finding for finding in found if finding is not None)
    return Subject("privileges", "Privileges", 1 + len(groups), "roles", looked)


def _finding(
    kind: str, severity: Severity, sentence: str, remedy: str, things: Sequence[tuple[str, str]]
) -> Finding | None:
    if not things:
        return None
    rows = tuple(Row(name, said) for name, said in things[:LISTED])
    return Finding(kind, severity, sentence, remedy, count=len(things), rows=rows)
