"""The figures as people read them: in a terminal, and in ``docs/benchmarks.md``, which is what
``python -m tests.bench.table build/bench.json`` prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD = ("", "median", "quartiles", "p95", "n", "compared with", "ratio", "wished for", "")


def of(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table, line by line."""
    for name, section in sections.items():
        yield f"\n{section.get('title', name)}"
        if why := section.get("not_here") or section.get("failed"):
            yield f"  not measured: {why}"
            continue
        rows = [HEAD, *(_cells(one) for one in section["lines"])]
        wide = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
        for row in rows:
            cells = (cell.rjust(width) for cell, width in zip(row[1:], wide[1:], strict=True))
            yield f"  {row[0].ljust(wide[0])}  {'  '.join(cells)}".rstrip()
        yield from (f"  {note}" for note in section["notes"] if note)


def markdown(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The same for ``docs/benchmarks.md``."""
    for name, section in sections.items():
        yield f"\n## {section.get('title', name)}\n"
        if why := section.get("not_here") or section.get("failed"):
            yield f"Not measured: {why}"
            continue
        yield f"| {' | '.join(HEAD)} |"
        yield f"|---|{'---:|' * 4}---|---:|---|---|"
        yield from (f"| {' | '.join(_cells(one))} |" for one in section["lines"])
        notes = "\n".join(section["notes"]).strip("\n")
        if notes:
            yield f"\n```\n{notes}\n```"


def document(told: Mapping[str, Any]) -> Iterator[str]:
    """All of ``docs/benchmarks.md``."""
    yield "# Figures\n"
    yield "What `make bench` printed; how it measures is told in [a decision](decisions/0026-what-is-measured.md)."
    yield f"Machine: {told['machine']}; schema {told['schema']}; {told['at'].replace('T', ' ')}. While it ran,"
    yield f"{told['load']:.1f} processes wanted the processor on average: believe ratios rather than times, and of"
    yield "those the ones whose quartiles lie close."
    yield from markdown(told["sections"])


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    peer = f"{one['peer']} {_number(one['peer_median'])}" if "peer" in one else ""
    return (
        one["name"],
        f"{_number(one['median'])} {one['unit']}",
        f"{_number(one['low'])}–{_number(one['high'])}" if one["n"] > 1 else "",
        _number(one["p95"]) if one["n"] > 1 else "",
        f"{one['n']:,}",
        peer,
        f"{one['ratio']:.2f}" if "ratio" in one else "",
        one.get("wish", ""),
        {True: "reached", False: "NOT reached"}.get(one.get("reached"), ""),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    for text in document(json.loads(Path(sys.argv[1]).read_text("utf-8"))):
        terminal.say(text)
