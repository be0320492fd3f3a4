"""What pg_dump says of a database: the same text when nothing in it changed."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import sqlalchemy as sa

from desktop.db import embedded_cluster

if TYPE_CHECKING:
    from pathlib import Path

PER_RUN = re.compile(r"^\\(un)?restrict \S+$", re.MULTILINE)
"""A word that pg_dump invents for each dump."""


def dump(url: str, binaries: Path | None = None) -> str:
    """Schema and data."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    made = subprocess.run(
        [(binaries or embedded_cluster.programs()) / "pg_dump", "--dbname", address],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, "")
    return PER_RUN.sub("", made.stdout)
