"""What Greenroom made here, kept in ``greenroom.created``: taking it back leaves alone what the website made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.upgrading.actions import Made
from migrations.steps import MAKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrations.steps import Step

BEGIN = """
CREATE TABLE IF NOT EXISTS greenroom.created (
  kind     TEXT        NOT NULL,
  place    TEXT        NOT NULL,
  name     TEXT        NOT NULL,
  revision VARCHAR(32) NOT NULL,
  made_at  TIMESTAMP   NOT NULL DEFAULT timezone('UTC', clock_timestamp()),
  PRIMARY KEY (kind, place, name)
);
CREATE TABLE IF NOT EXISTS greenroom.schema_version (
  version_num VARCHAR(32) NOT NULL CONSTRAINT schema_version_pkc PRIMARY KEY
);
COMMENT ON TABLE greenroom.created IS
  'What Greenroom made in this database and not the website; “greenroom db downgrade” takes back nothing else'
"""


def noting(made: Iterable[Made], revision: str) -> str:
    """The statement that keeps them, or nothing when there are none; what is known already keeps its revision."""
    rows = ", ".join(
        f"({_text(one.kind)}, {_text(one.place)}, {_text(one.name)}, {_text(revision)})" for one in made
    )
    return (
        f"INSERT INTO greenroom.created (kind, place, name, revision) VALUES {rows} ON CONFLICT DO NOTHING"
        if rows
        else ""
    )


def forgetting(made: Made) -> str:
    """The statement that strikes one off the list."""
    return (
        f"DELETE FROM greenroom.created WHERE kind = {_text(made.kind)} AND place = {_text(made.place)}"
        f" AND name = {_text(made.name)}"
    )


def of(steps: Iterable[Step]) -> Iterator[Made]:
    """What steps make in a database where nothing was before."""
    for step in steps:
        for statement in step.statements:
            if statement.kind == "function":
                yield Made("function", statement.name)
            elif statement.kind in MAKING:
                yield Made(statement.kind, statement.table, statement.name)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
