"""The structure this program needs, as data: ``migrations/schema.json``, the catalog of an upgraded database."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any

import migrations
from desktop.db.catalog.model import Catalog, Column, Constraint, Function, Index, Table, Trigger

FILE = migrations.FOLDER / "schema.json"


@cache
def wanted() -> Catalog:
    """What a database at the newest revision consists of; owners are left empty."""
    return loaded(FILE.read_text(encoding="utf-8"))


def written(catalog: Catalog) -> str:
    """A catalog as the text of the file; without owners, which each database has its own of."""
    tables = {name: dataclasses.asdict(catalog.tables[name]) for name in sorted(catalog.tables)}
    functions = {name: dataclasses.asdict(catalog.functions[name]) for name in sorted(catalog.functions)}
    for described in (*tables.values(), *functions.values()):
        del described["owner"]
    return json.dumps({"tables": tables, "functions": functions}, indent=1, ensure_ascii=False) + "\n"


def loaded(text: str) -> Catalog:
    """The catalog that `written` made the text of."""
    found = json.loads(text)
    return Catalog(
        {name: _table(table) for name, table in found["tables"].items()},
        {name: _function(function) for name, function in found["functions"].items()},
    )


def _table(found: dict[str, Any]) -> Table:
    return Table(
        found["name"],
        found["kind"],
        "",
        tuple(Column(**column) for column in found["columns"]),
        tuple(Constraint(**_tupled(constraint, "columns")) for constraint in found["constraints"]),
        tuple(Index(**index) for index in found["indexes"]),
        tuple(Trigger(**trigger) for trigger in found["triggers"]),
        found["query"],
    )


def _function(found: dict[str, Any]) -> Function:
    return Function(**_tupled(found, "settings"), owner="")


def _tupled(found: dict[str, Any], key: str) -> dict[str, Any]:
    return {**found, key: tuple(found[key])}
