"""Tooltips say what people wrote, and fetch nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import QComboBox

import desktop
from desktop.models import tips
from desktop.views.widgets.connection_box import ConnectionBox

NAMES = ["<img src='file:///etc/hostname'>", "Cancelled <b>Bo</b> & co", "a\n<i>b</i>  c", "1 < 2", "José"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_is_what_was_written(qapp: object, name: str) -> None:
    tip = tips.as_it_is(name)
    if not Qt.mightBeRichText(tip):
        assert tip == name
        return
    shown = QTextDocument()
    shown.setHtml(tip)
    assert shown.toPlainText() == name
    assert "<img" not in tip


def test_a_connection_that_is_called_like_a_tag_is_shown_by_its_name(qtbot: object) -> None:
    box = ConnectionBox()
    box.offer([("a", NAMES[0])], "a")
    assert isinstance(box, QComboBox)
    assert "<img" not in box.toolTip() + str(box.itemData(0, Qt.ItemDataRole.ToolTipRole))


OWN = re.compile(
    r"setToolTip\((?:tips\.as_it_is|(?:self\.)?tr\(|name\)|show\.toolTip|action\.toolTip|f\"\{place\.text\})"
)
"""What is fixed in the program, was made sure of already, or is."""


def test_no_tooltip_goes_round_it() -> None:
    folder = Path(desktop.__file__).parent
    sources = {file: file.read_text(encoding="utf-8") for file in folder.rglob("*.py")}
    round_it = [
        f"{file.name}: {source[found.start() : found.start() + 60]}"
        for file, source in sources.items()
        for found in re.finditer(r"setToolTip\(\s*", source)
        if not OWN.match(re.sub(r"\s+", "", source[found.start() : found.start() + 80]))
    ]
    assert round_it == []
