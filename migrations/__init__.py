"""The schema's history: revisions in ``versions/``, the SQL they install beside them as ``.sql``."""

from pathlib import Path

FOLDER = Path(__file__).parent


def sql(name: str) -> str:
    """The text of ``versions/<name>.sql``."""
    return (FOLDER / "versions" / f"{name}.sql").read_text(encoding="utf-8")
