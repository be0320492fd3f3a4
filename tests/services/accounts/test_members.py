"""Who is on the staff: roles given and taken, accounts deactivated and reactivated (ruling 24)."""

from __future__ import annotations

import threading
from functools import partial
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
NO_ADMIN = {"take": "lose the role admin", "deactivate": "be deactivated"}


def _admins(building):
    return building.value(
        "SELECT count(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id"
        " WHERE r.name = 'admin' AND u.status = 'active'"
    )


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


@pytest.mark.parametrize("what", NO_ADMIN)
def test_the_last_active_admin_stays_one(what, database, building, admin, second_admin):
    """Ruling 24: nobody else could make the next; a deactivated admin is none."""
    other = second_admin(status="inactive")
    before = _everything(building)
    with pytest.raises(errors.LastAdmin, match=f"“ada.admin” cannot {NO_ADMIN[what]}") as caught:
        DO[what](database, admin, admin.id)
    assert "Give somebody else the role admin" in str(caught.value)
    assert _everything(building) == before
    assert DO[what](database, admin, other.id).changed is (what == "take")


@pytest.mark.parametrize("what", NO_ADMIN)
def test_an_admin_may_go_while_another_stays(what, database, building, admin, second_admin):
    other = second_admin()
    assert DO[what](database, admin, admin.id).changed
    assert _admins(building) == 1
    with pytest.raises((errors.NotAllowed, errors.AccountClosed)):
        accounts.staff(database, admin)
    with pytest.raises(errors.LastAdmin):
        DO[what](database, other, other.id)


@pytest.mark.parametrize("what", NO_ADMIN)
def test_an_admin_nobody_can_sign_in_as_is_not_enough(what, database, building, user, second_admin):
    """Ruling 24: an account that signs in through somebody else, and has no password, is no way in."""
    ada = user("admin", username="ada")
    other = second_admin(oauth_provider="google", oauth_provider_id="1")
    with pytest.raises(errors.LastAdmin, match="has a password"):
        DO[what](database, other, ada)
    accounts.set_password(database, second_admin("cleo"), other.id, "another good one")
    assert DO[what](database, other, ada).changed


@pytest.mark.parametrize("what", NO_ADMIN)
def test_of_two_admins_who_end_each_other_at_once_one_stays(
    what, database, building, admin, second_admin, at_once
):
    """Ruling 24: under a lock; whoever comes second is no admin any more, and may not."""
    for turn in range(8):
        building.do("UPDATE users SET status = 'active'")
        other = second_admin(f"ben{turn}")
        building.do(
            "INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin' ON CONFLICT DO NOTHING",
            admin.id,
        )
        results = at_once(
            partial(DO[what], database, admin, other.id), partial(DO[what], database, other, admin.id)
        )
        assert _admins(building) == 1, results
        assert sum(isinstance(one, accounts.Standing) for one in results) == 1
        refused = [one for one in results if not isinstance(one, accounts.Standing)]
        assert isinstance(refused[0], (errors.NotAllowed, errors.AccountClosed)), refused
        building.do("DELETE FROM user_roles WHERE user_id = %s", other.id)


@pytest.mark.parametrize("what", NO_ADMIN)
def test_of_many_admins_who_all_go_at_once_one_stays(what, database, building, admin, second_admin, at_once):
    """Ruling 24: however many leave at the same moment."""
    everybody = [admin, *(second_admin(f"ben{number}") for number in range(5))]
    results = at_once(*(partial(DO[what], database, one, one.id) for one in everybody))
    assert _admins(building) >= 1, results
    assert not [
        one for one in results if not isinstance(one, (accounts.Standing, errors.LastAdmin, errors.Busy))
    ]
    for one in everybody:  # whoever was told to try again
        try:
            DO[what](database, one, one.id)
        except (errors.LastAdmin, errors.NotAllowed, errors.AccountClosed):
            continue
    assert _admins(building) == 1


@pytest.mark.parametrize("what", NO_ADMIN)
@pytest.mark.parametrize(
    "website",
    [
        "UPDATE users SET status = 'inactive' WHERE id = %s",
        "DELETE FROM user_roles WHERE user_id = %s",
        "WITH gone AS (UPDATE users SET status = 'inactive' WHERE id = %s RETURNING id)"
        " DELETE FROM user_roles WHERE user_id = (SELECT id FROM gone)",
    ],
)
def test_what_the_website_is_just_doing_to_the_other_admin_is_waited_for(
    what, website, database, building, admin, second_admin
):
    """Ruling 24: its change is not committed, and counts nevertheless."""
    other = second_admin()
    results = []

    def attempt():
        try:
            results.append(DO[what](database, admin, admin.id))
        except errors.AppError as error:
            results.append(error)

    with building.connect(autocommit=False) as site:
        site.execute(website, (other.id,))
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join(0.15)
        assert results == []
        site.commit()
        thread.join(5)
    assert [type(one) for one in results] == [errors.LastAdmin]
    assert _admins(building) == 1


def test_a_website_that_holds_the_accounts_the_other_way_round_meets_no_deadlock(
    database, building, admin, door, second_admin
):
    """The website writes an account and then its roles, we the roles and then the accounts: it never waits for long,
    and it is us who try again."""
    second_admin()
    stop = threading.Event()
    met = []

    def website():
        with building.connect(autocommit=False) as site:
            while not stop.wait(0.01):
                try:
                    site.execute("UPDATE users SET last_login_at = now() WHERE id = %s", (admin.id,))
                    site.execute("DELETE FROM user_roles WHERE user_id = %s", (door.id,))
                    site.execute(
                        "INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'door'", (door.id,)
                    )
                    site.commit()
                except Exception as error:  # noqa: BLE001 - whatever the website is told
                    met.append(error)
                    site.rollback()

    thread = threading.Thread(target=website)
    thread.start()
    done = 0
    try:
        for _ in range(12):
            try:
                accounts.give_role(database, admin, door.id, Role.EDITOR)
                accounts.take_role(database, admin, door.id, Role.EDITOR)
                done += 1
            except errors.Busy:
                continue
    finally:
        stop.set()
        thread.join(10)
    assert met == []
    assert done > 0


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
