"""``docs/log.md``: the action codes of `admin_logs`."""

from __future__ import annotations

import re
from pathlib import Path

from desktop.services.actions import ACTIONS

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r"""'([a-z_]+\.[a-z_]+)'|"([a-z_]+\.[a-z_]+)\"""")

COMPOSED = re.compile(r"'([a-z_]+)\.' \|\|")
QUOTED = re.compile(r"'([a-z_]+)'")
"""A subject and a verb that SQL puts together."""

HEAD = """# What the log says

Made by `make documents` from `desktop/services/actions.py`. Every change Greenroom makes has its row in `admin_logs`,
in the same transaction (ruling 23), and so has every list that becomes a file, before the file is there: `admin_id` did
it, `action_type` is one of these codes, `subject_id` is the row it was about, and `description` is a sentence that says
what was and what is. Secrets are never in it (ruling 26). Places on a waitlist that close up by themselves are nobody's
deed and have no row.

| code | what happened |
|---|---|
"""


def render() -> str:
    """The document."""
    return HEAD + "".join(f"| `{code}` | {said} |\n" for code, said in sorted(ACTIONS.items()))


def in_the_program() -> set[str]:
    """What looks like a code in the SQL of the revisions and in the services, with the subjects of `ACTIONS`."""
    subjects = {code.partition(".")[0] for code in ACTIONS}
    sources = [
        *(ROOT / "migrations" / "versions").glob("*.sql"),
        *(ROOT / "desktop" / "services").rglob("*.py"),
    ]
    found = set()
    for path in sources:
        if path.name != "actions.py":
            text = path.read_text(encoding="utf-8")
            codes = {one or other for one, other in WRITTEN.findall(text)}
            for subject in COMPOSED.findall(text):
                codes |= {f"{subject}.{verb}" for verb in QUOTED.findall(text)} & set(ACTIONS)
            found |= {code for code in codes if code.partition(".")[0] in subjects}
    return found
