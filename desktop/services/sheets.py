"""Rows as a file other programs open: CSV or XLSX, there whole or not at all, without formulas in it (ruling 27)."""

from __future__ import annotations

import csv
import errno
import io
import os
import tempfile
import unicodedata
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import IO

    from _typeshed import ReadableBuffer

    Row = Sequence[str | int]

FORMULAS: Final = frozenset("=+-@")
"""With what a cell begins that a spreadsheet would work out instead of show. Also in their wide forms: Excel takes
those for the plain ones where people write Chinese, Japanese or Korean."""
PASSED_OVER: Final = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))
"""Kinds of characters (Unicode) that some spreadsheets take away first: blanks, ends of lines, marks nobody sees."""

ENDINGS: Final = (".csv", ".xlsx")
SHEET_ROWS: Final = 1_048_576
"""What one sheet of a workbook holds, the header among it."""

FULL: Final = (errno.ENOSPC, errno.EDQUOT)

SHEET_NAME: Final = 31
"""Letters a sheet's name may have."""


def neutral(cell: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would take for a formula (ruling 27)."""
    if cell[:1].isalnum():
        return cell
    first = next((one for one in cell if unicodedata.category(one) not in PASSED_OVER), "")
    plain = unicodedata.normalize("NFKC", first)[:1]
    return f"'{cell}" if plain in FORMULAS or cell[:1] in {"\t", "\r", "\n"} else cell


def check(path: Path, rows: int) -> None:
    """Raise `InvalidField` where the name says no format we write, or the format cannot hold so many rows."""
    if path.suffix.lower() not in ENDINGS:
        raise errors.InvalidField(
            "path", f"“{path.name}” ends in neither .csv nor .xlsx. Let the name end in one of them."
        )
    if path.suffix.lower() == ".xlsx" and rows >= SHEET_ROWS:
        raise errors.InvalidField(
            "path",
            f"A sheet of a workbook holds {SHEET_ROWS:,} rows, the list has {rows:,}. Export it as CSV, or filter it.",
        )


def write(
    path: Path,
    title: str,
    header: Row,
    rows: Iterable[Row],
    going_on: Callable[[], None] = lambda: None,
    ready: Callable[[int], None] = lambda _written: None,
) -> int:
    """Write the rows to ``path``, as its ending says; how many. CSV is UTF-8 with a mark that Excel knows; ``title``
    names the sheet of a workbook. ``going_on`` is called between pieces of work, also while a workbook is packed, and
    ``ready`` with the number of rows when all is on the disk but not yet at its place; what they raise leaves no file
    behind. Raises `InvalidField` where the file cannot be written."""
    make = _write_xlsx if path.suffix.lower() == ".xlsx" else _write_csv
    written = 0
    with _whole(path, lambda: ready(written)) as file:
        written = make(file, title, [header], rows, going_on)
    return written


def _write_csv(
    file: IO[bytes], _title: str, head: Sequence[Row], rows: Iterable[Row], _going_on: Callable[[], None]
) -> int:
    written = 0
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    sheet = csv.writer(text)
    sheet.writerows(head)
    for row in rows:
        sheet.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
        written += 1
    text.flush()
    text.detach()
    return written


def _write_xlsx(
    file: IO[bytes], title: str, head: Sequence[Row], rows: Iterable[Row], going_on: Callable[[], None]
) -> int:
    import openpyxl  # 200 ms, which the window's first sight need not wait for
    from openpyxl.writer.excel import ExcelWriter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:SHEET_NAME])
    sheet.freeze_panes = "A2"
    written = 0
    try:
        with _room_for_rows():
            for row in head:
                sheet.append(row)
            for row in rows:
                sheet.append([_shown(cell) if isinstance(cell, str) else cell for cell in row])
                written += 1
        with ZipFile(_Interrupted(file, going_on), "w", ZIP_DEFLATED) as archive:
            ExcelWriter(book, archive).save()
    finally:
        _forget(sheet)
    return written


@contextmanager
def _room_for_rows() -> Iterator[None]:
    """The block collects rows in a file of openpyxl's, which lies elsewhere: half a gigabyte for a million of them."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        folder = tempfile.gettempdir()
        raise errors.InvalidField(
            "path",
            f"A workbook is put together in {folder}, and the disk of that folder is full. Make room on it, or export"
            " as CSV.",
        ) from error


def _shown(cell: str) -> str:
    """The text of a cell without the control characters XML has no way to write."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return neutral(ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", cell))


def _forget(sheet: Any) -> None:
    """Take away the file openpyxl collects the rows in, wherever the work ended."""
    writer = sheet._writer  # noqa: SLF001 - openpyxl itself takes it away only of a workbook that was saved
    if writer is None or not Path(writer.out).exists():
        return
    try:
        if not sheet.closed:
            sheet.close()
    finally:
        writer.cleanup()


class _Interrupted(io.RawIOBase):
    """A file that asks before each write whether to go on."""

    def __init__(self, file: IO[bytes], going_on: Callable[[], None]) -> None:
        super().__init__()
        self._file = file
        self._going_on = going_on

    def write(self, data: ReadableBuffer, /) -> int:
        self._going_on()
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def seekable(self) -> bool:
        return True

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _whole(path: Path, ready: Callable[[], None]) -> Iterator[IO[bytes]]:
    """A file beside ``path`` that takes its place at the end of the block, after ``ready``, and is gone when one of
    them fails."""
    beside = path.with_name(f".greenroom-{uuid4().hex}.part")
    replacing = False
    try:
        try:
            with beside.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            ready()
            replacing = True
            beside.replace(path)
        except OSError as error:
            raise errors.InvalidField(
                "path", f"“{path}” cannot be written: {_why(error, replacing)}"
            ) from error
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _why(error: OSError, replacing: bool) -> str:
    if replacing and isinstance(error, PermissionError):  # Windows: a file is not replaced while it is open
        return "another program has it open. Close it there, or choose another name."
    if error.errno in FULL:
        return "the disk is full. Make room on it, or choose another folder."
    if isinstance(error, IsADirectoryError):
        return "there is a folder of that name. Choose another name."
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "there is no such folder. Choose a folder that is there."
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "nothing may be written there. Choose a folder you may write to."
    return f"{error.strerror or type(error).__name__}. Choose a folder you may write to."
