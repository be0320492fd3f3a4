"""Signing in, and adding the people who may (rulings 24 and 25)."""

from __future__ import annotations

from functools import partial

import bcrypt
import pytest

from desktop import errors
from desktop.services import accounts
from desktop.services.permissions import Role

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """bcrypt at its cheapest, where its cost is not the point."""
    monkeypatch.setattr(accounts, "COST", 4)


@pytest.fixture
def user(building):
    """Makes a user with `PASSWORD` and roles; its id."""

    def make(*roles, username="asha.menon", email="Asha@Example.org", **columns):
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        made = building.user(**{"username": username, "email": email, "password_hash": hashed} | columns)
        building.do(
            "INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = ANY (%s)",
            made,
            list(roles or ["organizer"]),
        )
        return made

    return make


@pytest.fixture
def sign_in(database):
    """`accounts.sign_in`, with the right password unless told otherwise."""
    return lambda login="asha.menon", password=PASSWORD: accounts.sign_in(database, login, password)


def _failures(building, login="asha.menon"):
    return building.value(
        "SELECT coalesce(max(failures), 0) FROM greenroom.sign_in_attempts WHERE login = session_user || ' ' || %s",
        login,
    )


def _end_of_pause(building):
    building.do(
        "UPDATE greenroom.sign_in_attempts SET blocked_until = timezone('UTC', now()) - interval '1 second'"
    )


@pytest.mark.parametrize(
    "login", ["asha.menon", "ASHA.Menon", " asha.menon ", "asha@example.org", "ASHA@EXAMPLE.ORG"]
)
def test_a_user_name_or_an_address_opens_in_any_case(login, user, sign_in):
    made = user("organizer", "editor")
    actor = sign_in(login)
    assert (actor.id, actor.name, actor.email, actor.roles) == (
        made,
        "asha.menon",
        "Asha@Example.org",
        {"organizer", "editor"},
    )


def test_coming_in_is_remembered_and_logged(building, user, sign_in):
    made = user()
    sign_in()
    assert building.value(
        "SELECT abs(extract(epoch FROM timezone('UTC', now()) - last_login_at)) < 600 FROM users WHERE id = %s",
        made,
    )
    assert building.log() == [("auth.sign_in", "asha.menon signed in")]


def test_a_wrong_name_and_a_wrong_password_say_the_same(user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed) as wrong_password:
        sign_in(password="wrong")
    with pytest.raises(errors.SignInFailed) as wrong_name:
        sign_in("nobody")
    assert str(wrong_password.value) == str(wrong_name.value)
    assert str(wrong_name.value) == "Name or password is not right. 4 tries left before a pause."


def test_a_wrong_name_costs_a_bcrypt_check_too(monkeypatch, user, sign_in):
    user()
    checked = []
    hash_it = bcrypt.hashpw
    monkeypatch.setattr(accounts.bcrypt, "hashpw", lambda *given: checked.append(given) or hash_it(*given))
    for login, password in (("asha.menon", "wrong"), ("nobody", "wrong")):
        with pytest.raises(errors.SignInFailed):
            sign_in(login, password)
    assert len(checked) == 2


def test_the_stand_in_of_a_wrong_name_costs_as_much_as_a_real_password(user, sign_in, monkeypatch):
    user()
    salts = []
    hashed = bcrypt.hashpw
    monkeypatch.setattr(bcrypt, "hashpw", lambda typed, salt: salts.append(salt) or hashed(typed, salt))
    for login in ("asha.menon", "nobody 8", "nobody 9", "nobody 10"):
        with pytest.raises(errors.SignInFailed):
            sign_in(login, "wrong")
    assert {salt[:7] for salt in salts} <= {b"$2b$04$", b"$2b$12$"}
    assert len(set(salts)) == 4


@pytest.mark.parametrize(
    ("login", "password", "field"), [("", "x", "login"), ("  ", "x", "login"), ("a", "", "password")]
)
def test_nothing_typed_is_asked_for_and_not_counted(login, password, field, building, sign_in):
    with pytest.raises(errors.InvalidField) as caught:
        sign_in(login, password)
    assert caught.value.field == field
    assert building.rows("SELECT FROM greenroom.sign_in_attempts") == []


@pytest.mark.parametrize(
    "login", ["".join(map(str, range(3000))), "as\x00ha", "\x00x", "'; DROP TABLE users; --", "🦊" * 3000]
)
def test_whatever_is_typed_as_a_name_is_merely_wrong(login, user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed):
        sign_in(login)


@pytest.mark.parametrize("password", ["wrong\x00", "\x00", "🦊" * 100])
def test_whatever_is_typed_as_a_password_is_merely_wrong(password, user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed):
        sign_in(password=password)


def test_a_stored_text_that_is_no_hash_opens_nothing(user, sign_in):
    user(password_hash=PASSWORD)
    with pytest.raises(errors.SignInFailed):
        sign_in()


