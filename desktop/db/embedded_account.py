"""As whom PostgreSQL runs when root starts it, which it refuses; everybody else runs it as themselves.

Root's folders stay closed to everybody: the server is started *inside* its data folder and calls it
``/proc/self/cwd``, so that it needs no way through ``/root``. Only its programs must be reachable by name;
where they are not, a copy of them is kept under ``/var/cache``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desktop.db import embedded_trouble

STRANGER = 65527
"""The server's user id in a folder that belongs to root. No account has it where Debian's or systemd's ranges
are followed, and containers that map only 65,536 ids have it too."""

CACHE = Path("/var/cache/greenroom")


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a group by number."""

    uid: int
    gid: int


def for_server(folder: Path) -> Account | None:
    """The account the server of ``folder`` runs as, or None for our own: the owner of its data, so that a person
    who once used sudo still owns it, and `STRANGER` instead of root. Raises `LocalServerFailed`."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise embedded_trouble.root_needs_linux()
    data = folder / "data"
    owner = (data if data.exists() else folder).stat()
    return Account(owner.st_uid, owner.st_gid) if owner.st_uid else Account(STRANGER, STRANGER)


def for_initdb(account: Account) -> Account:
    """``account``, or “nobody” when it has no name, which initdb insists on."""
    import pwd

    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)
    return account


def give(folder: Path, account: Account) -> None:
    """Make everything in ``folder`` the account's, following no links."""
    for _, folders, files, handle in os.fwalk(folder):
        os.chown(handle, account.uid, account.gid)
        for name in (*folders, *files):
            os.chown(name, account.uid, account.gid, dir_fd=handle, follow_symlinks=False)


def fresh_file(path: Path, account: Account | None) -> int:
    """A handle to a new, empty file in the place of ``path``, mode 0600, never through a link."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    if account is not None:
        os.fchown(handle, account.uid, account.gid)
    return handle


def reachable(binaries: Path, account: Account) -> Path:
    """``binaries`` when the account can run them, else a copy it can. Raises `LocalServerFailed`."""
    probe = binaries / "postgres"
    try:
        subprocess.run(
            [probe, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    except OSError as error:
        if error.errno == errno.EACCES:
            return _copy(binaries)
        reason = error.strerror or str(error)
        if error.errno in {errno.EPERM, errno.EINVAL}:
            raise embedded_trouble.root_is_bound(reason) from error
        raise embedded_trouble.cannot_run(probe, reason) from error
    except subprocess.CalledProcessError as error:
        raise embedded_trouble.cannot_run(probe, str(error)) from error
    return binaries


def _copy(binaries: Path) -> Path:
    """A copy of the programs under `CACHE`, made once for each build of them: 21 MB."""
    with (binaries / "postgres").open("rb") as program:
        build = hashlib.file_digest(program, "sha256").hexdigest()[:12]
    target = CACHE / f"postgresql-{build}"
    inside = Path(binaries.parents[1].name, binaries.parent.name, "bin")
    with embedded_trouble.told(CACHE):
        if target.is_dir() and target.stat().st_uid == 0:
            return target / inside
        CACHE.mkdir(exist_ok=True)
        CACHE.chmod(0o755)
        staging = Path(tempfile.mkdtemp(dir=CACHE))
        try:
            _copy_needed(binaries, staging)
            staging.rename(target)
        except FileExistsError:
            shutil.rmtree(staging)
        except BaseException:
            shutil.rmtree(staging)
            raise
    return target / inside


def _copy_needed(binaries: Path, to: Path) -> None:
    """The tree without what only developers need, its libraries where the programs look for them (three folders
    up, as the wheel has them), readable by everybody."""
    site = binaries.parents[2]
    tree = binaries.parent.relative_to(site)
    (to / tree / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb", "pg_ctl"):
        shutil.copy(binaries / program, to / tree / "bin")
    for part in (tree / "lib" / "postgresql", tree / "share", Path(f"{tree.parts[0]}.libs")):
        if (site / part).is_dir():
            shutil.copytree(site / part, to / part)
    for folder, _, files in os.walk(to):
        Path(folder).chmod(0o755)
        for name in files:
            Path(folder, name).chmod(0o755 if Path(folder).name == "bin" else 0o644)
