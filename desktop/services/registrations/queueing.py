"""Coming back into a waitlist at the place of before, without a long transaction: `greenroom.make_way`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.db.session import Acting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.db.session import Database

STEP = 1000
"""Places that are renumbered in one transaction; the package's seats are locked meanwhile."""


def placed(
    rows: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], dict[str, list[int]]]:
    """The rows of an undo with the positions they will have once all are back, and these by package.

    They come back one after the other, each at the place it had: who comes in before others moves them on.
    """
    returning: dict[str, list[tuple[dict[str, Any], str, int]]] = {}
    result: list[Mapping[str, Any]] = []
    for row in rows:
        undo = dict(row["undo"])
        result.append({**row, "undo": undo})
        before = undo["before"]
        if before["status"] == "waitlisted":
            name, place = "position", before["place"]
        else:
            name, place = "promoted_position", undo["promoted"] and undo["promoted_place"]
        if place is None:
            continue
        ahead = returning.setdefault(before["package"], [])
        ahead[:] = [(who, key, at + (at >= place)) for who, key, at in ahead]
        ahead.append((undo, name, place))
    for queue in returning.values():
        for who, key, at in queue:
            who[key] = at
    return result, {package: sorted(at for _, _, at in queue) for package, queue in returning.items()}


def make_way(database: Database, may: Acting, ways: Mapping[str, Sequence[int]]) -> None:
    """Leave these places of the packages' waitlists free, in transactions of 50 ms at most. Where that does not work,
    the undo does it itself. Raises `NotAllowed`, `AccountClosed`."""
    sql = (
        f"SELECT CASE WHEN {Acting.ID} IS NOT NULL"
        " THEN greenroom.make_way(CAST(:package AS uuid), CAST(:places AS int[]), :most) END AS moved"
    )
    with suppress(errors.Unavailable):
        for package, places in ways.items():
            values = {"package": package, "places": list(places), "most": STEP}
            while database.once(sql, values, may)[0].moved >= STEP:
                pass
