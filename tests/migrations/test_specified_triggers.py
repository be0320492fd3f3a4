"""updated_at and packages_ids, kept by trigger (specification 3.9 and 3.10, rulings 5, 6 and 22)."""

from __future__ import annotations

import pytest

LONG_AGO = "2020-02-20 12:00:00"


def _rows(building):
    """One row in every table that has updated_at, as (table, id, a column a person edits)."""
    user = building.user()
    package = building.package()
    order = building.insert(
        "orders", user_id=user, package_id=package, payment_id="p1", amount_paid=1, payment_status="paid"
    )
    contact = building.insert(
        "contacts", name="A", email="a@example.org", country_code="+91", phone_number="1", message="Hello"
    )
    blog = building.insert("blogs", author_id=user, title="A", slug="a", content="text", status="published")
    return {
        "users": (user, "username", "ann"),
        "packages": (package, "name", "VIP"),
        "orders": (order, "payment_status", "refunded"),
        "contacts": (contact, "status", "read"),
        "blogs": (blog, "title", "B"),
        "events": (building.value("SELECT event_id FROM packages WHERE id = %s", package), "title", "B"),
        "event_registrations": (building.registration(package), "attendee_name", "Zoë"),
    }


def test_every_table_stamps_a_change_in_utc_whatever_the_zone_of_the_session(building):
    """Rulings 5 and 6."""
    rows = _rows(building)
    building.do("SET TimeZone = 'Asia/Kolkata'")
    off = {}
    for table, (row, column, value) in rows.items():
        building.do(f"UPDATE {table} SET {column} = %s, updated_at = %s WHERE id = %s", value, LONG_AGO, row)
        off[table] = building.value(
            f"SELECT abs(extract(epoch FROM timezone('UTC', now()) - updated_at)) < 600 FROM {table} WHERE id = %s",
            row,
        )
    assert off == dict.fromkeys(rows, True)


def test_a_page_view_is_no_edit_of_a_post(building):
    """Ruling 6."""
    blog, _, _ = _rows(building)["blogs"]
    building.do("ALTER TABLE blogs DISABLE TRIGGER trg_set_updated_at_blogs")
    building.do("UPDATE blogs SET updated_at = %s", LONG_AGO)
    building.do("ALTER TABLE blogs ENABLE TRIGGER trg_set_updated_at_blogs")
    building.do("UPDATE blogs SET views_count = views_count + 1 WHERE id = %s", blog)
    assert str(building.value("SELECT updated_at FROM blogs WHERE id = %s", blog)) == LONG_AGO


@pytest.mark.parametrize(
    "column", ["title", "slug", "summary", "content", "media_cid", "status", "deleted_at"]
)
def test_whatever_a_person_edits_of_a_post_is_an_edit(column, building):
    blog, _, _ = _rows(building)["blogs"]
    value = {"status": "archived", "deleted_at": "2026-01-01"}.get(column, "new")
    building.do("ALTER TABLE blogs DISABLE TRIGGER trg_set_updated_at_blogs")
    building.do("UPDATE blogs SET updated_at = %s", LONG_AGO)
    building.do("ALTER TABLE blogs ENABLE TRIGGER trg_set_updated_at_blogs")
    building.do(f"UPDATE blogs SET {column} = %s WHERE id = %s", value, blog)
    assert str(building.value("SELECT updated_at FROM blogs WHERE id = %s", blog)) != LONG_AGO


def _listed(building, event):
    return building.value("SELECT packages_ids FROM events WHERE id = %s", event)


def test_an_event_lists_its_packages_as_they_come_and_go(building):
    """Ruling 22."""
    event = building.event()
    first, second = building.package(event), building.package(event)
    assert _listed(building, event) == [first, second]
    building.do("DELETE FROM packages WHERE id = %s", first)
    assert _listed(building, event) == [second]


def test_several_packages_made_by_one_statement_are_all_listed(building):
    event = building.event()
    building.do(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " SELECT 'P', 'bulk-' || n, 0, 0, 'event', %s FROM generate_series(1, 3) n",
        event,
    )
    wanted = building.rows("SELECT id FROM packages WHERE event_id = %s", event)
    assert sorted(_listed(building, event)) == sorted(row["id"] for row in wanted)


def test_a_package_that_moves_is_listed_by_its_new_event_only(building):
    """Ruling 22."""
    here, there = building.event(), building.event()
    package = building.package(here)
    building.do("UPDATE packages SET event_id = %s WHERE id = %s", there, package)
    assert (_listed(building, here), _listed(building, there)) == ([], [package])


def test_a_package_that_becomes_a_subscription_leaves_its_event(building):
    event = building.event()
    package = building.package(event)
    building.do("UPDATE packages SET package_type = 'subscription', event_id = NULL WHERE id = %s", package)
    assert _listed(building, event) == []


def test_a_website_that_appends_the_package_itself_lists_it_once(building):
    event = building.event()
    package = building.package(event)
    building.do(
        "UPDATE events SET packages_ids = array_remove(packages_ids, %s) WHERE id = %s", package, event
    )
    building.do(
        "UPDATE events SET packages_ids = array_append(packages_ids, %s) WHERE id = %s", package, event
    )
    building.do("UPDATE packages SET name = 'B' WHERE id = %s", package)
    assert _listed(building, event) == [package]


def test_an_event_may_be_deleted_with_everything_that_belongs_to_it(building):
    event = building.event()
    building.registration(building.package(event, capacity=5))
    building.do("DELETE FROM events WHERE id = %s", event)
    assert building.rows("SELECT FROM packages") == []
    assert building.rows("SELECT FROM event_registrations") == []
    assert building.rows("SELECT FROM package_seats") == []
