"""Files of people, as spreadsheets and ticketing systems write them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desktop.errors import ImportRefused
from desktop.services.importing import reading

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "cp1252": "Latin-1 (Windows-1252)",
}
WESTERN = "abcXYZ019 ,;|\t'\"\n=+-@.éüßñÀ"
cell = st.text(WESTERN, max_size=8)


def written(rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


@settings(deadline=None)
@given(
    body=st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from(list(reading.DELIMITERS)),
    encoding=st.sampled_from(list(ENCODINGS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_was_written_is_read_whatever_separates_and_encodes_it(
    tmp_path_factory: pytest.TempPathFactory,
    body: list[list[str]],
    delimiter: str,
    encoding: str,
    quoting: int,
) -> None:
    rows = [row for row in body if any(c.strip() for c in row)]
    assume(rows)
    text = written([["Name", "E-Mail", "Bemerkung: größer"], *body], delimiter, quoting)
    path = tmp_path_factory.mktemp("csv") / "people.csv"
    path.write_bytes(text.encode(encoding))

    sheet = reading.read(path)

    assert sheet.header == ("Name", "E-Mail", "Bemerkung: größer")
    assert [row.cells for row in sheet.rows] == rows
    assert sheet.format == f"CSV, {reading.DELIMITERS[delimiter]}, {ENCODINGS[encoding]}"


@settings(deadline=None)
@given(body=st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=20))
def test_every_row_says_the_line_it_begins_on(
    tmp_path_factory: pytest.TempPathFactory, body: list[list[str]]
) -> None:
    assume(any(c.strip() for row in body for c in row))
    path = tmp_path_factory.mktemp("csv") / "people.csv"
    expected, line, text = [], 2, written([["Email", "Name"]])
    for row in body:
        record = written([row])
        if any(c.strip() for c in row):
            expected.append(line)
        line += record.count("\n")
        text += record
    path.write_bytes(text.encode())

    assert [row.line for row in reading.read(path).rows] == expected


def test_prices_with_commas_do_not_hide_that_semicolons_separate(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name, Vorname;E-Mail;Preis\nNovák, Petr;petr@example.org;49,00\n", encoding="utf-8")

    sheet = reading.read(path)

    assert sheet.header == ("Name, Vorname", "E-Mail", "Preis")
    assert sheet.rows[0].cells == ["Novák, Petr", "petr@example.org", "49,00"]


def test_the_separator_excel_declares_in_the_first_line_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("sep=;\nName;Email\nAda;ada@example.org\n", encoding="utf-8")

    sheet = reading.read(path)

    assert sheet.header == ("Name", "Email")
    assert sheet.rows[0].line == 3


def test_a_title_above_the_header_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Guests of the summit\n\nName,Email\nAda,ada@example.org\n", encoding="utf-8")

    sheet = reading.read(path)

    assert sheet.header == ("Name", "Email")
    assert [row.line for row in sheet.rows] == [4]


def test_one_column_of_addresses_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email\nada@example.org\n", encoding="utf-8")

    assert reading.read(path).format == "CSV, one column, UTF-8"


def test_rows_of_a_wrong_length_are_kept_for_the_check(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,Email\nAda\nBo,bo@example.org,extra\n,\n", encoding="utf-8")

    assert [row.cells for row in reading.read(path).rows] == [["Ada"], ["Bo", "bo@example.org", "extra"]]


def test_repeated_headers_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email,Company,Company,,Company (2)\na@example.org,b,c,d,e\n", encoding="utf-8")

    assert reading.read(path).header == ("Email", "Company", "Company (3)", "column 4", "Company (2)")


def test_progress_ends_at_the_last_line(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email\n" + "a@example.org\n" * 2500, encoding="utf-8")
    told: list[tuple[str, int, int]] = []

    reading.read(path, lambda *step: told.append(step))

    assert told[-1] == ("reading", 2502, 2502)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_workbook_reads_like_the_table_people_see(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    people = book.create_sheet("People")
    people.append(["Name", "E-Mail", "Price", "Order date", "Checked in", "Order time", "VIP", "Ticket"])
    people.append(
        [
            "Zoë",
            "zoe@example.org",
            49.0,
            dt.date(2026, 10, 25),
            dt.datetime.fromisoformat("2026-11-22 13:20"),
            dt.time(9, 5),
            True,
            17,
        ]
    )
    people.append(["Li", "li@example.org", 12.5])
    people.append([])
    path = tmp_path / "people.xlsx"
    book.save(path)

    sheet = reading.read(path)

    assert sheet.format == "XLSX"
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (2, ["Zoë", "zoe@example.org", "49", "2026-10-25", "2026-11-22 13:20:00", "09:05:00", "yes", "17"]),
        (3, ["Li", "li@example.org", "12.5", "", "", "", "", ""]),
    ]


def test_a_formula_gives_the_value_that_excel_stored(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Email", "Name"])
    book.active.append(["a@example.org", "=1+1"])
    path = tmp_path / "people.xlsx"
    book.save(path)  # openpyxl stores no value for the formula

    assert reading.read(path).rows[0].cells == ["a@example.org", ""]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0rest", "“old.xls” is an old or password-protected Excel file"),
        ("list.pdf", b"%PDF-1.7", "“list.pdf” is a PDF"),
        ("web.xls", b"\r\n<html><table>", "“web.xls” is a web page"),
        ("fake.xlsx", b"PK\x03\x04 not an archive", "“fake.xlsx” is not an Excel workbook, or it is damaged"),
        ("nul.csv", b"Email\na\x00@example.org\n", "“nul.csv” contains NUL bytes"),
        ("empty.csv", b"", "“empty.csv” is empty"),
        ("blank.csv", b"\xef\xbb\xbf\r\n,,\r\n", "“blank.csv” is empty"),
        ("header.csv", b"Name,Email\n", "“header.csv” has column names and no rows"),
        (
            "open.csv",
            b'Email,Name\na@example.org,"Ada\nb@example.org,Bo\n',
            "“open.csv”, line 2: a quoted text begins there and never ends",
        ),
        (
            "quote.csv",
            b'Email,Name\na@example.org,Ada\nb@example.org,"Bo "the" Bee"\n',
            "“quote.csv”, line 3: a quotation mark inside a quoted text is not doubled",
        ),
        (
            "long.csv",
            b"Email,Name\na@example.org," + b"x" * 140_000 + b"\n",
            "“long.csv”, line 2: one field is longer than 131,072 characters",
        ),
        (
            "damaged.csv",
            "Email,Name\na@example.org,Zoë Müller\nb@example.org,Jos".encode() + b"\xe9\n",
            "“damaged.csv” is UTF-8 with damaged characters, the first in line 3",
        ),
        ("half.csv", b"\xff\xfea", "“half.csv” begins like UTF-16 and is damaged"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ImportRefused) as refused:
        reading.read(path)

    assert str(refused.value).startswith(sentence)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"There is no file “.*nothing\.csv”"):
        reading.read(tmp_path / "nothing.csv")
    with pytest.raises(ImportRefused, match="is a folder"):
        reading.read(tmp_path)


def test_a_file_above_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as huge:
        huge.truncate(reading.MEGABYTES * 1_000_000 + 1)

    with pytest.raises(ImportRefused, match=r"“huge\.csv” is larger than 200 MB"):
        reading.read(path)


def test_latin_1_that_no_windows_page_knows_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("Email,Name\na@example.org,Jos\xe9 \x81\n".encode("latin-1"))

    assert reading.read(path).format == "CSV, commas, Latin-1"
