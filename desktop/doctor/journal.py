"""What the log says: how large it is, and the last fault in it."""

from __future__ import annotations

from desktop import settings
from desktop.doctor.asking import Answer
from desktop.faults import logbook


def look() -> Answer:
    """The log of this person. Raises `OSError` when it cannot be read."""
    folder = settings.log_folder()
    sizes = [file.stat().st_size for file in logbook.files(folder) if file.exists()]
    fault = logbook.last_fault(folder)
    facts = (
        ("Files", f"{len(sizes)}, {sum(sizes) / 1000:,.0f} kB together"),
        ("Last fault", f"{fault[1]}, {fault[0]}" if fault else "none"),
    )
    if fault is None:
        return Answer(facts)
    return Answer(
        facts,
        notes=(
            "Something in Greenroom broke once. If it was lately and troubles you, send the file"
            f" “{logbook.NAME}” of the log folder to whoever looks after Greenroom: it holds no names and no secrets.",
        ),
    )
