"""TLS: a server of another computer proves who it is, or nothing is said to it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop import errors
from desktop.db import locations
from desktop.db.session import Database
from tests.connections import servers
from tests.connections.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connections.servers import Server

NAME = "db.greenroom.test"
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@dataclass(frozen=True, slots=True)
class Secured:
    """A server with a certificate for `NAME`, the authority that signed it, and one that did not."""

    server: Server
    authority: Path
    stranger: Path

    def open(self, name: str = NAME, **options: object) -> Database:
        """As a computer elsewhere would: by name. The name leads to loopback, and is checked all the same."""
        told = {name: str(value) for name, value in options.items()}
        return Database(self.server.url("postgres", name, hostaddr="127.0.0.1", **told))


def _openssl(*arguments: object, folder: Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


def _authority(folder: Path, name: str) -> Path:
    key = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(*key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt", folder=folder)
    return folder / f"{name}.crt"


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    with tempfile.TemporaryDirectory(prefix="tls") as made:
        Path(made).chmod(
            0o711
        )  # older servers look up their own way to the data, which pytest's folders are closed to
        yield from _secured(Path(made))


def _secured(base: Path) -> Iterator[Secured]:
    authority, stranger = _authority(base, "authority"), _authority(base, "stranger")
    request = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(*request, "-subj", f"/CN={NAME}", "-keyout", "server.key", "-out", "server.csr", folder=base)
    (base / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
    signed = (
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        authority,
        "-CAkey",
        "authority.key",
        "-CAcreateserial",
    )
    _openssl(*signed, "-extfile", "names", "-out", "server.crt", folder=base)
    files = {name: (base / name).read_text() for name in ("server.crt", "server.key")}
    with servers.made(base / "server", servers.with_tls()) as server:
        server.configure("ssl = on\n", files)
        server.start()
        yield Secured(server, authority, stranger)


def _refusal(database: Database) -> str:
    with (
        closing(database),
        pytest.raises(errors.DatabaseRefused) as caught,
        database.transaction(),
    ):
        pass
    return str(caught.value)


def test_a_server_that_proves_its_name_is_spoken_to_encrypted(secured):
    with closing(secured.open(sslrootcert=secured.authority)) as database, database.transaction() as tx:
        assert tx.value(ENCRYPTED)


def test_the_authorities_this_computer_trusts_are_enough(secured, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.authority))
    with closing(secured.open()) as database, database.transaction() as tx:
        assert tx.value(ENCRYPTED)


@pytest.mark.parametrize("own_file", [True, False])
def test_a_certificate_of_an_authority_nobody_here_trusts_is_refused_with_the_way_out(secured, own_file):
    said = _refusal(secured.open(**({"sslrootcert": secured.stranger} if own_file else {})))
    assert f"“postgres” on {NAME} showed a TLS certificate that no authority this computer trusts" in said
    assert "sslrootcert=" in said


def test_a_certificate_made_for_another_name_is_refused(secured):
    said = _refusal(secured.open("elsewhere.greenroom.test", sslrootcert=secured.authority))
    assert "made for another name" in said


def test_a_file_of_authorities_that_is_not_there_is_told(secured, tmp_path):
    said = _refusal(secured.open(sslrootcert=tmp_path / "missing.crt"))
    assert "look at sslrootcert" in said


def test_a_server_without_tls_is_refused_by_name_and_taken_on_loopback(secured):
    server = secured.server
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM SET ssl = off")
        connection.execute("SELECT pg_reload_conf()")

        def is_off() -> bool:
            with server.connect() as fresh:
                return fresh.execute("SHOW ssl").fetchone() == ("off",)

        until(is_off)
        try:
            assert "offers no TLS" in _refusal(secured.open(sslrootcert=secured.authority))
            with closing(Database(server.url("postgres"))) as database, database.transaction() as tx:
                assert not tx.value(ENCRYPTED)
        finally:
            connection.execute("ALTER SYSTEM RESET ssl")
            connection.execute("SELECT pg_reload_conf()")
            until(lambda: not is_off())


def test_a_weaker_mode_in_the_address_is_taken_at_its_word_and_told(secured):
    with closing(secured.open(sslmode="require")) as database, database.transaction() as tx:
        assert tx.value(ENCRYPTED)
        assert "nothing proves who answers" in locations.weak_tls(database.url)
