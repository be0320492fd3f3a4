"""The databases this person works with, by name: kept on this computer, their passwords in its keyring.

Nothing here is about a database's contents; `desktop.services.opening` is what gets the address.
"""

from desktop.services.connections.profile import Place, Profile, Tls, address, shown
from desktop.services.connections.storing import Kept, keep, named, put_back, read, remove
from desktop.services.connections.trying import Answer, connect, examine
from desktop.services.connections.typed import Pasted, Typed, check, paste

__all__ = [
    "Answer",
    "Kept",
    "Pasted",
    "Place",
    "Profile",
    "Tls",
    "Typed",
    "address",
    "check",
    "connect",
    "examine",
    "keep",
    "named",
    "paste",
    "put_back",
    "read",
    "remove",
    "shown",
]
