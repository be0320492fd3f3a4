"""``docs/rulings.md``: each ruling, where it lives, and the tests that name it in their docstring."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"[Rr]ulings?\s+((?:\d+)(?:(?:,\s*|\s+and\s+|,\s+and\s+)\d+)*)")

RULINGS: dict[int, tuple[str, str]] = {
    1: (
        "Everything of the specification exists",
        "migrations/versions/0001_specification.sql migrations/versions/0002_specified_indexes.sql"
        " migrations/versions/0003_specified_triggers.sql desktop/db/catalog",
    ),
    2: ("Additive only: the website keeps working", "migrations/versions/0013_guards.sql tests/guards"),
    3: (
        "Any database is brought to one schema, or nothing changes",
        "desktop/db/upgrade.py desktop/db/survey",
    ),
    4: ("PostgreSQL 14 or newer, without extensions", "migrations/versions desktop/db/embedded.py"),
    5: (
        "UTC without zone in the database, named zones for people",
        "desktop/db/pooling.py desktop/services/times.py",
    ),
    6: (
        "updated_at by trigger; published_at is the first",
        "migrations/versions/0003_specified_triggers.sql migrations/versions/0015_events.sql",
    ),
    7: ("A seat is held by registered and attended", "migrations/versions/0006_seats.sql"),
    8: (
        "Nobody oversells, whoever writes",
        "migrations/versions/0006_seats.sql migrations/versions/0013_guards.sql",
    ),
    9: ("Overbooking is raising the capacity", "desktop/services/packages"),
    10: (
        "The waitlist's order, 1..n at rest",
        "migrations/versions/0018_waitlist.sql desktop/services/waitlist",
    ),
    11: (
        "A freed seat promotes; a no-show does not by itself",
        "migrations/versions/0018_promoting.sql migrations/versions/0019_ending.sql",
    ),
    12: (
        "Registering again revives the row",
        "migrations/versions/0018_operations.sql migrations/versions/0017_registrations.sql",
    ),
    13: ("Addresses are compared without case", "desktop/services/registering.py"),
    14: ("The transitions, and no other", "desktop/services/transitions.py"),
    15: (
        "Deadlines bind the public; closed events take nobody",
        "migrations/versions/0009_operations_shared.sql",
    ),
    16: (
        "The attendance ledger is append-only",
        "migrations/versions/0007_ledgers.sql migrations/versions/0019_operating.sql desktop/services/deciding.py",
    ),
    17: ("Whoever holds a seat that costs has an order", "migrations/versions/0020_orders.sql"),
    18: ("Guests have accounts; orders are never deleted", "desktop/services/orders"),
    19: ("Used packages are retired, unused ones deleted", "desktop/services/packages"),
    20: ("Events are deleted softly", "desktop/services/events"),
    21: ("Slugs are unique and readable", "desktop/services/slugs.py"),
    22: ("packages_ids is written by triggers", "migrations/versions/0003_specified_triggers.sql"),
    23: (
        "The log cannot be changed, and misses nothing",
        "migrations/versions/0007_ledgers.sql desktop/services/actions.py tests/watching.py",
    ),
    24: (
        "Staff are users with a role; rights are read each time",
        "desktop/services/permissions.py migrations/versions/0014_rights.sql migrations/versions/0021_staff.sql",
    ),
    25: (
        "Passwords",
        "desktop/services/accounts migrations/versions/0011_accounts.sql migrations/versions/0021_passwords.sql",
    ),
    26: ("What is never shown", "desktop/db/translating.py desktop/db/privileges.py"),
    27: ("Exports carry no formulas", "desktop/services/sheets.py"),
    28: ("Indexes the specification forgot", "migrations/versions/0008_missing_indexes.sql"),
    29: ("Events and users are never deleted for good", "desktop/db/privileges.py"),
}
"""What each says in short, and the files and folders where it is kept."""

HEAD = """# Where each ruling lives, and what fails when it is broken

Made by `make documents`; the rulings themselves are in the design documents. A test belongs to a ruling when its
docstring names it.
"""


def tests() -> dict[int, list[str]]:
    """Ruling → the tests that name it, as ``file::test``."""
    found: dict[int, list[str]] = {number: [] for number in RULINGS}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in _named(ast.get_docstring(node) or ""):
                    found.setdefault(number, []).append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def _named(docstring: str) -> list[int]:
    return [int(number) for named in NAMED.findall(docstring) for number in re.findall(r"\d+", named)]


def render() -> str:
    """The document."""
    parts = [HEAD]
    by_ruling = tests()
    for number, (title, where) in RULINGS.items():
        parts.append(f"## {number}. {title}\n")
        parts.append("Lives in " + ", ".join(f"`{place}`" for place in where.split()) + ".\n")
        parts.append("\n".join(f"- `{test}`" for test in by_ruling[number]) + "\n")
    return "\n".join(parts)
