"""Who the panel is about: at once what the list knows, and more when it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.services.lists.event_detail import EventDetail, PackageDetail
    from desktop.services.lists.registration_detail import RegistrationDetail
    from desktop.services.lists.registrations import RegistrationRow


@dataclass(frozen=True, slots=True)
class About:
    """``detail`` is None until it has been read, and ``outdated`` when it was read before the status changed."""

    row: RegistrationRow
    event: EventDetail
    detail: RegistrationDetail | None = None
    outdated: bool = False

    @property
    def id(self) -> UUID:
        """The registration's id."""
        return self.row.id

    @property
    def who(self) -> str:
        """The name, or the address of somebody who gave none."""
        return self.row.name or self.row.email

    @property
    def known(self) -> bool:
        """Whether it can be said what follows from a step."""
        return self.detail is not None and not self.outdated

    @property
    def seats(self) -> tuple[int, int | None, int]:
        """Seats held, how many there are (None without limit), and how many people wait."""
        about = self.detail or self._package
        return (about.held, about.capacity, about.waiting) if about is not None else (0, None, 0)

    @property
    def gives_out_seats(self) -> bool:
        """Whether anybody can get a seat of this package at all."""
        if self.detail is not None:
            return self.detail.open_for_seats
        package = self._package
        return self.event.status == "published" and package is not None and package.active

    @property
    def promotable(self) -> int:
        """How many waiting people a seat is free for."""
        held, capacity, waiting = self.seats
        if not self.gives_out_seats:
            return 0
        return waiting if capacity is None else max(0, min(waiting, capacity - held))

    @property
    def place(self) -> int | None:
        """The place in the queue."""
        if self.row.status != "waitlisted":
            return None
        place = self.detail.place if self.detail is not None else None
        return self.row.waitlist_position if place is None else place

    @property
    def heir(self) -> str | None:
        """Who gets the seat when this person cancels (ruling 11)."""
        detail = self.detail
        if detail is None or not self.row.status == detail.status == "registered":
            return None
        if not detail.open_for_seats or detail.over:
            return None
        return detail.next_in_line if detail.capacity is None or detail.held <= detail.capacity else None

    @property
    def _package(self) -> PackageDetail | None:
        return next((one for one in self.event.packages if one.id == self.row.package_id), None)
