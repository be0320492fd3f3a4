"""Each trigger's reason to be there: a statement that goes wrong without it, and does not with it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.guards.ledgers import CHECK_IN, PAYMENT


def _held(building):
    return building.value("SELECT sum(held) FROM package_seats")


def _one(building):
    """An event, its package of one seat, and who has it."""
    package = building.package(capacity=1)
    return package, building.registration(package, "ann")


def _inserted(b, told):
    _one(b)
    return _held(b) == 1


def _deleted(b, told):
    _one(b)
    b.do("DELETE FROM event_registrations")
    return _held(b) == 0


def _updated(b, told):
    _one(b)
    b.do("UPDATE event_registrations SET status = 'cancelled'")
    return _held(b) == 0


def _truncated(b, told):
    _one(b)
    b.do("TRUNCATE event_registrations")
    return _held(b) == 0


def _born(b, told):
    b.package(capacity=4)
    return b.rows("SELECT capacity FROM package_seats") == [{"capacity": 4}]


def _resized(b, told):
    _one(b)
    b.do("UPDATE packages SET capacity = 9")
    return b.rows("SELECT capacity FROM package_seats") == [{"capacity": 9}]


def _locked_by(b, statement):
    """Whether a statement locks the counters of the event's packages."""
    _one(b)
    before = b.value("SELECT xmax::text FROM package_seats")
    b.do(statement)
    return b.value("SELECT xmax::text FROM package_seats") != before


def _closing(b, told):
    return _locked_by(b, "UPDATE events SET status = 'cancelled'")


def _listed(b):
    return b.rows("SELECT packages_ids FROM events ORDER BY id") == b.rows(
        "SELECT ARRAY(SELECT p.id FROM packages p WHERE p.event_id = e.id) AS packages_ids FROM events e ORDER BY id"
    )


def _package_inserted(b, told):
    b.package()
    return _listed(b)


def _package_deleted(b, told):
    b.package()
    b.do("DELETE FROM packages")
    return _listed(b)


def _package_moved(b, told):
    b.package()
    b.do("UPDATE packages SET event_id = %s", b.event())
    return _listed(b)


def _package_renamed(b, told):
    b.package()
    b.do("UPDATE packages SET id = gen_random_uuid()")
    return _listed(b)


def _log(b):
    b.insert("admin_logs", admin_id=b.user(), action_type="event.publish")


def _check_in(b):
    b.insert("check_ins", id=uuid4(), **CHECK_IN)


def _payment(b):
    b.insert("greenroom.payments", id=uuid4(), **PAYMENT)


def _kept(write, statement):
    def probe(b, told):
        write(b)
        return told(statement) is not None

    return probe


def _order(b, package):
    """Somebody buys a package; who."""
    user = b.user()
    b.insert("orders", user_id=user, package_id=package, payment_id="p", amount_paid=1, payment_status="paid")
    return user


def _stamped(table, change):
    def probe(b, told):
        package, _ = _one(b)
        user = _order(b, package)
        b.insert("contacts", name="A", email="a", country_code="+1", phone_number="1", message="m")
        b.insert("blogs", author_id=user, title="A")
        b.do(f"UPDATE {table} SET {change}, updated_at = '2020-02-20'")
        return b.value(f"SELECT bool_and(updated_at > '2021-01-01') FROM {table}")

    return probe


def _sorted(b, told):
    _one(b)
    b.do("UPDATE event_registrations SET attendee_name = 'Zoë'")
    return b.value("SELECT name_key FROM event_registrations") == "zoe"


PINNED = "pg_catalog, pg_temp"
WRITTEN = (
    *("event_registrations", "orders", "users", "packages", "events", "admin_logs"),
    *("password_resets", "user_roles"),
)


def _lent(table):
    """A statement of one of our functions, which look for nothing in public, beside a website's trigger, which does."""

    def probe(b, told):
        b.do("CREATE TABLE public.notes (n int)")
        b.do(
            "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO notes VALUES (1); RETURN NULL; END $$"
        )
        b.do(f"CREATE TRIGGER note AFTER UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION public.note()")
        b.do(f"SET LOCAL search_path = {PINNED}")
        key = "role_id" if table == "user_roles" else "id"
        refused = told(f"UPDATE public.{table} SET {key} = {key} WHERE false")
        return refused is None and b.value("SELECT current_setting('search_path')") == PINNED

    return probe


NOTING = (
    "CREATE OR REPLACE FUNCTION greenroom.tell(p_table text, p_did text, p_ids uuid[], p_of uuid[]) RETURNS void"
    " LANGUAGE sql AS $$ INSERT INTO public.notes VALUES (p_table || ' ' || p_did) $$;"
    "CREATE OR REPLACE FUNCTION greenroom.tell_truncated() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN INSERT INTO public.notes VALUES (TG_TABLE_NAME || ' truncate'); RETURN NULL; END $$"
)
TOLD = {
    "events": ("UPDATE events SET title = 'B'", "DELETE FROM events", "TRUNCATE events CASCADE"),
    "packages": ("UPDATE packages SET name = 'B'", "DELETE FROM packages", "TRUNCATE packages CASCADE"),
    "event_registrations": (
        "UPDATE event_registrations SET attendee_name = 'B'",
        "DELETE FROM event_registrations",
        "TRUNCATE event_registrations",
    ),
    "orders": ("UPDATE orders SET amount_paid = 2", "DELETE FROM orders", "TRUNCATE orders CASCADE"),
    "admin_logs": (),
    "check_ins": (),
}


