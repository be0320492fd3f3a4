"""A file meets a package: who gets a seat, who waits, who was there already."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop.services import importing

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database
    from desktop.services.importing import ImportReport

BERLIN = ZoneInfo("Europe/Berlin")
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Shop:
    """A published event with one package, and the files that are brought to it."""

    database: Database
    actor: Actor
    folder: Path
    event: UUID
    package: UUID

    def file(self, rows: Rows, name: str = "people.csv", encoding: str = "utf-8") -> Path:
        header = list(dict.fromkeys(key for row in rows for key in row))
        path = self.folder / name
        with path.open("w", encoding=encoding, newline="") as out:
            writer = csv.DictWriter(out, header, restval="", delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def bring(self, rows: Rows | Path, **overrides: str) -> ImportReport:
        path = rows if isinstance(rows, Path) else self.file(rows)
        prepared = importing.plan_file(path, overrides, BERLIN)
        return importing.apply(self.database, self.actor, prepared, "summit", "pass")

    def look(self, rows: Rows) -> ImportReport:
        prepared = importing.plan_file(self.file(rows), None, BERLIN)
        return importing.preview(self.database, self.actor, prepared, "summit", "pass")

    def sql(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.rows(text, {"package": self.package, **parameters})]

    def change(self, text: str, **parameters: Any) -> None:
        with self.database.transaction() as tx:
            tx.execute(text, {"package": self.package, "event": self.event, **parameters})

    def empty(self) -> None:
        """Nobody there, nothing sold; the ledgers keep what they have."""
        self.change("DELETE FROM event_registrations WHERE package_id = :package")
        self.change("DELETE FROM orders WHERE package_id = :package")

    def people(self) -> list[tuple[str, str, int | None]]:
        """Address, status and place of everybody, in the order of the queue and then of addresses."""
        return self.sql(  # type: ignore[return-value]
            "SELECT attendee_email, status, waitlist_position FROM event_registrations"
            " WHERE package_id = :package ORDER BY waitlist_position NULLS FIRST, attendee_email"
        )

    def status(self, email: str) -> str:
        ((status,),) = self.sql(
            "SELECT status FROM event_registrations WHERE package_id = :package AND lower(attendee_email) = :email",
            email=email,
        )
        return str(status)

    def orders(self) -> list[tuple[Any, ...]]:
        return self.sql(
            "SELECT r.attendee_email, o.payment_status, o.amount_paid, o.currency, o.payment_gateway, o.payment_id"
            " FROM orders o JOIN event_registrations r ON r.order_id = o.id WHERE o.package_id = :package"
            " ORDER BY r.attendee_email"
        )

    def held(self) -> int:
        ((held, counted),) = self.sql(
            "SELECT s.held, (SELECT count(*) FROM event_registrations r WHERE r.package_id = :package"
            " AND r.status IN ('registered', 'attended')) FROM package_seats s WHERE s.package_id = :package"
        )
        assert held == counted
        return int(held)

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """All that an import may write, to see that nothing was written."""
        return [
            self.sql("SELECT to_jsonb(r)::text FROM event_registrations r ORDER BY id"),
            self.sql("SELECT to_jsonb(o)::text FROM orders o ORDER BY id"),
            self.sql("SELECT to_jsonb(u)::text FROM users u ORDER BY id"),
            self.sql("SELECT to_jsonb(c)::text FROM check_ins c ORDER BY id"),
            self.sql("SELECT to_jsonb(l)::text FROM admin_logs l ORDER BY id"),
            self.sql("SELECT to_jsonb(s)::text FROM package_seats s ORDER BY package_id"),
        ]

    def capacity(self, seats: int | None) -> None:
        self.change("UPDATE packages SET capacity = :seats WHERE id = :package", seats=seats)

    def payment_required(self, *, required: bool = True) -> None:
        self.change("UPDATE events SET payment_required = :required WHERE id = :event", required=required)

    @staticmethod
    def guests(*names: str, **cells: str) -> Rows:
        return [{"Email": f"{name}@example.org", "Name": name.title(), **cells} for name in names]

    @staticmethod
    def orders_list(*names: str, **cells: str) -> Rows:
        return [
            {
                "Order code": "RCE7Y",
                "Position ID": str(position),
                "Status": "paid",
                "Email": "buyer@example.org",
                "Attendee name": name.title(),
                "Attendee email": f"{name}@example.org",
                "Price": "49.00",
                "Payment providers": "Bank transfer",
                "Order date": "2026-10-16",
                "Order time": "15:38:20",
                **cells,
            }
            for position, name in enumerate(names, 1)
        ]

    @staticmethod
    def checkin_list(*names: str, **cells: str) -> Rows:
        return [
            {
                "Order code": "RCE7Y",
                "Attendee name": name.title(),
                "Price": "49.00",
                "Checked in": "2026-11-22 13:20",
                "Email": f"{name}@example.org",
                "Secret": "not for us",
                **cells,
            }
            for name in names
        ]


@pytest.fixture
def shop(database: Database, organizer: Actor, tmp_path: Path) -> Shop:
    """“Pass” of “Summit”: three seats at 49, nobody there yet."""
    event, package = uuid4(), uuid4()
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (id, created_by, title, slug, location, start_time, status, time_zone)"
            " VALUES (:event, :actor, 'Summit', 'summit', 'Berlin', timezone('UTC', now()) + interval '9 days',"
            " 'published', 'Europe/Berlin')",
            {"event": event, "actor": organizer.id},
        )
        tx.execute(
            "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id, capacity)"
            " VALUES (:package, 'Pass', 'pass', 49, 0, 'event', :event, 3)",
            {"package": package, "event": event},
        )
    return Shop(database, organizer, tmp_path, event, package)
