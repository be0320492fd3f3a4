"""Staff accounts: signing in, and adding the people who may (rulings 24 and 25)."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bcrypt

from desktop import errors
from desktop.db.session import Actor
from desktop.services import registering
from desktop.services.permissions import Operation, Role, require, roles_of

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Database, Transaction

COST = 12
FREE_TRIES = 5
MINIMUM_PASSWORD = 10
LONGEST_LOGIN = 255
_NOBODY = bcrypt.hashpw(b"nobody has this password", bcrypt.gensalt(COST))


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account that was added, or given a role. ``password_kept`` is true when the address already had an
    account with a password of its own, which stays."""

    id: UUID
    username: str
    role: Role
    password_kept: bool


def staff_exist(database: Database) -> bool:
    """False on a database nobody can sign in to yet: time for the first-run window."""
    with database.transaction() as tx:
        return _staff_exist(tx)


def sign_in(database: Database, login: str, password: str) -> Actor:
    """The member of staff behind a user name or e-mail address, compared without case.

    Takes the time of a bcrypt check whether the name is known or not; call it off the GUI thread. Raises
    `SignInFailed` (with the tries left), `SignInPaused` from the sixth wrong password on, and `SignInRefused`
    when the account is inactive, has no role, or signs in through somebody else. Never logs what was typed.
    """
    key = unicodedata.normalize("NFKC", login).replace("\0", "").strip().lower()[:LONGEST_LOGIN]
    if not key:
        raise errors.InvalidField("login", "Type your user name or e-mail address.")
    if not password:
        raise errors.InvalidField("password", "Type your password.")
    failures = database.run(lambda tx: _count_attempt(tx, key))
    with database.transaction() as tx:
        user = tx.row(
            "SELECT id, username, email, password_hash, oauth_provider, status FROM users"
            " WHERE lower(username) = :login OR lower(email) = :login"
            " ORDER BY lower(username) = :login DESC, created_at, id LIMIT 1",
            {"login": key},
        )
        roles = roles_of(tx, user.id) if user else frozenset()
    stored = user.password_hash.encode() if user and user.password_hash else _NOBODY
    right = _matches(password, stored) and user is not None and user.password_hash is not None
    if user is not None and user.password_hash is None and user.oauth_provider != "local":
        raise errors.SignInRefused(
            f"This account signs in through {user.oauth_provider.title()} on the website and has no password here. "
            "Set one with the website's “Forgot password”, then sign in with it."
        )
    if user is None or not right:
        raise errors.SignInFailed(max(FREE_TRIES - failures, 0))
    refused = None
    if user.status != "active":
        refused = errors.SignInRefused("This account is deactivated. Ask an admin to reactivate it.")
    elif not roles & {role.value for role in Role}:
        refused = errors.SignInRefused("This account has no role in Greenroom. Ask an admin to give it one.")
    if refused is not None:
        database.run(lambda tx: _forget_attempts(tx, key))
        raise refused
    actor = Actor(user.id, user.username, user.email, roles)
    database.run(lambda tx: _remember_sign_in(tx, key), actor)
    return actor


def add_staff(
    database: Database, actor: Actor, username: str, email: str, role: Role, password: str
) -> NewStaff:
    """Give somebody an account with a role. Raises `NotAllowed`, `InvalidField`."""
    require(actor, Operation.MANAGE_STAFF)
    new = _checked(username, email, password)
    return database.run(lambda tx: _add(tx, actor.id, *new, role, f"by {actor.name}"))


def add_from_command_line(
    database: Database, username: str, email: str, role: Role, password: str
) -> NewStaff:
    """`add_staff` for whoever holds the database's own credentials, in whose name the log row is written as the
    account itself. The first account must be an admin (ruling 24). Raises `InvalidField`."""
    new = _checked(username, email, password)

    def add(tx: Transaction) -> NewStaff:
        tx.execute("LOCK TABLE user_roles IN SHARE ROW EXCLUSIVE MODE")
        if role is not Role.ADMIN and not _staff_exist(tx):
            raise errors.InvalidField("role", "The first account must be an admin: use --role admin.")
        return _add(tx, None, *new, role, "from the command line")

    return database.run(add)


def first_admin(database: Database, username: str, email: str, password: str) -> Actor:
    """The admin of a database that has no staff yet. Raises `NotAllowed` when somebody was quicker."""
    new = _checked(username, email, password)

    def add(tx: Transaction) -> Actor:
        tx.execute("LOCK TABLE user_roles IN SHARE ROW EXCLUSIVE MODE")
        if _staff_exist(tx):
            raise errors.NotAllowed("make the first admin, because there is staff already", "none")
        made = _add(tx, None, *new, Role.ADMIN, "in the first-run window")
        return Actor(made.id, made.username, new[1], frozenset({Role.ADMIN.value}))

    return database.run(add)


def checked_password(password: str) -> str:
    """The password, when it may be set: at least 10 characters, at most 72 bytes, because bcrypt ignores the
    rest (ruling 25). Raises `InvalidField`."""
    if len(password) < MINIMUM_PASSWORD:
        raise errors.InvalidField("password", f"Choose a password of at least {MINIMUM_PASSWORD} characters.")
    if len(password.encode()) > 72:
        raise errors.InvalidField(
            "password", "The password is too long: only its first 72 bytes would count."
        )
    return password


