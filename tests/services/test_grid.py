from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from desktop.db.session import Acting, Actor, Database, Scrubbed
from desktop.errors import AccountClosed, DatabaseDown, NotAllowed
from desktop.services.grid import (
    PERMITTED,
    Cancellation,
    Condition,
    Grid,
    Listing,
    Order,
    QueryCancelled,
    Sort,
    ask,
    reading,
)
from tests.statements import heard

if TYPE_CHECKING:
    from collections.abc import Callable

READER = Actor(UUID(int=99), "rita", "rita@example.org", frozenset({"editor"}))
MAY = Acting(READER, ("editor",), "see things")
SLOW = "pg_sleep(60) IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    name: str
    size: int | None
    label: str | None


def key(number: int) -> bytes:
    return UUID(int=number).bytes


def things(condition: Callable[[Any], Condition] = lambda where: where or Condition()) -> Listing[Any, Thing]:
    return Listing(
        columns="t.id, t.name, t.size, l.label",
        table="things t",
        joins="LEFT JOIN labels l ON l.thing_id = t.id",
        identifier="t.id",
        scope=Condition("t.shelf = :shelf", {"shelf": 1}),
        sorts={
            "name": Sort(("t.name",)),
            "size": Sort(("t.size",)),
            "blanks": Sort(("t.size",), blanks_last=True),
            "label": Sort(("l.label",), "LEFT JOIN labels l ON l.thing_id = t.id"),
        },
        where=condition,
        row=lambda row: Thing(row.id, row.name, row.size, row.label),
    )


@pytest.fixture
def shelf(database: Database) -> Database:
    """Seven things on shelf 1, two of them without a size, and one on shelf 2."""
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO users (id, username, email) VALUES (:id, 'rita', 'r@example.org')", {"id": READER.id}
        )
        tx.execute(
            "INSERT INTO user_roles SELECT :id, id FROM roles WHERE name = 'editor'", {"id": READER.id}
        )
        tx.execute("CREATE TABLE things (id uuid PRIMARY KEY, name text, size int, shelf int DEFAULT 1)")
        tx.execute(
            "INSERT INTO things VALUES (:id, :name, :size, :shelf)",
            [
                {"id": UUID(int=number), "name": name, "size": size, "shelf": 1 + (number == 8)}
                for number, name, size in (
                    (1, "cup", 3),
                    (2, "cup", None),
                    (3, "ant's", 1),
                    (4, "50%", 2),
                    (5, "bee", None),
                    (6, "cup", 3),
                    (7, "dog", 9),
                    (8, "elsewhere", 5),
                )
            ],
        )
        tx.execute("CREATE TABLE labels (thing_id uuid PRIMARY KEY, label text)")
        tx.execute("INSERT INTO labels VALUES (:id, 'first')", {"id": UUID(int=5)})
    return database


def ids(skeleton: bytes) -> list[int]:
    return [UUID(bytes=skeleton[at : at + 16]).int for at in range(0, len(skeleton), 16)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order("name"), [4, 3, 5, 1, 2, 6, 7]),
        (Order("name", descending=True), [7, 6, 2, 1, 5, 3, 4]),
        (Order("size"), [3, 4, 1, 6, 7, 2, 5]),
        (Order("size", descending=True), [5, 2, 7, 6, 1, 4, 3]),
        (Order("blanks"), [3, 4, 1, 6, 7, 2, 5]),
        (Order("blanks", descending=True), [7, 6, 1, 4, 3, 5, 2]),
        (Order("label"), [5, 1, 2, 3, 4, 6, 7]),
    ],
)
def test_first_rows_and_skeleton_have_the_same_total_order(
    shelf: Database, order: Order, expected: list[int]
) -> None:
    grid = Grid(shelf, MAY, things())
    assert ids(grid.skeleton(order, None, Cancellation())) == expected
    assert [row.id.int for row in grid.first(order, None, 4, Cancellation())] == expected[:4]


def test_the_filter_binds_what_people_type(shelf: Database) -> None:
    def named(name: str) -> Condition:
        return Condition("t.name = :name", {"name": name})

    grid = Grid(shelf, MAY, things(named))
    for text, found in (("ant's", [3]), ("50%", [4]), ("x'; DROP TABLE things; --", []), ("elsewhere", [])):
        assert ids(grid.skeleton(Order("name"), text, Cancellation())) == found
        assert [row.id.int for row in grid.first(Order("name"), text, 9, Cancellation())] == found
        everything = [key(number) for number in range(1, 9)]
        matching = grid.matching(text, everything, Cancellation())
        assert ids(b"".join(matching)) == found


def test_rows_come_in_the_order_of_their_ids_without_those_that_are_gone(shelf: Database) -> None:
    grid = Grid(shelf, MAY, things())
    asked = [key(7), key(99), key(2), key(8), key(3)]
    assert [row.id.int for row in grid.rows(asked, Cancellation())] == [7, 2, 3]
    assert [row.label for row in grid.rows([key(5), key(6)], Cancellation())] == ["first", None]
    assert list(grid.rows([], Cancellation())) == []


def test_an_empty_list_has_an_empty_skeleton(shelf: Database) -> None:
    assert Grid(shelf, MAY, things()).skeleton(Order("name"), Condition("false"), Cancellation()) == b""


def test_downwards_is_the_reverse_of_upwards_so_that_one_index_serves_both() -> None:
    sort = Sort(("a", "b"))
    assert sort.sql("id", descending=False) == "a ASC NULLS LAST, b ASC NULLS LAST, id ASC"
    assert sort.sql("id", descending=True) == "a DESC NULLS FIRST, b DESC NULLS FIRST, id DESC"


