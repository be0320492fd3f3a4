"""Whose check-in may be taken back goes by the rights of now, not by those of when somebody signed in (ruling 24)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop import errors
from desktop.services import attendance
from desktop.services.attendance import Admission
from desktop.services.permissions import ALLOWED, Operation, Role

ROLES = (*((role.value,) for role in Role), ("door", "organizer"), ())


@pytest.fixture
def becomes(building):
    """Gives somebody these roles and no others."""

    def change(user, *roles):
        building.do("DELETE FROM user_roles WHERE user_id = %s", user)
        building.do(
            "INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = ANY (%s)", user, list(roles)
        )

    return change


def _single(database, actor, admission):
    return attendance.undo(database, actor, admission)


def _batch(database, actor, admission):
    return attendance.send(database, actor, [replace(admission, action="undo")])[0]


@pytest.mark.parametrize("take_back", [_single, _batch])
@pytest.mark.parametrize("at_sign_in", ["organizer", "door"])
@pytest.mark.parametrize("now", ROLES, ids=lambda roles: "+".join(roles) or "none")
def test_somebody_elses_is_taken_back_by_whoever_may_now(
    take_back, at_sign_in, now, building, database, door, organizer, becomes
):
    """Ruling 24: roles given and taken since signing in count both ways, in the one call."""
    actor = replace(organizer, roles=frozenset({at_sign_in}))
    becomes(actor.id, *now)
    guest = building.registration(building.package())
    attendance.admit(database, door, Admission(guest, "gate"))
    wish = Admission(guest, "office")
    if set(now) & {*ALLOWED[Operation.UNDO_ANY_ADMISSION]}:
        assert take_back(database, actor, wish).verdict == "undone"
    elif set(now) & {*ALLOWED[Operation.UNDO_OWN_ADMISSION]}:
        assert take_back(database, actor, wish).verdict == "not_yours"
        assert building.status(guest) == "attended"
    else:
        with pytest.raises(errors.NotAllowed, match="may not take back a check-in"):
            take_back(database, actor, wish)


@pytest.mark.parametrize("at_sign_in", ["organizer", "door"])
def test_ones_own_is_taken_back_whatever_one_has_become(at_sign_in, building, database, organizer, becomes):
    actor = replace(organizer, roles=frozenset({at_sign_in}))
    guest = building.registration(building.package())
    for role in ("organizer", "door"):
        becomes(actor.id, role)
        attendance.admit(database, actor, Admission(guest, "gate"))
        assert attendance.undo(database, actor, Admission(guest, "gate")).verdict == "undone"
