"""What the ledgers are tried with."""

CHECK_IN = {
    "registration_id": "a0000000-0000-0000-0000-000000000001",
    "action": "admit",
    "station": "Desk 1",
    "staff_id": "a0000000-0000-0000-0000-000000000002",
    "decided_at": "2026-01-01",
    "decision": "asked",
    "verdict": "admitted",
}
"""All of ``check_ins`` that must have a value, but for its id."""

PAYMENT = {
    "kind": "payment",
    "order_id": "a0000000-0000-0000-0000-000000000003",
    "package_id": "a0000000-0000-0000-0000-000000000004",
    "paid_with": "cash",
    "amount": "499.50",
    "currency": "INR",
    "staff_id": "a0000000-0000-0000-0000-000000000002",
}
"""All of ``greenroom.payments`` that must have a value, but for its id."""
