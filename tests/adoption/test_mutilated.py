"""Any part of the specification may be missing or be called something else: what is left is completed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from desktop.db import upgrade
from desktop.db.catalog import differing, reading, wanted
from desktop.db.session import Database
from tests.adoption import portraying, snapshots, websites

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

ROUNDS = 25
MOST = 25

ALTERATIONS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', k.conrelid::regclass, k.conname) AS sql
  FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0 AND k.contype <> 'n'
UNION ALL
SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.conrelid::regclass, k.conname, 'site_' || k.oid)
  FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0 AND k.contype <> 'n'
UNION ALL
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s NOT VALID', k.conrelid::regclass, k.conname,
              k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0 AND k.contype IN ('c', 'f')
UNION ALL
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE; CREATE UNIQUE INDEX %I ON %s %s', k.conrelid::regclass,
              k.conname, 'bare_' || k.oid, k.conrelid::regclass, replace(pg_get_constraintdef(k.oid), 'UNIQUE ', ''))
  FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'u'
UNION ALL
SELECT format('DROP INDEX %I', c.relname)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
UNION ALL
SELECT format('ALTER INDEX %I RENAME TO %I', c.relname, 'site_' || c.oid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT format('ALTER TABLE %s ALTER %I DROP DEFAULT', d.adrelid::regclass, a.attname)
  FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
 WHERE c.relnamespace = 'public'::regnamespace AND a.attgenerated = ''
   AND a.attname NOT IN ('seat_no', 'number', 'locale', 'version')
UNION ALL
SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', c.oid::regclass, a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
   AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull AND a.attname NOT IN ('seat_no', 'number', 'tag')
UNION ALL
SELECT format('ALTER TABLE %s DROP COLUMN %I', c.oid::regclass, a.attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
   AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
   AND (NOT a.attnotnull OR a.atthasdef)
   AND a.attname NOT IN ('id', 'event_id', 'package_type', 'title', 'slug', 'content')
UNION ALL
SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL
SELECT format('ALTER TRIGGER %I ON %s RENAME TO %I', t.tgname, t.tgrelid::regclass, 'site_' || t.oid)
  FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL
SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
  FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL
SELECT 'DROP TABLE ' || t FROM unnest(ARRAY['newsletter_subscriptions', 'password_resets', 'admin_logs', 'blogs']) AS t
UNION ALL
SELECT 'DROP MATERIALIZED VIEW package_capacity_status'
"""


def mutilate(website: psycopg.Connection[dict[str, Any]], seed: int) -> list[str]:
    """Take away and rename up to `MOST` things, but nothing whose values nobody can invent; what was done."""
    chance = random.Random(seed)
    possible = sorted(row["sql"] for row in website.execute(ALTERATIONS).fetchall())
    done = []
    for alteration in chance.sample(possible, chance.randint(1, MOST)):
        try:
            with website.transaction():
                website.execute(alteration)
        except psycopg.Error:  # another one took it away, or a view of the website's needs it
            continue
        done.append(alteration)
    return done


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> Iterable[tuple[str, Counter[str]]]:
    return ((name, lost) for name, rows in before.items() if (lost := snapshots.surviving(rows, after[name])))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_what_is_left_of_the_specification_is_completed_and_keeps_its_rows(server, seed):
    with websites.empty(server) as url:
        websites.build(url, websites.UPDATED)
        database = Database(url)
        with websites.connect(url) as website:
            done = mutilate(website, seed)
            before, objects = snapshots.rows(website), snapshots.objects(website)
            upgrade.upgrade(database)
            after, now = snapshots.rows(website), snapshots.objects(website)
        with database.engine.connect() as connection:
            catalog = reading.read(connection)
        database.close()
        assert differing.differences(catalog, wanted.wanted()) == (), done
        assert portraying.portrait(catalog, wanted.wanted()) == portraying.portrait(
            wanted.wanted(), wanted.wanted()
        ), done
        assert dict(changed(before, after)) == {}, done
        lost = [text for key, text in objects.items() if now.get(key) != text]
        assert [text for text in lost if "package_capacity_status" not in text] == [], done
