"""``docs/permissions.md``: the table of `desktop.services.permissions` as people read it."""

from __future__ import annotations

from desktop.services.permissions import ALLOWED, Operation, Role

_HEAD = """\
# Who may do what

Made of the table in `desktop/services/permissions.py` (`make documents`); a test compares the two.

Staff are accounts with at least one role; who has several may do what any of them may. Rights are read from the
database with each operation, so a role that is taken away, or an account that is deactivated, counts at once, also for
whoever is signed in. Buttons are hidden by the same table, and the group roles of `greenroom db roles` refuse beneath
it what no person of the group may do.

"""


def render() -> str:
    """The document."""
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
