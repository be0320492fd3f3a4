"""Where this computer would keep passwords. Nothing is read or written: that could open a question on the screen."""

from __future__ import annotations

from desktop.doctor.asking import Answer
from desktop.services.connections import keyrings


def look() -> Answer:
    """The keyring's kind, and whether it takes anything."""
    import keyring

    chosen = keyring.get_keyring()
    facts = (("Kind", f"{type(chosen).__module__}.{type(chosen).__qualname__}"),)
    if chosen.priority < keyrings.LEAST_PRIORITY:
        return Answer(
            facts,
            notes=(
                "This computer has no keyring, so Greenroom keeps no passwords: they are typed each time, or stand in"
                " PostgreSQL's password file. On Linux, GNOME Keyring or KWallet would keep them.",
            ),
        )
    return Answer(facts)
