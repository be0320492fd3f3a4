"""XLSX as rows of text that people recognise."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from desktop.errors import ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.services.importing.reading import Progress

UNPACKED_MEGABYTES = 2_000
"""An archive that unpacks to more than this is no list of people."""


def rows(data: bytes, name: str, progress: Progress | None) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of the first sheet that holds anything; formulas give the value Excel stored.

    Raises `ImportRefused` when the archive is no workbook or damaged.
    """
    import openpyxl  # 200 ms, which the window's first sight need not wait for
    from openpyxl.utils.exceptions import InvalidFileException

    damaged = ImportRefused(
        f"“{name}” is not an Excel workbook, or it is damaged. Save it as XLSX or CSV again."
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "[Content_Types].xml" not in archive.namelist():
                raise damaged
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_MEGABYTES * 1_000_000:
                raise ImportRefused(
                    f"“{name}” unpacks to more than {UNPACKED_MEGABYTES:,} MB. Save it as CSV."
                )
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError):
        raise damaged from None
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            found = False
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [_text(value) for value in values]
                found = found or any(cells)
                yield number, cells
                if progress is not None and number % 1000 == 0:
                    progress("reading", number, 0)
            if found:
                return
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError):
        raise damaged from None
    finally:
        book.close()


def _text(value: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, dates as ISO, midnight as a date."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        rounded = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.date().isoformat() if rounded.time() == dt.time() else rounded.isoformat(" ")
    if isinstance(value, dt.time):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, dt.timedelta):
        return str(dt.timedelta(seconds=round(value.total_seconds())))
    return str(value)
