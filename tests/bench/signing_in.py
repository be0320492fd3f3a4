"""What signing in costs, and how much of it is bcrypt, which has to be slow (ruling 25)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import bcrypt

from desktop.db.session import Database
from desktop.services import accounts
from desktop.services.accounts import passwords
from tests.bench.measuring import Figure, compared

if TYPE_CHECKING:
    from tests.bench.website import Website

PASSWORD = "correct horse battery"


def figures(after: Website, where: str = "", rounds: int = 8) -> list[Figure]:
    """Signing in, whose floor is one bcrypt hash on this machine, and the database's three calls of it, whose floor is
    a round trip; ``where`` is added to the names."""
    database = Database(after.url)
    name = f"bench-{uuid4().hex[:12]}"
    hashed = passwords.hashed(PASSWORD)
    after.do(
        "WITH made AS (INSERT INTO users (username, email, password_hash) VALUES (%s, %s, %s) RETURNING id)"
        " INSERT INTO user_roles SELECT made.id, r.id FROM made, roles r WHERE r.name = 'door'",
        name,
        f"{name}@example.org",
        hashed,
    )
    salt = hashed[:29].encode()
    proof = passwords.proof(PASSWORD, salt.decode())

    def in_the_database() -> None:
        database.call("sign_in_salt", {"p_login": name})
        tried = database.call("sign_in_try", {"p_login": name, "p_proof": proof})
        found = database.call("sign_in", {"p_try": tried.try_id})
        assert found.outcome == "signed_in"

    taken = [
        compared(
            f"Greenroom signs in (floor: bcrypt){where}",
            None,
            lambda: accounts.sign_in(database, name, PASSWORD),
            lambda: bcrypt.hashpw(PASSWORD.encode(), salt),
            rounds=rounds,
            times=2,
        ),
        compared(
            f"… the database's three calls of it{where}",
            None,
            in_the_database,
            lambda: after.do("SELECT 1"),
            rounds=rounds * 8,
        ),
    ]
    database.close()
    return taken
