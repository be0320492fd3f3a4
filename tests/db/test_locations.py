"""Database addresses: what people type, what people see, what connections need."""

from __future__ import annotations

import sys

import pytest

from desktop import errors
from desktop.db import locations

FROM_OUTSIDE = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLROOTCERT")


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch, tmp_path):
    """Neither this computer's environment nor its owner's files."""
    for name in FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APPDATA" if sys.platform == "win32" else "HOME", str(tmp_path))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_of_postgresql_is_understood(scheme):
    url = locations.parse(f" {scheme}://greta@db.example.org:5433/greenroom\n")
    assert (url.drivername, url.host, url.port, url.database) == (
        "postgresql+psycopg",
        "db.example.org",
        5433,
        "greenroom",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "greenroom",
        "mysql://greta:secret-word@db.example.org/greenroom",
        "postgresql://greta:secret-word@db.example.org:port/greenroom",
        "postgresql://greta:secret-word@db.example.org:70000/greenroom",
        "postgresql://greta:secret-word@db.example.org:5432",
        "postgresql://greta:secret-word@db.example.org/",
        "postgresql://greta:secret-word\udcff@db.example.org/greenroom",
        "postgresql://greta:secret-word%00@db.example.org/greenroom",
        "postgresql://greta:secret-word@one:port,two/greenroom",
        "postgresql://greta:secret-word@one:70000,two/greenroom",
        "postgresql://greta:secret-word@/greenroom?host=one,two&port=1,2,3",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text):
    with pytest.raises(errors.InvalidField) as caught:
        locations.parse(text)
    assert caught.value.field == "database"
    assert "secret-word" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_people_see_the_database_and_the_host_and_never_the_password():
    url = locations.parse("postgresql://greta:secret-word@db.example.org/summit?sslmode=require")
    assert locations.shown(url) == "“summit” on db.example.org"


@pytest.mark.parametrize(
    "text",
    [
        "postgresql:///summit",
        "postgresql://greta@/summit?host=/var/run/postgresql",
        "postgresql://greta@localhost/summit",
        "postgresql://greta@127.0.0.1:5432/summit",
        "postgresql://greta@[::1]/summit",
        "postgresql://greta@127.0.0.53/summit",
        "postgresql://greta@localhost:5432,127.0.0.1:5433/summit",
        "postgresql://greta@/summit?host=localhost:5432&host=127.0.0.1:5433",
    ],
)
def test_sockets_and_loopback_are_this_computer(text):
    url = locations.parse(text)
    assert locations.is_local(url)
    assert locations.shown(url) == "“summit” on this computer"


def test_several_hosts_are_all_shown_and_remote_unless_all_are_here():
    url = locations.parse("postgresql://greta@/summit?host=db1.example.org&host=localhost")
    assert not locations.is_local(url)
    assert locations.shown(url) == "“summit” on db1.example.org, localhost"


