"""Slugs: the part of an address that names an event or a package, made from its title (ruling 21).

Small Latin letters, digits and single hyphens, so that every website can route them. Letters with accents lose these;
what no decomposition turns into Latin letters is left out, and where nothing is left the thing is named by its kind.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from desktop import errors

if TYPE_CHECKING:
    from desktop.db.session import Transaction

SPELLED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i", "ð": "d"}
    | {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "&": " and ", "’": "", "'": "", "ʼ": ""}
)
KINDS = {"events": "event", "packages": "package"}
ROOM_FOR_NUMBER = 5


def readable(text: str, limit: int) -> str:
    """“monsoon-summit-2026” for “Monsoon Summit 2026!”: at most ``limit`` letters, whole words where that leaves half
    of them. Empty when the text has neither Latin letters nor digits. A slug is its own slug."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(SPELLED))
    plain = "".join(c for c in folded.translate(SPELLED) if not unicodedata.combining(c))
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(slug) <= limit:
        return slug
    cut = slug[:limit]
    words = cut if slug[limit] == "-" else cut.rpartition("-")[0]
    return (words if len(words) >= limit // 2 else cut).rstrip("-")


def free(tx: Transaction, table: Literal["events", "packages"], wanted: str, limit: int) -> str:
    """The slug of ``wanted``, or the first of “-2”, “-3”, … behind it that no row of the table has; those in the bin
    count. Nothing is locked: whoever writes it may still meet the UNIQUE constraint."""
    slug = readable(wanted, limit) or KINDS[table]
    stem = slug[: limit - ROOM_FOR_NUMBER].rstrip("-")
    taken = {
        row.slug
        for row in tx.rows(
            f"SELECT lower(slug) AS slug FROM {table} WHERE starts_with(lower(slug), :stem)", {"stem": stem}
        )
    }
    if slug not in taken:
        return slug
    number = 2
    while (numbered := _numbered(slug, number, limit)) in taken:
        number += 1
    return numbered


def typed(text: str, limit: int) -> str:
    """A slug as a person typed it. Raises `InvalidField` of “slug” with the nearest that can be taken."""
    slug = text.strip()
    nearest = readable(slug, limit)
    if slug and slug == nearest:
        return slug
    if len(slug) > limit and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise errors.InvalidField("slug", f"The slug has {len(slug)} letters; there is room for {limit}.")
    proposal = f" Take “{nearest}”, or choose another." if nearest else " For example “monsoon-summit”."
    raise errors.InvalidField(
        "slug", f"A slug has small letters a to z, digits and single hyphens between them.{proposal}"
    )


def _numbered(slug: str, number: int, limit: int) -> str:
    tail = f"-{number}"
    return f"{slug[: limit - len(tail)].rstrip('-')}{tail}"
