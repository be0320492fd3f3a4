"""Writes the documents that are made from the program: ``python -m tests.documents``, or ``make documents``."""

from __future__ import annotations

from tests.documents import DOCUMENTS

if __name__ == "__main__":
    for path, render in DOCUMENTS.items():
        path.write_text(render(), encoding="utf-8")
