"""Rows that the rulings forbid, and rows others wrote in a way of their own.

*Wrong* is what Greenroom or the website would act on wrongly. What does no harm, or what a ruling keeps or heals,
is a *note*: it was there before Greenroom, or the website writes it, and it stays. Nobody is named: a report may
be pasted anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.checking import asking
from desktop.services.checking.asking import Question
from desktop.services.checking.model import Severity, Subject

if TYPE_CHECKING:
    from desktop.db.session import Transaction

OF_PACKAGE = "coalesce(greenroom.package_title(r.package_id), 'a package that is gone')"

WRONG = (
    Question(
        kind="registration_of_other_event",
        severity=Severity.WRONG,
        one="One registration names another event than its package does",
        many="{count} registrations name another event than their package does",
        remedy="The lists and the door go by the event, the seats by the package. Decide which is right, and set "
        "event_id or package_id.",
        sql=f"""
SELECT r.id, {OF_PACKAGE} || ': '
       || CASE WHEN p.event_id IS NULL THEN 'the package belongs to no event'
               ELSE 'the registration is for “' || coalesce(e.title, 'an untitled event') || '”' END AS what
  FROM event_registrations r
  JOIN packages p ON p.id = r.package_id
  LEFT JOIN events e ON e.id = r.event_id
 WHERE p.event_id IS DISTINCT FROM r.event_id
""".strip(),
    ),
    Question(
        kind="negative_capacity",
        severity=Severity.WRONG,
        one="One package has a capacity below zero",
        many="{count} packages have a capacity below zero",
        remedy="Nobody can be registered for it. Set the capacity to NULL if it was meant to say “no limit”.",
        sql="""
SELECT p.id, greenroom.package_title(p.id) || format(': a capacity of %s', p.capacity) AS what
  FROM packages p WHERE p.capacity < 0
""".strip(),
    ),
)

NOTES = (
    Question(
        kind="seat_without_order",
        severity=Severity.NOTE,
        one="One package has people with a seat and without an order",
        many="{count} packages have people with a seat and without an order",
        remedy="Their events need payment; the door asks these people to pay.",
        sql="""
SELECT p.id,
       greenroom.package_title(p.id) || format(': %s people without an order for it', count(*)) AS what
  FROM event_registrations r
  JOIN packages p ON p.id = r.package_id AND p.price > 0
  JOIN events e ON e.id = p.event_id AND e.payment_required AND e.deleted_at IS NULL
  LEFT JOIN orders o ON o.id = r.order_id AND o.package_id = r.package_id
 WHERE r.status IN ('registered', 'attended') AND o.id IS NULL
 GROUP BY p.id
""".strip(),
    ),
    Question(
        kind="place_without_waiting",
        severity=Severity.NOTE,
        one="One registration has a place on the waitlist and is not waiting",
        many="{count} registrations have a place on the waitlist and are not waiting",
        remedy="Nothing reads it. A website that sets only the status leaves it behind.",
        sql=f"""
SELECT r.id, {OF_PACKAGE} || format(': %s, place %s', r.status, r.waitlist_position) AS what
  FROM event_registrations r WHERE r.status <> 'waitlisted' AND r.waitlist_position IS NOT NULL
""".strip(),
    ),
    Question(
        kind="cancelled_without_time",
        severity=Severity.NOTE,
        one="One registration is cancelled and does not say since when",
        many="{count} registrations are cancelled and do not say since when",
        remedy="Nothing depends on it. A website that sets only the status leaves cancelled_at empty.",
        sql=f"""
SELECT r.id, {OF_PACKAGE} || ': no cancelled_at' AS what
  FROM event_registrations r WHERE r.status = 'cancelled' AND r.cancelled_at IS NULL
""".strip(),
    ),
    Question(
        kind="time_without_cancellation",
        severity=Severity.NOTE,
        one="One registration has a time of cancellation and is not cancelled",
        many="{count} registrations have a time of cancellation and are not cancelled",
        remedy="The status counts. Whoever revived the registration left cancelled_at behind.",
        sql=f"""
SELECT r.id, {OF_PACKAGE} || ': ' || r.status || ', with a cancelled_at' AS what
  FROM event_registrations r WHERE r.status <> 'cancelled' AND r.cancelled_at IS NOT NULL
""".strip(),
    ),
    Question(
        kind="event_ends_before_start",
        severity=Severity.NOTE,
        one="One event ends before it starts",
        many="{count} events end before they start",
        remedy="Correct the times: a cancelled seat is not given on once an event is over.",
        sql="""
SELECT e.id, '“' || coalesce(e.title, 'an untitled event') || '”: from ' || e.start_time || ' to ' || e.end_time AS what
  FROM events e WHERE e.end_time < e.start_time AND e.deleted_at IS NULL
""".strip(),
    ),
    Question(
        kind="active_and_deactivated",
        severity=Severity.NOTE,
        one="One package is active and says when it was deactivated",
        many="{count} packages are active and say when they were deactivated",
        remedy="is_active counts; clear deactivated_at.",
        sql="""
SELECT p.id, coalesce(greenroom.package_title(p.id), '“' || p.name || '”') || ': active, with a deactivated_at' AS what
  FROM packages p WHERE p.is_active AND p.deactivated_at IS NOT NULL
""".strip(),
    ),
    Question(
        kind="half_archived_post",
        severity=Severity.NOTE,
        one="One blog post is archived by its status or by deleted_at, and not by both",
        many="{count} blog posts are archived by their status or by deleted_at, and not by both",
        remedy="Archiving sets both. Lists that look at one of them show such a post.",
        sql="""
SELECT b.id, '“' || coalesce(b.title, 'an untitled post') || '”: ' || b.status
       || CASE WHEN b.deleted_at IS NULL THEN ' without' ELSE ' with' END || ' a deleted_at' AS what
  FROM blogs b WHERE (b.status = 'archived') <> (b.deleted_at IS NOT NULL)
""".strip(),
    ),
    Question(
        kind="nobody_may_sign_in",
        severity=Severity.NOTE,
        one="No active account has the role admin",
        many="No active account has the role admin",
        remedy="Nobody can add staff in the window; “greenroom staff add NAME --email E --role admin” makes the first.",
        sql="""
SELECT NULL::uuid AS id, NULL AS what
 WHERE NOT EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id AND r.name = 'admin'
                     JOIN users u ON u.id = ur.user_id AND u.status = 'active')
""".strip(),
    ),
)


def forbidden(tx: Transaction) -> Subject:
    """Every rule, asked of all rows."""
    questions = (*WRONG, *NOTES)
    counted = f"SELECT {len(questions)}"
    return asking.subject(tx, "rules", "Rows against the rules", counted, "rules", questions)
