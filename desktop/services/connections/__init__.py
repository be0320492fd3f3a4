"""The databases this person works with, by name: kept on this computer, their passwords in its keyring.

Nothing here is about a database's contents; `desktop.services.opening` is what gets the address.
"""

from desktop.services.connections.profile import GIVEN, LOCAL, Place, Profile, Tls, address, shown
from desktop.services.connections.saving import Removed, Saved, discard, forget, remember, restore, save
from desktop.services.connections.storing import Kept, keep, key, look, named, put_back, read, remove
from desktop.services.connections.trying import Answer, connect, examine
from desktop.services.connections.typed import HERE, Pasted, Typed, check, is_address, paste

__all__ = [
    "GIVEN",
    "HERE",
    "LOCAL",
    "Answer",
    "Kept",
    "Pasted",
    "Place",
    "Profile",
    "Removed",
    "Saved",
    "Tls",
    "Typed",
    "address",
    "check",
    "connect",
    "discard",
    "examine",
    "forget",
    "is_address",
    "keep",
    "key",
    "look",
    "named",
    "paste",
    "put_back",
    "read",
    "remember",
    "remove",
    "restore",
    "save",
    "shown",
]
