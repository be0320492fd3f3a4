"""A year of the audit log, told from what the other rows say happened.

The codes and the sentences are those the services and the SQL of the four operations write, so that the demo's
history reads like history. No sentence holds a token or a password (ruling 26).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from desktop.services.demo.plans import in_office_hours
from desktop.services.demo.rows import LogEntry, identity
from desktop.services.demo.staff import ADMIN, ASHA, DOOR, EDITOR, STAFF, StaffAccount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from desktop.services.demo.guests import Guests
    from desktop.services.demo.plans import Calendar, EventPlan, PackagePlan
    from desktop.services.demo.rows import CheckIn, Message, Post, Registration

REASONS = ("cannot travel", "double booking", "asked by e-mail", "unwell", "gave the seat to a colleague", "")


def entries(
    calendar: Calendar,
    founded: datetime,
    plans: Sequence[EventPlan],
    guests: Guests,
    posts: Iterable[Post],
    messages: Iterable[Message],
    seed: int,
) -> list[LogEntry]:
    """Every entry, oldest first."""
    titles = {
        package.id: f"“{package.name}” of “{plan.title}”" for plan in plans for package in plan.packages
    }
    told = [
        *_staff(founded),
        *_sign_ins(calendar, founded, guests, random.Random(seed + 1)),
        *(entry for plan in plans for entry in _event(plan)),
        *_registrations(plans, guests, titles, random.Random(seed)),
        *_door(guests, titles),
        *_desk(posts, messages),
    ]
    return sorted(told, key=lambda entry: (entry.logged_at, entry.id))


def _entry(who: UUID, action: str, sentence: str, at: datetime, subject: UUID | None) -> LogEntry:
    return LogEntry(identity("log", action, who, subject, at), who, action, sentence, at, subject)


def _staff(founded: datetime) -> Iterator[LogEntry]:
    """Each account from the command line, the admin first; nobody was there to sign for it, so it did so itself."""
    for minutes, account in enumerate(sorted(STAFF, key=lambda account: account is not ADMIN), start=1):
        at = founded + timedelta(minutes=7 * minutes)
        sentence = f"Added {account.username} ({account.email}) as {account.role} from the command line"
        yield _entry(account.id, "staff.add", sentence, at, account.id)


def _sign_ins(
    calendar: Calendar, founded: datetime, guests: Guests, rng: random.Random
) -> Iterator[LogEntry]:
    """The organizer on most workdays, the editor on some, the admin rarely, the door when it is open."""
    day = founded
    while day < calendar.present - timedelta(days=1):
        day += timedelta(days=1)
        for account, often in ((ASHA, 0.9), (EDITOR, 0.3), (ADMIN, 0.06)):
            if day.weekday() < 5 and rng.random() < often:
                yield _sign_in(account, day + timedelta(seconds=rng.randrange(-2400, 3600)))
    for opened in sorted({row.decided_at.date(): row for row in reversed(guests.check_ins)}.items()):
        yield _sign_in(DOOR, opened[1].decided_at - timedelta(minutes=25))


def _sign_in(account: StaffAccount, at: datetime) -> LogEntry:
    return _entry(account.id, "auth.sign_in", f"{account.username} signed in", at, None)


def _event(plan: EventPlan) -> Iterator[LogEntry]:
    title = f"“{plan.title}”"
    yield _entry(ASHA.id, "event.add", f"Created the draft {title}", plan.created_at, plan.id)
    for number, package in enumerate(plan.packages, start=1):
        yield from _package(plan, package, plan.created_at + timedelta(minutes=4 * number))
    moments = (
        ("event.publish", f"Published {title}", plan.published_at),
        ("event.cancel", f"Cancelled {title}: the roof is being repaired", plan.cancelled_at),
        ("event.delete", f"Moved {title} to the bin", plan.deleted_at),
    )
    for action, sentence, at in moments:
        if at is not None:
            yield _entry(ASHA.id, action, sentence, at, plan.id)
    if plan.status == "completed" and plan.end is not None:
        yield _entry(ASHA.id, "event.complete", f"Completed {title}", plan.end + timedelta(hours=14), plan.id)


def _package(plan: EventPlan, package: PackagePlan, at: datetime) -> Iterator[LogEntry]:
    title = f"“{package.name}” of “{plan.title}”"
    seats = "without limit" if package.capacity is None else f"{package.capacity:,} seats"
    price = f"{plan.currency} {package.price:,}" if package.price else "free"
    yield _entry(ASHA.id, "package.add", f"Added {title}: {seats}, {price}", at, package.id)
    if package.retired_at is not None:
        yield _entry(ASHA.id, "package.retire", f"Retired {title}", package.retired_at, package.id)


def _registrations(
    plans: Sequence[EventPlan], guests: Guests, titles: dict[UUID, str], rng: random.Random
) -> Iterator[LogEntry]:
    """What staff did, in office hours; at other times people cancel on the website, which writes no log."""
    rows = {row.id: row for row in guests.registrations}
    for row in guests.registrations:
        if row.id in guests.added_by_staff:
            sentence = f"Registered {row.attendee_name} for {titles[row.package_id]}"
            yield _entry(ASHA.id, "registration.add", sentence, row.registered_at, row.id)
    called_off = {plan.id for plan in plans if plan.cancelled_at is not None}
    promotions = {promotion.cancelled: promotion for promotion in guests.promotions}
    for row in guests.registrations:
        if row.cancelled_at is None or not (row.event_id in called_off or in_office_hours(row.cancelled_at)):
            continue
        reason = "the event is cancelled" if row.event_id in called_off else rng.choice(REASONS)
        yield _cancellation(row, titles[row.package_id], reason, row.cancelled_at)
        if row.id in promotions:
            promoted = rows[promotions[row.id].promoted]
            sentence = (
                f"Promoted {promoted.attendee_name} from the waitlist of {titles[row.package_id]}"
                f" ({row.attendee_name} cancelled)"
            )
            at = row.cancelled_at + timedelta(milliseconds=3)
            yield _entry(ASHA.id, "waitlist.promote", sentence, at, promoted.id)


def _cancellation(row: Registration, title: str, reason: str, at: datetime) -> LogEntry:
    why = f": {reason}" if reason else ""
    sentence = f"Cancelled {row.attendee_name} of {title} (was registered){why}"
    return _entry(ASHA.id, "registration.cancel", sentence, at, row.id)


def _door(guests: Guests, titles: dict[UUID, str]) -> Iterator[LogEntry]:
    """One entry for each line of the attendance ledger, as the door's function writes them."""
    names = {row.id: row.attendee_name for row in guests.registrations}
    for check_in in guests.check_ins:
        action = f"attendance.{check_in.action}"
        sentence = _at_the_door(check_in, names[check_in.registration_id], titles[check_in.package_id])
        yield _entry(check_in.staff_id, action, sentence, check_in.recorded_at, check_in.registration_id)


def _at_the_door(check_in: CheckIn, who: str, title: str) -> str:
    match check_in.action:
        case "admit":
            return f"Checked in {who} at {check_in.station} ({title})"
        case "undo":
            return f"Took back the check-in of {who} at {check_in.station} ({title})"
    return f"Recorded {who} as a no-show ({title})"


def _desk(posts: Iterable[Post], messages: Iterable[Message]) -> Iterator[LogEntry]:
    for post in posts:
        if post.published_at is not None:
            yield _entry(EDITOR.id, "post.publish", f"Published “{post.title}”", post.published_at, post.id)
        if post.deleted_at is not None:
            yield _entry(EDITOR.id, "post.archive", f"Archived “{post.title}”", post.deleted_at, post.id)
    for message in messages:
        if message.status == "resolved":
            sentence = f"Resolved the message of {message.name}"
            yield _entry(ASHA.id, "contact.resolve", sentence, message.updated_at, message.id)
