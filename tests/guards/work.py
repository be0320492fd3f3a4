"""A website's other work, and the habits of its code, statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.guards.scenarios import COUNT, register, stage

if TYPE_CHECKING:
    from tests.guards.playing import Website


def people_sign_up_and_reset_their_passwords(site: Website) -> None:
    sign_up = "INSERT INTO users (username, email, password_hash) VALUES (%s, %s, %s)"
    user = site.one(sign_up + " RETURNING id", "mia", "mia@site.example", "$2b$12$a", name="mia")
    site.say(sign_up, "mia", "other@site.example", None)
    site.say(sign_up, "mia2", "mia@site.example", None)
    site.say(
        "INSERT INTO users (username, email) VALUES ('mia3', 'mia@site.example')"
        " ON CONFLICT (email) DO UPDATE SET last_login_at = NOW() RETURNING id, username, last_login_at"
    )
    site.say("SELECT * FROM users WHERE email = 'mia@site.example'")
    token = "c0ffee00-0000-4000-8000-000000000001"
    site.say(
        "INSERT INTO password_resets (user_id, reset_token, expires_at) VALUES (%s, %s, NOW() + interval '1 hour')"
        " RETURNING *",
        user,
        token,
    )
    use = "UPDATE password_resets SET is_used = TRUE WHERE reset_token = %s AND NOT is_used AND expires_at > NOW()"
    site.say(use, token)
    site.say(use, token)
    site.say("UPDATE users SET password_hash = '$2b$12$b' WHERE id = %s", user)
    site.say("UPDATE users SET status = 'gone' WHERE id = %s", user)
    site.say("UPDATE users SET status = 'inactive' WHERE id = %s", user)
    site.say("DELETE FROM users WHERE id = %s", user)
    site.say("SELECT * FROM password_resets WHERE reset_token = %s", token)


def people_write_to_the_desk_and_subscribe(site: Website) -> None:
    contact = site.one(
        "INSERT INTO contacts (name, email, country_code, phone_number, message)"
        " VALUES ('نور', 'noor@site.example', '+971', '501234567', 'مرحبا') RETURNING id",
        name="the message",
    )
    site.say("UPDATE contacts SET status = 'read' WHERE id = %s RETURNING *", contact)
    site.say("UPDATE contacts SET status = 'answered' WHERE id = %s", contact)
    site.say("DELETE FROM contacts WHERE id = %s", contact)
    subscribe = (
        "INSERT INTO newsletter_subscriptions (email, unsubscribe_token) VALUES ('neo@site.example', gen_random_uuid())"
        " ON CONFLICT (email) DO NOTHING RETURNING *"
    )
    site.say(subscribe)
    site.say(subscribe)
    site.say(
        "UPDATE newsletter_subscriptions SET is_verified = TRUE, verified_at = NOW() WHERE email LIKE 'neo@%%'",
    )
    site.say("SELECT * FROM newsletter_subscriptions WHERE email = 'neo@site.example'")
    site.say("DELETE FROM newsletter_subscriptions WHERE email = 'neo@site.example'")


def an_admin_runs_an_event(site: Website) -> None:
    admin, event, package = stage(site, None)
    site.say(
        "INSERT INTO admin_logs (admin_id, action_type, description) VALUES (%s, 'event', 'x') RETURNING *",
        admin,
    )
    site.say("INSERT INTO events (created_by, status) VALUES (%s, 'published')", admin)
    site.say("UPDATE events SET slug = 'rust-evening' WHERE id = %s", event)
    site.say("INSERT INTO packages (name, slug, price, duration_days) VALUES ('S', 'rust-standard', 1, 30)")
    site.say(
        "INSERT INTO packages (name, slug, price, duration_days) VALUES ('Monthly', 'site-monthly', 99.5, 30)"
        " RETURNING *"
    )
    other = site.one(
        "INSERT INTO events (created_by) VALUES (%s) RETURNING id", admin, name="the other event"
    )
    site.say("UPDATE packages SET description = 'Moved' WHERE id = %s", package)
    site.say("UPDATE events SET description = 'Soon' WHERE id = %s RETURNING *", event)
    for who in ("oz", "pia"):
        register(site, event, package, who, "registered")
    site.say("UPDATE events SET status = 'completed' WHERE id = %s", event)
    site.say(
        "UPDATE event_registrations SET status = 'attended' WHERE event_id = %s AND status = 'registered'",
        event,
    )
    site.say("UPDATE events SET status = 'cancelled', cancelled_at = NOW() WHERE id = %s", event)
    register(site, event, package, "late", "registered")
    site.say("UPDATE events SET deleted_at = NOW() WHERE id = %s", event)
    site.say("SELECT * FROM events WHERE created_by = %s", admin)
    site.say("DELETE FROM events WHERE id = %s", other)


def code_has_its_habits(site: Website) -> None:
    """Statements an object-relational mapper or a hurried programmer writes."""
    _, event, package = stage(site)
    upsert = (
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = EXCLUDED.status, updated_at = NOW()"
        " RETURNING id, status, (xmax = 0) AS inserted"
    )
    for status in ("waitlisted", "registered", "cancelled", "registered"):
        site.say(upsert, event, package, "q@site.example", status)
    for n in range(7):  # prepared on the server from the first time on
        site.say(COUNT, package, prepare=True)
        site.say(
            "UPDATE event_registrations SET phone_number = %s WHERE package_id = %s",
            str(n),
            package,
            prepare=True,
        )
    site.say("SELECT r.* FROM event_registrations r WHERE r.package_id = %s FOR UPDATE", package)
    site.say("SELECT FROM packages WHERE id = %s FOR UPDATE", package)
    site.say("SELECT pg_advisory_xact_lock(7)")
    site.say(
        "MERGE INTO event_registrations r USING (VALUES ('q@site.example'), ('r@site.example')) AS v (email)"
        " ON r.package_id = %s AND r.attendee_email = v.email WHEN MATCHED THEN UPDATE SET attendee_name = 'Q'"
        " WHEN NOT MATCHED THEN INSERT (event_id, package_id, attendee_email) VALUES (%s, %s, v.email)",
        package,
        event,
        package,
    )
    site.say("UPDATE event_registrations SET attendee_email = NULL WHERE package_id = %s", package)
    site.say("UPDATE event_registrations SET attendee_name = repeat('x', 151) WHERE package_id = %s", package)
    site.say("UPDATE event_registrations SET event_id = gen_random_uuid() WHERE package_id = %s", package)
    site.say("DELETE FROM event_registrations WHERE package_id = %s RETURNING attendee_email", package)
    site.say(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
        " SELECT %s, %s, 'bulk' || n, 'waitlisted' FROM generate_series(1, 50) n",
        event,
        package,
    )
    site.say("SELECT count(*), min(status) FROM event_registrations WHERE event_id = %s", event)


WORK = (
    people_sign_up_and_reset_their_passwords,
    people_write_to_the_desk_and_subscribe,
    an_admin_runs_an_event,
    code_has_its_habits,
)
