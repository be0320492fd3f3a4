"""The window beside the window: what it says, what its buttons do, and that the keyboard reaches all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.views import theme
from desktop.views.crash import CrashWindow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def parent(qtbot: QtBot, qapp: QApplication) -> Iterator[QWidget]:
    theme.apply(qapp, "light")
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    yield window
    theme.apply(qapp, "light")


@pytest.fixture
def crash(parent: QWidget, tmp_path: Path) -> CrashWindow:
    return CrashWindow(tmp_path / "log", parent)


def test_it_is_beside_the_work_and_takes_the_keyboard_where_typing_does_nothing(crash: CrashWindow) -> None:
    crash.show_faults("the report")

    assert crash.isVisible()
    assert not crash.isModal()
    assert crash.focusWidget() is crash.report
    QTest.keyClicks(crash.report, "Asha\r c q")
    assert crash.isVisible()
    assert crash.report.toPlainText() == "the report"


def test_the_keyboard_reaches_the_report_and_every_button(crash: CrashWindow) -> None:
    crash.show_faults("the report")
    reached = []
    for _ in range(5):
        reached.append(crash.focusWidget())
        QTest.keyClick(crash.focusWidget(), Qt.Key.Key_Tab)

    assert reached == [crash.report, crash.go_on, crash.leave, crash.copy_report, crash.open_folder]
    assert crash.focusWidget() is crash.report


def test_copy_report_copies_all_of_it_and_says_so(crash: CrashWindow) -> None:
    crash.show_faults("a line\nanother line")
    crash.copy_report.click()

    assert QGuiApplication.clipboard().text() == "a line\nanother line"
    assert "copied" in crash.told()


def test_a_folder_that_cannot_be_opened_is_named(
    crash: CrashWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(asked.append(url.toLocalFile())))
    crash.show_faults("the report")
    crash.open_folder.click()

    assert asked == [str(tmp_path / "log")]
    assert str(tmp_path / "log") in crash.told()


@pytest.mark.parametrize("leaving", ["continue", "escape"])
def test_going_on_closes_it_and_nothing_else(crash: CrashWindow, leaving: str) -> None:
    quits: list[bool] = []
    crash.quit_asked.connect(lambda: quits.append(True))
    crash.show_faults("the report")
    if leaving == "continue":
        QTest.keyClick(crash.go_on, Qt.Key.Key_Return)
    else:
        QTest.keyClick(crash.report, Qt.Key.Key_Escape)

    assert crash.isHidden()
    assert quits == []
    assert crash.parentWidget().isVisible()
    crash.add_fault("one more")
    assert crash.isHidden()


def test_quit_asks_for_the_end(crash: CrashWindow, qtbot: QtBot) -> None:
    crash.show_faults("the report")
    with qtbot.waitSignal(crash.quit_asked):
        crash.leave.click()
    assert crash.isHidden()


@pytest.mark.parametrize(("mode", "scale"), [("light", 1.0), ("dark", 2.0)])
def test_no_word_is_cut_off(crash: CrashWindow, qapp: QApplication, mode: theme.Mode, scale: float) -> None:
    theme.apply(qapp, mode, scale)
    crash.show_breakdown("the report\n" * 60)
    qapp.processEvents()

    for shown in crash.findChildren(QLabel):
        if shown.isVisible():
            assert shown.height() >= shown.heightForWidth(shown.width()), shown.text()
    for button in (crash.go_on, crash.leave, crash.copy_report, crash.open_folder):
        assert crash.rect().contains(button.geometry().translated(button.parentWidget().pos())), button.text()
