"""Writing an event under a slug nobody else has."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from desktop import errors
from desktop.db.session import Scrubbed
from desktop.services import slugs
from desktop.services.events.fields import ROOM

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Database

T = TypeVar("T")
TRIES = 20


def with_slug(
    database: Database, wanted: str | None, title: str | None, write: Callable[[str | None], T]
) -> T:
    """``write(slug)``: the slug a person ``wanted``, else one made of the title, else None. Nobody's lock is needed:
    UNIQUE decides, and whoever comes second gets the next free one, or for a wanted one `InvalidField` that names it.
    """
    for _ in range(TRIES):
        slug = wanted
        if wanted is None and title:
            with database.transaction() as tx:
                slug = slugs.free(tx, "events", title, ROOM)
        try:
            return write(slug)
        except Scrubbed as error:
            if error.sqlstate != "23505" or slug is None:
                raise
            with database.transaction() as tx:
                next_free = slugs.free(tx, "events", slug, ROOM)
            if next_free == slug:  # it was another constraint, or whoever had it is gone
                raise
            if wanted is not None:
                raise errors.InvalidField(
                    "slug",
                    f"Another event has the slug “{slug}”; it may be in the bin. “{next_free}” is free.",
                ) from None
    raise errors.Busy
