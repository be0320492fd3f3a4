"""Lists as files other programs open, without formulas in them (ruling 27) and without secrets (ruling 26)."""

from __future__ import annotations

import csv
from contextlib import suppress
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services.grid import Cancellation
from desktop.services.lists import registrations
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database
    from desktop.services.grid import Order

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that a spreadsheet would work out instead of show."""

STEP = 1000
REGISTRATIONS = ("Name", "E-mail", "Package", "Status", "Waitlist", "Payment", "Registered")


def neutral(cell: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would take for a formula (ruling 27)."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def export_registrations(
    database: Database,
    actor: Actor,
    event_id: UUID,
    zone: ZoneInfo,
    order: Order,
    where: registrations.Where,
    path: Path,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> int:
    """Write the registrations the filter shows, in this order, to ``path`` as CSV; how many. Times are in the event's
    zone. The file is UTF-8 with a mark that Excel knows, and is there whole or not at all.

    Raises `NotAllowed`, `InvalidField` where the file cannot be written, `DatabaseDown`.
    """
    with database.transaction(acting(actor, Operation.EXPORT)):
        pass
    grid = registrations.grid(database, actor, event_id, zone)
    asking = Cancellation()
    skeleton = grid.skeleton(order, where, asking)
    ids = [skeleton[at : at + 16] for at in range(0, len(skeleton), 16)]

    def rows() -> Iterator[Sequence[str]]:
        for start in range(0, len(ids), STEP):
            progress(start, len(ids))
            for row in grid.rows(ids[start : start + STEP], asking):
                place = "" if row.waitlist_position is None else str(row.waitlist_position)
                yield (
                    row.name,
                    row.email,
                    row.package,
                    row.status,
                    place,
                    row.payment,
                    row.registered_in_full,
                )
        progress(len(ids), len(ids))

    return _write(path, REGISTRATIONS, rows())


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    written = 0
    beside = path.with_name(f"{path.name}.part")
    try:
        try:
            with beside.open("w", encoding="utf-8-sig", newline="") as file:
                sheet = csv.writer(file)
                sheet.writerow(header)
                for row in rows:
                    sheet.writerow([neutral(cell) for cell in row])
                    written += 1
            beside.replace(path)
        except OSError as error:
            raise errors.InvalidField(
                "path", f"“{path}” cannot be written ({error.strerror}). Choose a folder you may write to."
            ) from error
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    return written
