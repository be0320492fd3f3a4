"""Whether anybody can go round the guards: triggers switched off, rules, row security, functions out of reach.

That the triggers and functions are there, and are ours, is `drift`'s subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.catalog.wanted import wanted
from desktop.services.checking import asking
from desktop.services.checking.asking import Question
from desktop.services.checking.model import Severity, Subject

if TYPE_CHECKING:
    from desktop.db.session import Transaction


def guards(tx: Transaction) -> Subject:
    """What stands between a writer and the triggers."""
    tables = ", ".join(
        f"to_regclass('{name}')" for name, table in wanted().tables.items() if table.kind == "table"
    )
    questions = _questions(tables)
    return asking.subject(
        tx, "guards", "Ways round the guards", f"SELECT {len(questions)}", "ways", questions
    )


def _questions(tables: str) -> tuple[Question, ...]:
    return (
        Question(
            kind="triggers_off",
            severity=Severity.WRONG,
            one="One setting switches triggers off for everybody it is meant for",
            many="{count} settings switch triggers off for everybody they are meant for",
            remedy="Such connections fire no triggers and check no foreign keys: seats are not counted. "
            "“ALTER ROLE … RESET session_replication_role” takes it back; then run “greenroom db check --repair”.",
            sql="""
SELECT coalesce(r.rolname, 'everybody') AS id,
       format('%s for %s%s', c.setting, coalesce('role ' || quote_ident(r.rolname), 'everybody'),
              CASE WHEN s.setdatabase <> 0 THEN ' in this database' ELSE '' END) AS what
  FROM pg_db_role_setting s
  CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
  LEFT JOIN pg_roles r ON r.oid = s.setrole
 WHERE c.setting ILIKE 'session_replication_role=%' AND c.setting NOT ILIKE '%=origin'
   AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
""".strip(),
        ),
        Question(
            kind="rule",
            severity=Severity.WRONG,
            one="One rule rewrites what is written to a table",
            many="{count} rules rewrite what is written to tables",
            remedy="Triggers never see what a rule turned into something else. Use a trigger instead of the rule.",
            sql=f"""
SELECT r.ev_class::regclass || '.' || r.rulename AS id,
       r.ev_class::regclass || ': rule ' || quote_ident(r.rulename) AS what
  FROM pg_rewrite r WHERE r.ev_class IN ({tables})
""".strip(),
        ),
        Question(
            kind="not_logged",
            severity=Severity.WRONG,
            one="One table is emptied when the server crashes",
            many="{count} tables are emptied when the server crashes",
            remedy="It is UNLOGGED. “ALTER TABLE … SET LOGGED” keeps it.",
            sql=f"""
SELECT c.oid::regclass AS id, c.oid::regclass || ': unlogged' AS what
  FROM pg_class c WHERE c.oid IN ({tables}) AND c.relpersistence <> 'p'
""".strip(),
        ),
        Question(
            kind="row_security",
            severity=Severity.NOTE,
            one="One table has row security",
            many="{count} tables have row security",
            remedy="Staff whose role may not see a row do not see the person. Greenroom's functions run with their "
            "owner's rights.",
            sql=f"""
SELECT c.oid::regclass AS id, c.oid::regclass || ': row security' AS what
  FROM pg_class c WHERE c.oid IN ({tables}) AND c.relrowsecurity
""".strip(),
        ),
        Question(
            kind="schema_out_of_reach",
            severity=Severity.WRONG,
            one="The website's role has no way to what its triggers call",
            many="{count} privileges are missing that every writer needs",
            remedy="Its inserts fail. “greenroom db upgrade” grants it again; it opens nothing by itself.",
            sql="""
SELECT 'greenroom' AS id, 'USAGE on schema greenroom is not granted to PUBLIC' AS what
 WHERE NOT has_schema_privilege('public', 'greenroom', 'USAGE')
""".strip(),
        ),
    )
