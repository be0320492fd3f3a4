"""Rows that name a row which does not exist.

Foreign keys make that impossible, unless somebody switched their triggers off: restoring data, or with
``session_replication_role = replica``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.catalog.wanted import wanted
from desktop.services.checking import asking
from desktop.services.checking.asking import Question
from desktop.services.checking.model import Severity, Subject

if TYPE_CHECKING:
    from desktop.db.session import Transaction

FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent,
       (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY k.n)
          FROM unnest(c.conkey) WITH ORDINALITY k (number, n)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS given,
       (SELECT string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND ' ORDER BY k.n)
          FROM unnest(c.conkey, c.confkey) WITH ORDINALITY k (child, parent, n)
          JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child
          JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent) AS matching,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)
          FROM unnest(c.conkey) WITH ORDINALITY k (number, n)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS columns,
       (SELECT format('c.%I', a.attname) FROM unnest(c.conkey) k (number)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number LIMIT 1) AS value,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'id' AND NOT a.attisdropped)
       AS has_id
  FROM pg_constraint c
 WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid::regclass::text = ANY (:tables)
 ORDER BY 1, c.conname
"""


def references(tx: Transaction) -> Subject:
    """Every foreign key there is, tried against the rows."""
    found = tx.rows(FOREIGN_KEYS, {"tables": [name.removeprefix("public.") for name in wanted().tables]})
    questions = [
        Question(
            kind="orphan",
            severity=Severity.WRONG,
            one=f"One row of {key.child} names a row of {key.parent} that does not exist",
            many=f"{{count}} rows of {key.child} name rows of {key.parent} that do not exist",
            remedy="Put the missing rows back from a backup, or delete the rows that name them.",
            sql=f"SELECT {'c.id' if key.has_id else key.value} AS id, '{key.columns} ' || {key.value} AS what\n"
            f"  FROM {key.child} c\n"
            f" WHERE {key.given} AND NOT EXISTS (SELECT FROM {key.parent} p WHERE {key.matching})",
        )
        for key in found
    ]
    return asking.subject(
        tx, "references", "References between rows", f"SELECT {len(questions)}", "foreign keys", questions
    )
