"""Connections with a password: it goes into the keyring, and is told nowhere else, whatever fails on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.services import connections
from desktop.services.connections import Profile
from desktop.starting import Choosing
from tests import keyrings
from tests.keyrings import Gossiping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.secrets.canaries import Canaries
    from tests.secrets.conftest import Ears


@pytest.fixture
def gossiping() -> Iterator[Gossiping]:
    with keyrings.in_use(Gossiping()) as made:
        yield made


@pytest.fixture
def locked(locked_url: str) -> Profile:
    """The test's database as a connection; its password is the canary of the addresses."""
    address = sa.make_url(locked_url)
    host, port = str(address.query["host"]), int(str(address.query["port"]))
    return Profile(uuid4(), "Gala office", host, str(address.database), str(address.username), port)


def everything_in(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in folder.iterdir())


def test_what_is_kept_changed_removed_and_brought_back_leaves_no_trace_outside_the_keyring(
    tmp_path: Path, gossiping: Gossiping, locked: Profile, canaries: Canaries, ears: Ears
) -> None:
    saved = connections.save(tmp_path, locked, None, canaries.address)
    assert gossiping.kept == {str(locked.id): canaries.address}
    told = [repr(saved), everything_in(tmp_path)]
    renamed = connections.save(tmp_path, replace(saved.profile, name="Gala"), saved.profile)
    removed = connections.discard(tmp_path, renamed.profile)
    assert (gossiping.kept, removed.password) == ({}, canaries.address)
    told += [repr(renamed), repr(removed), everything_in(tmp_path)]
    back = connections.restore(tmp_path, removed)
    assert gossiping.kept == {str(locked.id): canaries.address}
    gossiping.broken = True
    for work in (
        lambda: connections.save(
            tmp_path, replace(back.profile, port=1), back.profile, canaries.address + "x"
        ),
        lambda: connections.forget(tmp_path, connections.read(tmp_path).profiles[0]),
        lambda: connections.discard(tmp_path, replace(back.profile, password_kept=True)),
    ):
        outcome: Any = work()
        assert "refuses to work" in outcome.trouble
        told.append(repr(outcome))
    told.append(everything_in(tmp_path))
    assert canaries.traces("\n".join(told) + ears.everything()) == []


def test_a_connection_that_is_refused_says_nothing_of_its_password(
    tmp_path: Path, gossiping: Gossiping, locked: Profile, canaries: Canaries, ears: Ears
) -> None:
    kept = connections.save(tmp_path, locked, None, canaries.address).profile
    assert connections.examine(kept).name
    told = [repr(connections.address(kept, canaries.address))]
    for profile, password in (
        (kept, canaries.address + "x"),
        (replace(kept, database="no-such"), None),
        (replace(kept, host="127.0.0.1", port=1), canaries.address),
        (replace(kept, host="/nowhere"), canaries.address),
    ):
        for work in (connections.examine, connections.connect):
            with pytest.raises(errors.Unavailable) as caught:
                work(profile, password)
            ears.hears(caught.value)
    assert canaries.traces("\n".join(told) + ears.everything()) == []


def test_a_pasted_address_is_repeated_nowhere(canaries: Canaries, ears: Ears, tmp_path: Path) -> None:
    quoted = quote(canaries.address, safe="")
    pasted = connections.paste(f"postgresql://u:{quoted}@db.gala.example/events?sslpassword={quoted}")
    assert pasted.password == canaries.address
    with pytest.raises(errors.InvalidField) as caught:
        connections.paste(f"postgresql://u:{canaries.address}@x@db.gala.example/events")
    ears.hears(caught.value)
    told = repr(pasted) + repr(Choosing(tmp_path, f"postgresql://u:{quoted}@db.gala.example/events"))
    assert canaries.traces(told + ears.everything()) == []
