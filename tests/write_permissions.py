"""Writes ``docs/permissions.md``, the table of `desktop.services.permissions` as people read it.

``python -m tests.write_permissions``; run it after every change of the table. A test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from desktop.services.permissions import ALLOWED, Operation, Role

FILE = Path(__file__).parent.parent / "docs" / "permissions.md"

_HEAD = """\
# Who may do what

Made of the table in `desktop/services/permissions.py` (`python -m tests.write_permissions`); a test compares the two.

Staff are accounts with at least one role; who has several may do what any of them may. Rights are read from the
database with each operation, so a role that is taken away, or an account that is deactivated, counts at once, also for
whoever is signed in. Buttons are hidden by the same table, and the group roles of `greenroom db roles` refuse beneath
it what no person of the group may do.

"""


def rendered() -> str:
    """The whole file."""
    roles = [role.value for role in Role]
    lines = [
        "| To … | " + " | ".join(roles) + " |",
        "|---|" + ":-:|" * len(roles),
        *(
            f"| {operation.value} | "
            + " | ".join("yes" if role in ALLOWED[operation] else "–" for role in roles)
            + " |"
            for operation in Operation
        ),
    ]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
