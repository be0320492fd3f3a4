"""What it costs a website that windows are told of its changes, as `tests.bench.telling` measures it, in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import telling
from tests.bench.measuring import Section, line

if TYPE_CHECKING:
    from pathlib import Path


def measure(folder: Path) -> Section:
    """With the notification against without, on a server that waits for the disk, as a website's does."""
    with telling.website_on(folder / "server", durable=True) as url:
        figures = telling.measure(url)
    lines = [
        line(name, "/s" if "writers" in name else "µs", told["on"], ("untold", told["off"]))
        for name, told in figures.items()
    ]
    return Section("The website's statements, with windows told of each (commits on disk)", tuple(lines))
