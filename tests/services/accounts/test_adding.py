"""Adding the people who may sign in (rulings 24 and 25)."""

from __future__ import annotations

from functools import partial

import bcrypt
import pytest

from desktop import errors
from desktop.services import accounts
from desktop.services.permissions import Role

PASSWORD = "correct horse battery"


def test_a_password_has_at_least_ten_characters():
    assert accounts.checked_password("1234567890") == "1234567890"
    with pytest.raises(errors.InvalidField, match="at least 10 characters"):
        accounts.checked_password("123456789")


def test_a_password_longer_than_72_bytes_is_refused_when_set():
    assert accounts.checked_password("é" * 36) == "é" * 36
    with pytest.raises(errors.InvalidField, match="first 72 bytes") as caught:
        accounts.checked_password("é" * 36 + "x")
    assert caught.value.field == "password"


def test_a_password_of_72_bytes_opens_in_full_only(database, sign_in):
    accounts.first_admin(database, "ada", "ada@example.org", "é" * 36)
    assert sign_in("ada", "é" * 36).name == "ada"
    with pytest.raises(errors.SignInFailed):
        sign_in("ada", "é" * 35)


def test_what_is_stored_is_a_bcrypt_hash_of_cost_twelve_or_more(database, building, monkeypatch):
    monkeypatch.undo()
    accounts.first_admin(database, "ada", "ada@example.org", PASSWORD)
    stored = building.value("SELECT password_hash FROM users")
    assert stored.startswith("$2b$")
    assert int(stored[4:6]) >= 12
    assert bcrypt.checkpw(PASSWORD.encode(), stored.encode())


def test_a_database_without_staff_takes_its_first_admin_who_can_come_in(database, building, sign_in):
    assert not accounts.staff_exist(database)
    made = accounts.first_admin(database, " ada ", " Ada@Example.org ", PASSWORD)
    assert accounts.staff_exist(database)
    assert (made.name, made.email, made.roles) == ("ada", "ada@example.org", {"admin"})
    assert sign_in("ada") == made
    assert building.log(made.id) == [
        ("staff.add", "Added ada (ada@example.org) as admin in the first-run window")
    ]


def test_there_is_one_first_admin(database):
    accounts.first_admin(database, "ada", "ada@example.org", PASSWORD)
    with pytest.raises(errors.NotAllowed, match="there is staff already"):
        accounts.first_admin(database, "eve", "eve@example.org", PASSWORD)


def test_of_two_first_admins_at_once_one_is_told_that_somebody_was_quicker(database, building, at_once):
    results = at_once(
        *(
            partial(accounts.first_admin, database, name, f"{name}@example.org", PASSWORD)
            for name in ("ada", "eve")
        )
    )
    assert sum(isinstance(result, errors.NotAllowed) for result in results) == 1
    assert building.value("SELECT count(*) FROM user_roles") == 1
    assert building.value("SELECT count(*) FROM users") == 1


def test_users_of_the_website_are_no_staff(database, building):
    building.user()
    assert not accounts.staff_exist(database)


def test_an_admin_adds_staff_who_can_come_in(database, building, admin, sign_in):
    made = accounts.add_staff(database, admin, "noor.d", "Noor@Example.org", Role.DOOR, PASSWORD)
    assert (made.username, made.role, made.password_kept) == ("noor.d", Role.DOOR, False)
    assert sign_in("noor@example.org").roles == {"door"}
    entry = building.row("SELECT * FROM admin_logs WHERE action_type = 'staff.add'")
    assert (entry["admin_id"], entry["subject_id"], entry["description"]) == (
        admin.id,
        made.id,
        "Added noor.d (noor@example.org) as door by ada.admin",
    )


@pytest.mark.parametrize("fixture", ["organizer", "door", "editor"])
def test_only_an_admin_adds_staff(fixture, request, database):
    with pytest.raises(errors.NotAllowed, match="may not manage staff accounts"):
        accounts.add_staff(
            database, request.getfixturevalue(fixture), "eve", "eve@example.org", Role.ADMIN, PASSWORD
        )


