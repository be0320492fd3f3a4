"""The local server: whether it runs, who uses it, and what would keep it from starting. It is not started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db import embedded, embedded_address, embedded_cluster, embedded_lease, embedded_trouble
from desktop.doctor.asking import Answer

if TYPE_CHECKING:
    from pathlib import Path

WAY = "a socket in its folder" if embedded_address.SOCKETS else "a port of this computer"


def look() -> Answer:
    """The server of this person's folder. Raises `LocalServerFailed` when its programs are missing."""
    folder = embedded.default_folder()
    if not (folder / "data").is_dir():
        embedded_cluster.of(next(place for place in (folder, *folder.parents) if place.is_dir()))
        return Answer((("State", "not made yet; the first window makes it"),))
    cluster = embedded_cluster.of(folder)
    running = cluster.running()
    version = _version(folder / "data")
    users = sum(embedded_lease.held(path) for path in sorted(folder.glob("lease-*")))
    facts = [
        (
            "State",
            f"{'runs' if running else 'does not run; a window starts it'}, PostgreSQL {version or 'unknown'}",
        ),
        ("Reached by", WAY),
        ("Used by", f"{users} windows and commands"),
    ]
    troubles = []
    if version is None:
        troubles.append(str(embedded_trouble.not_a_data_folder(folder / "data")))
    elif version > embedded_cluster.VERSION:
        troubles.append(
            str(embedded_trouble.made_by_newer(folder / "data", version, embedded_cluster.VERSION))
        )
    elif version < embedded_cluster.VERSION:
        troubles.append(
            str(embedded_trouble.made_by_older(folder / "data", version, embedded_cluster.VERSION))
        )
    notes = []
    if (folder / "lock").exists() and embedded_lease.held(folder / "lock"):
        facts.append(("Turn", "somebody is starting or stopping it"))
        notes.append(
            "Another Greenroom is starting or stopping the local server. Wait a little, and ask again."
        )
    return Answer(tuple(facts), tuple(troubles), tuple(notes))


def url() -> str | None:
    """The address of the local database, or None while its server does not take connections."""
    folder = embedded.default_folder()
    if not (folder / "data").is_dir():
        return None
    cluster = embedded_cluster.of(folder)
    if not cluster.running():
        return None
    address = embedded_address.of(folder)
    return address.url("greenroom") if cluster.ready(address) else None


def _version(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
