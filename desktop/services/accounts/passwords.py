"""Passwords: what may be set, and what of them reaches the database (rulings 25 and 26)."""

from __future__ import annotations

import hashlib
import unicodedata

import bcrypt

from desktop import errors

COST = 12
"""bcrypt's, for every password that is set here. A hash that another program made cheaper is left as it is: whoever
upgraded it would, for the database, be setting any password, and a website that rehashes to its own cost would undo
it at every other sign-in. `members.Member` says who has one; it ends with the next password."""

MINIMUM = 10
LONGEST_BYTES = 72


def plain(typed: str) -> str:
    """The password in one form, whatever keyboard or system it was typed on: “é” may be one character or two, and
    bcrypt sees bytes. NFC is what nearly all keyboards give, so what the website stored as typed is found as well."""
    return unicodedata.normalize("NFC", typed)


def checked(typed: str, field: str = "password") -> str:
    """The password in one form (`plain`), when it may be set: at least 10 characters, none that cannot be typed, at
    most 72 bytes, because bcrypt ignores the rest (ruling 25). Raises `InvalidField`, which never quotes it."""
    password = plain(typed)
    if len(password) < MINIMUM:
        raise errors.InvalidField(field, f"Choose a password of at least {MINIMUM} characters.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in password):
        raise errors.InvalidField(
            field,
            "The password holds a line break or another character that cannot be typed. Choose one without.",
        )
    if len(password.encode()) > LONGEST_BYTES:
        raise errors.InvalidField(
            field, f"The password is too long: only its first {LONGEST_BYTES} bytes would count."
        )
    return password


def hashed(password: str) -> str:
    """The bcrypt hash that is stored. Takes a quarter of a second: call it before anything is locked."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def proof(typed: str, salt: str) -> bytes:
    """What the database compares with a hash it keeps: the SHA-256 of the hash this password gives, so that neither
    the password nor the hash is in any statement. As slow as `hashed`."""
    password = plain(typed).encode(errors="surrogatepass")[:LONGEST_BYTES]
    return hashlib.sha256(bcrypt.hashpw(password, salt.encode())).digest()
