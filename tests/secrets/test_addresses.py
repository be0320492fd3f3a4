"""Addresses with a password in them, well-formed and not: nobody is shown what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from desktop import __main__ as program
from desktop import errors, settings
from desktop.db import locations
from desktop.db.embedded_address import Address
from desktop.db.session import Database

if TYPE_CHECKING:
    from tests.secrets.canaries import Canaries
    from tests.secrets.conftest import Ears

MALFORMED = (
    "postgresql://u:{raw}@127.0.0.1:1/db",
    "postgresql://u:{raw}@127.0.0.1:x/db",
    "postgresql://u:{plain}@127.0.0.1:1",
    "postgresql://u:{plain}@127.0.0.1:99999/db",
    "postgresql://u:{plain}@[::1/db",
    "postgresql://u:{plain}/db",
    "postgresql://u:one@{plain}@127.0.0.1:1/db",
    "postgresql://u:one/two@{plain}/x@127.0.0.1:1/db",
    "postgresql://u@127.0.0.1:1/db?{plain}=1",
    "postgresql://u@127.0.0.1:1/db?password={plain}&nonsense=1",
    "postgresql:/u:{plain}@127.0.0.1:1/db",
    "postgresql//u:{plain}@127.0.0.1:1/db",
    "postgres:u:{plain}@127.0.0.1:1/db",
    "mysql://u:{plain}@127.0.0.1:1/db",
    "jdbc:postgresql://127.0.0.1:1/db?user=u&password={plain}",
    "host=127.0.0.1 port=1 user=u password={plain} dbname=db",
    "u:{raw}@127.0.0.1:1/db",
    "{raw}",
    "postgresql://u:{plain}@one:x,two:{plain}/db",
    "postgresql://u:{plain}@one:1,two:2:3/db",
)
WELL_FORMED = (
    "postgresql://u:{quoted}@127.0.0.1:1/db",
    "postgresql://u@127.0.0.1:1/db?password={quoted}",
    "postgresql://u@/db?host=127.0.0.1&port=1&password={quoted}",
    "postgresql://u:{quoted}@/db?host=/nowhere",
    "postgresql+psycopg://u:{quoted}@127.0.0.1:1,127.0.0.1:2/db",
    "postgresql://u:{quoted}@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/nowhere",
)


def _filled(address: str, canaries: Canaries) -> str:
    plain = canaries.address.split(":")[0]
    return address.format(raw=canaries.address, plain=plain, quoted=quote(canaries.address, safe=""))


@pytest.mark.parametrize("address", MALFORMED)
def test_an_address_that_cannot_be_read_is_refused_without_being_repeated(
    address: str, canaries: Canaries, ears: Ears
) -> None:
    typed = _filled(address, canaries)

    with pytest.raises(errors.InvalidField) as caught:
        locations.parse(typed)
    ears.hears(caught.value)
    codes = [program.run(["db", "check", "--database", typed]), _code(["db", "chekc", typed])]

    assert codes == [2, 2]
    assert canaries.traces(ears.everything()) == []


@pytest.mark.parametrize("address", WELL_FORMED)
@pytest.mark.parametrize("debugging", ["", "1"])
def test_an_address_that_leads_nowhere_is_told_without_its_password(
    address: str, debugging: str, canaries: Canaries, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = _filled(address, canaries)
    monkeypatch.setenv("GREENROOM_DEBUG", debugging)
    monkeypatch.setenv("GREENROOM_DATABASE", typed)

    database = Database(typed)
    with pytest.raises(errors.Unavailable) as caught, database.transaction():
        pass
    ears.hears(caught.value)
    database.close()
    code = program.run(["db", "check"])

    told = ears.everything()
    assert (code, "db" in told) == (1, True)
    shown = [
        repr(database.url),
        str(database.url),
        repr(database.engine),
        database.name,
        repr(settings.read(typed)),
    ]
    assert canaries.traces(told + "".join(shown)) == []


def test_the_local_servers_password_is_not_in_what_its_address_looks_like(canaries: Canaries) -> None:
    address = Address("127.0.0.1", 5432, canaries.address)

    assert canaries.traces(repr(address)) == []
    assert canaries.traces(address.url("greenroom")) == ["address"]


def _code(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as left:
        program.run(arguments)
    return left.value.code
