"""Add the event's time zone, custom answers, a folded name to sort by, and what a log row is about

All nullable, so that the website's own statements go on working (rulings 2 and 5, section 5.4).
"""

from migrations import Backfill, run, steps, undo

revision = "0005"
down_revision = "0004"

STEPS = (
    *steps("0005_additive_columns"),
    Backfill(
        revision,
        "Give every registration the name it is sorted by",
        table="public.event_registrations",
        column="name_key",
        value="greenroom.fold(coalesce(nullif(btrim(attendee_name), ''), attendee_email))",
    ),
)


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
