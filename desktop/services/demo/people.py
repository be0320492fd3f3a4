"""A crowd of invented people: names from many languages, addresses nobody owns, telephones that do not exist.

Addresses end in example.com, example.org or example.net, which are reserved for such purposes (RFC 2606).
Telephone numbers begin with 000 after the calling code, as no subscriber's number does.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from desktop.services.demo import names

if TYPE_CHECKING:
    from collections.abc import Iterator

SPELLED_OUT = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
"""The letters no decomposition knows (tables.md, traps)."""

HOSTS = (
    "example.org",
    "example.com",
    "example.net",
    "mail.example.com",
    "uni.example.org",
    "post.example.net",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come to events. ``email`` is lower-case ASCII and nobody else's; ``phone`` is None or at
    most 15 characters."""

    name: str
    email: str
    phone: str | None
    region: str


CAST = (
    ("Aarav Sharma", "aarav.sharma", "india"),
    ("Ananya Iyer", "ananya", "india"),
    ("Björn Åkesson", "bjorn.akesson", "europe"),
    ("Chidi Okafor", "chidi", "africa"),
    ("Diya Patel", "diya.patel", "india"),
    ("Elif Yılmaz", "elif", "europe"),
    ("李 雷", "lei.li", "asia"),
    ("Farah Haddad", "farah", "gulf"),
    ("محمد العلي", "m.alali", "gulf"),
    ("Kavya Nair", "kavya.nair", "india"),
    ("Łukasz Nowak", "lukasz", "europe"),
    ("Marta Souza", "marta.souza", "latin"),
    ("Priya Raman", "priya", "india"),
    ("Zoë Fernández", "zoe.fernandez", "latin"),
    ("Tomás Ó Briain", "tomas", "europe"),
    ("Usha Rao", "usha.rao", "india"),
    ("Vikram Desai", "vikram", "india"),
    ("Wanjiru Kamau", "wanjiru", "africa"),
    ("Inés Fernández-Roca", "ines.fr", "latin"),
    ("Luis Fernando Castro", "lf.castro", "latin"),
    ("Marcos Fernandes", "marcos", "latin"),
    ("Rafa Fernández", "rafa", "latin"),
)
"""The people of the design's pictures; they are the first of every crowd, at example.org."""


def crowd(count: int, seed: int) -> list[Person]:
    """``count`` people, the same for the same seed; the cast, the one-named and the longest names first."""
    rng = random.Random(seed)
    taken: set[str] = set()
    people = [
        Person(name, _address(local, "example.org", taken), None, region) for name, local, region in CAST
    ]
    people += [
        Person(name, _address(local, "example.org", taken), _phone(rng, "351"), "europe")
        for name, local in names.LONG
    ]
    people += [
        Person(name, _address(ascii_folded(name), "example.net", taken), None, "asia")
        for name in names.SINGLE
    ]
    weights = [language.share for language in names.LANGUAGES]
    languages = rng.choices(names.LANGUAGES, weights, k=count - len(people))
    return people + [_person(rng, language, taken) for language in languages]


def multitude(count: int, seed: int) -> Iterator[Person]:
    """``count`` people one after the other, the same for the same seed, for crowds too large to be kept: a number
    in each address makes it nobody else's, and it is on a host where nobody of a `crowd` is."""
    rng = random.Random(seed)
    weights = [language.share for language in names.LANGUAGES]
    languages = rng.choices(names.LANGUAGES, weights, k=count)
    for number, language in enumerate(languages, start=1):
        name, local = _called(rng, language)
        phone = _phone(rng, language.calling_code) if rng.random() < 0.6 else None
        yield Person(name, f"{local}.{number}@crowd.example.com", phone, language.region)


def ascii_folded(text: str) -> str:
    """Lower-case ASCII letters, digits, dots and hyphens: accents gone, ł ø đ ı ß æ œ þ ð spelled out."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(SPELLED_OUT))
    return re.sub(r"[^a-z0-9.-]", "", decomposed.translate({0x307: None}))


def _person(rng: random.Random, language: names.Language, taken: set[str]) -> Person:
    name, local = _called(rng, language)
    host = rng.choices(HOSTS, (40, 22, 12, 14, 6, 6))[0]
    phone = _phone(rng, language.calling_code) if rng.random() < 0.6 else None
    return Person(name, _address(local, host, taken), phone, language.region)


def _called(rng: random.Random, language: names.Language) -> tuple[str, str]:
    """A name, and what its owner writes before the @."""
    given, given_roman = _part(rng.choice(language.given))
    family, family_roman = _part(rng.choice(language.family))
    if language.calling_code in {"34", "55"} and rng.random() < 0.3:
        second, _ = _part(rng.choice(language.family))
        family = f"{family} {second}" if second != family else family
    if "Iyer" in language.family and rng.random() < 0.12:
        name = f"{family[0]}. {given}"
    else:
        name = language.pattern.format(given=given, family=family)
    local = rng.choices(
        (
            f"{given_roman}.{family_roman}",
            f"{given_roman}{family_roman}",
            f"{given_roman[:1]}.{family_roman}",
        ),
        (75, 15, 10),
    )[0]
    return name, local


@lru_cache(maxsize=4096)
def _part(entry: str) -> tuple[str, str]:
    written, _, roman = entry.partition("/")
    if written.startswith(names.SPACED):
        written = written.replace("-", " ", 1)
    return written, roman or ascii_folded(written)


def _address(local: str, host: str, taken: set[str]) -> str:
    address = f"{local}@{host}"
    number = 2
    while address in taken:
        address = f"{local}{number}@{host}"
        number += 1
    taken.add(address)
    return address


def _phone(rng: random.Random, calling_code: str) -> str:
    return f"+{calling_code}000{rng.randrange(1_000_000):06d}"
