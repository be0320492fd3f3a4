"""Lists as files other programs open: in the order and through the filter they are shown, without secrets (ruling 26)
and without formulas (ruling 27). Who took which list, and how many rows of it, is in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.db.session import Acting
from desktop.services import sheets
from desktop.services.grid import WIDTH, Cancellation, QueryCancelled
from desktop.services.lists import audit, events, registrations
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database
    from desktop.services.grid import Grid, Order
    from desktop.services.registrations import RowResult

    Progress = Callable[[int, int], None]
    """Told how many of how many rows are written."""

STEP = 1000
"""Rows read at a time, each of them by its id: nothing is held for longer, and memory stays flat."""

REGISTRATIONS = ("Name", "E-mail", "Package", "Status", "Waitlist", "Payment", "Registered")
EVENTS = ("Event", "When", "Place", "Status", "Seats held", "Seats", "Waiting")
AUDIT = ("When", "Who", "Action", "What happened")
RESULTS = ("Person", "Result", "What happened")
LOGGED = f"""
INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
VALUES ({Acting.ID}, :action, coalesce((SELECT '“' || title || '”: ' FROM events WHERE id = :subject), '')
  || CAST(:description AS text), :subject, timezone('UTC', clock_timestamp()))
RETURNING id
"""
RESULT_WORDS = {"done": "done", "refused": "refused", "unknown": "not known", "left": "not tried"}


def export_registrations(
    database: Database,
    actor: Actor,
    event_id: UUID,
    zone: ZoneInfo,
    order: Order,
    where: registrations.Where,
    path: Path,
    progress: Progress = lambda _done, _of: None,
    asking: Cancellation | None = None,
    ids: bytes | None = None,
) -> int:
    """Write the registrations the filter shows, in this order, to ``path``; how many. With ``ids`` (16 bytes each)
    those instead, as they stand. Times are in the event's zone. CSV or XLSX by the name's ending; the file is there
    whole or not at all, and not without its line in the log: that is written when all rows are, and asks for the right
    once more.

    Raises `NotAllowed`, `InvalidField` where the file cannot be written, `DatabaseDown`, and `QueryCancelled` when
    ``asking`` was cancelled.
    """

    def cells(row: registrations.RegistrationRow) -> Sequence[str | int]:
        place = "" if row.waitlist_position is None else row.waitlist_position
        return (row.name, row.email, row.package, row.status, place, row.payment, row.registered_in_full)

    grid = registrations.grid(database, actor, event_id, zone)
    work = _Export(database, actor, asking or Cancellation(), progress, "registration.export", event_id)
    return work.write(path, ("Registrations", *REGISTRATIONS), grid, (order, where), ids, cells)


def export_events(
    database: Database,
    actor: Actor,
    zone: ZoneInfo,
    order: Order,
    where: events.Where,
    path: Path,
    progress: Progress = lambda _done, _of: None,
    asking: Cancellation | None = None,
    ids: bytes | None = None,
) -> int:
    """Write the events the filter shows, as `export_registrations` does; each event's times are in its own zone."""

    def cells(row: events.EventRow) -> Sequence[str | int]:
        seats = "" if row.capacity is None else row.capacity
        return (row.title, row.when_in_full, row.place, row.status, row.held, seats, row.waiting)

    grid = events.grid(database, actor, zone)
    work = _Export(database, actor, asking or Cancellation(), progress, "event.export")
    return work.write(path, ("Events", *EVENTS), grid, (order, where), ids, cells)


def export_audit(
    database: Database,
    actor: Actor,
    zone: ZoneInfo,
    order: Order,
    where: audit.Where,
    path: Path,
    progress: Progress = lambda _done, _of: None,
    asking: Cancellation | None = None,
    ids: bytes | None = None,
) -> int:
    """Write the entries of the log the search shows, as `export_registrations` does; times are in ``zone``."""

    def cells(row: audit.AuditRow) -> Sequence[str | int]:
        return (row.when_in_full, row.who, row.action_type, row.description)

    grid = audit.grid(database, actor, zone)
    work = _Export(database, actor, asking or Cancellation(), progress, "log.export")
    return work.write(path, ("Audit log", *AUDIT), grid, (order, where), ids, cells)


def export_results(rows: Iterable[RowResult], path: Path) -> int:
    """Write what became of each of many registrations (`Bulk`); how many. Raises `InvalidField`."""
    told = [(row.who, RESULT_WORDS[row.result], row.sentence) for row in rows]
    sheets.check(path, len(told))
    return sheets.write(path, "Results", RESULTS, told)


class _Export:
    """One export: who asks, how far it is, whether anybody still wants it, and what the log calls it. ``subject`` is
    the event whose list it is."""

    def __init__(
        self,
        database: Database,
        actor: Actor,
        asking: Cancellation,
        progress: Progress,
        action: str,
        subject: UUID | None = None,
    ) -> None:
        self._database = database
        self._acting = acting(actor, Operation.EXPORT)
        self._asking = asking
        self._progress = progress
        self._action = action
        self._subject = subject

    def write(
        self,
        path: Path,
        head: Sequence[str],
        grid: Grid[Any, Any],
        listed: tuple[Order, Any],
        ids: bytes | None,
        cells: Callable[[Any], Sequence[str | int]],
    ) -> int:
        """Write the rows of ``ids``, or else of the list; ``head`` is the title and the names of the columns."""
        with self._database.transaction(self._acting):
            pass
        wanted = grid.skeleton(*listed, self._asking) if ids is None else ids
        title, *header = head
        sheets.check(path, len(wanted) // WIDTH)
        kind = path.suffix[1:].upper()

        def log(written: int) -> None:
            self._log(
                f"{written:,} {'row' if written == 1 else 'rows'}{', chosen' if ids else ''}, as {kind}"
            )

        return sheets.write(path, title, header, self._rows(grid, wanted, cells), self._go_on, log)

    def _log(self, description: str) -> None:
        values = {"action": self._action, "description": description, "subject": self._subject}
        self._database.once(LOGGED, values, self._acting)

    def _rows(
        self, grid: Grid[Any, Any], ids: bytes, cells: Callable[[Any], Sequence[str | int]]
    ) -> Iterator[Sequence[str | int]]:
        total = len(ids) // WIDTH
        for start in range(0, total, STEP):
            self._progress(start, total)
            piece = ids[start * WIDTH : (start + STEP) * WIDTH]
            keys = [piece[at : at + WIDTH] for at in range(0, len(piece), WIDTH)]
            for row in grid.rows(keys, self._asking):
                yield cells(row)
        self._progress(total, total)

    def _go_on(self) -> None:
        if self._asking.cancelled:
            raise QueryCancelled
