"""Who is on the staff: roles given and taken, accounts deactivated and reactivated (ruling 24)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import accounts, registering
from desktop.services.permissions import Role

DO = {
    "give": lambda database, actor, who: accounts.give_role(database, actor, who, Role.EDITOR),
    "take": lambda database, actor, who: accounts.take_role(database, actor, who, Role.ADMIN),
    "deactivate": accounts.deactivate,
    "reactivate": accounts.reactivate,
}


def _everything(building):
    return building.rows(
        "SELECT u.id, status, ARRAY(SELECT role_id FROM user_roles WHERE user_id = u.id ORDER BY role_id) AS roles,"
        " (SELECT count(*) FROM admin_logs) AS logged FROM users u ORDER BY u.id"
    )


def test_a_role_given_counts_at_once_and_says_before_and_after(database, building, admin, door):
    package = building.package()
    registration = building.registration(package)
    with pytest.raises(errors.NotAllowed):
        registering.cancel(database, door, registration)

    standing = accounts.give_role(database, admin, door.id, Role.ORGANIZER)

    assert (standing.username, standing.roles, standing.changed) == (
        "noor.door",
        {Role.DOOR, Role.ORGANIZER},
        True,
    )
    assert registering.cancel(database, door, registration).previous_status == "registered"
    assert building.log(door.id) == [
        (
            "staff.give_role",
            "Gave noor.door (noor.door@example.org) the role organizer: door → door, organizer",
        )
    ]


def test_a_role_taken_is_gone_at_once_and_without_any_the_account_is_the_websites(
    database, building, admin, door
):
    standing = accounts.take_role(database, admin, door.id, Role.DOOR)
    assert (standing.roles, standing.changed) == (frozenset(), True)
    assert [member.username for member in accounts.staff(database, admin)] == ["ada.admin"]
    assert building.log(door.id)[-1][1].endswith("the role door: door → none")
    assert building.value("SELECT status FROM users WHERE id = %s", door.id) == "active"


@pytest.mark.parametrize("what", DO)
def test_to_say_it_twice_changes_and_logs_it_once(what, database, building, admin, second_admin):
    other = second_admin()
    if what == "reactivate":
        building.do("UPDATE users SET status = 'inactive' WHERE id = %s", other.id)
    assert [DO[what](database, admin, other.id).changed for _ in range(3)] == [True, False, False]
    assert len(building.log(other.id)) == 1


def test_a_role_of_the_websites_own_is_left_and_not_shown(database, building, admin, door):
    building.do("INSERT INTO roles (name) VALUES ('reader')")
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'reader'", door.id)
    assert accounts.take_role(database, admin, door.id, Role.DOOR).roles == frozenset()
    assert building.value("SELECT count(*) FROM user_roles WHERE user_id = %s", door.id) == 1


def test_somebody_deactivated_does_nothing_more_and_keeps_what_they_were(
    database, building, admin, organizer
):
    """Ruling 24: an inactive account does nothing; ruling 23: it is deactivated and never deleted."""
    registration = building.registration(building.package())
    code = accounts.issue_reset(database, admin, organizer.id).code

    standing = accounts.deactivate(database, admin, organizer.id, " left the team ")

    assert standing.roles == {Role.ORGANIZER}
    with pytest.raises(errors.AccountClosed):
        registering.cancel(database, organizer, registration)
    with pytest.raises(errors.ResetRefused):
        accounts.reset_password(database, code, "another good one")
    (member,) = (one for one in accounts.staff(database, admin) if one.id == organizer.id)
    assert (member.active, member.coming_in.startswith("Cannot sign in: the account is deactivated")) == (
        False,
        True,
    )
    assert accounts.reactivate(database, admin, organizer.id).changed
    assert registering.cancel(database, organizer, registration).previous_status == "registered"
    assert [line for line in building.log(organizer.id) if line[0] != "staff.issue_reset"] == [
        (
            "staff.deactivate",
            "Deactivated asha.menon (asha.menon@example.org): active → inactive (left the team)",
        ),
        ("staff.reactivate", "Reactivated asha.menon (asha.menon@example.org): inactive → active"),
    ]


@pytest.mark.parametrize("what", DO)
@pytest.mark.parametrize("fixture", ["organizer", "door", "editor"])
def test_only_an_admin_does_it(what, fixture, request, database, building, second_admin):
    """Ruling 24: who manages staff is in one table, and enforced by the service."""
    actor, other = request.getfixturevalue(fixture), second_admin()
    before = _everything(building)
    with pytest.raises(errors.NotAllowed, match="may not manage staff accounts"):
        DO[what](database, actor, other.id)
    assert _everything(building) == before


@pytest.mark.parametrize("what", ["deactivate", "reactivate"])
def test_customers_are_not_staff(what, database, building, admin):
    for stranger in (building.user(), uuid4()):
        with pytest.raises(errors.NotFound, match="staff account"):
            DO[what](database, admin, stranger)


def test_a_role_for_nobody_is_not_given(database, admin):
    with pytest.raises(errors.NotFound, match="staff account"):
        accounts.give_role(database, admin, uuid4(), Role.DOOR)


def test_the_staff_are_listed_with_how_they_come_in(database, building, admin, user, organizer, monkeypatch):
    """Ruling 24: who signs in through somebody else is explained; ruling 25: whose password is stored too cheaply."""
    monkeypatch.undo()
    good, cheap = ("$2b$12$" + "." * 53, "$2y$10$" + "." * 53)
    user("door", username="noor", email="noor@example.org", password_hash=good)
    elsewhere = {"oauth_provider_id": "1"}
    user(username="Örn", email="o@x.org", oauth_provider="github", password_hash=good, **elsewhere)
    user(username="שרה", email="s@x.org", oauth_provider="google", password_hash=None, **elsewhere)
    user("door", "organizer", username="zed", email="zed@example.org", password_hash=cheap)
    building.user(username="customer")

    members = {member.username: member for member in accounts.staff(database, organizer)}

    assert members["zed"].roles == {Role.DOOR, Role.ORGANIZER}
    assert [name for name, member in members.items() if member.last_admin] == ["ada.admin"]
    none = "has no password. Set one, or issue a code."
    assert {name: member.coming_in for name, member in members.items()} == {
        "ada.admin": f"Cannot sign in: the account {none}",
        "asha.menon": f"Cannot sign in: the account {none}",
        "noor": "Signs in with a password.",
        "Örn": "Signs in with a password, and through Github on the website.",
        "שרה": "Signs in through Google on the website and has no password here. Set one, or issue a code.",
        "zed": "Signs in with a password that another program stored too cheaply. A new one would be safer.",
    }


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_list_is_not_for_everybody(fixture, request, database):
    with pytest.raises(errors.NotAllowed, match="may not see staff accounts"):
        accounts.staff(database, request.getfixturevalue(fixture))


def test_somebody_added_whose_account_is_deactivated_is_said_to_be(database, building, admin):
    building.user(username="noor", email="noor@example.org", status="inactive")
    made = accounts.add_staff(database, admin, "noor.d", "noor@example.org", Role.DOOR, "another good one")
    assert (made.username, made.active) == ("noor", False)
    assert accounts.reactivate(database, admin, made.id).changed
    assert accounts.sign_in(database, "noor", "another good one").roles == {"door"}