def _staff_exist(tx: Transaction) -> bool:
    known = [role.value for role in Role]
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id"
            " WHERE r.name = ANY (:known))",
            {"known": known},
        )
    )


def _count_attempt(tx: Transaction, login: str) -> int:
    """How many wrong passwords in a row this one would make. Raises `SignInPaused` without counting.

    Counted before the password is looked at, so that parallel guesses are counted too; a right one forgets it.
    The pause doubles from 30 s to 15 min; an hour of quiet starts over. The time is read under the row's lock:
    now() is when the transaction began, and parallel guesses began before the pause they wait for.
    """
    (row,) = tx.rows(  # finds or makes the row, and locks it: a right password beside this one deletes it
        "INSERT INTO greenroom.sign_in_attempts AS a (login, failures, last_at)"
        " VALUES (:login, 0, timezone('UTC', clock_timestamp()))"
        " ON CONFLICT (login) DO UPDATE SET login = excluded.login RETURNING"
        " CASE WHEN a.last_at < timezone('UTC', clock_timestamp()) - interval '1 hour' THEN 0 ELSE a.failures END"
        " AS failures, extract(epoch FROM a.blocked_until - timezone('UTC', clock_timestamp())) AS wait",
        {"login": login},
    )
    if row.wait is not None and row.wait > 0:
        raise errors.SignInPaused(math.ceil(row.wait))
    failures: int = row.failures + 1
    pause = min(30 * 2 ** min(failures - FREE_TRIES, 10), 900) if failures >= FREE_TRIES else 0
    tx.execute(
        "UPDATE greenroom.sign_in_attempts SET failures = :failures, last_at = timezone('UTC', clock_timestamp()),"
        " blocked_until = timezone('UTC', clock_timestamp()) + nullif(:pause, 0) * interval '1 second'"
        " WHERE login = :login",
        {"failures": failures, "pause": pause, "login": login},
    )
    return failures


def _forget_attempts(tx: Transaction, login: str) -> None:
    tx.execute("DELETE FROM greenroom.sign_in_attempts WHERE login = :login", {"login": login})


def _remember_sign_in(tx: Transaction, login: str) -> None:
    _forget_attempts(tx, login)
    if tx.actor is not None:
        tx.execute(
            "UPDATE users SET last_login_at = timezone('UTC', now()) WHERE id = :id", {"id": tx.actor.id}
        )
        tx.log("auth.sign_in", f"{tx.actor.name} signed in")


def _matches(password: str, stored: bytes) -> bool:
    try:
        return bcrypt.checkpw(password.encode()[:72], stored)
    except ValueError:  # the stored text is no bcrypt hash
        return False


def _checked(username: str, email: str, password: str) -> tuple[str, str, str]:
    """User name, address and bcrypt hash; hashing is slow, so it is done before any lock is taken."""
    name = unicodedata.normalize("NFC", username).strip()
    if not name or len(name) > 50 or "@" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise errors.InvalidField("username", "A user name has 1 to 50 characters, without blanks and @.")
    hashed = bcrypt.hashpw(checked_password(password).encode(), bcrypt.gensalt(COST)).decode()
    return name, registering.clean_email(email), hashed


def _add(
    tx: Transaction, by: UUID | None, username: str, email: str, hashed: str, role: Role, how: str
) -> NewStaff:
    user = tx.row(
        "SELECT id, username, password_hash IS NOT NULL AS has_password FROM users"
        " WHERE lower(email) = :email ORDER BY created_at, id LIMIT 1 FOR UPDATE",
        {"email": email},
    )
    taken = tx.row(
        "SELECT id FROM users WHERE lower(username) = lower(:username) AND lower(email) <> :email LIMIT 1",
        {"username": username, "email": email},
    )
    if user is None and taken is not None:
        raise errors.InvalidField("username", f"The user name “{username}” is taken. Choose another one.")
    if user is None:
        user = tx.row(
            "INSERT INTO users (username, email, created_at, updated_at)"
            " VALUES (:username, :email, timezone('UTC', now()), timezone('UTC', now()))"
            " ON CONFLICT DO NOTHING RETURNING id, username, false AS has_password",
            {"username": username, "email": email},
        )
    if user is None:  # name or address were taken this moment: the next try sees by whom
        raise errors.Busy
    if not user.has_password:
        tx.execute("UPDATE users SET password_hash = :hash WHERE id = :id", {"hash": hashed, "id": user.id})
    tx.execute(
        "INSERT INTO user_roles (user_id, role_id) SELECT :id, id FROM roles WHERE name = :role ON CONFLICT DO NOTHING",
        {"id": user.id, "role": role.value},
    )
    tx.execute(
        "INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)"
        " VALUES (:by, 'staff.add', :text, :id, timezone('UTC', clock_timestamp()))",
        {
            "by": by or user.id,
            "text": f"Added {user.username} ({email}) as {role.value} {how}",
            "id": user.id,
        },
    )
    return NewStaff(user.id, user.username, role, user.has_password)