def test_conditions_are_joined_as_wholes() -> None:
    both = Condition("a OR b", {"a": 1}) & Condition("c OR d", {"c": 2})
    assert both == Condition("(a OR b) AND (c OR d)", {"a": 1, "c": 2})


def test_a_grid_cannot_write(shelf: Database) -> None:
    with pytest.raises(Scrubbed) as refused, reading(shelf, MAY, Cancellation()) as connection:
        connection.execute(sa.text("DELETE FROM things"))
    assert refused.value.sqlstate == "25006"
    with shelf.transaction() as tx:  # the next user of the connection can
        assert tx.execute("DELETE FROM things WHERE shelf = 2") == 1


def test_rows_by_id_are_one_statement_that_asks_for_the_rights_at_that_moment(shelf: Database) -> None:
    grid = Grid(shelf, MAY, things())
    with heard(shelf) as sent:
        assert (
            len(grid.rows([key(1)], Cancellation()))
            == len(grid.matching(None, [key(1)], Cancellation()))
            == 1
        )
    assert len(sent) == 2
    with shelf.transaction() as tx:
        tx.execute("DELETE FROM user_roles")
    for nothing in ([], [key(99)], [key(1)]):  # where there are no rows, too
        with pytest.raises(NotAllowed, match="may not see things"):
            grid.rows(nothing, Cancellation())
        with pytest.raises(NotAllowed, match="may not see things"):
            grid.matching(Condition("t.size < 0"), nothing, Cancellation())
    with shelf.transaction() as tx:
        tx.execute("UPDATE users SET status = 'inactive'")
    with pytest.raises(AccountClosed):
        grid.rows([key(1)], Cancellation())


def test_one_statement_cannot_write_either(shelf: Database) -> None:
    with shelf.transaction() as tx:
        tx.execute(
            "CREATE FUNCTION sweep() RETURNS boolean LANGUAGE sql"
            " AS 'DELETE FROM things WHERE shelf = 2 RETURNING true'"
        )
    with pytest.raises(Scrubbed) as refused:
        ask(shelf, MAY, Cancellation(), f"SELECT sweep() WHERE {PERMITTED}", {})
    assert refused.value.sqlstate == "25006"
    with shelf.transaction() as tx:  # the next user of the connection can
        assert tx.value("SELECT sweep()") is True


def test_a_question_cancelled_beforehand_is_not_asked(shelf: Database) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with heard(shelf) as asked, pytest.raises(QueryCancelled):
        Grid(shelf, MAY, things()).first(Order("name"), None, 5, cancellation)
    assert asked == []


@pytest.mark.parametrize("question", ["first", "skeleton", "rows", "matching"])
def test_a_running_question_is_stopped_on_the_server(shelf: Database, question: str) -> None:
    slow = Condition(SLOW)
    grid = Grid(shelf, MAY, things(lambda _: slow))
    cancellation = Cancellation()
    ended: list[BaseException | None] = []

    def ask() -> None:
        questions: dict[str, Callable[[], object]] = {
            "first": lambda: grid.first(Order("name"), None, 5, cancellation),
            "skeleton": lambda: grid.skeleton(Order("name"), None, cancellation),
            "rows": lambda: Grid(shelf, MAY, slowly(things())).rows([key(1)], cancellation),
            "matching": lambda: grid.matching(None, [key(1)], cancellation),
        }
        try:
            questions[question]()
            ended.append(None)
        except QueryCancelled as stopped:
            ended.append(stopped)

    asking = threading.Thread(target=ask)
    asking.start()
    while not running(shelf):
        pass
    cancellation.cancel()
    asking.join(20)
    assert [type(end) for end in ended] == [QueryCancelled]
    assert not running(shelf)
    assert len(Grid(shelf, MAY, things()).first(Order("name"), None, 5, Cancellation())) == 5


def slowly(listing: Listing[Any, Thing]) -> Listing[Any, Thing]:
    return replace(listing, scope=Condition(SLOW))


def running(database: Database) -> bool:
    with database.transaction() as tx:
        return bool(
            tx.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
            )
        )


def test_a_question_the_server_gives_up_on_is_a_failure_and_no_cancellation(shelf: Database) -> None:
    with pytest.raises(DatabaseDown), reading(shelf, MAY, Cancellation()) as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = '20ms'"))
        connection.execute(sa.text("SELECT pg_sleep(60)"))


def test_a_database_that_is_away_is_told_so() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseDown):
        Grid(away, MAY, things()).skeleton(Order("name"), None, Cancellation())
    away.close()


class SlowLine(psycopg.Connection[Any]):
    """A connection whose cancel request takes a while to arrive."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.told: list[str] = []

    def __del__(self) -> None:
        """It never was a connection."""

    def cancel_safe(self, *, timeout: float = 30.0) -> None:
        self.asked.set()
        time.sleep(0.05)
        self.told.append("arrived")


def test_cancelling_does_not_wait_for_the_network_but_the_connection_does() -> None:
    line, cancellation = SlowLine(), Cancellation()

    def ask() -> None:
        with cancellation.stops(line):
            assert line.asked.wait(20)
        line.told.append("free for the next user")

    asking = threading.Thread(target=ask)
    asking.start()
    while not line.asked.is_set():
        cancellation.cancel()
    line.told.append("cancel returned")
    asking.join(20)
    cancellation.cancel()  # nothing runs any more: nobody is asked
    assert line.told == ["cancel returned", "arrived", "free for the next user"]
