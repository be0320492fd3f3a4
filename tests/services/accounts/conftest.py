"""Accounts with a password, bcrypt at its cheapest, and signing in with them."""

from __future__ import annotations

from uuid import uuid4

import bcrypt
import pytest

from desktop.db.session import Actor
from desktop.services import accounts
from desktop.services.accounts import passwords

PASSWORD = "correct horse battery"
NEW = "staple mountain river"


@pytest.fixture
def password() -> str:
    """Of every account `user` makes."""
    return PASSWORD


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """bcrypt at its cheapest, where its cost is not the point."""
    monkeypatch.setattr(passwords, "COST", 4)


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


@pytest.fixture
def failures(building):
    """How many wrong passwords are counted for a login name."""

    def count(login="asha.menon"):
        return building.value(
            "SELECT coalesce(max(failures), 0) FROM greenroom.sign_in_attempts"
            " WHERE login = session_user || ' ' || %s",
            login,
        )

    return count


@pytest.fixture
def end_of_pause(building):
    """Lets the pauses be over."""
    return lambda: building.do(
        "UPDATE greenroom.sign_in_attempts SET blocked_until = timezone('UTC', now()) - interval '1 second'"
    )


@pytest.fixture
def second_admin(building):
    """Another admin, as the website may have made one."""

    def make(name="ben.admin", **columns):
        made = building.user(username=name, email=f"{name}@example.org", **columns)
        building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin'", made)
        return Actor(made, name, f"{name}@example.org", frozenset({"admin"}))

    return make


@pytest.fixture
def asha(user):
    """Somebody on the staff who has a password."""
    return Actor(user(), "asha.menon", "Asha@Example.org", frozenset({"organizer"}))


@pytest.fixture
def change(database, asha):
    """`accounts.change_password` as Asha does it."""
    return lambda old=PASSWORD, new=NEW: accounts.change_password(database, asha, old, new)


@pytest.fixture
def website(building, asha):
    """A code as the website issues it, for an hour."""

    def issue(account=asha.id, token=None, until="interval '1 hour'", **columns):
        token = token or uuid4()
        building.insert(
            "password_resets",
            user_id=account,
            reset_token=token,
            expires_at=building.value(f"SELECT timezone('UTC', now()) + {until}"),
            **columns,
        )
        return str(token)

    return issue


@pytest.fixture
def reset(database):
    """`accounts.reset_password`, with `NEW`."""
    return lambda code, password=NEW: accounts.reset_password(database, code, password)
