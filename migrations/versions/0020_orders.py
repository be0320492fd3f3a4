"""Take payments and give them back

The append-only ledger ``greenroom.payments`` of money that staff took or gave back, and the functions that write it:
take_payment (and the door's, which waives nothing), fail_order, sell, refund; due and orders_of read. Redefines
needs_order (false, not NULL, for subscriptions), buyer (never NULL) and order_for, which no longer writes over a
pending order of the website's when the desk takes the money.
"""

from migrations import run, steps, undo

revision = "0020"
down_revision = "0019"
STEPS = steps("0020_orders", "0020_paying", "0020_selling")


def upgrade() -> None:
    run(STEPS)


def downgrade() -> None:
    undo(revision)
