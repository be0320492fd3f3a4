"""The file of this person's connections: ``connections.json`` in the folder for settings, readable by them alone.

It holds no secrets. It is written whole, beside itself, and put in place at once; whoever writes reads it first, with a
lock, so that two windows do not lose each other's connections. What cannot be read is kept aside, never written over.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from desktop import errors
from desktop.db import embedded_lease
from desktop.services.connections.profile import LOCAL, Profile, Tls, places
from desktop.services.connections.typed import HERE, LONGEST, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = "connections.json"
LOCK: Final = "connections.lock"
VERSION: Final = 1
TURN_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Kept:
    """The connections in their order, and what is to be said of the file; "" when nothing is."""

    profiles: tuple[Profile, ...]
    trouble: str = ""


class _Damaged(Exception):
    """The file, or a part of it, cannot be read; ``readable`` is what could be."""

    def __init__(self, readable: tuple[Profile, ...] = ()) -> None:
        super().__init__()
        self.readable = readable


def read(folder: Path) -> Kept:
    """The connections kept in ``folder``. A damaged file is kept aside, and said. Raises `AppError` when the file is
    there and cannot be opened, or is a newer Greenroom's."""
    try:
        return Kept(_load(folder))
    except _Damaged:
        with _writing(folder):
            return _mended(folder)


def look(folder: Path) -> Kept:
    """As `read`, and changes nothing: a damaged file stays where it is. Raises as `read`."""
    try:
        return Kept(_load(folder))
    except _Damaged as damage:
        readable = damage.readable
    return Kept(
        readable,
        f"The file of your connections is damaged; {_counted(readable)} can be read. The window keeps it aside when it"
        " starts, and goes on with those.",
    )


def named(profiles: tuple[Profile, ...], name: str) -> Profile:
    """The connection of that name, in whatever case. Raises `InvalidField` with the names there are."""
    wanted = " ".join(name.split()).casefold()
    for profile in profiles:
        if profile.name.casefold() == wanted:
            return profile
    known = ", ".join(f"“{profile.name}”" for profile in profiles) or "none yet"
    raise errors.InvalidField(
        "connection", f"There is no connection “{name}”. Those of this computer: {known}."
    )


def key(profiles: tuple[Profile, ...], name: str) -> str:
    """As `named`, by what a window calls it; this computer's own has a name, too."""
    if " ".join(name.split()).casefold() == HERE.casefold():
        return LOCAL
    return str(named(profiles, name).id)


def keep(folder: Path, profile: Profile, seen: Profile | None = None) -> tuple[Profile, ...]:
    """Keep a new connection at the end, or a changed one in its place; all of them. ``seen`` is what was changed.

    Raises `InvalidField` for a name another one has, `RuleViolation` when it was changed or removed in another window
    meanwhile, `AppError` when the file cannot be written.
    """
    with _writing(folder):
        profiles = list(_mended(folder).profiles)
        if any(one.name.casefold() == profile.name.casefold() and one.id != profile.id for one in profiles):
            raise errors.InvalidField("name", f"There is another connection called “{profile.name}”.")
        at = next((at for at, one in enumerate(profiles) if one.id == profile.id), None)
        if seen is not None and (at is None or profiles[at] != seen):
            raise errors.RuleViolation(
                f"“{seen.name}” was changed or removed in another window meanwhile. Nothing was saved; look again."
            )
        if at is None:
            profiles.append(profile)
        else:
            profiles[at] = profile
        return _write(folder, profiles)


def remove(folder: Path, profile_id: UUID) -> tuple[tuple[Profile, ...], int]:
    """Take a connection out; those that are left, and the place it had. One that is gone already is no trouble.
    Raises `AppError` when the file cannot be written."""
    with _writing(folder):
        before = _mended(folder).profiles
        at = next((at for at, one in enumerate(before) if one.id == profile_id), len(before))
        return _write(folder, [one for one in before if one.id != profile_id]), at


