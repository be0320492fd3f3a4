"""Every row is checked before anything is written: what it says, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from desktop.services.importing import meanings, times, values
from desktop.services.importing.headers import EXTRAS
from desktop.services.importing.meanings import Meaning

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from desktop.services.importing.mapping import Columns
    from desktop.services.importing.reading import Progress, Row, Sheet

LONGEST_NAME = 150
LONGEST_PHONE = 15
LONGEST_GATEWAY = 50
LONGEST_CODE = 100
LONGEST_EXTRA = 200

Severity = Literal["refused", "noted"]


@dataclass(frozen=True, slots=True)
class Problem:
    """``line`` of the file, the column as the file calls it, and the reason as a sentence. A row is
    “refused” and then not imported, or something about it is “noted”. Problems of one ``kind`` say the same
    of different rows. The reason may quote the file, without characters that cannot be seen."""

    line: int
    field: str
    reason: str
    severity: Severity
    kind: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person as the file describes them. Times are naive UTC, addresses in lower case; ``meta`` is what
    goes to ``registration_meta`` (specification 5.4), with the ticket's identity under “import”."""

    line: int
    email: str
    buyer: str
    name: str | None
    phone: str | None
    meaning: Meaning
    attended_at: dt.datetime | None
    amount: Decimal | None
    currency: str | None
    gateway: str | None
    ordered_at: dt.datetime | None
    order: str | None
    position: str | None
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that can be imported, in the order of the file, and the problems of all rows."""

    candidates: list[Candidate]
    problems: list[Problem]


class _Refused(Exception):
    """The row cannot be imported."""

    def __init__(self, field: str, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.field = field
        self.kind = kind


def check(sheet: Sheet, columns: Columns, zone: ZoneInfo, progress: Progress | None = None) -> Checked:
    """What every row of ``sheet`` says. Times without an offset are read in ``zone``.

    Every row becomes a candidate or has exactly one problem of severity “refused”.
    """
    reader = _Reader(columns, zone, _slashes(sheet, columns))
    candidates: list[Candidate] = []
    problems: list[Problem] = []
    emails: dict[str, int] = {}
    tickets: dict[tuple[str, str], int] = {}
    for done, row in enumerate(sheet.rows):
        if progress is not None and done % 1000 == 0:
            progress("checking", done, len(sheet.rows))
        try:
            candidate = reader.candidate(row)
            _first_of_its_kind(candidate, columns, emails, tickets)
        except _Refused as refusal:
            reason = values.cleaned(str(refusal))[0]
            problems.append(Problem(row.line, refusal.field, reason, "refused", refusal.kind))
        else:
            candidates.append(candidate)
            problems.extend(reader.notes)
    if progress is not None:
        progress("checking", len(sheet.rows), len(sheet.rows))
    return Checked(candidates, problems)


def _slashes(sheet: Sheet, columns: Columns) -> dict[str, times.SlashOrder]:
    return {
        name: times.slash_order(row.cells[at] for row in sheet.rows if at < len(row.cells))
        for name, at in columns.places.items()
        if name in {"order_date", "checked_in"}
    }


def _first_of_its_kind(
    candidate: Candidate, columns: Columns, emails: dict[str, int], tickets: dict[tuple[str, str], int]
) -> None:
    """One person holds one place per package (specification 3.10), and one ticket is one person."""
    line = emails.get(candidate.email)
    if line is not None:
        raise _Refused(
            columns.title("email", "buyer_email"),
            f"{candidate.email} stands in line {line} already, and one address has one place. "
            "Give this person an address of their own.",
            "same e-mail",
        )
    ticket = None
    if candidate.order is not None and candidate.position is not None:
        ticket = (candidate.order, candidate.position)
        line = tickets.get(ticket)
        if line is not None:
            raise _Refused(
                columns.title("position"),
                f"Order {ticket[0]}, position {ticket[1]} stands in line {line} already, with another address.",
                "same ticket",
            )
        tickets[ticket] = candidate.line
    emails[candidate.email] = candidate.line


class _Reader:
    """Reads one row after the other; ``notes`` are those of the latest."""

    def __init__(self, columns: Columns, zone: ZoneInfo, slashes: dict[str, times.SlashOrder]) -> None:
        self.columns = columns
        self.zone = zone
        self.slashes = slashes
        self.notes: list[Problem] = []
        self._row: Row

    def candidate(self, row: Row) -> Candidate:
        self._row, self.notes = row, []
        self._refuse_ragged()
        email, buyer = self._addresses()
        order, position = self._text("order", LONGEST_CODE), self._text("position", LONGEST_CODE)
        meaning = self._meaning()
        attended, attended_at = self._attendance()
        amount, currency = self._money()
        phone, long_phone = self._phone()
        meta: dict[str, Any] = {name: text for name in EXTRAS if (text := self._text(name, LONGEST_EXTRA))}
        if "company" not in meta and (company := self._text("invoice_company", LONGEST_EXTRA)):
            meta["company"] = company
        if long_phone:
            meta["phone"] = long_phone
        if order:
            meta["import"] = {"order": order}
            if position:
                meta["import"]["position"] = int(position) if position.isdecimal() else position
        return Candidate(
            line=row.line,
            email=email,
            buyer=buyer,
            name=self._name(),
            phone=phone,
            meaning=Meaning(meaning.wish, meaning.payment, meaning.attended or attended),
            attended_at=attended_at,
            amount=amount,
            currency=currency,
            gateway=self._text("payment_provider", LONGEST_GATEWAY).lower() or None,
            ordered_at=self._ordered_at(),
            order=order or None,
            position=(str(int(position)) if position.isdecimal() else position) or None,
            meta=meta,
        )

    def _cell(self, name: str) -> str:
        at = self.columns.places.get(name)
        return "" if at is None else self._row.cells[at]

    def _note(self, name: str, reason: str, kind: str) -> None:
        shown = values.cleaned(reason)[0]
        self.notes.append(Problem(self._row.line, self.columns.title(name), shown, "noted", kind))

    def _text(self, name: str, longest: int) -> str:
        """A cell without what cannot be seen, and at most ``longest`` characters; both are noted."""
        raw = self._cell(name)
        if not raw:
            return ""
        text, hidden = values.cleaned(raw)
        if hidden:
            self._note(name, "Invisible control or direction characters were taken out.", "hidden characters")
        return self._cut(name, text, longest)

    def _cut(self, name: str, text: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        self._note(name, f"The text has {len(text)} characters; the first {longest} are kept.", "too long")
        return text[:longest].rstrip()

    def _refuse_ragged(self) -> None:
        found, wanted = len(self._row.cells), len(self.columns.header)
        if found < wanted or any(cell.strip() for cell in self._row.cells[wanted:]):
            raise _Refused(
                "whole row",
                f"The row has {found} fields and the header has {wanted}. Perhaps a separator is missing, or "
                "one stands in a text without quotation marks.",
                "ragged",
            )

    def _addresses(self) -> tuple[str, str]:
        """The person's address and the buyer's; each stands in for the other where that one is missing."""
        buyer = values.address(self._cell("buyer_email"))
        own = values.address(self._cell("email"))
        email = own or buyer
        fault = values.address_fault(email)
        if fault is not None:
            column = self.columns.title(*(["email", "buyer_email"] if own or not buyer else ["buyer_email"]))
            raise _Refused(column, f"The address {fault}.", "e-mail")
        if own and buyer and (fault := values.address_fault(buyer)) is not None:
            self._note("buyer_email", f"The buyer's address {fault}; {email} stands for the buyer.", "buyer")
            buyer = ""
        return email, buyer or email

    def _name(self) -> str | None:
        whole = self._text("name", 10_000)
        if not whole:
            whole = f"{self._text('given_name', 10_000)} {self._text('family_name', 10_000)}".strip()
        shown = next(
            (name for name in ("name", "given_name", "family_name") if name in self.columns.places), "name"
        )
        return self._cut(shown, whole, LONGEST_NAME) or None

    def _phone(self) -> tuple[str | None, str | None]:
        """The number for the column, or, where the column is too short for it, for ``registration_meta``."""
        number = values.phone(self._cell("phone"))
        if len(number) <= LONGEST_PHONE:
            return number or None, None
        self._note(
            "phone",
            f"The number has {len(number)} characters and the column holds {LONGEST_PHONE}; it is kept among "
            "the additional details.",
            "phone",
        )
        return None, self._text("phone", LONGEST_EXTRA)

    def _meaning(self) -> Meaning:
        found = [self._word("status"), self._word("payment_status")]
        return meanings.together(*found)

    def _word(self, name: str) -> Meaning:
        word = values.cleaned(self._cell(name))[0]
        meaning = meanings.meaning(word)
        if meaning is None:
            raise _Refused(
                self.columns.title(name),
                f"“{word[:60]}” is no status that is understood ({meanings.KNOWN}). Change the word, or leave "
                f"the column out.",
                "status",
            )
        return meaning

    def _attendance(self) -> tuple[bool, dt.datetime | None]:
        text = self._cell("checked_in").strip()
        if text:
            said = values.yes_or_no(text)
            if said is not None:
                return said, None
            at = times.moment(text, "", self.zone, self.slashes["checked_in"])
            if isinstance(at, times.Moment):
                if at.remark:
                    self._note("checked_in", f"{at.remark}.", "clock change")
                return True, at.utc
            self._note("checked_in", f"{at}; the check-in is not taken over.", "time")
            return False, None
        return bool(self._cell("checkin_lists").strip()), None

    def _money(self) -> tuple[Decimal | None, str | None]:
        currency = self._text("currency", LONGEST_EXTRA).upper()
        if len(currency) > 10:
            self._note("currency", f"“{currency[:40]}” is no currency; the usual one is taken.", "currency")
            currency = ""
        text = self._cell("price").strip()
        if not text:
            return None, currency or None
        read = values.money(text)
        if read is None:
            self._note("price", f"“{text[:40]}” is no price; the package's price is taken.", "price")
            return None, currency or None
        amount, named, guessed = read
        if guessed:
            self._note(
                "price", f"“{text}” is read as {amount:,}, with a separator of thousands.", "thousands"
            )
        return amount, currency or named

    def _ordered_at(self) -> dt.datetime | None:
        date = self._cell("order_date")
        if not date.strip():
            return None
        at = times.moment(date, self._cell("order_time"), self.zone, self.slashes["order_date"])
        if isinstance(at, times.Moment):
            if at.remark:
                self._note("order_time", f"{at.remark}.", "clock change")
            return at.utc
        self._note("order_date", f"{at}; the time of the import is taken.", "time")
        return None
