"""Whether every change has its line in the log, in the same transaction (ruling 23).

Triggers of the tests' own write down each row that Greenroom's connections insert, change or delete, and which
transaction did it. After the test each transaction must have written `admin_logs` too; one that changed people
must have a line about each of them.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

TESTS = Path(__file__).parent

WATCHED = (
    "users",
    "events",
    "packages",
    "orders",
    "event_registrations",
    "contacts",
    "newsletter_subscriptions",
    "password_resets",
    "blogs",
    "user_roles",
)
"""Not the ledgers themselves, and not what is derived from these tables."""

DERIVED = {
    "users": "last_login_at",
    "events": "packages_ids",
    "event_registrations": "waitlist_position name_key event_id",
    "blogs": "views_count",
}
"""Columns whose change alone is nobody's deed: places close up by themselves (ruling 10), and people go with their
package to another event, which has its line."""

WHOLE = ("registration.import",)
"""Lines that stand for everybody in their transaction: a file's people are told in one sentence."""

INSTALL = """
CREATE SCHEMA watch;
CREATE TABLE watch.changes (xid xid8 NOT NULL, of text NOT NULL, op text NOT NULL, row uuid);
CREATE TABLE watch.lines (xid xid8 NOT NULL, action text NOT NULL, subject uuid);

CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_derived text[] := string_to_array(TG_ARGV[0], ' ') || '{updated_at}';
BEGIN
  IF current_setting('application_name') <> 'greenroom' THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO watch.changes SELECT pg_current_xact_id(), TG_TABLE_NAME, TG_OP, (to_jsonb(n) ->> TG_ARGV[1])::uuid
      FROM new_rows n;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO watch.changes SELECT pg_current_xact_id(), TG_TABLE_NAME, TG_OP, (to_jsonb(o) ->> TG_ARGV[1])::uuid
      FROM old_rows o;
  ELSE
    INSERT INTO watch.changes SELECT pg_current_xact_id(), TG_TABLE_NAME, TG_OP, (to_jsonb(n) ->> TG_ARGV[1])::uuid
      FROM new_rows n JOIN old_rows o ON to_jsonb(o) ->> TG_ARGV[1] = to_jsonb(n) ->> TG_ARGV[1]
     WHERE to_jsonb(n) - v_derived <> to_jsonb(o) - v_derived;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION watch.line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO watch.lines VALUES (pg_current_xact_id(), NEW.action_type, NEW.subject_id);
  RETURN NULL;
END $$;
CREATE TRIGGER watch_line AFTER INSERT ON public.admin_logs FOR EACH ROW EXECUTE FUNCTION watch.line();
"""

UNLOGGED = """
SELECT c.of, c.op, c.row FROM watch.changes c
 WHERE NOT EXISTS (SELECT FROM watch.lines l WHERE l.xid = c.xid)
    OR (c.of = 'event_registrations'
        AND NOT EXISTS (SELECT FROM watch.lines l WHERE l.xid = c.xid AND (l.subject = c.row OR l.action = ANY (%s))))
 ORDER BY c.xid LIMIT 10
"""


def install(connection: psycopg.Connection[Any]) -> None:
    """Watch this database from now on."""
    connection.execute(INSTALL)
    for table in WATCHED:
        key = "user_id" if table == "user_roles" else "id"
        for op, rows in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        ):
            connection.execute(
                f"CREATE TRIGGER watch_{op.lower()} AFTER {op} ON public.{table} REFERENCING {rows}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION watch.note('{DERIVED.get(table, '')}', '{key}')"
            )


def unlogged(connection: psycopg.Connection[Any]) -> list[Any]:
    """Changes without their line, up to ten."""
    return connection.execute(UNLOGGED, (list(WHOLE),)).fetchall()


def arranged(transaction: Callable[..., Any]) -> Callable[..., Any]:
    """`Database.transaction`, but what a test itself writes with it, to have something to test, is not watched."""

    @contextmanager
    @wraps(transaction)
    def marked(*arguments: Any, **options: Any) -> Iterator[Any]:
        ours = Path(sys._getframe(2).f_code.co_filename).is_relative_to(TESTS)
        with transaction(*arguments, **options) as tx:
            if ours:
                tx.execute("SET LOCAL application_name = 'arranging'")
            yield tx

    return marked
