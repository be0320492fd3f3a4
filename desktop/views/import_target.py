"""Where an import goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from desktop.services.importing import Prepared
    from desktop.services.lists.event_detail import EventDetail


@dataclass(frozen=True, slots=True)
class Target:
    """Where people are imported to: an event, and its packages by slug and name. ``context`` names the event
    for people; ``zone`` is the one times in files are read in."""

    slug: str
    context: str
    zone: ZoneInfo
    packages: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, event: EventDetail, context: str) -> Target:
        """The event with the packages that take people."""
        packages = [(package.slug, package.name) for package in event.packages if package.active]
        return cls(event.slug, context, event.zone, packages)

    def package_called_in(self, prepared: Prepared) -> str | None:
        """The slug of the one package that is called as the file's only product is."""
        products = {candidate.meta.get("product", "").casefold() for candidate in prepared.candidates}
        if len(products) != 1:
            return None
        product = products.pop()
        alike = [slug for slug, name in self.packages if product and name.casefold() in product]
        return alike[0] if len(alike) == 1 else None
