"""Slugs people can read, and that are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop import errors
from desktop.services import slugs

if TYPE_CHECKING:
    from desktop.db.session import Database
    from tests.conftest import Building


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Monsoon Summit 2026!", "monsoon-summit-2026"),
        ("  Día de la Música – Tarde ", "dia-de-la-musica-tarde"),
        ("Łódź ÆRØ Straße İstanbul", "lodz-aero-strasse-istanbul"),
        ("Asha’s R&D day", "ashas-r-and-d-day"),
        ("ﬁne ２０２６ ①", "fine-2026-1"),
        ("Zoe\u0308", "zoe"),
        ("C++ / v2.0 _beta_", "c-v2-0-beta"),
        ("מסיבה", ""),
        ("संगीत Night", "night"),
        ("", ""),
    ],
)
def test_a_slug_is_readable_latin(text: str, slug: str) -> None:
    assert slugs.readable(text, 100) == slug
    assert slugs.readable(slug, 100) == slug


@pytest.mark.parametrize(
    ("text", "limit", "slug"),
    [
        ("monsoon data summit", 13, "monsoon-data"),
        ("monsoon data summit", 12, "monsoon-data"),
        ("monsoon data summit", 8, "monsoon"),
        ("a verylongsingleword", 10, "a-verylong"),
    ],
)
def test_a_long_slug_ends_with_a_whole_word_where_that_leaves_half(text: str, limit: int, slug: str) -> None:
    assert slugs.readable(text, limit) == slug


def test_a_taken_slug_gets_the_next_number(database: Database, building: Building) -> None:
    """Ruling 21: globally unique and readable; the bin's count, because the constraint counts them."""
    for slug, deleted in [("gala", None), ("GALA-2", None), ("gala-3", "2026-01-01"), ("gala-dinner", None)]:
        building.event(slug=slug, deleted_at=deleted)
    with database.transaction() as tx:
        assert slugs.free(tx, "events", "Gala!", 255) == "gala-4"
        assert slugs.free(tx, "events", "Gala dinner", 255) == "gala-dinner-2"
        assert slugs.free(tx, "packages", "Gala!", 100) == "gala"
        assert slugs.free(tx, "events", "מסיבה", 255) == "event"


def test_a_number_finds_room_within_the_limit(database: Database, building: Building) -> None:
    building.event(slug="abcdefgh-j")
    building.event(slug="abcdefgh")
    with database.transaction() as tx:
        assert slugs.free(tx, "events", "abcdefgh j", 10) == "abcdefgh-2"
        building.event(slug="abcdefgh-2")
        assert slugs.free(tx, "events", "abcdefgh j", 10) == "abcdefgh-3"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Monsoon Summit", "Take “monsoon-summit”"),
        ("a--b", "Take “a-b”"),
        ("", "For example"),
        ("עברית", "For example"),
        ("a" * 101, "101 letters; there is room for 100"),
    ],
)
def test_a_typed_slug_that_cannot_be_taken_comes_with_one_that_can(text: str, says: str) -> None:
    with pytest.raises(errors.InvalidField, match=says) as refused:
        slugs.typed(text, 100)
    assert refused.value.field == "slug"


def test_a_typed_slug_is_taken_as_it_is() -> None:
    assert slugs.typed(" vip-2026 ", 100) == "vip-2026"
