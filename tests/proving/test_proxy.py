"""The fault proxy does what it says: a proof is worth as much as the faults it is made with."""

from __future__ import annotations

import io
import socket
import struct
import time

import psycopg
import pytest
import sqlalchemy as sa

from desktop.db.session import Database
from tests.proving.proxy import Fault, Proxy

INSERT = "INSERT INTO users (username, email) VALUES ('zoe', 'zoe@example.org')"
COUNT = "SELECT count(*) FROM users WHERE username = 'zoe'"


@pytest.fixture
def line(server_url):
    with Proxy(server_url) as made:
        yield made


@pytest.fixture
def dial(line, database_url):
    """Connects to the test's database through the proxy, as psql does."""
    opened = []

    def connect():
        through = sa.make_url(line.url(sa.make_url(database_url).database)).set(drivername="postgresql")
        address = through.render_as_string(hide_password=False)
        opened.append(psycopg.connect(address, autocommit=True, connect_timeout=5))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def test_what_is_sent_arrives_unchanged_in_both_directions(dial, line):
    connection = dial()
    text = "ł" * 300_000
    for _ in range(8):  # from the sixth on as a prepared statement
        assert connection.execute("SELECT %s::text", (text,)).fetchone() == (text,)
    with connection.cursor() as cursor:
        with cursor.copy("COPY users (username, email) FROM STDIN") as copy:
            for n in range(2000):
                copy.write_row((f"user{n}", f"user{n}@example.org"))
        told = io.BytesIO()
        with cursor.copy("COPY users (email) TO STDOUT") as copy:
            for data in copy:
                told.write(data)
    assert len(told.getvalue().splitlines()) == 2000
    with connection.pipeline():
        connection.execute("SELECT 1")
        last = connection.execute("SELECT 2")
    assert last.fetchone() == (2,)
    assert line.struck == {}


def test_the_programs_own_connections_work_through_it(line, database_url):
    database = Database(line.url(sa.make_url(database_url).database))
    with database.transaction() as tx:
        assert tx.value("SHOW timezone") == "UTC"
    assert database.call("called", {"p_name": "Zoë", "p_email": ""}).called == "Zoë"
    database.close()


def test_a_delay_is_as_long_as_it_says_each_way(dial, line):
    connection = dial()
    line.delay(there=0.03, back=0.05)
    took = 1.0
    while (
        took >= 0.12
    ):  # a computer that is busy with others now and then adds to it; one that always does is a fault
        began = time.monotonic()
        connection.execute("SELECT 1")
        took = time.monotonic() - began
        assert took >= 0.08


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (Fault.CUT_BEFORE, {0}),
        (Fault.CUT_AFTER, {1}),
        (Fault.CUT_DURING, {0, 1}),
        (Fault.KILL, {0, 1}),
    ],
)
@pytest.mark.parametrize("prepared", [False, True])
def test_a_fault_leaves_done_what_it_says(fault, done, prepared, dial, line, building):
    connection = dial()
    connection.prepare_threshold = 0 if prepared else None
    line.strike(fault, "INSERT INTO users")
    connection.execute("SELECT 1")
    failed = False
    try:
        connection.execute(INSERT)
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        failed = True
    assert failed or fault is Fault.KILL  # which may come when there is nobody any more
    assert building.value(COUNT) in done
    assert line.struck == {fault: 1}


@pytest.mark.parametrize(("fault", "done"), [(Fault.BLACKHOLE_BEFORE, 0), (Fault.BLACKHOLE_AFTER, 1)])
def test_a_blackhole_says_nothing_until_it_ends(fault, done, server_url, database_url, building):
    with Proxy(server_url, blackhole_seconds=0.2) as line:
        through = sa.make_url(line.url(sa.make_url(database_url).database)).set(drivername="postgresql")
        connection = psycopg.connect(through.render_as_string(hide_password=False), autocommit=True)
        line.strike(fault, "INSERT")
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            connection.execute(INSERT)
        assert time.monotonic() - began >= 0.19
        connection.close()
    assert building.value(COUNT) == done


def test_a_server_that_vanished_says_nothing_until_it_comes_back(dial, line):
    connection = dial()
    line.blackhole()
    with socket.create_connection(("127.0.0.1", line.port)) as knocking:
        knocking.settimeout(0.2)
        knocking.sendall(struct.pack("!ii", 8, 80877103))  # may we speak TLS?
        with pytest.raises(TimeoutError):
            knocking.recv(1)
    connection.pgconn.send_query(b"SELECT 1")
    connection.pgconn.flush()
    time.sleep(0.05)
    line.heal()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
        connection.execute("SELECT 1")
    assert dial().execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("how", ["cut", "kill"])
def test_all_connections_can_be_broken_at_once(how, dial, line):
    connections = [dial(), dial()]
    getattr(line, how)()
    for connection in connections:
        with pytest.raises(psycopg.OperationalError):
            for _ in range(200):
                connection.execute("SELECT 1")
                time.sleep(0.01)
    assert dial().execute("SELECT 1").fetchone() == (1,)


def test_a_chosen_fault_is_asked_for_each_request_that_executes_something(dial, line):
    asked = []
    connection = dial()
    line.choose = lambda request: asked.append(request.sql)
    for _ in range(7):
        connection.execute("SELECT 'one'")
    connection.execute("SELECT 'two'; SELECT 'three'")
    assert asked == ["SELECT 'one'"] * 7 + ["SELECT 'two'; SELECT 'three'"]
    assert len(asked) == line.requests
