"""All that is measured: ``python -m tests.bench FILE [SECTION …]``, or ``make bench``.

Each section runs in a process of its own, so that what one leaves in memory changes nothing for the next. One table is
printed, and everything written to FILE; sections that are not run keep what FILE has of them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.cli import terminal
from desktop.db import upgrade
from tests.bench import table
from tests.bench.measuring import NotHere, as_json

SECTIONS = {
    "website": "tests.bench.cost",
    "services": "tests.bench.services",
    "import": "tests.bench.importing",
    "grid": "tests.bench.grid",
    "live": "tests.bench.live",
    "start-up": "tests.bench.start_up",
    "frozen": "tests.bench.frozen",
}
"""In the order of the table."""


def main() -> int:
    """Measure, print and write; 0, or 1 when a section failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="all of them, unless named")
    parser.add_argument("--here", action="store_true", help="one section, in this process; FILE is its alone")
    chosen = parser.parse_args()
    if chosen.here:
        return _measure(chosen.sections[0], chosen.file)
    told: dict[str, Any] = json.loads(chosen.file.read_text("utf-8")) if chosen.file.exists() else {}
    sections: dict[str, Any] = told.get("sections", {})
    failed = False
    for name in chosen.sections or SECTIONS:
        terminal.say(f"Measuring: {name} …")
        found = _in_a_process(name)
        sections[name] = found
        failed = failed or "failed" in found
    told = {
        "machine": _machine(),
        "load": round(os.getloadavg()[2], 1) if hasattr(os, "getloadavg") else 0.0,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema": upgrade.newest(),
        "sections": {name: sections[name] for name in SECTIONS if name in sections},
    }
    chosen.file.parent.mkdir(parents=True, exist_ok=True)
    chosen.file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for text in table.of({name: sections[name] for name in chosen.sections or SECTIONS}):
        terminal.say(text)
    return int(failed)


def _in_a_process(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-") as folder:
        file = Path(folder) / "told.json"
        ended = subprocess.run([sys.executable, "-m", "tests.bench", "--here", file, name], check=False)
        if ended.returncode or not file.exists():
            return {"failed": f"It ended with exit code {ended.returncode}; what it said is above."}
        told: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return told


def _measure(name: str, file: Path) -> int:
    told: dict[str, Any]
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-") as folder:
        try:
            section = importlib.import_module(SECTIONS[name]).measure(Path(folder))
        except NotHere as why:
            told = {"not_here": str(why)}
        else:
            told = {
                "title": section.title,
                "lines": [as_json(one) for one in section.lines],
                "notes": section.notes,
                **section.more,
            }
    file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return 0


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()},"
        f" {platform.python_implementation()} {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
