"""There is always an admin left, whoever goes at once, beside the website too (ruling 24)."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from desktop import errors
from desktop.services import accounts
from desktop.services.permissions import Role

DO = {
    "take": lambda database, actor, who: accounts.take_role(database, actor, who, Role.ADMIN),
    "deactivate": accounts.deactivate,
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
        thread.join(60)
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
        thread.join(60)
    assert met == []
    assert done > 0
