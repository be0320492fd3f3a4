"""The website as a role of its own: plain data privileges on the specification's tables, and nothing of ours."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest

TABLES = (
    "users, packages, orders, contacts, newsletter_subscriptions, admin_logs, password_resets, blogs, events,"
    " event_registrations"
)


@pytest.fixture
def website(building):
    """`building` whose statements run as an unprivileged website role."""
    role = f"website_{uuid4().hex}"
    building.do(f"CREATE ROLE {role}")
    building.do(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO {role}")
    building.do(f"GRANT SELECT ON package_capacity_status TO {role}")
    building.do(f"SET SESSION AUTHORIZATION {role}")
    yield building
    building.do("RESET SESSION AUTHORIZATION")
    building.do(f"DROP OWNED BY {role}")
    building.do(f"DROP ROLE {role}")


def test_a_user_buys_a_ticket(website):
    event = website.event(payment_required=True)
    package = website.package(event, capacity=1, price=499)
    buyer = website.user()
    (offered,) = website.rows("SELECT * FROM packages WHERE package_type = 'event' AND event_id = %s", event)
    taken = website.value(
        "SELECT COUNT(*) FROM event_registrations WHERE package_id = %s AND status = 'registered'", package
    )
    assert taken < offered["capacity"]
    order = website.insert(
        "orders",
        user_id=buyer,
        package_id=package,
        payment_id="pay_1",
        amount_paid=499,
        payment_status="paid",
    )
    website.registration(package, user_id=buyer, order_id=order, attendee_name="Łukasz")
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        website.registration(package)
    assert caught.value.diag.constraint_name == "package_capacity"


def test_an_organizer_reviews_registrations_and_a_larger_capacity_lets_the_website_promote(website):
    package = website.package(capacity=1)
    website.registration(package)
    (waiting,) = website.waiting(package, "next@example.org")
    website.do("UPDATE packages SET capacity = 2 WHERE id = %s", package)
    website.do(
        "UPDATE event_registrations SET status = 'registered', waitlist_position = NULL WHERE id = ("
        " SELECT id FROM event_registrations WHERE package_id = %s AND status = 'waitlisted'"
        " ORDER BY waitlist_position LIMIT 1)",
        package,
    )
    assert website.status(waiting) == "registered"


def test_a_user_cancels_by_the_link_and_the_website_promotes_the_next(website):
    package = website.package(capacity=1)
    token = website.registered(website.registration(package))["registration_token"]
    (waiting,) = website.waiting(package, "next@example.org")
    with website.website.transaction():
        website.do(
            "UPDATE event_registrations SET status = 'cancelled', cancelled_at = NOW() WHERE registration_token = %s",
            token,
        )
        website.do("UPDATE event_registrations SET status = 'registered' WHERE id = %s", waiting)
    assert website.status(waiting) == "registered"


def test_an_admin_archives_a_post(website):
    post = website.insert(
        "blogs", author_id=website.user(), title="A", slug="a", content="t", status="published"
    )
    website.do("UPDATE blogs SET status = 'archived', deleted_at = NOW() WHERE id = %s", post)
    assert website.rows("SELECT FROM blogs WHERE deleted_at IS NULL") == []


def test_an_admin_deletes_a_package_nobody_used(website):
    event = website.event()
    package = website.package(event)
    website.do("DELETE FROM packages WHERE id = %s", package)
    assert website.value("SELECT packages_ids FROM events WHERE id = %s", event) == []


def test_a_package_somebody_used_is_kept_with_its_registrations(website):
    package = website.package()
    website.registration(package)
    with pytest.raises(psycopg.errors.IntegrityError):
        website.do("DELETE FROM packages WHERE id = %s", package)


def test_the_website_may_cancel_delete_and_close_whatever_is_its_own(website):
    event = website.event()
    package = website.package(event, capacity=5)
    registration = website.registration(package)
    website.do("UPDATE packages SET is_active = FALSE WHERE id = %s", package)
    website.do("UPDATE events SET status = 'cancelled', cancelled_at = NOW() WHERE id = %s", event)
    website.do("DELETE FROM event_registrations WHERE id = %s", registration)
    website.do("DELETE FROM events WHERE id = %s", event)


OURS = (
    "SELECT * FROM package_seats",
    "UPDATE package_seats SET held = 0",
    "SELECT * FROM check_ins",
    "SELECT * FROM greenroom.sign_in_attempts",
    "SELECT * FROM greenroom.schema_version",
    "CREATE TABLE greenroom.mine (id int)",
    "SELECT greenroom.move_seats(gen_random_uuid(), -1)",
    "SELECT greenroom.cancel(gen_random_uuid(), gen_random_uuid(), '')",
    "SELECT greenroom.log(gen_random_uuid(), 'a', 'b', gen_random_uuid())",
)


def test_the_website_has_no_hand_in_what_is_ours(website):
    done = []
    for statement in OURS:
        with suppress(psycopg.errors.InsufficientPrivilege):
            website.do(statement)
            done.append(statement)
    assert done == []


def test_only_two_functions_that_merely_compute_are_open_to_everybody(building):
    found = building.rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND has_function_privilege('public', oid, 'EXECUTE')"
    )
    assert {row["proname"] for row in found} == {"fold", "holds_seat"}


def test_functions_with_their_owners_rights_look_for_nothing_in_schemas_others_may_write(building):
    found = building.rows(
        "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace AND prosecdef"
    )
    paths = {
        row["proname"]: [setting for setting in row["proconfig"] or [] if setting.startswith("search_path")]
        for row in found
    }
    assert len(paths) >= 10
    assert {name: path for name, path in paths.items() if path != ["search_path=pg_catalog, pg_temp"]} == {}


def test_a_function_of_somebody_elses_with_a_better_fit_is_not_called_with_our_rights(building):
    """What PostgreSQL 14 allows everybody in public: varchar fits a varchar column better than lower(text)."""
    building.do(
        "CREATE FUNCTION public.lower(character varying) RETURNS text LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'called'; END $$"
    )
    package = building.package(building.event(payment_required=True), price=10, capacity=1)
    actor = building.user()
    found = building.row(
        "SELECT * FROM greenroom.register(%s, %s, 'a@example.org', NULL, NULL, 'waitlist', NULL, NULL)",
        actor,
        package,
    )
    assert found["outcome"] == "registered"
    assert found["order_id"] is not None
