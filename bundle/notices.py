"""THIRD-PARTY-NOTICES: what is shipped that others wrote, and the licence each of them asks to be shipped with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bundle.libraries import Entry

LICENCES = Path(__file__).parent / "licences"
RULE = "=" * 78

HEAD = """\
Greenroom ships with the work of many others. This file lists it, and after the list come their licences.

Qt, PySide6, Shiboken and psycopg are used under the GNU Lesser General Public License, version 3, unchanged, as
shared libraries and modules of their own in the folder “_internal”: you may put your own builds of the same version
in their place, and you may take Greenroom apart to find out why yours does not work. Their sources are at
https://download.qt.io and https://github.com/psycopg/psycopg. The third-party code in Qt itself is listed at
https://doc.qt.io/qt-6/licenses-used-in-qt.html; the International Components for Unicode (libicu*) are among it.

Greenroom was packed with PyInstaller, whose licence (GPL with an exception) puts no condition on what it packs.
"""


def written(file: Path, modules: Iterable[str], binaries: Iterable[Entry]) -> None:
    """Write the notices of these Python modules and libraries into ``file``."""
    names = _distributions(modules)
    packages = sorted({package for _, source, _ in binaries if (package := _debian_package(source))})
    lines = [HEAD]
    lines += [
        f"{metadata.metadata(name)['Name']} {metadata.version(name)}: {_licence(name)}" for name in names
    ]
    lines += [
        f"Python {sys.version.split()[0]}: PSF-2.0",
        "PostgreSQL 18 (the local server): PostgreSQL",
        "Inter (resources/fonts): OFL-1.1",
    ]
    if packages:
        lines += ["", "Libraries of the system this was built on, as shared libraries in “_internal”:"]
        lines += [f"{package}" for package in packages]
    texts: dict[str, list[str]] = {}
    for title, text in _texts(names, packages):
        texts.setdefault(text.strip(), []).append(title)
    for text, titles in texts.items():
        lines += ["", RULE, *titles, RULE, "", text]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _distributions(modules: Iterable[str]) -> list[str]:
    """The distributions these modules come from, without Greenroom."""
    by_module = metadata.packages_distributions()
    tops = {module.partition(".")[0] for module in modules}
    found = {name for top in tops for name in by_module.get(top, ())} | {"tzdata", "psycopg-binary"}
    return sorted(
        found - {"greenroom", "pyinstaller", "setuptools", "pyinstaller-hooks-contrib"}, key=str.lower
    )


def _licence(name: str) -> str:
    """What a distribution says of its licence, in a few words."""
    told = metadata.metadata(name)
    classified = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::") and line.rpartition(" :: ")[2] != "OSI Approved"
    ]
    short = told.get("License-Expression") or ", ".join(classified) or told.get("License") or "see below"
    return short.splitlines()[0]


def _texts(names: Iterable[str], packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What each licence is of, and its text."""
    for name in names:
        for file in metadata.files(name) or ():
            if file.name.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")) and file.suffix in {
                "",
                ".txt",
                ".md",
                ".rst",
            }:
                yield (
                    f"{metadata.metadata(name)['Name']}: {file.name}",
                    Path(str(file.locate())).read_text("utf-8", "replace"),
                )
    for file in (Path(sysconfig.get_path("stdlib"), "LICENSE.txt"), *sorted(LICENCES.glob("*.txt"))):
        if file.is_file():
            yield ("Python" if file.stem == "LICENSE" else file.stem), file.read_text(encoding="utf-8")
    fonts = LICENCES.parents[1] / "resources" / "fonts" / "OFL.txt"
    yield "Inter", fonts.read_text(encoding="utf-8")
    for package in packages:
        told = Path("/usr/share/doc", package, "copyright")
        if told.is_file():
            yield package, told.read_text("utf-8", "replace")


def _debian_package(source: str) -> str | None:
    """The package of Debian or Ubuntu a library belongs to; None for those of wheels, and on other systems."""
    if not source.startswith(("/lib", "/usr/lib")) or shutil.which("dpkg-query") is None:
        return None
    for path in {source, str(Path(source).resolve()), source.removeprefix("/usr")}:
        found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.partition(":")[0]
    return None
