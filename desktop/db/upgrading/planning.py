"""What of a revision's steps a database still lacks, statement by statement (docs/decisions/0009)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from desktop.db.catalog import comparing, recognizing
from desktop.db.upgrading import adopting, capacity_view, closing, matching
from desktop.db.upgrading.actions import Action, Build, Fill, Made, Short, Swap, bare
from migrations.steps import MAKING, Backfill, Step, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from desktop.db.catalog.model import Catalog, Function, Trigger
    from migrations.steps import Statement


INSTALL = "Install the function "
LIST_TRIGGERS = ("trg_pkg_insert_update_event_array", "trg_pkg_delete_update_event_array")
NAMED = 2
"""How many functions of a step are told by name."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of which something is to be done; ``says`` is its title."""

    says: str
    actions: tuple[Action, ...]


@dataclass(slots=True)
class Planner:
    """Compares steps with one reading of a database. What earlier steps of the same plan will make is counted as
    there, so that a whole upgrade can be planned before anything is done.

    ``history`` is every step of every revision, oldest first. ``keep_view``: the capacity view has others that
    depend on it and stays as it is. ``settled``: no revision is pending, so that privileges must be what they come to.
    """

    actual: Catalog
    wanted: Catalog
    history: Sequence[Step]
    keep_view: bool = False
    settled: bool = False
    new: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    explicit: frozenset[str] = frozenset()
    last: Mapping[tuple[str, str, str], Statement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        statements = [statement for step in self.history for statement in step.statements]
        self.explicit = frozenset(s.name for s in statements if s.kind == "constraint")
        self.last = {statement.key: statement for statement in statements}

    def plan(self, steps: Iterable[Step | Backfill], *, pending: bool) -> list[Planned]:
        """The steps that have something to do. ``pending``: the revision was never finished here, so rows are looked
        after, too; otherwise only what is missing of it is made again."""
        planned: list[Planned] = []
        for step in steps:
            if isinstance(step, Backfill):
                if pending or any(self._feeds(one, step) for one in planned):
                    planned.append(Planned(step.says, (Fill(step),)))
                continue
            actions = tuple(self._step(step, pending=pending))
            if actions:
                planned.append(Planned(step.says, actions))
        return planned

    @staticmethod
    def _feeds(planned: Planned, backfill: Backfill) -> bool:
        """Whether the step makes something on the table whose rows are filled."""
        return any(
            isinstance(action, Short) and backfill.table in action.tables and action.made
            for action in planned.actions
        )

    def _step(self, step: Step, *, pending: bool) -> Iterator[Action]:
        lacking = {
            id(statement): list(self._statement(step, statement))
            for statement in step.statements
            if statement.kind in MAKING or statement.kind == "always"
        }
        making = any(lacking.values())
        together: list[Short] = []
        for statement in step.statements:
            actions = lacking.get(id(statement))
            if actions is None:
                actions = self._accompanying(step, statement, making=making, pending=pending)
            for action in actions:
                if isinstance(action, Short) and self._joins(statement):
                    together.append(action)
                    continue
                yield from _joined(together)
                together = []
                yield action
        yield from _joined(together)

    def _joins(self, statement: Statement) -> bool:
        """Whether it shares the step's transaction; what is adopted has several, one after the other."""
        return statement.kind not in {"table", "constraint"} or statement.table in self.new

    def _accompanying(self, step: Step, statement: Statement, *, making: bool, pending: bool) -> list[Action]:
        """What belongs to others: a lock and its rows come with what is made under it, comments with what they are
        about; rows and privileges also where the revision was never finished."""
        wanted = making or (pending and not step.locked and statement.kind in {"rows", "privilege"})
        if not wanted:
            return []
        tables = (statement.table,) if statement.kind == "lock" else ()
        return [Short((), (statement.sql,), (), tables)]

    def _statement(self, step: Step, statement: Statement) -> Iterator[Action]:
        match statement.kind:
            case "table":
                yield from self._table(step, statement)
            case "view":
                yield from self._view(statement)
            case "function":
                yield from self._function(statement)
            case _ if statement.table in self.new:
                yield self._as_written(statement)
            case "column":
                if self._lacks_column(statement):
                    yield self._as_written(statement)
            case "constraint":
                yield from self._constraint(statement)
            case "index":
                yield from self._index(statement)
            case "trigger":
                yield from self._trigger(statement)
            case "always":
                yield from self._always(statement)

    def _as_written(self, statement: Statement) -> Short:
        made = () if statement.kind == "always" else (Made(statement.kind, statement.table, statement.name),)
        what = {"column": "the column", "index": "the index", "trigger": "the trigger"}.get(
            statement.kind, ""
        )
        says = (f"Add {what} {statement.name} to {bare(statement.table)}",) if what else ()
        return Short(says, (_replacing(statement.sql),), made, (statement.table,))

    def _table(self, step: Step, statement: Statement) -> Iterator[Action]:
        place = statement.table
        there = self.actual.tables.get(place)
        if there is None:
            self.new.add(place)
            references = re.findall(r"REFERENCES\s+(\w+)", statement.sql)
            tables = tuple(f"public.{name}" for name in references)
            says = (f"Create the table {bare(place)}",)
            own = closing.closed(step.revision, statement)
            yield Short(says, (statement.sql, *own), (Made("table", place),), tables)
        elif there.kind == "table" and place in self.wanted.tables:
            wanted = self.wanted.tables[place]
            yield from adopting.table(
                place, self.actual, wanted, members(statement), self.explicit, step.revision
            )

    def _view(self, statement: Statement) -> Iterator[Action]:
        there = self.actual.tables.get(statement.table)
        wanted = self.wanted.tables[statement.table]
        if there is None:
            self.new.add(statement.table)
            says = f"Create the materialized view {bare(statement.table)}"
            yield Short((says,), (statement.sql,), (Made("view", statement.table),))
        elif not self.keep_view and capacity_view.as_specified(there, wanted):
            yield Swap(statement.table, statement.sql)

    def _lacks_column(self, statement: Statement) -> bool:
        there = self.actual.tables.get(statement.table)
        return there is not None and there.column(statement.name) is None

    def _constraint(self, statement: Statement) -> Iterator[Action]:
        wanted = self.wanted.tables[statement.table]
        for constraint in wanted.constraints:
            if constraint.name == statement.name:
                yield from adopting.lacking(statement.table, self.actual, wanted, constraint)

    def _index(self, statement: Statement) -> Iterator[Action]:
        there, wanted = self.actual.tables[statement.table], self.wanted.tables[statement.table]
        mine = next((index for index in wanted.indexes if index.name == statement.name), None)
        if mine is None or mine.name in matching.indexes(there, wanted):
            return
        half_built = any(
            index.name == mine.name and not index.valid and comparing.equal_index(index, mine)
            for index in there.indexes
        )
        schema = statement.table.partition(".")[0]
        taken = matching.relations(self.actual, schema) | self.taken
        name = mine.name if half_built else matching.free(mine.name, taken)
        self.taken.add(name)
        sql = re.sub(rf"INDEX\s+{mine.name}\s", f"INDEX CONCURRENTLY {name} ", statement.sql, count=1)
        yield Build(statement.table, name, sql)

    def _trigger(self, statement: Statement) -> Iterator[Action]:
        there, wanted = self.actual.tables[statement.table], self.wanted.tables[statement.table]
        mine = next((trigger for trigger in wanted.triggers if trigger.name == statement.name), None)
        if mine is None:
            return
        kept = matching.triggers(there, wanted).get(mine.name)
        if kept is None:
            name = self._trigger_name(statement, there.triggers)
            sql = re.sub(r"TRIGGER\s+\S+", f"TRIGGER {name}", _replacing(statement.sql), count=1)
            made = (Made("trigger", statement.table, name),)
            yield Short(
                (f"Add the trigger {name} to {bare(statement.table)}",), (sql,), made, (statement.table,)
            )
        elif mine.enabled == "O" and kept.enabled in {"D", "R"}:
            yield Short(
                (f"Switch the trigger {kept.name} of {bare(statement.table)} on again",),
                (f'ALTER TABLE {statement.table} ENABLE TRIGGER "{kept.name}"',),
                (Made("trigger", statement.table, kept.name),),
                (statement.table,),
            )

    def _trigger_name(self, statement: Statement, triggers: Iterable[Trigger]) -> str:
        """The name the statement says; one of the website's that has it stays, and fires before ours. So does one that
        writes the same list in a way of its own: it may append what is there, and ours looks first."""
        theirs = [trigger for trigger in triggers if not trigger.function.startswith("greenroom.")]
        name = matching.free(statement.name, {trigger.name for trigger in theirs})
        if name.startswith(LIST_TRIGGERS):
            while any(trigger.name > name for trigger in theirs if trigger.does == recognizing.OWN_LIST):
                name = f"z{name}"
        return name

    def _always(self, statement: Statement) -> Iterator[Action]:
        there, wanted = self.actual.tables[statement.table], self.wanted.tables[statement.table]
        if not any(trigger.name == statement.name for trigger in wanted.triggers):
            return
        kept = matching.triggers(there, wanted).get(statement.name)
        if kept is not None and kept.enabled == "A":
            return
        name = kept.name if kept is not None else self._trigger_name(statement, there.triggers)
        yield Short(
            () if kept is None else (f"Let {name} of {bare(statement.table)} fire always",),
            (f'ALTER TABLE {statement.table} ENABLE ALWAYS TRIGGER "{name}"',),
            (),
            (statement.table,),
        )

    def _function(self, statement: Statement) -> Iterator[Action]:
        """The last revision to define a function decides what it is; the ones before only have to have been there."""
        name = f"{statement.name}("
        actual = {s: f for s, f in self.actual.functions.items() if s.startswith(name)}
        wanted = {s: f for s, f in self.wanted.functions.items() if s.startswith(name)}
        replaced = self.last[statement.key] != statement
        if (replaced and (actual or statement.name in self.taken)) or not (replaced or wanted):
            return
        said = "Put right the function " if actual or statement.name in self.taken else INSTALL
        differs = [
            signature
            for signature, function in wanted.items()
            if signature not in actual
            or replace(actual[signature], owner="", public_may_execute=False)
            != replace(function, owner="", public_may_execute=False)
        ]
        if replaced or differs:
            self.taken.add(statement.name)
            yield Short(
                (f"{said}{statement.name}",),
                (_replacing(statement.sql),),
                (Made("function", statement.name),),
            )
        if not replaced:
            yield from self._privileges(actual, wanted)

    def _privileges(self, actual: Mapping[str, Function], wanted: Mapping[str, Function]) -> Iterator[Short]:
        """Whether PUBLIC may execute it, as it may everything that was just created."""
        for signature, function in wanted.items():
            if signature in actual and not self.settled:
                continue
            may = signature not in actual or actual[signature].public_may_execute
            if may and not function.public_may_execute:
                yield Short((), (f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",))
            elif function.public_may_execute and not may:
                yield Short((), (f"GRANT EXECUTE ON FUNCTION {signature} TO PUBLIC",))


def _joined(parts: Sequence[Short]) -> Iterator[Short]:
    if parts:
        yield Short(
            _summed([line for part in parts for line in part.says]),
            tuple(sql for part in parts for sql in part.statements),
            tuple(made for part in parts for made in part.made),
            tuple(dict.fromkeys(table for part in parts for table in part.tables)),
        )


def _summed(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines, with many functions as one."""
    functions = [line for line in lines if line.startswith(INSTALL)]
    if len(functions) <= NAMED:
        return tuple(lines)
    others = [line for line in lines if not line.startswith(INSTALL)]
    return (f"Install {len(functions)} functions of schema greenroom", *others)


def _replacing(sql: str) -> str:
    return re.sub(r"^CREATE (FUNCTION|TRIGGER)", r"CREATE OR REPLACE \1", sql)
