"""The four accounts of the demo and the password a newcomer is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.services.demo.rows import identity

if TYPE_CHECKING:
    from uuid import UUID

DEMO_PASSWORD = "greenroom-demo"  # noqa: S105 - public: the demo shows it to everybody
"""The password of every account in `STAFF`. Only `fill` gives it to anybody, and only in an empty database."""


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """Somebody who may sign in to the demo. ``name`` is for people; the table knows ``username`` only."""

    username: str
    name: str
    email: str
    role: str

    @property
    def id(self) -> UUID:
        """The key of the account's row in ``users``."""
        return identity("staff", self.username)


ASHA = StaffAccount("asha.menon", "Asha Menon", "asha.menon@example.org", "organizer")
ADMIN = StaffAccount("admin", "Ravi Kulkarni", "ravi.kulkarni@example.org", "admin")
DOOR = StaffAccount("door.north", "North gate", "door.north@example.org", "door")
EDITOR = StaffAccount("meera.das", "Meera Das", "meera.das@example.org", "editor")

STAFF = (ASHA, ADMIN, DOOR, EDITOR)
"""Who may sign in, the organizer of the pictures first."""