def test_somebody_with_an_account_gets_a_role_and_keeps_the_password(database, building, admin, sign_in):
    hashed = bcrypt.hashpw(b"my own password", bcrypt.gensalt(4)).decode()
    user = building.user(username="Noor", email="Noor@Example.org", password_hash=hashed)
    made = accounts.add_staff(database, admin, "noor.d", "noor@example.org", Role.DOOR, PASSWORD)
    assert (made.id, made.username, made.password_kept) == (user, "Noor", True)
    assert sign_in("noor", "my own password").roles == {"door"}


def test_a_guest_with_an_account_but_no_password_gets_one(database, building, admin, sign_in):
    building.user(username="noor-1a2b", email="noor@example.org")
    made = accounts.add_staff(database, admin, "noor.d", "noor@example.org", Role.DOOR, PASSWORD)
    assert (made.username, made.password_kept) == ("noor-1a2b", False)
    assert sign_in("noor@example.org").roles == {"door"}


def test_a_second_role_is_added_to_the_first_and_the_same_one_is_no_error(database, admin, sign_in):
    for role in (Role.DOOR, Role.EDITOR, Role.DOOR):
        accounts.add_staff(database, admin, "noor.d", "noor@example.org", role, PASSWORD)
    assert sign_in("noor.d").roles == {"door", "editor"}


@pytest.mark.parametrize("name", ["ASHA.MENON", "asha.menon"])
def test_a_user_name_somebody_else_has_is_taken_in_any_case(name, database, admin, user):
    user()
    with pytest.raises(errors.InvalidField, match="is taken") as caught:
        accounts.add_staff(database, admin, name, "other@example.org", Role.DOOR, PASSWORD)
    assert caught.value.field == "username"


def test_a_user_name_taken_at_the_same_moment_is_taken(database, admin, at_once):
    results = at_once(
        *(
            partial(
                accounts.add_staff, database, admin, "noor.d", f"noor{n}@example.org", Role.DOOR, PASSWORD
            )
            for n in range(6)
        )
    )
    assert sum(isinstance(result, accounts.NewStaff) for result in results) == 1
    assert sum(isinstance(result, errors.InvalidField) for result in results) == 5


@pytest.mark.parametrize("name", ["", " ", "no or", "noor@example.org", "n" * 51, "no\x00or"])
def test_a_user_name_is_one_word_of_at_most_fifty_letters(name, database, admin):
    with pytest.raises(errors.InvalidField) as caught:
        accounts.add_staff(database, admin, name, "noor@example.org", Role.DOOR, PASSWORD)
    assert caught.value.field == "username"


def test_an_address_that_is_none_is_refused(database, admin):
    with pytest.raises(errors.InvalidField) as caught:
        accounts.add_staff(database, admin, "noor", "noor", Role.DOOR, PASSWORD)
    assert caught.value.field == "email"


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.DOOR, Role.EDITOR])
def test_the_first_account_of_the_command_line_is_an_admin(role, database, building):
    with pytest.raises(errors.InvalidField, match="--role admin"):
        accounts.add_from_command_line(database, "ada", "ada@example.org", role, PASSWORD)
    assert building.rows("SELECT FROM users") == []


def test_the_command_line_adds_the_first_admin_and_then_anybody(database, building):
    ada = accounts.add_from_command_line(database, "ada", "ada@example.org", Role.ADMIN, PASSWORD)
    accounts.add_from_command_line(database, "noor", "noor@example.org", Role.DOOR, PASSWORD)
    assert building.log(ada.id) == [
        ("staff.add", "Added ada (ada@example.org) as admin from the command line")
    ]
    assert building.value("SELECT count(*) FROM admin_logs WHERE admin_id = subject_id") == 2


def test_neither_password_nor_hash_is_ever_written_anywhere_else(database, building, admin, sign_in):
    accounts.add_staff(database, admin, "noor.d", "noor@example.org", Role.DOOR, PASSWORD)
    sign_in("noor.d")
    with pytest.raises(errors.SignInFailed):
        sign_in("noor.d", PASSWORD + "!")
    written = str(building.rows("SELECT * FROM admin_logs")) + str(
        building.rows("SELECT * FROM greenroom.sign_in_attempts")
    )
    assert "noor.d" in written
    assert PASSWORD not in written
    assert building.value("SELECT password_hash FROM users WHERE username = 'noor.d'") not in written
