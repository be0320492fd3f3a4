"""Rights are read with each operation (ruling 24): every service of `rights.CALLS`, as whoever may, and may no more."""

from __future__ import annotations

import bcrypt
import pytest

from desktop import errors
from desktop.db.session import Acting, Actor
from desktop.services.permissions import ALLOWED, Operation, Role, acting
from tests.services.accounts.rights import CALLS, LATER, PASSWORD, Scene

CASES = [
    pytest.param(operation, name, id=f"{operation.name}-{name}")
    for operation, calls in CALLS.items()
    for name in calls
]
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@pytest.fixture
def scene(database, building, tmp_path):
    """A scene for whoever has a role; they claim to have it for good."""

    def make(role: str) -> Scene:
        made = building.user(username=f"the.{role}", email=f"{role}@example.org", password_hash=HASH)
        _give(building, made, role)
        actor = Actor(made, f"the.{role}", f"{role}@example.org", frozenset({role}))
        colleague = building.user(username="colleague")
        _give(building, colleague, "door")
        event = building.event(slug="summit")
        package = building.package(event, slug="summit-pass", capacity=5)
        inside = building.registration(package, "in@example.org", status="attended")
        building.insert(
            "check_ins",
            id=building.value("SELECT gen_random_uuid()"),
            registration_id=inside,
            action="admit",
            station="gate",
            staff_id=made,
            decision="asked",
            verdict="admitted",
            decided_at=building.value("SELECT timezone('UTC', now())"),
        )
        waiting = building.registration(package, "next@example.org", status="waitlisted", waitlist_position=2)
        seated = building.registration(package, "zoe@example.org")
        return Scene(database, actor, building, event, package, seated, inside, waiting, colleague, tmp_path)

    return make


def _give(building, user, role):
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = %s", user, role)


def _take(building, user):
    building.do("DELETE FROM user_roles WHERE user_id = %s", user)


def _everything(building):
    tables = (
        "users",
        "user_roles",
        "events",
        "packages",
        "event_registrations",
        "orders",
        "admin_logs",
        "check_ins",
    )
    return {
        table: building.value(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
        for table in (*tables, "password_resets", "greenroom.sign_in_attempts", "greenroom.sign_in_tries")
    }


@pytest.mark.parametrize(("operation", "name"), CASES)
def test_a_role_taken_away_and_a_deactivated_account_count_at_once(operation, name, scene):
    """Ruling 24: between two operations of somebody who stays signed in, and claims a role that was theirs; other
    roles than the table's do not help, and a refused operation changes nothing."""
    enough = ALLOWED[operation][-1]
    made = scene(enough)
    call, building, actor = CALLS[operation][name], made.building, made.actor
    for roles in (
        (),
        *((role.value,) for role in Role if role.value not in ALLOWED[operation]),
    ):
        _take(building, actor.id)
        for role in roles:
            _give(building, actor.id, role)
        before = _everything(building)
        with pytest.raises(
            errors.NotAllowed, match=rf"\({''.join(roles) or 'none'}\) may not {operation.value}"
        ):
            call(made)
        assert _everything(building) == before

    _take(building, actor.id)
    _give(building, actor.id, enough)
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", actor.id)
    before = _everything(building)
    with pytest.raises(errors.AccountClosed, match=f"may not {operation.value} any more"):
        call(made)
    assert _everything(building) == before

    building.do("UPDATE users SET status = 'active' WHERE id = %s", actor.id)
    call(made)


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_refused_and_allowed_as_the_table_says(operation, database, building):
    """Ruling 24: in reading transactions and in calls alike, those no service asks for yet included."""
    may = set()
    for role in Role:
        user = building.user()
        _give(building, user, role.value)
        asking: Acting = acting(Actor(user, "x", "x@x.org", frozenset({"admin"})), operation)
        answers = []
        for ask in (
            lambda asking=asking: database.once(f"SELECT {Acting.ID}", {}, asking),
            lambda asking=asking: database.run(lambda tx: tx.value("SELECT 1"), asking),
        ):
            try:
                ask()
                answers.append(True)
            except errors.NotAllowed:
                answers.append(False)
        assert len(set(answers)) == 1
        may |= {role.value} if answers[0] else set()
    assert may == set(ALLOWED[operation])


def test_every_operation_has_a_service_here_or_is_waited_for():
    assert set(CALLS) | LATER == set(Operation)
    assert not set(CALLS) & LATER
