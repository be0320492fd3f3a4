"""Files of people as text: CSV in the shapes spreadsheets and ticketing systems write, and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.errors import ImportRefused
from desktop.services.importing import headers, values, workbook

Progress = Callable[[str, int, int], None]
"""``progress(stage, done, total)``; ``total`` is 0 while it is not known."""

MEGABYTES = 200
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
SAMPLE_RECORDS = 50
SAMPLE_CHARACTERS = 500_000
HEADER_WITHIN = 10
"""A title and blank lines may stand above the header, so it is looked for in this many rows."""

STRANGERS = (
    (b"\xd0\xcf\x11\xe0", "is an old or password-protected Excel file"),
    (b"%PDF", "is a PDF"),
    (b"{\\rtf", "is an RTF text"),
    (b"\x1f\x8b", "is compressed"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record. ``line`` is the line of the file (row of the sheet) where it begins, from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it was read. Rows whose cells are all blank are left out; rows of a wrong length are kept."""

    file: str
    format: str
    header: tuple[str, ...]
    rows: list[Row]


def read(path: Path | str, progress: Progress | None = None) -> Sheet:
    """The header and the rows of a CSV or XLSX file, recognised by content, not by name.

    Raises `ImportRefused` with a sentence that names the file when it cannot be taken as a whole.
    """
    path = Path(path)
    data = _content(path)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind, rows = "XLSX", _filled(workbook.rows(data, path.name, progress))
    else:
        kind, rows = _csv(data, path.name, progress)
    if not rows:
        raise ImportRefused(f"“{path.name}” is empty: it has neither column names nor rows.")
    top = next(
        (index for index, row in enumerate(rows[:HEADER_WITHIN]) if any(map(headers.is_email, row.cells))), 0
    )
    names = [values.cleaned(cell)[0] for cell in rows[top].cells]
    while names and not names[-1]:
        names.pop()
    if len(rows) == top + 1:
        raise ImportRefused(f"“{path.name}” has column names and no rows, so there is nobody to import.")
    body = rows[top + 1 :]
    if kind == "XLSX":
        for row in body:
            row.cells.extend([""] * (len(names) - len(row.cells)))
    return Sheet(path.name, kind, tuple(_told_apart(names)), body)


