"""An upgrade or downgrade at work: what is planned, and what alembic's revisions call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.db import schema
from desktop.db.catalog.reading import read
from desktop.db.catalog.wanted import wanted
from desktop.db.survey import survey
from desktop.db.upgrading import (
    backfilling,
    building,
    capacity_view,
    closing,
    history,
    inventory,
    session,
    undoing,
)
from desktop.db.upgrading.actions import Action, Build, Fill, Short, Swap, bare
from desktop.db.upgrading.planning import Planned, Planner
from desktop.db.upgrading.running import Runner
from migrations.steps import Backfill, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alembic.config import Config

    from desktop.db.catalog.model import Catalog
    from desktop.db.findings import Finding
    from desktop.db.session import Database
    from desktop.db.upgrading.history import Revision
    from desktop.db.upgrading.session import Session

VIEW = "public.package_capacity_status"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade would do, in order, and what it found; nothing was changed for it."""

    findings: tuple[Finding, ...]
    steps: tuple[Planned, ...]

    @property
    def refused(self) -> int:
        """How many kinds of trouble stop the upgrade."""
        return sum(finding.refused for finding in self.findings)

    @property
    def widened(self) -> tuple[str, ...]:
        """The website's tables that get a column."""
        shorts = [action for step in self.steps for action in step.actions if isinstance(action, Short)]
        made = [one for short in shorts for one in short.made if one.kind == "column"]
        return tuple(dict.fromkeys(bare(one.place) for one in made))


@dataclass(slots=True)
class Work:
    """An upgrade or downgrade on its session; what alembic's revisions call."""

    alone: Session
    database: Database
    say: Callable[[str], None]
    at: str | None = None
    fresh: bool = False
    done: list[str] = field(default_factory=list)
    revisions: tuple[Revision, ...] = ()
    new: set[str] = field(default_factory=set)
    runner: Runner = field(init=False)
    actual: Catalog = field(init=False)

    def __post_init__(self) -> None:
        self.runner = Runner(self.alone.driver, self.say)
        self.at = schema.at(self.alone.connection)
        self.revisions = history.revisions()
        self.actual = read(self.alone.connection)
        self.fresh = self.at is None and not self.actual.tables and not self.actual.functions

    @property
    def listed(self) -> bool:
        """Whether there is a list of what Greenroom made: an older one kept none."""
        return "greenroom.created" in self.actual.tables

    @property
    def pending(self) -> tuple[Revision, ...]:
        """The revisions that were not finished here."""
        names = [one.name for one in self.revisions]
        return self.revisions[names.index(self.at) + 1 :] if self.at else self.revisions

    def plan(self) -> tuple[Plan, list[tuple[Revision, list[Planned]]]]:
        """Everything that is to be done, and what of it mends revisions that were finished before."""
        planner = self.planner()
        pending = self.pending
        mending = [
            (one, planner.plan(one.steps, pending=False))
            for one in self.revisions[: len(self.revisions) - len(pending)]
        ]
        steps = [step for _, steps in mending for step in steps]
        for one in pending:
            steps += planner.plan(one.steps, pending=True) or [Planned(one.says, ())]
        findings: tuple[Finding, ...] = ()
        if steps and self.actual.tables:
            findings = self.surveyed()
        return Plan(findings, tuple(steps)), [(one, steps) for one, steps in mending if steps]

    def surveyed(self) -> tuple[Finding, ...]:
        """What there is to say about the structure and the rows, from one snapshot."""
        connection = self.alone.connection
        self.actual = read(connection)
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return survey(connection, self.actual, wanted())
        finally:
            connection.exec_driver_sql("ROLLBACK")

    def planner(self) -> Planner:
        """Compares with the database as it was read last."""
        steps = [step for one in self.revisions for step in one.steps if isinstance(step, Step)]
        keep = bool(capacity_view.dependents(self.alone.driver, VIEW))
        return Planner(self.actual, wanted(), steps, keep_view=keep, settled=self.at == schema.newest())

    def begin(self) -> None:
        """Make what an upgrade itself needs. A database that an older Greenroom made by itself gets its list."""
        owner = None if self.fresh else session.owner(self.actual, wanted())
        session.begin(self.alone, owner, inventory.BEGIN)
        if self.at and not self.listed:
            for one in self.revisions[: len(self.revisions) - len(self.pending)]:
                self.runner.revision = one.name
                self.runner.note(tuple(inventory.of(step for step in one.steps if isinstance(step, Step))))

    def mend(self, mending: list[tuple[Revision, list[Planned]]]) -> None:
        """Make again what is missing of revisions that were finished before."""
        for one, steps in mending:
            says = f"Put right: {one.says}"
            self.say(says)
            self.runner.revision = one.name
            self.perform(steps)
            self.done.append(says)

    def run(self, steps: Sequence[Step | Backfill]) -> None:
        """What a revision's ``upgrade`` calls."""
        revision = next(one for one in self.revisions if one.steps == tuple(steps))
        self.say(revision.says)
        self.runner.revision = revision.name
        if self.fresh:
            self._install([step for step in steps if isinstance(step, Step)])
        else:
            self.actual = read(self.alone.connection)
            planner = self.planner()
            planner.new = self.new
            self.perform(planner.plan(steps, pending=True))
        self.done.append(revision.says)

    def undo(self, name: str) -> None:
        """What a revision's ``downgrade`` calls."""
        revision = next(one for one in self.revisions if one.name == name)
        self.say(f"Take back: {revision.says}")
        steps = [step for one in self.revisions for step in one.steps if isinstance(step, Step)]
        undoing.undo(self.runner, name, steps)
        self.done.append(revision.says)

    def _install(self, steps: Sequence[Step]) -> None:
        """A revision as it is written, in one transaction: the database was empty and nobody is in the way."""
        statements = [
            sql
            for step in steps
            for statement in step.statements
            for sql in (statement.sql, *closing.closed(step.revision, statement))
        ]
        self.runner.short(Short((), tuple(statements), tuple(inventory.of(steps))))

    def perform(self, steps: Sequence[Planned]) -> None:
        """Do what was planned, saying it."""
        for step in steps:
            for action in step.actions:
                for line in action.says:
                    self.say(f"  {line}")
                self._perform(action)

    def _perform(self, action: Action) -> None:
        match action:
            case Short():
                self.runner.short(action)
            case Build():
                building.build(self.runner, action, self.database.engine)
            case Fill():
                backfilling.fill(self.runner, action.backfill)
            case Swap():
                capacity_view.swap(self.runner, action)

    def config(self) -> Config:
        """What alembic and the revisions are handed."""
        config = history.config()
        config.attributes.update(connection=self.alone.connection, run=self.run, undo=self.undo)
        return config
