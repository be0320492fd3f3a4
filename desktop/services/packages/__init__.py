"""Packages: what of an event is sold, how many seats it has, and subscriptions.

``package = read(...)`` is what a person sees. `edit`, `set_capacity` and `move` are told what was seen, so that nobody
overwrites what somebody else did meanwhile; whatever takes, frees or locks seats is one call (concurrency.md).
"""

from desktop.services.packages.editing import edit
from desktop.services.packages.making import NewPackage, create
from desktop.services.packages.moving import Moved, move
from desktop.services.packages.reading import Details, Package, read
from desktop.services.packages.retiring import Deleted, Shelved, delete, reactivate, retire
from desktop.services.packages.seating import Resized, set_capacity

__all__ = [
    "Deleted",
    "Details",
    "Moved",
    "NewPackage",
    "Package",
    "Resized",
    "Shelved",
    "create",
    "delete",
    "edit",
    "move",
    "reactivate",
    "read",
    "retire",
    "set_capacity",
]
