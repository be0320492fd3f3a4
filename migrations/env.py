"""Run by alembic; `desktop.db.upgrade` hands over an open connection. There is no ``alembic.ini``.

The connection commits by itself: the steps of a revision are transactions of their own, and the version is written
when all of them are done.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_version",
    version_table_schema="greenroom",
    transaction_per_migration=True,
)

with context.begin_transaction():
    context.run_migrations()
