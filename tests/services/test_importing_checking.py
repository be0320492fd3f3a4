"""Every row is checked first: what it says, and what is wrong with it."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.errors import ImportRefused
from desktop.services import importing
from desktop.services.importing import applying, checking, mapping
from desktop.services.importing.meanings import Meaning
from desktop.services.importing.reading import Row, Sheet

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")


def checked(header: list[str], *rows: list[str], **overrides: str) -> checking.Checked:
    sheet = Sheet("people.csv", "CSV", tuple(header), [Row(n, row) for n, row in enumerate(rows, 2)])
    return checking.check(sheet, mapping.recognise(sheet, overrides), BERLIN)


def one(**cells: str) -> tuple[checking.Candidate, list[str]]:
    """The candidate of a single row, and the reasons of its notes."""
    cells = {"Email": "ada@example.org", **cells}
    result = checked(list(cells), list(cells.values()))
    assert len(result.candidates) == 1, result.problems
    return result.candidates[0], [problem.reason for problem in result.problems]


def refusal(**cells: str) -> checking.Problem:
    cells = {"Email": "ada@example.org", **cells}
    result = checked(list(cells), list(cells.values()))
    assert not result.candidates
    (problem,) = result.problems
    assert problem.severity == "refused"
    return problem


def test_a_full_row_says_all_it_can() -> None:
    candidate, notes = one(
        **{
            "Email": "buyer@example.org",
            "Attendee email": " Zoe@Example.ORG ",
            "Attendee name": "Zoe\u0308  Fernández",
            "Phone number": "+49 (170) 123-456",
            "Order code": "RCE7Y",
            "Position ID": "02",
            "Status": "paid",
            "Price": "49,00",
            "Currency": "eur",
            "Order date": "2026-10-16",
            "Order time": "15:38:20",
            "Payment providers": "Bank transfer",
            "Checked in": "2026-11-22 13:20",
            "Product": "Conference ticket",
            "Invoice address company": "Brock GmbH",
        }
    )

    assert notes == []
    assert candidate == checking.Candidate(
        line=2,
        email="zoe@example.org",
        buyer="buyer@example.org",
        name="Zoë Fernández",
        phone="+49170123456",
        meaning=Meaning("seat", "paid", True),
        attended_at=dt.datetime.fromisoformat("2026-11-22 12:20"),
        amount=Decimal("49.00"),
        currency="EUR",
        gateway="bank transfer",
        ordered_at=dt.datetime.fromisoformat("2026-10-16 13:38:20"),
        order="RCE7Y",
        position="2",
        meta={
            "product": "Conference ticket",
            "company": "Brock GmbH",
            "import": {"order": "RCE7Y", "position": 2},
        },
    )


def test_without_an_address_of_their_own_a_person_is_reached_through_the_buyer() -> None:
    candidate, _ = one(**{"Email": "buyer@example.org", "Attendee email": ""})

    assert candidate.email == candidate.buyer == "buyer@example.org"


def test_a_damaged_address_of_the_buyer_is_noted_and_replaced() -> None:
    candidate, notes = one(**{"Email": "nobody", "Attendee email": "ada@example.org"})

    assert candidate.buyer == "ada@example.org"
    assert notes == ["The buyer's address “nobody” has no @; ada@example.org stands for the buyer."]


def test_a_name_is_put_together_from_its_parts() -> None:
    candidate, _ = one(Vorname="Ada", Nachname="Lovelace")

    assert candidate.name == "Ada Lovelace"


def test_a_refused_row_names_line_column_and_reason() -> None:
    assert refusal(**{"Attendee email": "ada", "Email": ""}) == checking.Problem(
        2, "Attendee email", "The address “ada” has no @.", "refused", "e-mail"
    )
    assert refusal(**{"Attendee email": "", "Email": ""}).reason == "The address is missing."
    assert refusal(Status="no show").field == "Status"
    assert refusal(Status="no show").reason.startswith(
        "“no show” is no status that is understood (paid, pending"
    )


def test_a_column_of_unknown_words_can_be_left_out() -> None:
    result = checked(["Email", "Status"], ["ada@example.org", "zrušeno"], status="")

    assert [candidate.meaning for candidate in result.candidates] == [Meaning()]


def test_the_same_address_in_another_case_is_refused_with_the_line_of_the_first() -> None:
    result = checked(["Email"], ["Ada@example.org"], ["bo@example.org"], ["ADA@EXAMPLE.ORG"])

    assert [candidate.email for candidate in result.candidates] == ["ada@example.org", "bo@example.org"]
    assert [(p.line, p.field, p.reason) for p in result.problems] == [
        (
            4,
            "Email",
            "ada@example.org stands in line 2 already, and one address has one place. "
            "Give this person an address of their own.",
        )
    ]


def test_the_same_ticket_with_another_address_is_refused() -> None:
    result = checked(
        ["Email", "Order code", "Position ID"],
        ["a@example.org", "X", "1"],
        ["b@example.org", "X", "2"],
        ["c@example.org", "X", "01"],
    )

    assert [candidate.line for candidate in result.candidates] == [2, 3]
    assert result.problems[0].reason == "Order X, position 1 stands in line 2 already, with another address."


def test_a_refused_row_does_not_refuse_a_good_one_after_it() -> None:
    result = checked(
        ["Email", "Status"],
        ["ada@example.org", "whatever"],
        ["ada@example.org", "paid"],
        ["ada@example.org", ""],
    )

    assert [candidate.line for candidate in result.candidates] == [3]
    assert [problem.line for problem in result.problems] == [2, 4]


def test_a_row_of_a_wrong_length_is_refused_and_empty_cells_too_many_are_not() -> None:
    result = checked(
        ["Email", "Name"], ["a@example.org"], ["b@example.org", "Bo", "x"], ["c@example.org", "Cy", " ", ""]
    )

    assert [candidate.line for candidate in result.candidates] == [4]
    assert [(p.line, p.field) for p in result.problems] == [(2, "whole row"), (3, "whole row")]
    assert result.problems[0].reason.startswith("The row has 1 fields and the header has 2.")


def test_a_phone_number_that_is_too_long_is_kept_beside_its_column() -> None:
    candidate, notes = one(Phone="+49 170 1234567 ext. 890")

    assert candidate.phone is None
    assert candidate.meta == {"phone": "+49 170 1234567 ext. 890"}
    assert notes[0].startswith("The number has 19 characters and the column holds 15")


def test_texts_that_are_too_long_are_cut_and_noted() -> None:
    candidate, notes = one(Name="Ö" * 151, Company="C" * 201)

    assert candidate.name == "Ö" * 150
    assert candidate.meta["company"] == "C" * 200
    assert sorted(notes) == [
        "The text has 151 characters; the first 150 are kept.",
        "The text has 201 characters; the first 200 are kept.",
    ]


def test_characters_that_cannot_be_seen_are_taken_out_and_noted() -> None:
    candidate, notes = one(Name="Ann\u202eEve")

    assert candidate.name == "AnnEve"
    assert notes == ["Invisible control or direction characters were taken out."]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("yes", True), ("Ja", True), ("TRUE", True), ("no", False), ("Nein", False), ("", False)],
)
def test_checked_in_may_be_yes_or_no(text: str, *, meaning: bool) -> None:
    candidate, notes = one(**{"Checked in": text})

    assert (candidate.meaning.attended, candidate.attended_at, notes) == (meaning, None, [])


def test_a_check_in_list_says_that_somebody_came_and_not_when() -> None:
    candidate, _ = one(**{"Check-in lists": "Main entrance"})

    assert (candidate.meaning.attended, candidate.attended_at) == (True, None)


def test_a_check_in_that_is_no_time_is_noted_and_not_taken_over() -> None:
    candidate, notes = one(**{"Checked in": "at the door"})

    assert not candidate.meaning.attended
    assert notes[0].endswith("the check-in is not taken over.")


def test_an_ambiguous_time_is_noted_with_the_column_it_stands_in() -> None:
    result = checked(["Email", "Order date", "Order time"], ["ada@example.org", "2026-10-25", "02:15:00"])

    assert [(p.field, p.severity) for p in result.problems] == [("Order time", "noted")]
    assert result.candidates[0].ordered_at == dt.datetime.fromisoformat("2026-10-25 00:15")


def test_a_price_that_cannot_be_read_is_noted_and_left_to_the_package() -> None:
    candidate, notes = one(Price="forty-nine", Currency="doubloons of gold")

    assert (candidate.amount, candidate.currency) == (None, None)
    assert len(notes) == 2


def test_a_separator_that_was_guessed_is_noted() -> None:
    candidate, notes = one(Price="1.234")

    assert candidate.amount == Decimal(1234)
    assert notes == ["“1.234” is read as 1,234.00, with a separator of thousands."]


def test_paid_in_a_column_of_its_own_is_understood() -> None:
    assert one(Paid="Yes")[0].meaning.payment == "paid"
    assert one(Paid="No")[0].meaning.payment == "pending"
    assert one(**{"Attendee Status": "Attending", "Payment status": "Refunded"})[0].meaning == Meaning(
        "cancel", "refunded"
    )


def test_days_and_months_are_read_by_the_whole_column() -> None:
    result = checked(
        ["Email", "Order date"], ["a@example.org", "01/02/2026"], ["b@example.org", "25/12/2026"]
    )

    assert [c.ordered_at for c in result.candidates] == [
        dt.datetime.fromisoformat("2026-01-31 23:00"),
        dt.datetime.fromisoformat("2026-12-24 23:00"),
    ]


ODD = st.text(st.characters(exclude_categories=()), max_size=12)
ADDRESSES = st.sampled_from(
    ["a@example.org", "A@example.org", "b@example.org", "", "nonsense", "ü@example.org"]
)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            ADDRESSES, ADDRESSES, ODD, ODD, ODD, ODD, ODD, ODD, st.sampled_from(["paid", "expired", "?", ""])
        )
        .map(list)
        .flatmap(lambda row: st.integers(7, 10).map(lambda n: [*row, ""][:n])),
        max_size=30,
    )
)
def test_no_row_is_lost_whatever_it_holds(rows: list[list[str]]) -> None:
    header = [
        "Attendee email",
        "Email",
        "Name",
        "Phone",
        "Order code",
        "Position",
        "Price",
        "Checked in",
        "Status",
    ]

    result = checked(header, *rows)

    taken = [candidate.line for candidate in result.candidates]
    refused = [problem.line for problem in result.problems if problem.severity == "refused"]
    assert sorted(taken + refused) == list(range(2, len(rows) + 2))
    assert taken == sorted(taken)
    assert len({candidate.email for candidate in result.candidates}) == len(taken)
    assert {problem.line for problem in result.problems if problem.severity == "noted"} <= set(taken)
    assert all(
        len(candidate.name or "") <= 150 and len(candidate.phone or "") <= 15
        for candidate in result.candidates
    )


def test_progress_tells_the_stage_and_ends_with_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["Email"], *([f"p{n}@example.org"] for n in range(2500))])
    told: list[tuple[str, int, int]] = []

    prepared = importing.plan_file(path, None, BERLIN, lambda *step: told.append(step))

    assert prepared.rows == len(prepared.candidates) == 2500
    assert told[-1] == ("checking", 2500, 2500)
    assert {stage for stage, _, _ in told} == {"reading", "checking"}


def test_more_rows_than_one_import_takes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "MOST_ROWS", 2)
    path = tmp_path / "people.csv"
    path.write_text("Email\na@example.org\nb@example.org\nc@example.org\n", encoding="utf-8")

    with pytest.raises(ImportRefused, match=r"“people\.csv” has 3 rows; at most 2 are taken at once"):
        importing.plan_file(path, None, BERLIN)


def test_several_products_and_secrets_are_remarked_upon(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Email,Product,Ticket secret\na@example.org,Day,hush1\nb@example.org,Night,hush2\nc@example.org,Day,hush3\n",
        encoding="utf-8",
    )

    prepared = importing.plan_file(path, None, BERLIN)

    assert prepared.remarks == (
        "Columns with another system's secrets are never read: Ticket secret.",
        "The file has several products, and all go into this package: “Day” (2), “Night” (1).",
    )
    assert "hush" not in repr(prepared)


def test_a_reason_quotes_nothing_that_a_terminal_would_obey() -> None:
    assert "\x1b" not in refusal(Email="\x1b[2Jada").reason
    assert "\x1b" not in one(Price="\x1b[2J")[1][0]