def _tells(table, operation, statement):
    """What is told instead of notified, because a notification leaves with the COMMIT only."""

    def probe(b, told):
        b.do("CREATE TABLE public.notes (word text)")
        b.do(NOTING)
        package, _ = _one(b)
        _order(b, package)
        _log(b)
        _check_in(b)
        if operation == "delete" and table in {"packages", "events"}:  # which others keep
            b.do("DELETE FROM orders")
            b.do("DELETE FROM event_registrations")
        if statement:
            b.do(statement)
        return f"{table} {operation}" in {row["word"] for row in b.rows("SELECT word FROM notes")}

    return probe


GUARDS = {
    ("event_registrations", "trg_seats_insert"): _inserted,
    ("event_registrations", "trg_seats_delete"): _deleted,
    ("event_registrations", "trg_seats_update"): _updated,
    ("event_registrations", "trg_seats_truncate"): _truncated,
    ("event_registrations", "trg_set_name_key"): _sorted,
    ("packages", "trg_seats_package_insert"): _born,
    ("packages", "trg_seats_package_update"): _resized,
    ("events", "trg_seats_event_update"): _closing,
    ("packages", "trg_pkg_insert_update_event_array"): _package_inserted,
    ("packages", "trg_pkg_delete_update_event_array"): _package_deleted,
    ("packages", "trg_pkg_move_update_event_array"): _package_moved,
    ("packages", "trg_pkg_rename_update_event_array"): _package_renamed,
    ("admin_logs", "trg_append_only"): _kept(_log, "DELETE FROM admin_logs"),
    ("admin_logs", "trg_append_only_truncate"): _kept(_log, "TRUNCATE admin_logs"),
    ("check_ins", "trg_append_only"): _kept(_check_in, "UPDATE check_ins SET verdict = 'x'"),
    ("check_ins", "trg_append_only_truncate"): _kept(_check_in, "TRUNCATE check_ins"),
    ("greenroom.payments", "trg_append_only"): _kept(_payment, "UPDATE greenroom.payments SET amount = 0"),
    ("greenroom.payments", "trg_append_only_truncate"): _kept(_payment, "TRUNCATE greenroom.payments"),
    ("users", "trg_set_updated_at_users"): _stamped("users", "status = 'inactive'"),
    ("packages", "trg_set_updated_at_packages"): _stamped("packages", "name = 'B'"),
    ("orders", "trg_set_updated_at_orders"): _stamped("orders", "payment_status = 'refunded'"),
    ("contacts", "trg_set_updated_at_contacts"): _stamped("contacts", "status = 'read'"),
    ("events", "trg_set_updated_at_events"): _stamped("events", "title = 'B'"),
    ("event_registrations", "trg_set_updated_at_event_regs"): _stamped(
        "event_registrations", "attendee_name = 'B'"
    ),
    ("blogs", "trg_set_updated_at_blogs"): _stamped("blogs", "title = 'B'"),
}
GUARDS |= {
    (table, trigger): _lent(table)
    for table in WRITTEN
    for trigger in ("a_greenroom_path", "zzz_greenroom_path")
}
GUARDS |= {
    (table, f"trg_tell_{operation}"): _tells(table, operation, statement)
    for table, statements in TOLD.items()
    for operation, statement in zip(
        ("insert", "update", "delete", "truncate"), ("", *statements), strict=False
    )
}
"""Every trigger of Greenroom's, and a probe that is True while it is at work."""


def test_every_trigger_has_a_probe_and_there_is_no_other(building):
    found = building.rows(
        "SELECT concat(nullif(s.nspname || '.', 'public.'), c.relname) AS t, g.tgname AS n FROM pg_trigger g"
        " JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace WHERE NOT g.tgisinternal"
    )
    assert {(row["t"], row["n"]) for row in found} == set(GUARDS)


@pytest.mark.parametrize("guard", GUARDS, ids=" ".join)
def test_a_guard_is_missed_when_it_is_switched_off(guard, building, told):
    table, trigger = guard
    with building.website.transaction(force_rollback=True):
        assert GUARDS[guard](building, told)
    with building.website.transaction(force_rollback=True):
        building.do(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        assert not GUARDS[guard](building, told)


@pytest.mark.parametrize("guard", [guard for guard in GUARDS if "append_only" in guard[1]], ids=" ".join)
def test_a_ledgers_guard_is_missed_by_a_replica_when_it_is_not_always_on(guard, building, told):
    table, trigger = guard
    with building.website.transaction(force_rollback=True):
        building.do("SET LOCAL session_replication_role = replica")
        assert GUARDS[guard](building, told)
    with building.website.transaction(force_rollback=True):
        building.do(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        building.do("SET LOCAL session_replication_role = replica")
        assert not GUARDS[guard](building, told)
