"""What a website's rows hold that Greenroom would not write, and takes as it is (ruling 3): kept, reported, and
healed where a ruling says how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.findings import Trouble
from desktop.db.survey import times
from desktop.db.survey.looking import look

if TYPE_CHECKING:
    import sqlalchemy as sa

    from desktop.db.catalog.model import Catalog
    from desktop.db.findings import Finding

PEOPLE = "public.event_registrations"

OVERBOOKED = Trouble(
    "overbooked",
    "public.packages",
    "More people hold a seat (registered or attended) than the package has seats.",
    """\
SELECT p.id, p.name, p.capacity, count(*) AS seats_held
  FROM public.packages AS p
  JOIN public.event_registrations AS r ON r.package_id = p.id
 WHERE r.status IN ('registered', 'attended')
 GROUP BY p.id, p.name, p.capacity HAVING count(*) > p.capacity
 ORDER BY 1""",
    "Nobody loses a seat. Nobody new gets one until fewer people hold one, or the capacity is raised.",
    refused=False,
)

TWINS = Trouble(
    "one person twice",
    PEOPLE,
    "People of one package whose addresses differ only by upper and lower case, or by spaces around them.",
    """\
SELECT r.id, r.package_id, r.attendee_email, r.status
  FROM public.event_registrations AS r
 WHERE (r.package_id, lower(btrim(r.attendee_email))) IN (
         SELECT o.package_id, lower(btrim(o.attendee_email))
           FROM public.event_registrations AS o
          GROUP BY 1, 2 HAVING count(DISTINCT o.attendee_email) > 1)
 ORDER BY r.package_id, lower(btrim(r.attendee_email)), 1""",
    "They are kept as they are. If they are one person, cancel one of the two: Greenroom adds no further ones.",
    refused=False,
)

QUEUE = Trouble(
    "waitlist positions",
    PEOPLE,
    "People who wait without a place, or whose places repeat or leave gaps.",
    """\
SELECT q.id, q.package_id, q.waitlist_position, q.place AS will_be
  FROM (SELECT r.id, r.package_id, r.waitlist_position, row_number() OVER (
                 PARTITION BY r.package_id
                     ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id) AS place
          FROM public.event_registrations AS r
         WHERE r.status = 'waitlisted') AS q
 WHERE q.waitlist_position IS DISTINCT FROM q.place
 ORDER BY q.package_id, q.place""",
    "They wait by place, then by when they registered; the next change of the waitlist numbers them 1 to n.",
    refused=False,
)

LISTS = Trouble(
    "list of packages",
    "public.events",
    "“packages_ids” is not the list of the event's packages.",
    """\
SELECT e.id, e.title, e.packages_ids,
       ARRAY(SELECT p.id FROM public.packages AS p WHERE p.event_id = e.id ORDER BY 1) AS its_packages
  FROM public.events AS e
 WHERE ARRAY(SELECT unnest(e.packages_ids) ORDER BY 1)
       <> ARRAY(SELECT p.id FROM public.packages AS p WHERE p.event_id = e.id ORDER BY 1)
 ORDER BY 1""",
    "The lists are kept until “greenroom db check --repair” mends them; triggers keep them right from now on.",
    refused=False,
)

NEEDED: dict[Trouble, dict[str, tuple[str, ...]]] = {
    OVERBOOKED: {"public.packages": ("id", "name", "capacity"), PEOPLE: ("package_id", "status")},
    TWINS: {PEOPLE: ("id", "package_id", "attendee_email", "status")},
    QUEUE: {PEOPLE: ("id", "package_id", "status", "waitlist_position", "registered_at")},
    LISTS: {"public.events": ("id", "title", "packages_ids"), "public.packages": ("id", "event_id")},
}
"""What each looks at, and which must be there as the specification has it."""


def habits(connection: sa.Connection, actual: Catalog, wanted: Catalog) -> tuple[Finding, ...]:
    """A finding for each habit that shows in the rows. Reads only."""
    looked = [
        look(connection, trouble)
        for trouble, needed in NEEDED.items()
        if all(_as_wanted(actual, wanted, table, columns) for table, columns in needed.items())
    ]
    specified = {name: table for name, table in actual.tables.items() if name in wanted.tables}
    return (
        *(finding for finding in looked if finding is not None),
        *times.local_looking(connection, specified),
    )


def _as_wanted(actual: Catalog, wanted: Catalog, name: str, columns: tuple[str, ...]) -> bool:
    table = actual.tables.get(name)
    if table is None or table.kind != "table":
        return False
    for column in columns:
        own, specified = table.column(column), wanted.tables[name].column(column)
        if own is None or specified is None or own.type != specified.type:
            return False
    return True
