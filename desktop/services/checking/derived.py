"""What is derived from other rows, and therefore can be mended: seat counters, lists of packages, waitlists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.checking import asking
from desktop.services.checking.asking import Question
from desktop.services.checking.model import Severity

if TYPE_CHECKING:
    from desktop.db.session import Transaction
    from desktop.services.checking.model import Subject

REMEDY = "“greenroom db check --repair” mends this."

SEATS = Question(
    kind="seat_counter",
    severity=Severity.WRONG,
    one="One package's seat counter does not say what a recount says",
    many="{count} packages' seat counters do not say what a recount says",
    remedy=f"{REMEDY} While a counter says too little, more people than seats can be taken.",
    sql="""
SELECT coalesce(p.id, s.package_id) AS id,
       coalesce(greenroom.package_title(p.id), 'a package that is gone') || ': '
       || CASE WHEN p.id IS NULL THEN 'its seat counter is still there'
               WHEN s.package_id IS NULL THEN 'there is no seat counter'
               WHEN s.held <> coalesce(r.held, 0)
               THEN format('the counter says %s seats are held, and %s are', s.held, coalesce(r.held, 0))
               ELSE format('the counter knows a capacity of %s, and the package has %s',
                           coalesce(s.capacity::text, 'no limit'), coalesce(p.capacity::text, 'no limit'))
          END AS what
  FROM packages p
  FULL JOIN package_seats s ON s.package_id = p.id
  LEFT JOIN (SELECT package_id, count(*) AS held FROM event_registrations
              WHERE status IN ('registered', 'attended') GROUP BY package_id) r ON r.package_id = p.id
 WHERE p.id IS NULL OR s.package_id IS NULL OR s.held <> coalesce(r.held, 0)
    OR s.capacity IS DISTINCT FROM p.capacity
""".strip(),
    repairable=True,
)
"""Every package's counter (ruling 8) against the registrations that hold a seat (ruling 7)."""

LISTS_OF_PACKAGES = Question(
    kind="packages_ids",
    severity=Severity.WRONG,
    one="One event's packages_ids does not list the event's packages",
    many="The packages_ids of {count} events do not list the events' packages",
    remedy=f"{REMEDY} The website may show too few packages, or somebody else's.",
    sql="""
SELECT e.id,
       '“' || coalesce(e.title, 'an untitled event') || '”: '
       || CASE WHEN cardinality(e.packages_ids) <> listed.different
               THEN 'packages_ids lists a package twice'
               WHEN listed.right_ones < listed.different
               THEN format('packages_ids lists %s packages that are not of this event',
                           listed.different - listed.right_ones)
               ELSE format('packages_ids lacks %s of the event''s %s packages',
                           own.packages - listed.right_ones, own.packages)
          END AS what
  FROM events e
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT i.id) AS different, count(DISTINCT p.id) AS right_ones
      FROM unnest(e.packages_ids) AS i(id) LEFT JOIN packages p ON p.id = i.id AND p.event_id = e.id) listed
  LEFT JOIN (SELECT event_id, count(*) AS packages FROM packages GROUP BY event_id) counted ON counted.event_id = e.id
  CROSS JOIN LATERAL (SELECT coalesce(counted.packages, 0) AS packages) own
 WHERE cardinality(e.packages_ids) <> listed.different OR listed.right_ones < listed.different
    OR listed.right_ones < own.packages
""".strip(),
    repairable=True,
)
"""Every event's ``packages_ids`` against its packages (ruling 22); the order means nothing."""

WAITLISTS = Question(
    kind="waitlist_positions",
    severity=Severity.WRONG,
    one="The places of one waitlist do not go from 1 to n",
    many="The places of {count} waitlists do not go from 1 to n",
    remedy=f"{REMEDY} So does the next change of that waitlist; the order of the people is clear meanwhile.",
    sql="""
SELECT w.package_id AS id,
       coalesce(greenroom.package_title(w.package_id), 'a package that is gone') || ': '
       || CASE WHEN w.placed < w.waiting
               THEN format('%s of %s waiting people have no place', w.waiting - w.placed, w.waiting)
               WHEN w.places < w.placed THEN format('some of the %s waiting people share a place', w.waiting)
               ELSE format('the places of the %s waiting people have gaps: they go from %s to %s',
                           w.waiting, w.first, w.last)
          END AS what
  FROM (SELECT r.package_id, count(*) AS waiting, count(r.waitlist_position) AS placed,
               count(DISTINCT r.waitlist_position) AS places,
               min(r.waitlist_position) AS first, max(r.waitlist_position) AS last
          FROM event_registrations r WHERE r.status = 'waitlisted' GROUP BY r.package_id) w
 WHERE w.placed < w.waiting OR w.places < w.placed OR w.first <> 1 OR w.last <> w.waiting
""".strip(),
    repairable=True,
)
"""Every waitlist's places, which at rest are 1..n (ruling 10)."""


def seats(tx: Transaction) -> Subject:
    """The seat counters, recounted."""
    return asking.subject(
        tx, "seats", "Seats of packages", "SELECT count(*) FROM packages", "packages", (SEATS,)
    )


def lists_of_packages(tx: Transaction) -> Subject:
    """The lists of packages, compared with the packages."""
    return asking.subject(
        tx,
        "packages_ids",
        "Lists of packages of events",
        "SELECT count(*) FROM events",
        "events",
        (LISTS_OF_PACKAGES,),
    )


def waitlists(tx: Transaction) -> Subject:
    """The places of everybody who waits."""
    return asking.subject(
        tx,
        "waitlists",
        "Waitlists",
        "SELECT count(DISTINCT package_id) FROM event_registrations WHERE status = 'waitlisted'",
        "waitlists",
        (WAITLISTS,),
    )
