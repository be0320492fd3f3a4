"""The seat guard beside a website's own triggers, which PostgreSQL runs before it counts what the statement did."""

from __future__ import annotations

import pytest

from desktop.db.translating import Scrubbed
from desktop.services import registering
from desktop.services.registering import Registering
from tests.guards.conftest import FULL, NEW, who

PROMOTING = (
    "CREATE FUNCTION public.promote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " UPDATE event_registrations SET status = 'registered', waitlist_position = NULL WHERE id IN ("
    "  SELECT id FROM event_registrations WHERE package_id = OLD.package_id AND status = 'waitlisted'"
    "  ORDER BY waitlist_position LIMIT {}); RETURN NULL; END $$"
)
ON_CANCEL = (
    "CREATE TRIGGER promote AFTER UPDATE OF status ON event_registrations FOR EACH ROW"
    " WHEN (OLD.status IN ('registered', 'attended') AND NEW.status = 'cancelled') EXECUTE FUNCTION promote()"
)


@pytest.fixture
def promoting(inside):
    """A website that promotes by a trigger of its own, which runs before the cancellation is counted."""
    inside.do(PROMOTING.format(1))
    inside.do(ON_CANCEL)
    inside.do(
        "CREATE TRIGGER promote_after_delete AFTER DELETE ON event_registrations FOR EACH ROW"
        " EXECUTE FUNCTION promote()"
    )


@pytest.mark.parametrize(
    "way",
    [
        "UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = 'ann'",
        "DELETE FROM event_registrations WHERE attendee_email = 'ann'",
        "MERGE INTO event_registrations r USING packages p ON r.package_id = p.id AND r.attendee_email = 'ann'"
        " WHEN MATCHED THEN DELETE",
    ],
)
def test_a_website_that_promotes_by_a_trigger_of_its_own_goes_on_doing_so(way, inside, told, full, promoting):
    assert told(way) is None
    assert who(inside) == ["ben", "wil"]
    assert inside.held(full) == 2


def test_everybody_may_cancel_in_one_statement_while_a_trigger_promotes(inside, told, full, promoting):
    assert told("UPDATE event_registrations SET status = 'cancelled' WHERE status = 'registered'") is None
    assert who(inside) == ["wil", "xia"]
    assert inside.held(full) == 2


def test_a_trigger_that_promotes_two_for_one_is_refused(inside, told, full):
    inside.do(PROMOTING.format(2))
    inside.do(ON_CANCEL)
    assert told("UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = 'ann'") == FULL
    assert who(inside) == ["ann", "ben"]
    assert inside.held(full) == 2


def test_a_websites_trigger_that_sends_people_to_the_waitlist_when_it_is_full_goes_on_doing_so(
    inside, told, full
):
    inside.do(
        "CREATE FUNCTION public.queue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT count(*) FROM event_registrations WHERE package_id = NEW.package_id AND status = 'registered')"
        "    >= (SELECT capacity FROM packages WHERE id = NEW.package_id) THEN NEW.status := 'waitlisted'; END IF;"
        " RETURN NEW; END $$"
    )
    inside.do(
        "CREATE TRIGGER queue BEFORE INSERT ON event_registrations FOR EACH ROW EXECUTE FUNCTION public.queue()"
    )
    assert told(f"INSERT {NEW}") is None
    assert who(inside, "waitlisted") == ["new", "wil", "xia"]


def test_a_websites_trigger_that_corrects_the_row_it_follows_is_counted_once(inside, told):
    package = inside.package(capacity=1)
    inside.do(
        "CREATE FUNCTION public.correct() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE event_registrations SET status = 'waitlisted' WHERE id = NEW.id; RETURN NULL; END $$"
    )
    inside.do(
        "CREATE TRIGGER correct AFTER INSERT ON event_registrations FOR EACH ROW EXECUTE FUNCTION public.correct()"
    )
    inside.registration(package)
    inside.registration(package)
    assert inside.held(package) == 0


def test_staff_who_cancel_beside_a_website_that_promotes_by_itself_promote_nobody_twice(
    building, database, organizer
):
    package = building.package(capacity=2)
    ann = building.registration(package, "ann")
    building.registration(package, "ben")
    building.waiting(package, "wil", "xia")
    building.do(PROMOTING.format(1))
    building.do(ON_CANCEL)
    done = registering.cancel(database, organizer, ann)
    assert who(building) == ["ben", "wil"]
    assert done.promoted_id is None
    assert building.held(package) == 2
    building.do("DROP TRIGGER promote ON event_registrations")
    registering.cancel(database, organizer, building.value(f"{WHOSE} 'wil'"))
    assert who(building) == ["ben", "xia"]


@pytest.fixture
def noting(building):
    """A website that notes every change in a table of its own, whose name its trigger does not qualify."""
    building.do("CREATE TABLE public.notes (what text)")
    building.do(
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO notes VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in ("event_registrations", "orders", "users", "events", "admin_logs"):
        building.do(
            f"CREATE TRIGGER note AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.note()"
        )

    def noted():
        return {row["what"] for row in building.rows("DELETE FROM public.notes RETURNING what")}

    return noted


def test_what_staff_do_fires_a_websites_triggers_as_if_the_website_had_done_it(
    building, database, organizer, noting
):
    package = building.package(building.event(payment_required=True), capacity=1, price=5)
    assert noting() == {"INSERT users", "INSERT events", "UPDATE events"}
    first = registering.register(database, organizer, Registering(package, "ann@example.org"))
    assert noting() == {
        "INSERT event_registrations",
        "UPDATE event_registrations",
        "INSERT users",
        "INSERT orders",
        "INSERT admin_logs",
    }
    registering.register(database, organizer, Registering(package, "ben@example.org"))
    noting()
    registering.cancel(database, organizer, first.registration_id)
    assert noting() >= {"UPDATE event_registrations", "UPDATE orders", "INSERT admin_logs"}


def test_where_everybody_may_create_in_public_a_websites_trigger_finds_only_what_it_names(
    building, database, organizer, noting
):
    package = building.package(capacity=1)
    building.do("GRANT CREATE ON SCHEMA public TO PUBLIC")
    with pytest.raises(Scrubbed, match="42P01"):
        registering.register(database, organizer, Registering(package, "ann@example.org"))
    building.do("ALTER FUNCTION public.note() SET search_path = public")
    registering.register(database, organizer, Registering(package, "ann@example.org"))


def test_a_temporary_table_does_not_catch_what_a_websites_trigger_writes(building, noting):
    actor, package = building.user(), building.package(capacity=1)
    noting()
    building.do("CREATE TEMP TABLE notes (what text)")
    building.row(
        "SELECT * FROM greenroom.register(%s, %s, 'ann@example.org', NULL, NULL, 'refuse', NULL, NULL)",
        actor,
        package,
    )
    building.do("DROP TABLE pg_temp.notes")
    assert noting() == {"INSERT event_registrations", "INSERT admin_logs"}


WHOSE = "SELECT id FROM event_registrations WHERE attendee_email ="
