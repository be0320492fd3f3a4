"""The bin."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest

from desktop import errors
from desktop.services import events, registering
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import event_detail
from desktop.services.lists import events as listed
from desktop.services.registering import Registering


@pytest.fixture
def delete(database, organizer):
    return lambda event: events.delete(database, organizer, event)


@pytest.fixture
def restore(database, organizer):
    return lambda event: events.restore(database, organizer, event)


@pytest.fixture
def gala(building):
    """A published event with somebody registered, and somebody waiting."""
    event = building.event(title="Gala", slug="gala")
    package = building.package(event, capacity=1)
    person = building.registration(package)
    building.waiting(package, "next@x.org")
    return event, package, person


def _listed(database, organizer, zone):
    grid = listed.grid(database, organizer, zone)
    return [
        row.id
        for group in listed.GROUPS
        for row in grid.first(Order("when"), listed.Where(group), 128, Cancellation())
    ]


def test_a_deleted_event_is_in_the_bin_and_in_no_list(gala, delete, database, organizer, zone, building, row):
    """Rulings 20 and 29: soft-deleted; every list filters it, a bin shows it, and no row is gone."""
    event, _, person = gala
    assert _listed(database, organizer, zone) == [event]
    assert delete(event) == events.Deleted("Gala", 1, 1)
    assert _listed(database, organizer, zone) == []
    assert set(listed.facets(database, organizer).values()) == {0}
    assert listed.next_one(database, organizer) is None
    with pytest.raises(errors.NotFound):
        event_detail.read(database, organizer, event, zone)
    (binned,) = events.binned(database, organizer)
    assert (binned.id, binned.title, binned.status, binned.registered, binned.waitlisted) == (
        event,
        "Gala",
        "published",
        1,
        1,
    )
    assert binned.deleted_at == row(event)["deleted_at"]
    assert building.status(person) == "registered"
    assert building.log(event) == [
        ("event.delete", "Deleted “Gala” (was published): registered 1, waiting 1")
    ]


def test_a_restored_event_is_as_it_was(gala, delete, restore, row, building, database, organizer, zone):
    """Ruling 20: the bin restores."""
    event, _, _ = gala
    before = row(event)
    people = building.rows("SELECT * FROM event_registrations ORDER BY id")
    delete(event)
    assert restore(event) == events.Restored("Gala", "published", was_deleted=True)
    after = row(event)
    assert {name for name in before if before[name] != after[name]} == {"updated_at"}
    assert building.rows("SELECT * FROM event_registrations ORDER BY id") == people
    assert events.binned(database, organizer) == ()
    assert _listed(database, organizer, zone) == [event]
    assert building.log(event)[1] == ("event.restore", "Restored “Gala” (published) from the bin")
    assert restore(event).was_deleted is False
    assert len(building.log(event)) == 2


def test_an_event_in_the_bin_takes_nobody_until_it_is_restored(gala, delete, restore, database, organizer):
    """Ruling 15: deleted events take no registrations."""
    event, package, person = gala
    delete(event)
    with pytest.raises(errors.EventClosed, match=r"is deleted and gives out no seats\. Restore it"):
        registering.register(database, organizer, Registering(package, "new@x.org"))
    assert registering.cancel(database, organizer, person).promoted_id is None
    restore(event)
    assert registering.register(database, organizer, Registering(package, "new@x.org")).status == "waitlisted"


def test_a_slug_stays_taken_while_its_event_is_in_the_bin(gala, delete, create, restore):
    """Else it could not be restored."""
    delete(gala[0])
    assert create(title="Gala").slug == "gala-2"
    restore(gala[0])


def test_what_is_in_the_bin_already_or_nowhere_is_said(gala, delete, restore, building):
    delete(gala[0])
    with pytest.raises(errors.WrongEventState, match="It is in the bin"):
        delete(gala[0])
    for work in (delete, restore):
        with pytest.raises(errors.NotFound):
            work(building.user())


@pytest.mark.parametrize("status", ["draft", "cancelled", "completed"])
def test_whatever_an_event_is_it_can_be_deleted_and_comes_back_as_that(
    building, delete, restore, row, status
):
    event = building.event(status=status)
    delete(event)
    assert restore(event).status == row(event)["status"] == status


def test_people_delete_and_restore_at_once_and_each_change_has_its_line(
    gala, database, organizer, at_once, building
):
    event = gala[0]
    work = [
        partial(events.delete, database, organizer, event),
        partial(events.restore, database, organizer, event),
    ]
    results = at_once(*work * 4)
    assert {type(result) for result in results} <= {
        events.Deleted,
        events.Restored,
        errors.WrongEventState,
        errors.Busy,
    }
    changes = sum(
        isinstance(result, events.Deleted) or (isinstance(result, events.Restored) and result.was_deleted)
        for result in results
    )
    assert len(building.log(event)) == changes


def test_registering_beside_a_deletion_comes_before_it_or_is_refused(building, database, organizer, at_once):
    """Ruling 15: the deletion takes the seats' lock, so nobody is registered behind its back."""
    for _ in range(8):
        event = building.event()
        package = building.package(event)
        deleted, *registered = at_once(
            partial(events.delete, database, organizer, event),
            *(
                partial(registering.register, database, organizer, Registering(package, f"{n}@x.org"))
                for n in range(4)
            ),
        )
        assert isinstance(deleted, events.Deleted)
        assert deleted.registered == sum(isinstance(one, registering.Registered) for one in registered)


def test_deleting_waits_for_whoever_holds_a_seat_and_not_without_end(gala, delete, row, building):
    event, package, _ = gala
    with building.connect(autocommit=False) as website:
        website.execute("SELECT FROM package_seats WHERE package_id = %s FOR UPDATE", (package,))
        with pytest.raises(errors.Busy):
            delete(event)
        website.rollback()
    assert row(event)["deleted_at"] is None


def test_no_service_deletes_a_row_of_an_event(gala, database, organizer, zone, building):
    """Ruling 29: whatever staff do to an event, its row and everybody's stay."""
    event, _, _ = gala
    building.do(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'a row was deleted'; END $$"
    )
    for table in ("events", "event_registrations", "packages", "users"):
        building.do(
            f"CREATE TRIGGER refuse BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()"
        )
    with pytest.raises(psycopg.errors.RaiseException):
        building.do("DELETE FROM events")
    events.unpublish(database, organizer, event)
    events.publish(database, organizer, event, zone)
    events.duplicate(database, organizer, event, zone)
    events.cancel(database, organizer, event)
    events.delete(database, organizer, event)
    events.restore(database, organizer, event)
    building.do("DROP FUNCTION public.refuse() CASCADE")


@pytest.mark.parametrize("role", ["door", "editor"])
def test_who_may_not_delete_sees_no_bin(gala, database, role, request, row):
    actor = request.getfixturevalue(role)
    for work in (
        partial(events.delete, database, actor, gala[0]),
        partial(events.restore, database, actor, gala[0]),
        partial(events.binned, database, actor),
    ):
        with pytest.raises(errors.NotAllowed, match="may not delete or restore events"):
            work()
    assert row(gala[0])["deleted_at"] is None
