"""Count again before a seat is refused, and get on with the website's own triggers

Found by playing a website that promotes and mails by triggers of its own, that truncates in an old snapshot, and that
gives a package another id (rulings 2, 8 and 22). Functions and triggers only; no table is locked for longer than that
takes.
"""

from migrations import run, steps, undo

revision = "0013"
down_revision = "0012"

STEPS = steps("0013_guards", "0013_cancel", "0013_paths")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
