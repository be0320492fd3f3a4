"""A database for each test, made once per worker and emptied in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg import pq
from psycopg.rows import dict_row

from desktop.db.session import Database
from tests import watching

if TYPE_CHECKING:
    from desktop.db import embedded


EMPTY = """
DO $$
DECLARE
  v_table text;
  v_rows  bigint;
  v_gone  bigint := 0;
  v_full  boolean;
BEGIN
  FOR v_table IN
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
     WHERE schemaname IN ('public', 'greenroom', 'watch') AND tablename NOT IN ('roles', 'schema_version', 'created')
  LOOP
    v_full := false;
    IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = v_table::regclass AND t.tgname = 'trg_append_only') THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', v_table) INTO v_full;
      CONTINUE WHEN NOT v_full;
      EXECUTE format('ALTER TABLE %s DISABLE TRIGGER trg_append_only', v_table);
    END IF;
    EXECUTE 'DELETE FROM ' || v_table;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
    IF v_full THEN
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER trg_append_only', v_table);
    END IF;
  END LOOP;
  PERFORM set_config('spare.gone', v_gone::text, false);
END $$
"""
"""Empties every table, the ledgers with their guard off. Other triggers are off: the session is a replica's."""


FORGET = """
SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP;
DISCARD SEQUENCES
"""
"""`DISCARD ALL` without the statements psycopg believes are prepared."""


class Spare:
    """A copy of the template, emptied after each test, which takes 3 ms where a copy takes 30 to 250. A test that
    changed more than rows, or wrote very many, gets the copy thrown away.

    Connections go from test to test as well: a new one costs the server some 10 ms, most of it for compiling our
    triggers and functions again."""

    MANY = 2000
    SHAPE = """
        SELECT md5(string_agg(part, '|' ORDER BY part)) FROM (
          SELECT concat_ws(',', 'class', oid, relname, relacl::text, relpersistence, relrowsecurity,
            (SELECT indisvalid FROM pg_index WHERE indexrelid = c.oid)) FROM pg_class c WHERE oid >= 16384
          UNION ALL SELECT concat_ws(',', 'rule', oid, rulename) FROM pg_rewrite WHERE oid >= 16384
          UNION ALL SELECT concat_ws(',', 'column', attrelid, attname, atttypid, attnotnull)
            FROM pg_attribute WHERE attrelid >= 16384
          UNION ALL SELECT concat_ws(',', 'trigger', oid, tgname, tgenabled) FROM pg_trigger WHERE oid >= 16384
          UNION ALL SELECT concat_ws(',', 'constraint', oid, conname) FROM pg_constraint WHERE oid >= 16384
          UNION ALL SELECT concat_ws(',', 'function', oid, proname, proacl::text, proconfig::text, prosecdef,
            md5(prosrc || coalesce(pg_get_function_sqlbody(oid), ''))) FROM pg_proc WHERE oid >= 16384
          UNION ALL SELECT concat_ws(',', 'schema', oid, nspname, nspacl::text) FROM pg_namespace
          UNION ALL SELECT concat_ws(',', 'setting', setconfig::text) FROM pg_db_role_setting
          UNION ALL SELECT concat_ws(',', 'role', id, name) FROM roles
          UNION ALL SELECT concat_ws(',', 'version', version_num) FROM greenroom.schema_version
          UNION ALL SELECT 'view' FROM package_capacity_status
        ) AS parts (part)
        """

    def __init__(self, server: embedded.LocalServer, template: str, *, watched: bool = False) -> None:
        self.server = server
        self.template = template
        self.watched = watched
        self.name: str | None = None
        self.shape = ""
        self._keeper: psycopg.Connection[dict[str, Any]] | None = None
        self._website: psycopg.Connection[dict[str, Any]] | None = None
        self._database: Database | None = None

    def take(self) -> str:
        """The address of a database as the template is."""
        if self.name is None:
            self.name = f"spare_{uuid4().hex}"
            with self._connect("postgres") as maintenance:
                maintenance.execute(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
            self._keeper = self._connect(self.name)
            if self.watched:
                watching.install(self._keeper)
            self._keeper.execute(
                "SET TimeZone = 'UTC'; SET lock_timeout = '2s'; SET session_replication_role = replica"
            )
            self.shape = self._shape(self._keeper)
        return self.server.url(self.name)

    def website(self) -> psycopg.Connection[dict[str, Any]]:
        """The website's connection to what `take` gave, which commits at once; `give_back_website` when done."""
        assert self.name is not None
        kept, self._website = self._website, None
        return kept or self._connect(self.name)

    def give_back_website(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        """Keep it for the next test, without anything of this one's."""
        as_it_was = (
            connection.autocommit
            and connection.isolation_level is None
            and connection.read_only is None
            and connection.prepare_threshold == 5
            and connection.info.transaction_status == pq.TransactionStatus.IDLE
        )
        try:
            if as_it_was:
                connection.execute(FORGET)
                self._website = connection
        except psycopg.OperationalError:  # the test had its process ended
            as_it_was = False
        if not as_it_was:
            connection.close()

    def database(self) -> Database:
        """Greenroom's way to what `take` gave; `give_back_database` when done."""
        assert self.name is not None
        kept, self._database = self._database, None
        return kept or Database(self.server.url(self.name))

    def give_back_database(self, database: Database) -> None:
        """Keep it for the next test, unless this one closed it or left something open."""
        done = database.settle(30)
        pool = database.engine.pool
        assert isinstance(pool, sa.QueuePool)
        listens = database.listener._thread is not None
        if done and not listens and not database._afterwards._closed and not pool.checkedout():
            self._database = database
        else:
            database.close()

    def unlogged(self) -> list[Any]:
        """What Greenroom changed in a watched database without a line in the log, until now."""
        return [] if self._keeper is None else self._unlogged(self._keeper)

    def give_back(self) -> list[Any]:
        """Empty it for the next test, or throw it away; what of a watched one is `unlogged`."""
        if self._keeper is None:
            return []
        try:
            unlogged = self._unlogged(self._keeper)
            kept = self._emptied(self._keeper)
        except psycopg.OperationalError:  # the test ended all processes it saw
            unlogged, kept = [], False
        if not kept:
            self.drop()
        return unlogged

    def drop(self) -> None:
        """Throw it away, with every connection to it."""
        for kept in (self._keeper, self._website, self._database):
            if kept is not None:
                kept.close()
        self._keeper = self._website = self._database = None
        if self.name is not None:
            with self._connect("postgres") as maintenance:
                maintenance.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.name = None

    def _unlogged(self, connection: psycopg.Connection[dict[str, Any]]) -> list[Any]:
        return watching.unlogged(connection) if self.watched else []

    def _emptied(self, connection: psycopg.Connection[dict[str, Any]]) -> bool:
        if self._shape(connection) != self.shape:
            return False
        try:
            connection.execute(EMPTY)
            gone = connection.execute("SELECT current_setting('spare.gone') AS gone").fetchall()
        except psycopg.errors.LockNotAvailable:  # a test left a transaction open
            return False
        return int(gone[0]["gone"]) < self.MANY

    def _connect(self, name: str) -> psycopg.Connection[dict[str, Any]]:
        address = sa.make_url(self.server.url(name)).set(drivername="postgresql")
        return psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True, row_factory=dict_row
        )

    def _shape(self, connection: psycopg.Connection[dict[str, Any]]) -> str:
        return connection.execute(self.SHAPE).fetchall()[0]["md5"]
