"""What ``make package`` makes, built here anew and used as somebody without Python would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import checking
from desktop import __version__

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="packed on Linux only")]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("packed")
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"),
            *("--distpath", made / "dist", "--workpath", made / "work", "build.spec"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=True,
    )
    return made / "dist" / "greenroom"


def test_it_tests_itself_without_python_in_an_empty_home(packed: Path) -> None:
    assert checking.self_test(packed, say=False) == ""


def test_it_is_under_200_mb_and_whole(packed: Path) -> None:
    assert sum(checking.by_part(packed).values()) < checking.LIMIT_MB * 1e6
    assert [path for path in packed.rglob("*") if path.is_symlink() and not path.exists()] == []


def test_it_ships_no_gpl_library_and_names_what_it_ships(packed: Path) -> None:
    files = {path.name for path in packed.rglob("*")}
    assert not [name for name in files if "readline" in name]
    notices = (packed / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    for name in (
        "PySide6",
        "psycopg",
        "PostgreSQL 18",
        "Inter",
        "SQLAlchemy",
        "LESSER GENERAL PUBLIC LICENSE",
    ):
        assert name in notices


def test_nothing_in_it_names_the_computer_it_was_built_on(packed: Path) -> None:
    """Compiled modules name the files they were made from; those are relative."""
    here = os.fsencode(ROOT)
    assert [path for path in packed.rglob("*") if path.is_file() and here in path.read_bytes()] == []


def test_it_goes_into_the_menu_and_out_of_it(packed: Path, tmp_path: Path) -> None:
    """Also from a folder with blanks and with characters that mean something in a desktop entry."""
    place = tmp_path / 'what $we "call" 100% `it`'
    place.mkdir()
    shutil.copytree(packed / "share", place / "share")
    shutil.copy2(packed / "install.sh", place)
    share = tmp_path / "share"
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(share), "PATH": os.defpath}

    subprocess.run([place / "install.sh"], env=environment, check=True, capture_output=True)

    entry = (share / "applications" / "greenroom.desktop").read_text(encoding="utf-8")
    escaped = r'what \\$we \\"call\\" 100%% \\`it\\`'
    assert f'Exec="{tmp_path}/{escaped}/greenroom"' in entry
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", share / "applications" / "greenroom.desktop"], check=True)
    assert (share / "icons" / "hicolor" / "48x48" / "apps" / "greenroom.png").is_file()

    subprocess.run([place / "install.sh", "--remove"], env=environment, check=True, capture_output=True)
    assert [path for path in share.rglob("greenroom*") if path.is_file()] == []


def test_it_knows_its_version(packed: Path) -> None:
    said = subprocess.run(
        [packed / "greenroom", "--version"], env={}, check=True, capture_output=True, encoding="utf-8"
    )
    assert said.stdout == f"Greenroom {__version__}\n"