def put_back(folder: Path, profile: Profile, at: int) -> tuple[Profile, ...]:
    """Take a removal back; all connections. Raises `InvalidField` when another has the name by now, `AppError`."""
    with _writing(folder):
        profiles = [one for one in _mended(folder).profiles if one.id != profile.id]
        if any(one.name.casefold() == profile.name.casefold() for one in profiles):
            raise errors.InvalidField("name", f"There is another connection called “{profile.name}”.")
        profiles.insert(at, profile)
        return _write(folder, profiles)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """The block is alone with the file; what the disk refuses comes out as a sentence."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with embedded_lease.turn(folder / LOCK, TURN_SECONDS):
            yield
    except OSError as error:
        raise errors.AppError(
            f"The connections cannot be kept in {folder}: {error.strerror or 'another program holds them'}."
            " Make room there, or make the folder yours."
        ) from error


def _mended(folder: Path) -> Kept:
    """What is kept; what is damaged is put aside first."""
    try:
        return Kept(_load(folder))
    except _Damaged as damage:
        readable = damage.readable
    aside = folder / f"connections-damaged-{datetime.now().astimezone():%Y%m%d-%H%M%S}.json"
    shutil.copy2(folder / FILE, aside)
    _write(folder, list(readable))
    return Kept(
        readable,
        f"The file of your connections was damaged; {_counted(readable)} could be read. It is kept as {aside.name} in"
        f" {folder}.",
    )


def _counted(readable: tuple[Profile, ...]) -> str:
    return f"{len(readable) or 'none'} of its connections"


def _load(folder: Path) -> tuple[Profile, ...]:
    try:
        text = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise errors.AppError(
            f"The connections in {folder / FILE} cannot be read: {error.strerror}. Make the file yours."
        ) from error
    try:
        whole = json.loads(text.decode("utf-8-sig"))  # Windows' Editor begins a file with a mark
    except (ValueError, RecursionError):
        raise _Damaged from None
    if not isinstance(whole, dict) or not isinstance(whole.get("connections"), list):
        raise _Damaged
    version = whole.get("version")
    if isinstance(version, int) and version > VERSION:
        raise errors.AppError(
            f"The connections of this computer were written by a newer Greenroom ({folder / FILE}). Update this"
            " program; the file was not changed."
        )
    found = [_profile(one) for one in whole["connections"]]
    good = {one.id: one for one in found if one is not None}
    if version != VERSION or len(good) < len(found):
        raise _Damaged(tuple(good.values()))
    return tuple(good.values())


def _profile(entry: Any) -> Profile | None:
    """The connection of an entry; None when it is none."""
    try:
        profile = Profile(
            **entry | {"id": UUID(entry["id"]), "tls": Tls(entry["tls"])},
        )
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    texts = (profile.name, profile.host, profile.database, profile.user, profile.certificate)
    if not all(isinstance(text, str) and len(text) <= 20 * LONGEST and is_plain(text) for text in texts):
        return None
    sound = (
        type(profile.port) is int  # True is an int, too
        and 0 < profile.port < 65536
        and isinstance(profile.password_kept, bool)
        and bool(profile.name and profile.database)
        and places(profile.host) is not None
    )
    return profile if sound else None


def _write(folder: Path, profiles: list[Profile]) -> tuple[Profile, ...]:
    entries = [asdict(one) | {"id": str(one.id), "tls": one.tls.value} for one in profiles]
    text = json.dumps({"version": VERSION, "connections": entries}, indent=2, ensure_ascii=False)
    handle, beside = tempfile.mkstemp(
        dir=folder, prefix="connections-", suffix=".new"
    )  # readable by us alone
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - mkstemp gives no path but an open file
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(Path(beside), folder / FILE)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return tuple(profiles)


def _put_in_place(new: Path, file: Path) -> None:
    """Windows refuses while somebody reads the old one, which takes a moment."""
    limit = time.monotonic() + 1
    while True:
        try:
            new.replace(file)
        except PermissionError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.02)
        else:
            return
