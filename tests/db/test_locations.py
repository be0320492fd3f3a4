"""Database addresses: what people type, what people see, what connections need."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.db import locations


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
