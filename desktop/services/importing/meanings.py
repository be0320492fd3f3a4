"""The status words of other systems and what they mean here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop.services.importing.headers import folded

Wish = Literal["seat", "wait", "cancel"]
Payment = Literal["paid", "pending", "refunded"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the file wants for a person: a seat, a place in the queue or none; what it says about money, or
    nothing; whether it says that the person came."""

    wish: Wish = "seat"
    payment: Payment | None = None
    attended: bool = False


_WORDS: dict[Meaning, str] = {
    Meaning(): (
        "approved, confirmed, registered, attending, active, valid, going, accepted, booked, free, free order,"
        "comped, complimentary, manual, angemeldet, bestätigt, zugesagt, genehmigt, gültig, aktiv"
    ),
    Meaning(payment="paid"): "paid, completed, complete, settled, bezahlt, abgeschlossen, yes, ja, true",
    Meaning(payment="pending"): (
        "pending, pending (confirmed), pending (overdue), pending payment, payment pending, approval pending,"
        "unpaid, open, overdue, awaiting payment, not paid, offline, on hold, ausstehend, offen, überfällig,"
        "ausstehend (bestätigt), ausstehend (überfällig), Freigabe ausstehend, unbezahlt, nicht bezahlt,"
        "no, nein, false"
    ),
    Meaning(attended=True): "attended, checked in, present, arrived, eingecheckt, anwesend, teilgenommen",
    Meaning("wait"): (
        "waiting list, waitlist, waitlisted, waiting, on waiting list, Warteliste, wartend, auf Warteliste"
    ),
    Meaning("cancel"): (
        "canceled, cancelled, canceled (paid fee), cancelled (paid fee), expired, deleted, not attending,"
        "not going, declined, rejected, transferred, abandoned, void, storniert, abgelaufen, abgesagt,"
        "storniert (Gebühr bezahlt), abgelehnt, gelöscht"
    ),
    Meaning("cancel", "refunded"): "refunded, refunded/canceled, charged back, erstattet, zurückerstattet",
}

KNOWN = "paid, pending, approved, canceled, expired, refunded, waiting list, checked in"
"""The words named to somebody whose file has another one."""

_MEANINGS = {folded(word): meaning for meaning, words in _WORDS.items() for word in words.split(",")}


def meaning(word: str) -> Meaning | None:
    """What a status word means; None for a word that is not known. No word at all wants a seat.

    Expired orders have lost their ticket, so they are cancelled. A refund takes the ticket away as well
    (ruling 18 offers it; a file that says so has decided). “No show” is not known on purpose: who did not
    come is recorded here, when every station has reported (ruling 11).
    """
    return _MEANINGS.get(folded(word)) if folded(word) else Meaning()


def together(status: Meaning, money: Meaning) -> Meaning:
    """A person's status and a column of its own for the payment, as one."""
    wish: Wish = "cancel" if "cancel" in {status.wish, money.wish} else status.wish
    return Meaning(wish, money.payment or status.payment, status.attended)
