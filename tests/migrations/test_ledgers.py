"""What was done stays written: admin_logs and check_ins are append-only for everyone (rulings 16 and 23)."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

LEDGERS = ["admin_logs", "check_ins"]


@pytest.fixture
def written(building):
    """One row in each ledger; the user who acted."""
    user = building.user()
    building.insert("admin_logs", admin_id=user, action_type="event.publish")
    building.insert(
        "check_ins",
        id=uuid4(),
        registration_id=uuid4(),
        action="admit",
        station="Desk 1",
        staff_id=user,
        decided_at="2026-01-01",
        decision="asked",
        verdict="admitted",
    )
    return user


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET id = gen_random_uuid()", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {}, users CASCADE"],
)
def test_a_ledger_refuses_to_be_rewritten_even_by_a_superuser(statement, role, table, building, written):
    """Rulings 16 and 23."""
    building.do(f"SET session_replication_role = {role}")
    before = building.rows(f"SELECT * FROM {table}")
    with pytest.raises(psycopg.errors.RestrictViolation) as caught:
        building.do(statement.format(table))
    assert caught.value.diag.constraint_name in {f"{name}_append_only" for name in LEDGERS}
    assert building.rows(f"SELECT * FROM {table}") == before


def test_a_user_who_acted_cannot_be_deleted(building, written):
    """Ruling 23: in spite of the cascade."""
    with pytest.raises(psycopg.errors.RestrictViolation):
        building.do("DELETE FROM users WHERE id = %s", written)
    assert building.value("SELECT count(*) FROM admin_logs WHERE admin_id = %s", written) == 1


def test_a_user_who_never_acted_can_be_deleted(building, written):
    other = building.user()
    assert building.do("DELETE FROM users WHERE id = %s", other) == 1


def test_a_check_in_is_stamped_in_utc_by_the_servers_clock(building, written):
    building.do("SET TimeZone = 'Asia/Kolkata'")
    building.insert(
        "check_ins",
        id=uuid4(),
        registration_id=uuid4(),
        action="undo",
        station="Desk 1",
        staff_id=written,
        decided_at="2026-01-01",
        decision="asked",
        verdict="undone",
    )
    assert building.value(
        "SELECT bool_and(abs(extract(epoch FROM timezone('UTC', now()) - recorded_at)) < 600) FROM check_ins"
    )


def test_a_station_uses_each_of_its_numbers_once(building):
    """Ruling 16."""
    columns = {
        "registration_id": uuid4(),
        "action": "admit",
        "station": "Desk 1",
        "sequence": 7,
        "staff_id": uuid4(),
        "decided_at": "2026-01-01",
        "decision": "asked",
        "verdict": "admitted",
    }
    building.insert("check_ins", id=uuid4(), **columns)
    building.insert("check_ins", id=uuid4(), **columns | {"station": "Desk 2"})
    with pytest.raises(psycopg.errors.UniqueViolation):
        building.insert("check_ins", id=uuid4(), **columns)
