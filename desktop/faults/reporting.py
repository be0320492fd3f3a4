"""The report of a fault, to be sent to whoever mends it: what ran, where it broke, and the last lines of the log.
No value, no name, no address, no folder of a person is in it, because none goes in; `scrubbing` looks once more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from desktop.faults import scrubbing, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop.faults import Fault
    from desktop.faults.surroundings import Facts


def of_faults(times: Mapping[Fault, int], count: int, more: Facts, lines: Iterable[str]) -> str:
    """The report of what broke while this window is open; ``more`` facts are the window's and the connection's."""
    broken: list[str] = []
    for fault, often in times.items():
        first, *places = fault.way or (f"{fault.kind}: {fault.told}",)
        broken += ["", first if often == 1 else f"{first}, {often:,} times", *places]
    if (left_out := count - sum(times.values())) > 0:
        broken += ["", f"… and {left_out:,} more of other kinds"]
    return _report("What broke", broken, more, lines)


def of_breakdown(trace: str, more: Facts) -> str:
    """The report of a window that broke down in native code, from what `native.watched` found."""
    return _report("An earlier window broke down", ["", *trace.splitlines()], more, ())


def _report(heading: str, broken: Iterable[str], more: Facts, lines: Iterable[str]) -> str:
    facts = (*surroundings.program(), *surroundings.libraries(), *more)
    width = max(len(name) for name, _ in facts)
    told = [f"{name:<{width}}  {value}" for name, value in facts]
    moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = [f"Greenroom, report of {moment}", "", *told, "", heading, *broken]
    return "\n".join([*_scrubbed(text), *_log(lines)]) + "\n"


def _scrubbed(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield scrubbing.scrub(line)


def _log(lines: Iterable[str]) -> Iterator[str]:
    last = list(lines)  # scrubbed when they were written
    if last:
        yield from ("", "The log", "", *last)