@pytest.mark.parametrize(
    ("text", "hosts", "ports"),
    [
        ("postgresql://greta:pw@one:5432,two:5433/summit", "one,two", "5432,5433"),
        ("postgresql://greta:pw@one,two:5433/summit?sslmode=require", "one,two", "5432,5433"),
        ("postgresql://greta:pw@[2001:db8::1]:5432,two/summit", "2001:db8::1,two", "5432,5432"),
    ],
)
def test_several_hosts_may_be_written_as_postgresql_writes_them(text, hosts, ports):
    url = locations.parse(text)
    assert (url.query["host"], url.query["port"]) == (hosts, ports)
    assert (url.username, url.password, url.database, url.host) == ("greta", "pw", "summit", None)
    assert locations.shown(url) == f"“summit” on {hosts.replace(',', ', ')}"
    assert url.get_dialect()().create_connect_args(url)[1]["host"] == hosts


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("postgresql:///summit", "PGHOST", "db.example.org"),
        ("postgresql://greta@localhost/summit", "PGHOSTADDR", "192.0.2.7"),
        ("postgresql:///summit", "PGSERVICE", "office"),
        ("postgresql://greta@localhost/summit?hostaddr=192.0.2.7", "PGHOST", ""),
        ("postgresql:///summit?service=office", "PGHOST", ""),
    ],
)
def test_what_leads_elsewhere_by_a_side_door_is_not_this_computer(text, name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    url = locations.parse(text)
    assert not locations.is_local(url)
    assert locations.connect_arguments(url)["sslmode"] == "verify-full"
    assert "this computer" not in locations.shown(url)


def test_connections_notice_a_dead_link():
    arguments = locations.connect_arguments(locations.parse("postgresql://greta@localhost/summit"))
    wanted = {
        "connect_timeout": 3,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
        "target_session_attrs": "read-write",
    }
    assert wanted.items() <= arguments.items()


def test_a_remote_server_must_prove_who_it_is_unless_the_address_says_otherwise():
    remote = locations.parse("postgresql://greta@db.example.org/summit")
    lenient = locations.parse("postgresql://greta@db.example.org/summit?sslmode=require")
    here = locations.parse("postgresql://greta@localhost/summit")
    assert locations.connect_arguments(remote)["sslmode"] == "verify-full"
    assert "sslmode" not in locations.connect_arguments(lenient)
    assert "sslmode" not in locations.connect_arguments(here)


def test_the_authorities_this_computer_trusts_are_named_by_a_file_that_is_there(tmp_path, monkeypatch):
    remote = locations.parse("postgresql://greta@db.example.org/summit")
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert locations.connect_arguments(remote)["sslrootcert"] == str(bundle)
    bundle.unlink()
    monkeypatch.setattr(locations, "BUNDLES", ("/no/such/file", __file__))
    assert locations.connect_arguments(remote)["sslrootcert"] == __file__


@pytest.mark.skipif(sys.platform == "win32", reason="the folder has another name there")
def test_authorities_of_the_persons_own_are_left_to_libpq(tmp_path, monkeypatch):
    remote = locations.parse("postgresql://greta@db.example.org/summit")
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in locations.connect_arguments(remote)
    (tmp_path / ".postgresql" / "root.crt").unlink()
    assert "sslrootcert" in locations.connect_arguments(remote)
    monkeypatch.setenv("PGSSLROOTCERT", "/some/file")
    assert "sslrootcert" not in locations.connect_arguments(remote)


@pytest.mark.parametrize(
    ("mode", "lost"),
    [
        ("verify-ca", "not whether it is this server's"),
        ("require", "nothing proves who answers"),
        ("prefer", "in the clear"),
        ("disable", "in the clear"),
    ],
)
def test_a_weaker_mode_is_allowed_because_it_is_said_and_told_for_what_it_gives_up(mode, lost):
    url = locations.parse(f"postgresql://greta@db.example.org/summit?sslmode={mode}")
    arguments = locations.connect_arguments(url)
    assert not {"sslmode", "sslrootcert"} & arguments.keys()  # libpq refuses the second for a weaker mode
    assert lost in (locations.weak_tls(url) or "")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://greta@db.example.org/summit",
        "postgresql://greta@db.example.org/summit?sslmode=verify-full",
        "postgresql://greta@localhost/summit?sslmode=disable",
    ],
)
def test_nothing_is_given_up_by_the_strictest_mode_or_on_this_computer(text):
    assert locations.weak_tls(locations.parse(text)) is None


def test_what_the_address_says_wins():
    url = locations.parse("postgresql://greta@db.example.org/summit?connect_timeout=30&application_name=mine")
    arguments = locations.connect_arguments(url)
    assert "connect_timeout" not in arguments
    assert "application_name" not in arguments


def test_an_option_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(errors.InvalidField) as refused:
        locations.parse("postgresql://ada@db.example.org/events?sslmod=hunter2")
    assert "option" in str(refused.value)
    assert "hunter2" not in str(refused.value)
