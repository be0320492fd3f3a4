"""Keep the cost of a waitlist flat

Registering, cancelling and promoting read the queue by its index and count nobody; gaps are closed in pieces
afterwards.
Promotions pass over people who cannot get a seat, can be previewed, and are done as previewed or not at all; somebody
who waits can leave or be moved.
"""

from migrations import run, steps, undo

revision = "0018"
down_revision = "0017"
STEPS = steps("0018_waitlist", "0018_promoting", "0018_operations", "0018_previewing", "0018_import")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