def test_the_sixth_wrong_password_waits_even_if_it_is_right(building, user, sign_in):
    user()
    left = []
    for _ in range(5):
        with pytest.raises(errors.SignInFailed) as caught:
            sign_in(password="wrong")
        left.append(caught.value.tries_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(errors.SignInPaused) as paused:
        sign_in()
    assert 25 <= paused.value.seconds <= 30
    assert "Wait" in str(paused.value)
    _end_of_pause(building)
    assert sign_in().name == "asha.menon"


def test_a_name_nobody_has_waits_just_the_same(sign_in):
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in("nobody")
    with pytest.raises(errors.SignInPaused):
        sign_in("NOBODY ")


def test_trying_during_the_pause_does_not_make_it_longer(building, user, sign_in):
    user()
    building.do(
        "INSERT INTO greenroom.sign_in_attempts VALUES (session_user || ' asha.menon', 5,"
        " timezone('UTC', now()) + interval '20 s', timezone('UTC', now()))"
    )
    for _ in range(3):
        with pytest.raises(errors.SignInPaused) as caught:
            sign_in()
        assert caught.value.seconds <= 20
    assert _failures(building) == 5


def test_each_further_wrong_password_doubles_the_pause_up_to_a_quarter_of_an_hour(building, user, sign_in):
    user()
    pauses = []
    for _ in range(11):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
        pauses.append(
            building.value(
                "SELECT round(extract(epoch FROM blocked_until - last_at))::int FROM greenroom.sign_in_attempts"
            )
        )
        _end_of_pause(building)
    assert pauses == [None, None, None, None, 30, 60, 120, 240, 480, 900, 900]


def test_the_right_password_forgets_the_wrong_ones(building, user, sign_in):
    user()
    for _ in range(4):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    sign_in()
    assert _failures(building) == 0


def test_an_hour_of_quiet_forgets_the_wrong_ones(building, user, sign_in):
    user()
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    building.do(
        "UPDATE greenroom.sign_in_attempts SET last_at = last_at - interval '61 min', blocked_until = last_at"
    )
    with pytest.raises(errors.SignInFailed) as caught:
        sign_in(password="wrong")
    assert caught.value.tries_left == 4


def test_somebody_elses_wrong_passwords_are_not_mine(user, sign_in):
    user()
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in("nobody")
    assert sign_in().name == "asha.menon"


def test_parallel_guesses_are_all_counted(building, database, user, at_once):
    user()
    guess = partial(accounts.sign_in, database, "asha.menon", "wrong")
    results = at_once(*[guess] * 12)
    assert sum(isinstance(result, errors.SignInFailed) for result in results) == 5
    assert sum(isinstance(result, errors.SignInPaused) for result in results) == 7
    assert _failures(building) == 5


def test_one_person_may_come_in_on_four_computers_at_once(building, database, user, at_once):
    user()
    for _ in range(10):
        results = at_once(*[partial(accounts.sign_in, database, "asha.menon", PASSWORD)] * 4)
        assert [result for result in results if isinstance(result, Exception)] == []
    assert _failures(building) == 0


def test_an_account_that_was_deactivated_stays_outside(user, sign_in):
    user(status="inactive")
    with pytest.raises(errors.SignInRefused, match="deactivated"):
        sign_in()


def test_an_account_without_a_role_stays_outside(building, user, sign_in):
    user()
    building.do("DELETE FROM user_roles")
    with pytest.raises(errors.SignInRefused, match="no role"):
        sign_in()


def test_a_role_the_website_invented_opens_nothing(building, user, sign_in):
    made = user()
    building.do("DELETE FROM user_roles")
    building.do("INSERT INTO roles (name) VALUES ('reader')")
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'reader'", made)
    with pytest.raises(errors.SignInRefused, match="no role"):
        sign_in()


@pytest.mark.parametrize("columns", [{"status": "inactive"}, {"username": "roleless"}])
def test_whoever_does_not_know_the_password_is_not_told_about_the_account(columns, building, user, sign_in):
    user(**columns)
    building.do("DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = 'roleless')")
    with pytest.raises(errors.SignInFailed):
        sign_in(columns.get("username", "asha.menon"), "wrong")


def test_a_right_password_that_is_refused_is_not_counted_as_a_wrong_one(building, user, sign_in):
    user(status="inactive")
    for _ in range(7):
        with pytest.raises(errors.SignInRefused):
            sign_in()
    assert _failures(building) == 0


@pytest.mark.parametrize("provider", ["google", "github", "apple"])
def test_somebody_who_signs_in_elsewhere_is_told_why_and_what_to_do(provider, user, sign_in):
    user(oauth_provider=provider, oauth_provider_id="1", password_hash=None)
    with pytest.raises(errors.SignInRefused, match=f"through {provider.title()} .* “Forgot password”"):
        sign_in()


def test_an_oauth_account_with_a_password_of_its_own_may_use_it(user, sign_in):
    user(oauth_provider="google", oauth_provider_id="1")
    assert sign_in().name == "asha.menon"


def test_a_guest_who_only_ever_bought_a_ticket_cannot_sign_in_and_is_not_given_away(user, sign_in):
    user(password_hash=None)
    with pytest.raises(errors.SignInFailed) as guest:
        sign_in()
    with pytest.raises(errors.SignInFailed) as nobody:
        sign_in("nobody")
    assert str(guest.value) == str(nobody.value)


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
    with pytest.raises(errors.NotAllowed, match="may not add staff"):
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
