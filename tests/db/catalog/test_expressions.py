"""Expressions that mean the same have one form, and the form means what the expression says."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.db.catalog import expressions
from desktop.db.catalog.defaults import canonical_default, is_present, same_default
from tests.db.catalog.conftest import do

if TYPE_CHECKING:
    from collections.abc import Sequence


def printed(connection: sa.Connection, rules: Sequence[str]) -> list[str]:
    """CHECKs as PostgreSQL prints them."""
    do(connection, "CREATE TEMP TABLE IF NOT EXISTS checked (a varchar(9), b text, n integer, f boolean)")
    for place, rule in enumerate(rules):
        do(connection, f"ALTER TABLE checked ADD CONSTRAINT c{place} CHECK ({rule}) NOT VALID")
    found = connection.execute(
        sa.text(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = 'checked'::regclass"
            " AND contype = 'c' ORDER BY substr(conname, 2)::int"
        )
    )
    texts = [row[0] for row in found]
    do(connection, "DROP TABLE checked")
    return texts


SAME = [
    ("a IN ('x', 'y')", "a = 'y' OR a = 'x'"),
    ("a IN ('x', 'y', 'z')", "(a = 'x' OR a = 'y') OR a = 'z'"),
    ("a IN ('x', 'y')", "a::text = ANY (ARRAY['x'::text, 'y'])"),
    ("a IN ('x', 'y')", "a = ANY ('{y,x}')"),
    ("a NOT IN ('x', 'y')", "a <> 'y' AND NOT a = 'x'"),
    ("a = 'x'", "'x' = a"),
    ("n IN (1, 3)", "n = ANY ('{3,1}')"),
    ("f = true", "f"),
    ("f = false", "NOT f"),
    ("f <> true", "NOT f"),
    ("n >= 0", "0 <= n"),
    ("n BETWEEN 0 AND 5", "n <= 5 AND n >= 0"),
    ("a <> 'x' OR (b IS NOT NULL AND n IS NOT NULL)", "NOT (a = 'x' AND (n IS NULL OR b IS NULL))"),
    (
        "(a = 'x' AND b IS NULL) OR (a = 'y' AND b IS NOT NULL)",
        "(b IS NOT NULL AND 'y' = a) OR (b IS NULL AND a = 'x')",
    ),
    ("lower(a) IS NOT DISTINCT FROM b", "NOT (b IS DISTINCT FROM lower(a))"),
]
DIFFERENT = [
    ("a IN ('x', 'y')", "a IN ('x', 'y', 'z')"),
    ("a IN ('x', 'y')", "a NOT IN ('x', 'y')"),
    ("a = 'x' OR b = 'y'", "a = 'x' AND b = 'y'"),
    ("a = 'x'", "b = 'x'"),
    ("a = 'x'", "a = 'X'"),
    ("n > 0", "n >= 0"),
    ("n > 0", "n < 0"),
    ("n::text = '1'", "n = 1"),
    ("a::varchar(1) = 'x'", "a = 'x'"),
    ("a <> ALL (string_to_array(b, ','))", "NOT a = ALL (string_to_array(b, ','))"),
    ("f", "NOT f"),
    ("f", "f IS TRUE"),
    ("a IS NULL", "a IS NOT NULL"),
    ("a LIKE 'x%'", "a ILIKE 'x%'"),
    ("a COLLATE \"C\" > 'x'", "a > 'x'"),
    ("a = 'it''s -- x'", "a = 'it''s -- y'"),
]


def test_rules_that_mean_the_same_are_the_same_and_others_are_not(changed):
    with changed("") as connection:
        texts = printed(connection, [rule for pair in (*SAME, *DIFFERENT) for rule in pair])
    forms = [expressions.canonical(text) for text in texts]
    pairs = list(zip(forms[::2], forms[1::2], strict=True))
    assert [first == second for first, second in pairs] == [True] * len(SAME) + [False] * len(DIFFERENT)


def test_a_list_of_values_is_told_with_its_column(changed):
    with changed("") as connection:
        texts = printed(connection, ["a IN ('x', 'y')", "b = 'x'", "a IN ('x') AND n > 0", "n > 0"])
    assert [expressions.listed_values(text) for text in texts] == [
        ("a", frozenset({"'x'", "'y'"})),
        ("b", frozenset({"'x'"})),
        None,
        None,
    ]


ATOMS = st.one_of(
    st.sampled_from(["a = 'x'", "a <> 'y'", "a IN ('x', 'y')", "a NOT IN ('y', 'z')", "b = a", "b <> a"]),
    st.sampled_from(["b IS NULL", "n IS NOT NULL", "a IS DISTINCT FROM b", "f", "f = false", "f <> false"]),
    st.sampled_from(["n < 2", "2 <= n", "n IN (1, 3)", "n = 2", "n <> 3"]),
)
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda rule: f"NOT ({rule})"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=6,
)
GRID = list(itertools.product(["x", "y", "z", None], ["x", "y", None], [1, 2, 3, None], [True, False, None]))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=st.lists(RULES, min_size=12, max_size=12))
def test_the_form_of_a_rule_says_what_postgresql_does(changed, rules):
    with changed("") as connection:
        texts = printed(connection, rules)
        columns = ", ".join(f"({rule})::text" for rule in rules)
        answers = connection.exec_driver_sql(
            f"SELECT {columns} FROM unnest(%s::text[], %s::text[], %s::int[], %s::bool[]) AS g (a, b, n, f)",
            tuple(list(column) for column in zip(*GRID, strict=True)),
        ).fetchall()
    said = {"true": True, "false": False, None: None}
    for place, text in enumerate(texts):
        tree = expressions.parsed(text)
        ours = [_value(tree, dict(zip("abnf", row, strict=True))) for row in GRID]
        assert ours == [said[row[place]] for row in answers], text


def _value(node, row):
    """What a tree says of a row: three-valued, as SQL is."""
    kind, *parts = node
    if kind == "name":
        return row[parts[0]]
    if kind == "constant":
        return _constant(parts[0])
    if kind == "not":
        value = _value(parts[0], row)
        return None if value is None else not value
    if kind == "null":
        return _value(parts[0], row) is None
    if kind == "distinct":
        return _value(parts[0], row) != _value(parts[1], row)
    if kind == "in":
        value = _value(parts[0], row)
        return None if value is None else value in {_constant(part) for part in parts[1:]}
    if kind in {"and", "or"}:
        values = [_value(part, row) for part in parts]
        decides = kind == "or"
        return decides if decides in values else None if None in values else not decides
    sign, left, right = parts[0], _value(parts[1], row), _value(parts[2], row)
    if left is None or right is None:
        return None
    return {"=": left == right, "<": left < right, "<=": left <= right}[sign]


def _constant(text):
    return text[1:-1] if text.startswith("'") else int(text)


@pytest.mark.parametrize(
    ("mine", "specified"),
    [
        ("now()", "CURRENT_TIMESTAMP"),
        ("LOCALTIMESTAMP", "CURRENT_TIMESTAMP"),
        ("(now())::timestamp without time zone", "CURRENT_TIMESTAMP"),
        ("timezone('utc'::text, now())", "CURRENT_TIMESTAMP"),
        ("(CURRENT_TIMESTAMP AT TIME ZONE 'Etc/UTC'::text)", "CURRENT_TIMESTAMP"),
        ("clock_timestamp()", "CURRENT_TIMESTAMP"),
        ("public.uuid_generate_v4()", "gen_random_uuid()"),
        ("extensions.gen_random_uuid()", "gen_random_uuid()"),
        ("'local'::text", "'local'::character varying"),
        ("ARRAY[]::uuid[]", "'{}'::uuid[]"),
        ("(0)::bigint", "0"),
        ("'0'::integer", "0"),
        (None, None),
    ],
)
def test_a_default_that_puts_the_same_into_a_column_is_the_same(mine, specified):
    assert same_default(mine, specified)


@pytest.mark.parametrize(
    ("mine", "specified"),
    [
        ("timezone('Asia/Kolkata'::text, now())", "CURRENT_TIMESTAMP"),
        ("(now() + '01:00:00'::interval)", "CURRENT_TIMESTAMP"),
        ("'2020-01-01 00:00:00'::timestamp without time zone", "CURRENT_TIMESTAMP"),
        ("now()", "timezone('UTC'::text, clock_timestamp())"),
        ("public.uuid_generate_v1()", "gen_random_uuid()"),
        ("'google'::character varying", "'local'::character varying"),
        ("false", "true"),
        ("1", "0"),
        (None, "0"),
        ("0", None),
    ],
)
def test_a_default_that_puts_something_else_into_a_column_is_another(mine, specified):
    assert not same_default(mine, specified)


def test_a_default_of_its_own_is_told_in_its_own_words():
    assert canonical_default("1", "0") == "(constant 1)"
    assert canonical_default("now()", None) == "(call now)"


def test_what_this_grammar_does_not_know_is_compared_word_by_word():
    assert expressions.canonical("CASE WHEN f THEN 1\n ELSE 2 END") == "case when f then 1 else 2 end"
    assert not is_present("CASE WHEN f THEN now() END")
    assert expressions.listed_values("CASE WHEN f THEN 1 END") is None
