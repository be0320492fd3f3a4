"""The demo's rows, without a database."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from desktop import errors
from desktop.services import demo
from desktop.services.demo import building
from desktop.services.demo.plans import Calendar
from desktop.services.registering import clean_email, clean_name, clean_phone

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.services.demo.building import Demo

RESERVED = re.compile(r"[a-z0-9.-]+@([a-z]+\.)?example\.(com|org|net)")
"""Domains nobody can own (RFC 2606)."""

DAYS = ("2026-11-22", "2028-02-29", "2027-03-28", "2027-01-01")
"""An ordinary day, a leap day, a change of clocks in Zürich, and the first of a year."""


@pytest.fixture(scope="module", params=DAYS)
def today(request: pytest.FixtureRequest) -> date:
    return date.fromisoformat(request.param)


@pytest.fixture(scope="module")
def told(today: date) -> Demo:
    return building.build(today)


def by_package(told: Demo) -> dict[UUID, list[Any]]:
    lists = defaultdict(list)
    for row in told.registrations:
        lists[row.package_id].append(row)
    return lists


@pytest.mark.slow
def test_the_same_day_tells_the_same_story_in_every_process() -> None:
    program = (
        "import hashlib, datetime; from desktop.services.demo import building; "
        "print(hashlib.sha256(repr(building.build(datetime.date(2026, 11, 22))).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    here = hashlib.sha256(repr(building.build(date(2026, 11, 22))).encode()).hexdigest()
    assert digests == {here}


def test_no_key_is_used_twice(told: Demo) -> None:
    for rows in (getattr(told, name) for name in told.__slots__):
        assert len({row.id for row in rows}) == len(rows)


def test_nobody_holds_a_seat_beyond_the_capacity(told: Demo) -> None:
    lists = by_package(told)
    for package in told.packages:
        held = sum(row.status in {"registered", "attended"} for row in lists[package.id])
        assert package.capacity is None or held <= package.capacity, package.slug


def test_people_wait_only_where_the_seats_were_all_taken(told: Demo) -> None:
    for package in told.packages:
        statuses = Counter(row.status for row in by_package(told)[package.id])
        if not statuses["waitlisted"]:
            continue
        taken = statuses["registered"] + statuses["attended"]
        if (
            package.slug == demo.RUNNING_PASS
        ):  # four no-shows gave their seats up and nobody handed them on yet
            assert taken + statuses["no_show"] == package.capacity
        else:
            assert taken == package.capacity, package.slug


def test_waiting_people_are_numbered_without_gaps_in_the_order_they_came(told: Demo) -> None:
    for rows in by_package(told).values():
        waiting = sorted(
            (row.registered_at, row.waitlist_position) for row in rows if row.status == "waitlisted"
        )
        assert [position for _, position in waiting] == list(range(1, len(waiting) + 1))
    assert all((row.waitlist_position is None) == (row.status != "waitlisted") for row in told.registrations)


def test_the_big_event_has_a_full_package_a_nearly_full_one_and_five_thousand_people(told: Demo) -> None:
    packages = {package.slug: package for package in told.packages}
    lists = by_package(told)

    def held(slug: str) -> int:
        return sum(row.status == "registered" for row in lists[packages[slug].id])

    (event,) = (event for event in told.events if event.slug == demo.MONSOON)
    assert 4900 < sum(row.event_id == event.id for row in told.registrations) < 5200
    assert held(demo.MONSOON_WORKSHOP) == packages[demo.MONSOON_WORKSHOP].capacity
    assert sum(row.status == "waitlisted" for row in lists[packages[demo.MONSOON_WORKSHOP].id]) == 61
    assert held(demo.MONSOON_CONFERENCE) == (packages[demo.MONSOON_CONFERENCE].capacity or 0) - 2
    (first,) = (r for r in lists[packages[demo.MONSOON_WORKSHOP].id] if r.waitlist_position == 1)
    assert first.attendee_name == "Zoë Fernández"


def test_nobody_attended_or_missed_an_event_that_has_not_begun(told: Demo, today: date) -> None:
    events = {event.id: event for event in told.events}
    midnight = datetime.combine(today, time(23, 59))
    for row in told.registrations:
        if row.status in {"attended", "no_show"}:
            start = events[row.event_id].start_time
            assert start is not None
            assert start < midnight
    over = {event.id for event in told.events if event.status == "completed"}
    assert not any(row.status == "registered" for row in told.registrations if row.event_id in over)


def test_nothing_recorded_lies_in_the_future_wherever_the_newcomer_sits(told: Demo, today: date) -> None:
    earliest_midnight = datetime.combine(today, time()) - timedelta(hours=14)
    planned = {
        "start_time",
        "end_time",
        "registration_deadline",
        "package_registration_deadline",
        "access_expires_at",
    }
    for rows in (getattr(told, name) for name in told.__slots__):
        columns = [name for name in rows[0].__slots__ if name.endswith("_at") and name not in planned]
        for row in rows:
            late = [name for name in columns if (at := getattr(row, name)) and at > earliest_midnight]
            assert not late, (row, late)


def test_moments_of_one_thing_follow_each_other(told: Demo) -> None:
    for row in told.registrations:
        assert row.created_at <= row.registered_at <= row.updated_at
        assert row.cancelled_at is None or row.cancelled_at > row.registered_at
    for event in told.events:
        moments = [event.created_at, event.published_at, event.start_time, event.end_time]
        kept = [moment for moment in moments if moment is not None]
        assert kept == sorted(kept), event.slug


def test_a_registration_is_cancelled_exactly_when_it_says_when(told: Demo) -> None:
    assert all((row.cancelled_at is not None) == (row.status == "cancelled") for row in told.registrations)
    (event,) = (event for event in told.events if event.status == "cancelled")
    assert {row.status for row in told.registrations if row.event_id == event.id} == {"cancelled"}


def test_every_priced_seat_has_an_order_of_that_price_and_nobody_else_has_one(told: Demo) -> None:
    packages = {package.id: package for package in told.packages}
    orders = {order.id: order for order in told.orders}
    allowed = {
        "registered": {"paid", "pending"},
        "attended": {"paid"},
        "no_show": {"paid"},
        "cancelled": {"refunded", "failed"},
    }
    due = 0
    for row in told.registrations:
        package = packages[row.package_id]
        if package.price == 0 or row.status == "waitlisted":
            assert row.order_id is None
            continue
        assert row.order_id is not None
        order = orders.pop(row.order_id)
        assert (order.package_id, order.amount_paid, order.user_id) == (
            package.id,
            package.price,
            row.user_id,
        )
        assert order.payment_status in allowed[row.status]
        assert order.access_expires_at is None
        due += order.payment_status == "pending"
    assert due > 30
    for order in orders.values():  # what is left was paid for a subscription
        days = packages[order.package_id].duration_days
        assert days > 0
        assert order.access_expires_at == order.purchased_at + timedelta(days=days)
    assert {order.currency for order in told.orders} == {"INR", "CHF", "EUR", "AED"}


def test_every_order_and_every_link_belongs_to_an_account(told: Demo) -> None:
    accounts = {user.id: user for user in told.users}
    assert {order.user_id for order in told.orders} <= accounts.keys()
    for row in told.registrations:
        if row.user_id is not None:
            assert accounts[row.user_id].email == row.attendee_email
    assert any(row.user_id is None for row in told.registrations)
    assert (
        len({user.username for user in told.users})
        == len({user.email for user in told.users})
        == len(told.users)
    )
    assert all(user.password_hash is None for user in told.users)


def test_the_ledger_of_the_door_agrees_with_every_status(told: Demo) -> None:
    last: dict[UUID, str] = {}
    rows = {row.id: row for row in told.registrations}
    for entry in told.check_ins:
        assert entry.decided_at > rows[entry.registration_id].registered_at
        last[entry.registration_id] = entry.verdict
    expected = {"attended": "admitted", "no_show": "no_show"}
    assert last == {row.id: expected[row.status] for row in told.registrations if row.status in expected}
    by_station = defaultdict(list)
    for entry in told.check_ins:
        by_station[entry.station].append(entry.sequence)
    assert by_station.keys() == {"North gate", "South gate", "Back office"}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_station.values())


def test_addresses_belong_to_nobody_and_are_one_per_package(told: Demo) -> None:
    pairs = Counter((row.package_id, row.attendee_email) for row in told.registrations)
    assert pairs.most_common(1)[0][1] == 1
    addresses = {row.attendee_email for row in told.registrations}
    addresses |= {row.email for rows in (told.users, told.messages, told.subscribers) for row in rows}
    assert [address for address in addresses if not RESERVED.fullmatch(address)] == []
    assert all(clean_email(address) == address for address in addresses)


def test_telephones_cannot_be_called_and_fit(told: Demo) -> None:
    numbers = [row.phone_number for row in told.registrations if row.phone_number is not None]
    assert numbers
    assert all(re.fullmatch(r"\+\d{1,3}000\d{6}", number) for number in numbers)
    assert all(clean_phone(number) == number for number in numbers)


def test_names_come_from_many_languages_and_fit(told: Demo) -> None:
    names = {row.attendee_name for row in told.registrations}
    assert {"Zoë Fernández", "李 雷", "محمد العلي", "Tomás Ó Briain", "Łukasz Nowak", "Elif Yılmaz"} <= names
    scripts = (
        "\u0905-\u0939",  # Devanagari
        "\u0b85-\u0bb9",  # Tamil
        "\u4e00-\u9fff",  # Chinese, Japanese
        "\uac00-\ud7a3",  # Korean
        "\u0621-\u064a",  # Arabic
        "\u05d0-\u05ea",  # Hebrew
        "\u0410-\u044f",  # Cyrillic
        "\u0391-\u03c9",  # Greek
        "ẠạẹọṣẢảơƯư",  # Vietnamese, Yoruba
        "ÞþÐð",
        "'’",
    )
    for letters in scripts:
        assert any(re.search(f"[{letters}]", name) for name in names), letters
    assert any(" " not in name and name.isascii() for name in names)
    assert 140 <= max(map(len, names)) <= 150
    assert all(clean_name(name) == name for name in names)


def test_slugs_are_unique_and_events_read_as_they_should(told: Demo, today: date) -> None:
    assert len({event.slug for event in told.events}) == len(told.events)
    assert len({package.slug for package in told.packages}) == len(told.packages)
    for event in told.events:
        assert event.packages_ids == [package.id for package in told.packages if package.event_id == event.id]
        if event.status == "published":
            assert event.start_time is not None
            assert event.location is not None
    live = [event for event in told.events if event.deleted_at is None]
    assert Counter(event.status for event in live) == {
        "completed": 5,
        "published": 7,
        "draft": 2,
        "cancelled": 1,
    }
    assert {event.time_zone for event in live if event.time_zone} >= {
        "Asia/Kolkata",
        "Asia/Dubai",
        "Europe/Zurich",
        "America/Sao_Paulo",
    }
    assert any(event.location is None and not event.packages_ids for event in live)


def test_one_event_is_running_all_day_and_one_begins_this_evening(told: Demo, today: date) -> None:
    events = {event.slug: event for event in told.events}
    running = events[demo.RUNNING]
    assert running.start_time is not None
    assert running.end_time is not None
    assert running.start_time < datetime.combine(today, time()) - timedelta(hours=14)
    assert running.end_time > datetime.combine(today, time()) + timedelta(hours=36)
    tonight = events[demo.TONIGHT].start_time
    assert tonight is not None
    assert (tonight + timedelta(hours=5, minutes=30)).date() == today


def test_one_package_is_retired_and_sold_nothing_since(told: Demo) -> None:
    (retired,) = (package for package in told.packages if not package.is_active)
    assert retired.deactivated_at is not None
    assert all(row.registered_at < retired.deactivated_at for row in by_package(told)[retired.id])
    assert all(package.deactivated_at is None for package in told.packages if package.is_active)


def test_posts_messages_and_readers_come_in_every_state(told: Demo) -> None:
    assert Counter(post.status for post in told.posts) == {"published": 10, "draft": 4, "archived": 1}
    for post in told.posts:
        assert (post.published_at is None) == (post.status == "draft")
        assert (post.deleted_at is not None) == (post.status == "archived")
        assert post.status == "draft" or (post.content and post.slug and post.views_count > 0)
    assert Counter(message.status for message in told.messages) == {"unread": 7, "read": 6, "resolved": 11}
    assert all((reader.verified_at is not None) == reader.is_verified for reader in told.subscribers)
    assert 300 < sum(reader.is_verified for reader in told.subscribers) < len(told.subscribers)


def test_the_log_is_in_order_spans_the_year_and_tells_no_secret(told: Demo, today: date) -> None:
    assert all(earlier.logged_at <= later.logged_at for earlier, later in pairwise(told.log))
    assert told.log[-1].logged_at - told.log[0].logged_at > timedelta(days=340)
    assert {entry.admin_id for entry in told.log} == {account.id for account in demo.STAFF}
    text = "\n".join(entry.description for entry in told.log)
    assert demo.DEMO_PASSWORD not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|\btoken\b|password", text)


def test_the_log_tells_of_every_line_of_the_ledger_and_of_promotions(told: Demo) -> None:
    actions = Counter(entry.action_type for entry in told.log)
    for action in ("admit", "undo", "no_show"):
        assert actions[f"attendance.{action}"] == sum(entry.action == action for entry in told.check_ins)
    for action in (
        "registration.add",
        "registration.cancel",
        "waitlist.promote",
        "event.publish",
        "post.publish",
    ):
        assert actions[action] > 5


def test_clock_times_become_the_utc_of_their_zone() -> None:
    summer = date(2026, 7, 1)
    assert Calendar(summer).at(summer, "12:00", "Europe/Zurich").isoformat() == "2026-07-01T10:00:00"
    assert Calendar(summer).at(summer, "12:00").isoformat() == "2026-07-01T06:30:00"
    assert Calendar(summer).on(1, weekday=5) == date(2026, 7, 4)


def test_the_export_holds_twelve_people_one_broken_address_and_one_person_twice(
    told: Demo, today: date
) -> None:
    lines = list(csv.DictReader(io.StringIO(demo.export_csv(today))))
    good: Counter[str] = Counter()
    broken = []
    for line in lines:
        try:
            good[clean_email(line["Attendee email"])] += 1
        except errors.InvalidField:
            broken.append(line["Attendee email"])
    assert len(lines) == 14
    assert len(broken) == 1
    assert sorted(good.values()) == [1] * 11 + [2]
    assert good.keys().isdisjoint({row.attendee_email for row in told.registrations})
    assert all(RESERVED.fullmatch(address) for address in good)
    assert {line["Ticket secret"] for line in lines} == {f"not-a-secret-{n:02d}" for n in range(1, 15)}
    assert max(line["Order date"] for line in lines) == (today - timedelta(days=1)).isoformat()
