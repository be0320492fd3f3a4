"""The words for what the database knows about a row: what the file says and the rules do not allow."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from desktop.services.importing import values
from desktop.services.importing.checking import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from desktop.services.importing.checking import Candidate
    from desktop.services.importing.mapping import Columns

_ATTENDED = ("checked_in", "checkin_lists", "status")
_STATUS = ("status", "payment_status")

_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "attended_waiting": (
        _ATTENDED,
        "{who} is checked in{at} in the file, but has no seat here and stays on the waitlist.",
    ),
    "attended_cancelled": (
        _ATTENDED,
        "{who} is checked in{at} in the file and cancelled there as well; kept as cancelled.",
    ),
    "attended_no_show": (
        _ATTENDED,
        "{who} is checked in{at} in the file and a no-show here. Check in by hand, if a seat is free.",
    ),
    "attended_unpaid": (
        _ATTENDED,
        "{who} is checked in{at} in the file, but the order is not paid; the seat is kept, not checked in.",
    ),
    "attended_undone": (
        _ATTENDED,
        "{who} is checked in{at} in the file, and that was taken back here; it stays taken back.",
    ),
    "other_email": (
        ("email", "buyer_email"),
        "This ticket is registered here as {known_email}, the file has {email}; the registration is kept as it is.",
    ),
    "other_name": (
        ("name", "given_name", "family_name"),
        "{email} is registered here as “{known_name}”, the file has “{name}”; one address has one place.",
    ),
    "cancelled_here": (
        _STATUS,
        "{who} cancelled here and is not registered again by a file. Add the person by hand if that is wanted.",
    ),
    "cancel_attended": (_STATUS, "{who} is cancelled in the file but came in here; stays attended."),
    "cancel_no_show": (_STATUS, "{who} is cancelled in the file and a no-show here; stays a no-show."),
    "has_seat": (_STATUS, "{who} is on the waiting list in the file and has a seat here; keeps it."),
    "refunded_here": (_STATUS, "The order of {who} is paid in the file and refunded here; stays refunded."),
    "paid_waiting": (
        _STATUS,
        "{who} has paid, but no seat is free; the order is kept and the person is on the waitlist.",
    ),
}
"""By the function's code: the fields it is about, and the sentence."""


def problems(
    notes: Iterable[tuple[int, str, str | None, str | None]],
    candidates: Iterable[Candidate],
    columns: Columns,
    zone: ZoneInfo,
) -> list[Problem]:
    """The notes of `greenroom.import_registrations` (line, code, known name, known address) in words."""
    by_line = {candidate.line: candidate for candidate in candidates}
    found = []
    for line, code, known_name, known_email in notes:
        candidate = by_line[line]
        fields, sentence = _WORDS[code]
        reason = sentence.format(
            who=candidate.name or candidate.email,
            name=candidate.name,
            email=candidate.email,
            known_name=known_name,
            known_email=known_email,
            at=_at(candidate, zone),
        )
        found.append(Problem(line, columns.title(*fields), values.cleaned(reason)[0], "noted", code))
    return found


def _at(candidate: Candidate, zone: ZoneInfo) -> str:
    if candidate.attended_at is None:
        return ""
    local = candidate.attended_at.replace(tzinfo=dt.UTC).astimezone(zone)
    return f" at {local:%Y-%m-%d %H:%M}"
