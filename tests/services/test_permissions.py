"""Who may do what (ruling 24)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.db.session import Actor
from desktop.services.permissions import Operation, Role, allowed, require, roles_of

DOOR = {
    Operation.SEE_EVENTS,
    Operation.SEE_REGISTRATIONS,
    Operation.ADMIT,
    Operation.UNDO_OWN_ADMISSION,
}


def _may(role: Role) -> set[Operation]:
    return {operation for operation in Operation if allowed(frozenset({role.value}), operation)}


def test_an_admin_may_do_everything():
    assert _may(Role.ADMIN) == set(Operation)


def test_an_organizer_may_do_everything_but_add_staff_and_repair():
    assert _may(Role.ORGANIZER) == set(Operation) - {Operation.MANAGE_STAFF, Operation.REPAIR}


def test_the_door_checks_people_in_and_takes_back_its_own():
    assert _may(Role.DOOR) == DOOR


def test_an_editor_has_nothing_to_do_with_events():
    assert _may(Role.EDITOR) == set()


def test_several_roles_add_up():
    roles = frozenset({"editor", "door", "organizer"})
    assert {operation for operation in Operation if allowed(roles, operation)} == _may(Role.ORGANIZER)


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"owner", "ADMIN", ""})])
def test_no_role_and_unknown_roles_may_do_nothing(roles):
    assert not any(allowed(roles, operation) for operation in Operation)


@pytest.mark.parametrize(
    ("roles", "named"), [(frozenset({"door", "editor"}), "(door, editor)"), (frozenset(), "(none)")]
)
def test_a_refusal_names_the_role_and_the_wish(roles, named):
    actor = Actor(uuid4(), "noor", "noor@example.org", roles)
    with pytest.raises(errors.NotAllowed) as caught:
        require(actor, Operation.CANCEL)
    assert named in str(caught.value)
    assert "may not cancel registrations" in str(caught.value)


def test_the_roles_of_a_user_are_those_the_database_holds_now(database, building, door):
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'editor'", door.id)
    with database.transaction() as tx:
        assert roles_of(tx, door.id) == {"door", "editor"}
        assert roles_of(tx, uuid4()) == frozenset()
