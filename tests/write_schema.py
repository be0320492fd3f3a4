"""Writes ``migrations/schema.json``: an empty database, upgraded to the newest revision, and its catalog.

``python -m tests.write_schema``; run it after every change of a revision.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from desktop.db import embedded, upgrade
from desktop.db.catalog import reading, wanted
from desktop.db.session import Database


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="greenroom-schema-") as folder,
        embedded.start(Path(folder) / "postgres", durable=False) as server,
    ):
        server.ensure_database("schema")
        database = Database(server.url("schema"))
        upgrade.upgrade(database)
        with database.engine.connect() as connection:
            text = wanted.written(reading.read(connection))
        database.close()
    wanted.FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
