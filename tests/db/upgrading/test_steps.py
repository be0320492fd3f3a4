"""Dividing the revisions' SQL into steps and statements."""

from __future__ import annotations

import pytest

from desktop.db.upgrading import history
from migrations import steps
from migrations.steps import MAKING, Step, divided, members


def test_a_file_is_divided_at_its_step_lines_and_semicolons():
    made = divided(
        "0099",
        "-- Why; it's told here.\n-- step: Do this\nCREATE INDEX i ON t(a); -- a remark;\n"
        "CREATE FUNCTION greenroom.f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN ';'; END $$;\n"
        "-- step: And that\nCOMMENT ON TABLE t IS 'it''s; so';\n",
    )
    assert [(step.says, [s.kind for s in step.statements]) for step in made] == [
        ("Do this", ["index", "function"]),
        ("And that", ["comment"]),
    ]
    assert made[1].statements[0].sql == "COMMENT ON TABLE t IS 'it''s; so'"


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("CREATE TABLE greenroom.x (id int)", ("table", "greenroom.x", "")),
        ("ALTER TABLE events\n  ADD COLUMN z TEXT NULL", ("column", "public.events", "z")),
        ("CREATE UNIQUE INDEX i ON t(a) WHERE b", ("index", "public.t", "i")),
        ("CREATE TRIGGER g BEFORE UPDATE OF a, b ON t FOR EACH ROW", ("trigger", "public.t", "g")),
        ("ALTER TABLE t ENABLE ALWAYS TRIGGER g", ("always", "public.t", "g")),
        ("CREATE FUNCTION greenroom.f(p uuid)", ("function", "", "greenroom.f")),
    ],
)
def test_what_a_statement_makes_is_read_off_its_first_words(sql, key):
    ((statement,),) = (step.statements for step in divided("0099", f"-- step: x\n{sql};"))
    assert statement.key == key


@pytest.mark.parametrize(
    "sql", ["DROP TABLE users;", "CREATE INDEX i ON t(a);", "-- step: x\nCREATE INDEX i ON t(a)"]
)
def test_what_cannot_be_compared_is_not_accepted(sql):
    text = sql if sql.startswith(("-- step", "CREATE")) else f"-- step: x\n{sql}"
    with pytest.raises(ValueError, match=r"0099|form"):
        divided("0099", text)


def test_the_columns_of_a_table_are_found_between_its_constraints():
    (table,) = steps("0001_specification")[8].statements
    assert members(table)[:4] == ("id", "author_id", "title", "slug")
    assert "CONSTRAINT" not in members(table)


def test_each_thing_is_made_by_one_statement_and_each_revision_can_be_taken_back():
    seen = set()
    for revision in history.revisions():
        assert revision.steps
        for step in revision.steps:
            if isinstance(step, Step):
                keys = {s.key for s in step.statements if s.kind in MAKING - {"function"}}
                assert not keys & seen
                seen |= keys
    assert all("downgrade" in vars(script.module) for script in history.scripts().walk_revisions())
