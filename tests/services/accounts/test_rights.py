"""Rights are read with each operation (ruling 24): every service of `rights.CALLS`, as whoever may, and may no more."""

from __future__ import annotations

from dataclasses import replace

import bcrypt
import pytest

from desktop import errors
from desktop.db.session import Acting, Actor
from desktop.services.checking import repairing
from desktop.services.permissions import ALLOWED, Operation, Role, acting
from tests.services.accounts.rights import (
    ANSWERED,
    CALLS,
    EXCEPTIONS,
    PASSWORD,
    Scene,
    services_with_an_actor,
)

CASES = [
    pytest.param(operation, call, id=f"{operation.name}-{call}")
    for operation, calls in CALLS.items()
    for call in calls
]
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
TABLES = (
    "users",
    "user_roles",
    "events",
    "packages",
    "package_seats",
    "event_registrations",
    "orders",
    "admin_logs",
    "check_ins",
    "password_resets",
    "greenroom.payments",
    "greenroom.station_reports",
    "greenroom.sign_in_attempts",
    "greenroom.sign_in_tries",
)
EVERYTHING = "SELECT " + ", ".join(
    f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t) AS \"{table}\""
    for table in TABLES
)


@pytest.fixture
def scene(database, building, admin, tmp_path):
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
        waiting, following = (
            building.registration(
                package, f"{place}@example.org", status="waitlisted", waitlist_position=place
            )
            for place in (2, 3)
        )
        seated = building.registration(package, "zoe@example.org")
        return Scene(
            database,
            actor,
            admin,
            building,
            event,
            package,
            seated,
            inside,
            waiting,
            following,
            colleague,
            tmp_path,
        )

    return make


def _give(building, user, role):
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = %s", user, role)


def _take(building, user):
    building.do("DELETE FROM user_roles WHERE user_id = %s", user)


@pytest.mark.parametrize(("operation", "call"), CASES)
def test_a_role_taken_away_and_a_deactivated_account_count_at_once(operation, call, scene):
    """Ruling 24: between two operations of somebody who stays signed in, and claims a role that was theirs; other
    roles than the table's do not help, and a refused operation changes nothing."""
    enough = ALLOWED[operation][-1]
    made = scene(enough)
    building, actor = made.building, made.actor
    if call.before is not None:
        made = replace(made, seen=call.before(made))
    wish = call.wish or operation.value
    others = sorted(role.value for role in Role if role.value not in ALLOWED[operation])
    for roles in ([], others) if others else ([],):
        _take(building, actor.id)
        for role in roles:
            _give(building, actor.id, role)
        before = building.row(EVERYTHING)
        with pytest.raises(errors.NotAllowed, match=rf"\({', '.join(roles) or 'none'}\) may not {wish}"):
            call(made)
        assert building.row(EVERYTHING) == before

    _take(building, actor.id)
    _give(building, actor.id, enough)
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", actor.id)
    before = building.row(EVERYTHING)
    with pytest.raises(errors.AccountClosed, match=f"may not {wish} any more"):
        call(made)
    assert building.row(EVERYTHING) == before

    building.do("UPDATE users SET status = 'active' WHERE id = %s", actor.id)
    call(made)


def test_somebody_who_may_not_repair_is_told_so_also_when_nothing_is_wrong(database, door):
    """Ruling 24."""
    with pytest.raises(errors.NotAllowed, match="may not repair the database"):
        repairing.repair(database, door)


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


def test_every_operation_has_a_service_here():
    assert set(CALLS) | ANSWERED == set(Operation)


def test_every_service_with_an_actor_is_here():
    """Who adds one says in `rights.CALLS` which right it needs, or in ``EXCEPTIONS`` why it is no service."""
    here = {call.service for calls in CALLS.values() for call in calls}
    missing = {f"{one.__module__}.{one.__qualname__}" for one in services_with_an_actor() if one not in here}
    assert missing == set(EXCEPTIONS)
