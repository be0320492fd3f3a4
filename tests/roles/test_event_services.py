"""Everything staff do with events, on a connection of the group it belongs to, and on no lesser one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import events

ZONE = ZoneInfo("Asia/Kolkata")
SOON = (datetime.now(UTC) + timedelta(days=9)).replace(tzinfo=None, second=0, microsecond=0)


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_organizers_keep_events_from_the_first_draft_to_the_bin(group, connected, staff, building):
    actor, mine = staff(group), connected(group)
    made = events.create(mine, actor, ZONE, title="Summit", location="Pune", start_time=SOON)
    building.package(made.id, package_registration_deadline=SOON)
    events.edit(
        mine, actor, events.read(mine, actor, made.id), ZONE, title="Great Summit", payment_required=True
    )
    events.edit(mine, actor, events.read(mine, actor, made.id), ZONE, time_zone="Asia/Tokyo")
    events.publish(mine, actor, made.id, ZONE)
    events.unpublish(mine, actor, made.id)
    events.publish(mine, actor, made.id, ZONE)
    copy = events.duplicate(mine, actor, made.id, ZONE, start_time=SOON + timedelta(days=30))
    assert (copy.packages, copy.unclear) == (1, ())
    shown = events.preview_cancel(mine, actor, made.id)
    assert events.cancel(mine, actor, made.id, "rain", shown).differs == ()
    events.delete(mine, actor, made.id)
    assert [binned.id for binned in events.binned(mine, actor)] == [made.id]
    assert events.restore(mine, actor, made.id).status == "cancelled"
    over = building.event(start_time=SOON - timedelta(days=30))
    person = building.registration(building.package(over))
    assert [one.registration_id for one in events.complete(mine, actor, over, ZONE).absent] == [person]
    assert [action for action, _ in building.log(made.id)] == [
        "event.add",
        "event.edit",
        "event.edit",
        "event.publish",
        "event.unpublish",
        "event.publish",
        "event.cancel",
        "event.delete",
        "event.restore",
    ]


@pytest.mark.parametrize("group", ["door", "editor"])
def test_the_database_refuses_others_whatever_they_claim(group, connected, staff, building):
    """Ruling 24 beneath the services: the connection is the door's, the actor an admin's."""
    admin, mine = staff("admin"), connected(group)
    event = building.event()
    seen = events.read(connected("admin"), admin, event)
    before = building.rows("SELECT * FROM events")
    for work in (
        lambda: events.create(mine, admin, ZONE, title="Mine"),
        lambda: events.edit(mine, admin, seen, ZONE, title="Mine"),
        lambda: events.edit(mine, admin, seen, ZONE, time_zone="Asia/Tokyo"),
        lambda: events.publish(mine, admin, event, ZONE),
        lambda: events.unpublish(mine, admin, event),
        lambda: events.complete(mine, admin, event, ZONE),
        lambda: events.preview_cancel(mine, admin, event),
        lambda: events.cancel(mine, admin, event),
        lambda: events.delete(mine, admin, event),
        lambda: events.restore(mine, admin, event),
        lambda: events.duplicate(mine, admin, event, ZONE),
    ):
        with pytest.raises(errors.DatabaseRefused, match="may not do this"):
            work()
    assert building.rows("SELECT * FROM events") == before


@pytest.mark.parametrize("group", ["door", "editor", "organizer", "admin"])
def test_nobody_of_staff_deletes_an_event_for_good(group, session, building):
    """Ruling 29: one DELETE took 1,304 registrations with it."""
    building.registration(building.package())
    with pytest.raises(Exception, match="permission denied for table events"):
        session(group).execute("DELETE FROM events")
    assert building.value("SELECT count(*) FROM event_registrations") == 1
