"""The specification's five functional scenarios (section 4), statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.guards.playing import Website

REGISTER = (
    "INSERT INTO event_registrations (event_id, user_id, attendee_name, attendee_email, package_id, order_id, status,"
    " waitlist_position) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING *"
)
COUNT = "SELECT COUNT(*) FROM event_registrations WHERE package_id=%s AND status='registered'"


def stage(site: Website, capacity: int | None = 2) -> tuple[Any, Any, Any]:
    """A published event with one package, and somebody who signed up."""
    admin = site.one(
        "INSERT INTO users (username, email, password_hash) VALUES ('ada', 'ada@site.example', 'x') RETURNING id",
        name="the admin",
    )
    event = site.one(
        "INSERT INTO events (created_by, title, slug, location, start_time, status, published_at, payment_required)"
        " VALUES (%s, 'Rust Evening', 'rust-evening', 'Pune', '2031-05-05 18:00', 'published', NOW(), TRUE)"
        " RETURNING id",
        admin,
        name="the event",
    )
    package = site.one(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)"
        " VALUES ('Standard', 'rust-standard', 499, 0, 'event', %s, %s) RETURNING id",
        event,
        capacity,
        name="the package",
    )
    site.say("SELECT packages_ids, updated_at FROM events WHERE id = %s", event)
    return admin, event, package


def register(site: Website, event: Any, package: Any, who: str, status: str, place: int | None = None) -> Any:
    rows = site.say(
        REGISTER, event, None, who.title(), f"{who}@site.example", package, None, status, place, name=who
    )
    return rows[0] if rows else None


def a_user_buys_a_ticket(site: Website) -> None:
    """Scenario 1."""
    _, event, package = stage(site)
    user = site.one(
        "INSERT INTO users (username, email, oauth_provider, oauth_provider_id) VALUES ('bo',"
        " 'bo@site.example', 'github', '77') RETURNING id",
        name="bo",
    )
    site.say("UPDATE users SET last_login_at = NOW() WHERE id = %s", user)
    site.say("SELECT * FROM packages WHERE package_type='event' AND event_id=%s", event)
    site.say(COUNT, package)
    order = site.one(
        "INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)"
        " VALUES (%s, %s, 'pay_1', 499, 'pending') RETURNING id",
        user,
        package,
        name="the order",
    )
    site.say("UPDATE orders SET payment_status = 'paid' WHERE id = %s AND payment_status = 'pending'", order)
    site.say(
        REGISTER, event, user, "Bo", "bo@site.example", package, order, "registered", None, name="bo's ticket"
    )
    site.say(COUNT, package)
    site.say(
        REGISTER, event, user, "Bo", "bo@site.example", package, order, "registered", None
    )  # clicked twice
    site.say(
        "SELECT r.status, o.payment_status, o.currency, p.name, e.title FROM event_registrations r"
        " JOIN orders o ON o.id = r.order_id JOIN packages p ON p.id = r.package_id JOIN events e ON e.id = r.event_id"
        " WHERE r.user_id = %s",
        user,
    )
    site.say("UPDATE orders SET payment_status = 'refunded' WHERE id = %s RETURNING *", order)
    site.say("UPDATE orders SET payment_status = 'lost' WHERE id = %s", order)


def an_organizer_reviews_registrations(site: Website) -> None:
    """Scenario 2."""
    _, event, package = stage(site)
    for who in ("cy", "di"):
        register(site, event, package, who, "registered")
    for place, who in enumerate(("ed", "flo", "gil"), 1):
        register(site, event, package, who, "waitlisted", place)
    site.say("SELECT * FROM event_registrations WHERE event_id = %s", event)
    site.say("SELECT status, COUNT(*) FROM event_registrations WHERE event_id = %s GROUP BY status", event)
    site.say("UPDATE packages SET capacity = capacity + 2 WHERE id = %s", package)
    site.say(
        "UPDATE event_registrations SET status = 'registered', waitlist_position = NULL WHERE id IN (SELECT id FROM"
        " event_registrations WHERE package_id = %s AND status = 'waitlisted' ORDER BY waitlist_position LIMIT 2)"
        " RETURNING attendee_email, status, waitlist_position",
        package,
    )
    site.say(
        "UPDATE event_registrations SET waitlist_position = waitlist_position - 2"
        " WHERE package_id = %s AND status = 'waitlisted'",
        package,
    )
    site.say("SELECT * FROM event_registrations WHERE event_id = %s", event)
    site.say("UPDATE event_registrations SET status = 'attended' WHERE attendee_email = 'cy@site.example'")
    site.say("UPDATE event_registrations SET status = 'no_show' WHERE attendee_email = 'di@site.example'")
    site.say("UPDATE event_registrations SET status = 'asleep' WHERE attendee_email = 'di@site.example'")
    site.say("SELECT * FROM event_registrations WHERE event_id = %s AND updated_at >= registered_at", event)


def a_user_cancels(site: Website) -> None:
    """Scenario 3."""
    _, event, package = stage(site)
    tickets = [register(site, event, package, who, "registered") for who in ("hal", "ivy")]
    for place, who in enumerate(("jo", "kim"), 1):
        register(site, event, package, who, "waitlisted", place)
    token = tickets[0]["registration_token"]
    site.say("SELECT * FROM event_registrations WHERE registration_token = %s", token)
    cancel = (
        "UPDATE event_registrations SET status='cancelled', cancelled_at = NOW() WHERE registration_token = %s"
        " AND status <> 'cancelled' RETURNING package_id, attendee_email, cancelled_at"
    )
    promote = (
        "UPDATE event_registrations SET status='registered', waitlist_position = NULL WHERE id = (SELECT id FROM"
        " event_registrations WHERE package_id = %s AND status='waitlisted' ORDER BY waitlist_position LIMIT 1"
        " FOR UPDATE SKIP LOCKED) RETURNING attendee_email"
    )
    site.say(cancel, token)
    site.say(promote, package)
    site.say(cancel, token)  # clicked twice
    site.say(
        f"WITH gone AS ({cancel}), next AS (SELECT w.id FROM event_registrations w, gone WHERE w.package_id ="
        " gone.package_id AND w.status = 'waitlisted' ORDER BY w.waitlist_position LIMIT 1)"
        " UPDATE event_registrations r SET status = 'registered', waitlist_position = NULL FROM next"
        " WHERE r.id = next.id RETURNING r.attendee_email",
        tickets[1]["registration_token"],
    )
    site.say("SELECT * FROM event_registrations WHERE event_id = %s", event)
    site.say(promote, package)  # nobody is left
    site.say(
        "UPDATE event_registrations SET status = 'waitlisted', cancelled_at = NULL, waitlist_position = 1,"
        " registration_token = gen_random_uuid() WHERE attendee_email = 'hal@site.example' RETURNING *"
    )


def an_admin_archives_a_post(site: Website) -> None:
    """Scenario 4."""
    admin, _, _ = stage(site)
    post = site.one(
        "INSERT INTO blogs (author_id, title) VALUES (%s, 'Draft') RETURNING id", admin, name="the post"
    )
    site.say("UPDATE blogs SET status = 'published', published_at = NOW() WHERE id = %s", post)  # no slug yet
    site.say("UPDATE blogs SET slug = 'draft', content = 'Text' WHERE id = %s", post)
    site.say("UPDATE blogs SET status = 'published', published_at = NOW() WHERE id = %s RETURNING *", post)
    site.say("UPDATE blogs SET views_count = views_count + 1 WHERE slug = 'draft' RETURNING views_count")
    live = "SELECT * FROM blogs WHERE status = 'published' AND deleted_at IS NULL AND author_id = %s"
    site.say(live, admin)
    site.say("UPDATE blogs SET status='archived', deleted_at=NOW() WHERE id = %s", post)
    site.say(live, admin)
    site.say("SELECT status, deleted_at FROM blogs WHERE id = %s", post)
    site.say("DELETE FROM users WHERE id = %s", admin)  # who wrote it
    site.say("DELETE FROM blogs WHERE id = %s", post)


def an_admin_deletes_a_package(site: Website) -> None:
    """Scenario 5."""
    _, event, package = stage(site)
    spare = site.one(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " VALUES ('Spare', 'rust-spare', 0, 0, 'event', %s) RETURNING id",
        event,
        name="the spare one",
    )
    register(site, event, package, "lea", "registered")
    site.say("SELECT packages_ids FROM events WHERE id = %s", event)
    site.say("DELETE FROM packages WHERE id = %s", spare)
    site.say("SELECT packages_ids FROM events WHERE id = %s", event)
    site.say("DELETE FROM packages WHERE id = %s", package)  # registrations refer to it
    site.say("UPDATE packages SET is_active = FALSE WHERE id = %s RETURNING *", package)
    site.say("SELECT * FROM event_registrations WHERE package_id = %s", package)
    site.say("SELECT * FROM events WHERE id = %s", event)
    site.say("DELETE FROM event_registrations WHERE package_id = %s", package)
    site.say("DELETE FROM packages WHERE id = %s", package)
    site.say("DELETE FROM events WHERE id = %s", event)


SCENARIOS = (
    a_user_buys_a_ticket,
    an_organizer_reviews_registrations,
    a_user_cancels,
    an_admin_archives_a_post,
    an_admin_deletes_a_package,
)
