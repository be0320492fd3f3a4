"""A database for each test, made once per worker and emptied in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

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


class Spare:
    """A copy of the template, emptied after each test, which takes 3 ms where a copy takes 30 to 250. A test that
    changed more than rows, or wrote very many, gets the copy thrown away."""

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

    def take(self) -> str:
        """The address of a database as the template is."""
        if self.name is None:
            self.name = f"spare_{uuid4().hex}"
            with self._connect("postgres") as maintenance:
                maintenance.execute(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
            with self._connect(self.name) as connection:
                if self.watched:
                    watching.install(connection)
                self.shape = self._shape(connection)
        return self.server.url(self.name)

    def unlogged(self) -> list[Any]:
        """What Greenroom changed in a watched database without a line in the log, until now."""
        if self.name is None:
            return []
        with self._connect(self.name) as connection:
            return self._unlogged(connection)

    def give_back(self) -> list[Any]:
        """Empty it for the next test, or throw it away; what of a watched one is `unlogged`."""
        if self.name is None:
            return []
        with self._connect(self.name) as connection:
            unlogged = self._unlogged(connection)
            kept = self._emptied(connection)
        if not kept:
            self.drop()
        return unlogged

    def drop(self) -> None:
        if self.name is not None:
            with self._connect("postgres") as maintenance:
                maintenance.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.name = None

    def _unlogged(self, connection: psycopg.Connection[dict[str, Any]]) -> list[Any]:
        return watching.unlogged(connection) if self.watched else []

    def _emptied(self, connection: psycopg.Connection[dict[str, Any]]) -> bool:
        connection.execute(
            "SET TimeZone = 'UTC'; SET lock_timeout = '2s'; SET session_replication_role = replica"
        )
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
