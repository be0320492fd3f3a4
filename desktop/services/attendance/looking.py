"""What the door would say now, without asking it: `deciding.decide` on what the database holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from desktop.services import deciding
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database

FACTS = """
    SELECT r.event_id, r.package_id, r.status, o.payment_status,
           e.title, e.status AS event_status, e.deleted_at IS NOT NULL AS deleted,
           e.deleted_at IS NOT NULL OR (e.status = 'published') IS NOT TRUE OR NOT p.is_active OR coalesce(
             coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()), false) AS closed,
           coalesce(e.payment_required, false) AND p.price > 0 AS needed,
           coalesce(due.amount_paid, p.price) AS amount,
           coalesce(due.currency, greenroom.currency_of(p.id)) AS currency,
           s.capacity IS NULL OR s.held < s.capacity AS free,
           EXISTS (SELECT FROM event_registrations w
                    WHERE w.package_id = r.package_id AND w.status = 'waitlisted') AS waiting,
           CASE WHEN r.status = 'waitlisted' THEN (
             SELECT count(*) FROM event_registrations w
              WHERE w.package_id = r.package_id AND w.status = 'waitlisted'
                AND (coalesce(w.waitlist_position, 2147483647), w.registered_at, w.id)
                    <= (coalesce(r.waitlist_position, 2147483647), r.registered_at, r.id)) END AS place
      FROM event_registrations r JOIN events e ON e.id = r.event_id JOIN packages p ON p.id = r.package_id
      LEFT JOIN package_seats s ON s.package_id = p.id LEFT JOIN orders o ON o.id = r.order_id
      LEFT JOIN orders due ON due.id = r.order_id AND due.package_id = p.id AND due.payment_status = 'pending'
     WHERE r.id = :id
    """

ENTRIES = """
    SELECT c.action, c.verdict, c.decision, c.station, c.decided_at, c.staff_id FROM check_ins c
     WHERE c.registration_id = :id ORDER BY c.recorded_at DESC, c.sequence DESC NULLS LAST
    """


def look(
    database: Database,
    actor: Actor,
    registration_id: UUID,
    *,
    event_id: UUID | None = None,
    action: deciding.Action = "admit",
    decision: str = "asked",
    only_own: bool = True,
) -> deciding.Verdict:
    """The verdict the door would give now; nothing is written and nothing locked, so it may be another by the time
    somebody asks. Names no staff: the door's database role does not read accounts. Raises `NotAllowed`."""
    with database.transaction(acting(actor, Operation.SEE_REGISTRATIONS)) as tx:
        row = tx.row(FACTS, {"id": registration_id})
        entries = tx.rows(ENTRIES, {"id": registration_id})
    question = deciding.Question(action, actor.id, event_id, decision, only_own)
    if row is None:
        nothing = deciding.Payment(needed=False, status=None, amount=Decimal(0), currency="")
        return deciding.decide(None, nothing, deciding.Event(""), deciding.Ledger(), question)
    return deciding.decide(
        deciding.Registration(row.event_id, row.status, row.place, row.free, row.waiting),
        deciding.Payment(row.needed, row.payment_status, row.amount, row.currency),
        deciding.Event(row.title, row.event_status, row.deleted, row.closed),
        ledger(entries),
        question,
    )


def ledger(entries: list[sa.Row[Any]]) -> deciding.Ledger:
    """What the ledger's entries about one registration, newest first, say of it."""
    released = False
    for entry in entries:
        if entry.verdict == "released":
            released = True
        by_itself = entry.decision == "admitted" and entry.verdict in deciding.INSIDE
        if (
            entry.verdict in {"admitted", "undone", "no_show", "admitted_over_capacity", "revoked"}
            or by_itself
        ):
            last = deciding.Entry(
                entry.action, entry.verdict, entry.station, entry.decided_at, entry.staff_id
            )
            return deciding.Ledger(last, released)
    return deciding.Ledger(None, released)
