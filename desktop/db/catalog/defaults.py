"""When two defaults put the same into a column."""

from __future__ import annotations

import re

from desktop.db.catalog import expressions

NOW = frozenset(
    {
        "(call now)",
        "(call transaction_timestamp)",
        "(call statement_timestamp)",
        "(call clock_timestamp)",
        "(name current_timestamp)",
        "(name localtimestamp)",
    }
)
UTC = frozenset({"'utc'", "'etc/utc'", "'gmt'", "'z'"})
RANDOM_IDS = frozenset({"gen_random_uuid", "uuid_generate_v4", "uuidv4"})


def is_present(expression: str) -> bool:
    """True for the present time as a column that holds UTC is given it, by a session whose zone is UTC (ruling 5)."""
    try:
        node = expressions.parsed(expression)
    except expressions.NotUnderstood:
        return False
    while (
        node[0] == "cast"
        and node[1] in {"timestamp", "timestamp without time zone"}
        and isinstance(node[2], tuple)
    ):
        node = node[2]
    if node[:2] == ("call", "timezone") and len(node) == 4 and isinstance(node[2], tuple):
        zone, moment = node[2], node[3]
        return zone[0] == "constant" and str(zone[1]).lower() in UTC and expressions.written(moment) in NOW
    return expressions.written(node) in NOW


def same_default(actual: str | None, wanted: str | None) -> bool:
    """True when a column filled by ``actual`` holds what ``wanted`` would have put there."""
    if actual is None or wanted is None:
        return actual == wanted
    return canonical_default(actual, wanted) == expressions.canonical(wanted)


def canonical_default(actual: str, wanted: str | None) -> str:
    """``actual`` in the words of ``wanted`` where both mean the same, else in its own."""
    mine, theirs = expressions.canonical(actual), expressions.canonical(wanted or "NULL")
    if theirs in NOW and is_present(actual):
        return theirs
    if _is_random_id(mine) and _is_random_id(theirs):
        return theirs
    return mine


def _is_random_id(default: str) -> bool:
    called = re.fullmatch(r"\(call (?:[\w\"]+\.)?(\w+)\)", default)
    return called is not None and called[1] in RANDOM_IDS
