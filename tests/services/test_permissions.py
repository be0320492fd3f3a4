"""Who may do what (ruling 24)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.db.session import Actor
from desktop.services import registering
from desktop.services.permissions import ALLOWED, Operation, Role, acting, allowed

ADMINS_ONLY = {Operation.MANAGE_STAFF, Operation.REPAIR}
DOOR = {
    Operation.SEE_EVENTS,
    Operation.SEE_REGISTRATIONS,
    Operation.ADMIT,
    Operation.UNDO_OWN_ADMISSION,
    Operation.RECORD_NO_SHOW,
    Operation.RELEASE_NO_SHOWS,
    Operation.TAKE_PAYMENT,
    Operation.CHANGE_OWN_PASSWORD,
}


def _may(role: Role) -> set[Operation]:
    return {operation for operation in Operation if allowed(frozenset({role.value}), operation)}


def test_every_operation_has_its_row_and_every_role_in_it_exists():
    assert set(ALLOWED) == set(Operation)
    assert {role for roles in ALLOWED.values() for role in roles} == {role.value for role in Role}


def test_an_admin_may_do_everything():
    assert _may(Role.ADMIN) == set(Operation)


def test_an_organizer_may_do_everything_but_manage_staff_and_repair():
    assert _may(Role.ORGANIZER) == set(Operation) - ADMINS_ONLY


def test_the_door_checks_people_in_and_takes_back_its_own():
    assert _may(Role.DOOR) == DOOR


def test_an_editor_has_nothing_to_do_with_events():
    assert _may(Role.EDITOR) == {Operation.CHANGE_OWN_PASSWORD}


def test_several_roles_add_up():
    roles = frozenset({"editor", "door", "organizer"})
    assert {operation for operation in Operation if allowed(roles, operation)} == _may(Role.ORGANIZER)


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"owner", "ADMIN", ""})])
def test_no_role_and_unknown_roles_may_do_nothing(roles):
    assert not any(allowed(roles, operation) for operation in Operation)


def test_a_refusal_names_the_roles_held_now_and_the_wish(database, building, door, editor):
    """Ruling 24: what counts is the database's word at that moment, not what the window knows."""
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'editor'", door.id)
    with pytest.raises(errors.NotAllowed) as caught:
        registering.cancel(database, door, uuid4())
    assert "(door, editor)" in str(caught.value)
    assert "may not cancel registrations" in str(caught.value)


def test_a_role_taken_away_and_one_given_count_at_once(database, building, organizer, door):
    """Ruling 24: rights are read with each operation, in calls and in reading transactions alike."""
    registration = building.registration(building.package())
    building.do("DELETE FROM user_roles WHERE user_id = %s", organizer.id)
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'organizer'", door.id)

    with pytest.raises(errors.NotAllowed, match=r"\(none\)"):
        registering.cancel(database, organizer, registration)
    with (
        pytest.raises(errors.NotAllowed),
        database.transaction(acting(organizer, Operation.SEE_REGISTRATIONS)),
    ):
        pass
    assert building.status(registration) == "registered"
    assert registering.cancel(database, door, registration).previous_status == "registered"


@pytest.mark.parametrize("gone", ["inactive", "missing"])
def test_a_deactivated_account_acts_no_more(database, building, organizer, gone):
    """Ruling 24: `inactive` users may do nothing, whatever roles they keep."""
    actor = organizer if gone == "inactive" else Actor(uuid4(), "x", "x@example.org", organizer.roles)
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", organizer.id)

    with pytest.raises(errors.AccountClosed, match="may not cancel registrations any more"):
        registering.cancel(database, actor, building.registration(building.package()))