def _content(path: Path) -> bytes:
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise ImportRefused(f"“{name}” is a folder. Choose a CSV or XLSX file.")
        if path.exists() and not path.is_file():
            raise ImportRefused(f"“{name}” is not a file. Choose a CSV or XLSX file.")
        if path.stat().st_size > MEGABYTES * 1_000_000:
            raise ImportRefused(f"“{name}” is larger than {MEGABYTES} MB. Split it, or leave columns out.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImportRefused(f"There is no file “{path}”. Check its name and folder.") from None
    except PermissionError:
        raise ImportRefused(f"“{name}” may not be read with this account. Check its permissions.") from None
    except OSError as error:
        raise ImportRefused(
            f"“{name}” cannot be read: {error.strerror or 'the disk reports a fault'}."
        ) from None
    for mark, what in STRANGERS:
        if data.startswith(mark):
            raise ImportRefused(f"“{name}” {what}. Save it as CSV or XLSX first.")
    if (
        data[:200]
        .lstrip(b"\xef\xbb\xbf \t\r\n")
        .lower()
        .startswith((b"<html", b"<!doctype", b"<?xml", b"<table"))
    ):
        raise ImportRefused(f"“{name}” is a web page or XML, whatever its name says. Save it as CSV or XLSX.")
    return data


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text and how it was encoded. Latin-1 is the last resort, because every file can be read as it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            raise ImportRefused(f"“{name}” begins like UTF-16 and is damaged. Export it again.") from None
    with_mark = data.startswith(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8-sig"), "UTF-8 with BOM" if with_mark else "UTF-8"
    except UnicodeDecodeError as error:
        damaged = data[: error.start].count(b"\n") + 1
    guess = data.decode("utf-8", "surrogateescape")
    foreign = sum(1 for letter in guess if letter > "\x7f")
    broken = sum(1 for letter in guess if "\udc80" <= letter <= "\udcff")
    if with_mark or foreign > 2 * broken:
        raise ImportRefused(
            f"“{name}” is UTF-8 with damaged characters, the first in line {damaged}. Export it again."
        )
    try:
        return data.decode("cp1252"), "Latin-1 (Windows-1252)"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _csv(data: bytes, name: str, progress: Progress | None) -> tuple[str, list[Row]]:
    text, encoding = _decoded(data, name)
    if "\x00" in text:
        raise ImportRefused(f"“{name}” contains NUL bytes, so it is not a text file. Save it as CSV or XLSX.")
    skipped = 0
    first = text[:8].split("\n", 1)[0].rstrip("\r")
    if first[:4].lower() == "sep=" and first[4:] in DELIMITERS:
        skipped, delimiter = 1, first[4:]
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        delimiter = _delimiter(text)
    rows = _filled(_records(text, delimiter, name, skipped, progress))
    columns = DELIMITERS[delimiter] if rows and len(rows[0].cells) > 1 else "one column"
    return f"CSV, {columns}, {encoding}", rows


def _delimiter(text: str) -> str:
    """The separator under which the beginning looks most like a table of people: a column of addresses,
    then rows as long as the header, then many columns."""
    best, chosen = (False, 0.0, 1), ","
    for delimiter in DELIMITERS:
        try:
            sample = _sample(text, delimiter)
        except csv.Error:
            continue
        if not sample:
            continue
        top = next((r for r in sample[:HEADER_WITHIN] if any(map(headers.is_email, r))), sample[0])
        alike = sum(1 for record in sample if len(record) == len(top)) / len(sample)
        score = (len(top) > 1 and any(map(headers.is_email, top)), alike if len(top) > 1 else 0.0, len(top))
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _sample(text: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    for record in csv.reader(io.StringIO(text[:SAMPLE_CHARACTERS], newline=""), delimiter=delimiter):
        if any(record):
            found.append(record)
        if len(found) == SAMPLE_RECORDS:
            return found
    return found[:-1] if len(text) > SAMPLE_CHARACTERS else found


def _records(
    text: str, delimiter: str, name: str, skipped: int, progress: Progress | None
) -> Iterator[tuple[int, list[str]]]:
    total = text.count("\n") + 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for index, record in enumerate(reader):
            yield begins + skipped, record
            begins = reader.line_num + 1
            if progress is not None and index % 1000 == 0:
                progress("reading", min(reader.line_num, total), total)
    except csv.Error as error:
        raise ImportRefused(_spoiled(str(error), name, begins + skipped)) from None
    if progress is not None:
        progress("reading", total, total)


def _spoiled(reason: str, name: str, line: int) -> str:
    if "field larger" in reason:
        return (
            f"“{name}”, line {line}: one field is longer than {csv.field_size_limit():,} characters; "
            "perhaps a quotation mark is missing at its end."
        )
    if "unexpected end" in reason:
        return f"“{name}”, line {line}: a quoted text begins there and never ends. Correct the line."
    return f"“{name}”, line {line}: a quotation mark inside a quoted text is not doubled. Correct the line."


def _filled(records: Iterator[tuple[int, list[str]]]) -> list[Row]:
    return [Row(line, cells) for line, cells in records if any(cell.strip() for cell in cells)]


def _told_apart(names: list[str]) -> list[str]:
    """Repeated names get a number, so that a person can still choose one of them; blank ones their place."""
    taken = set(names)
    seen: set[str] = set()
    result: list[str] = []
    for index, name in enumerate(names, 1):
        base = name or f"column {index}"
        shown, number = base, 2
        while shown in seen or (shown != name and shown in taken):
            shown, number = f"{base} ({number})", number + 1
        seen.add(shown)
        result.append(shown)
    return result
