"""The colours, the typeface and the icons: what look.md promises, computed from the tokens themselves."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QVBoxLayout, QWidget

import resources
from desktop.views import fonts, icons, style, theme
from desktop.views.looks import Looks
from desktop.views.tokens import DARK, LIGHT, TONES, Tokens
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.search_field import SearchField

RESOURCES = Path(resources.__file__).parent
ICONS = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))
TEXT_PAIRS = [
    *(("ink", ground) for ground in ("background", "surface", "selection", "hover", "pill_grey")),
    *(("muted", ground) for ground in ("background", "surface", "selection", "hover", "pill_grey")),
    *(("accent", ground) for ground in ("background", "surface")),
    *(("red", ground) for ground in ("background", "surface")),
    *(("accent_ink", ground) for ground in ("accent", "accent_hover", "accent_pressed")),
    ("surface", "ink"),
    *TONES.values(),
]
SHAPE_PAIRS = [
    *(("accent", ground) for ground in ("background", "surface", "selection", "pill_green", "hover")),
    *(("meter_amber", ground) for ground in ("surface", "selection")),
    ("accent", "meter_track"),
    ("accent_ink", "accent"),
    *(("muted", ground) for ground in ("surface", "background")),
    *((dot, "surface") for dot in ("amber", "red")),
    ("amber", "pill_grey"),
    *(("muted", ground) for _, ground in TONES.values()),
]


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


def luminance(value: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_formula_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_can_be_read_on_its_ground(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_focus_rings_meters_and_icons_stand_out(tokens: Tokens, shape: str, ground: str) -> None:
    assert contrast(getattr(tokens, shape), getattr(tokens, ground)) >= 3


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_the_parts_a_stylesheet_draws_stand_out_too(tokens: Tokens) -> None:
    arrow = re.search(r'stroke="(#\w{6})"', (RESOURCES / "icons" / "part-down.svg").read_text())
    tick = re.search(r'stroke="(#\w{6})"', (RESOURCES / "icons" / f"part-tick-{tokens.name}.svg").read_text())
    assert arrow is not None
    assert tick is not None
    assert contrast(arrow[1], tokens.surface) >= 3
    assert contrast(tick[1], tokens.accent) >= 4.5


def test_colours_are_written_down_in_one_module_only() -> None:
    views = Path(theme.__file__).parent
    elsewhere = [
        path.name
        for path in views.rglob("*.py")
        if path.name != "tokens.py" and re.search(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []


def test_switching_changes_palette_tokens_and_tells_once(qapp: QApplication, qtbot) -> None:
    with qtbot.waitSignal(theme.signals.changed) as told:
        theme.apply(qapp, "dark")
    assert told.args == [DARK]
    assert theme.current() is DARK
    assert theme.color("ink") == QColor(DARK.ink)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.background)
    assert DARK.surface in qapp.styleSheet()
    assert LIGHT.surface not in qapp.styleSheet()


def test_a_switch_draws_what_a_start_in_that_scheme_draws(qapp: QApplication, qtbot) -> None:
    def drawn() -> QImage:
        page = QWidget()
        qtbot.addWidget(page)
        column = QVBoxLayout(page)
        for made in (SearchField("Search name, email, phone…"), Button("Save", "primary"), QCheckBox("Paid")):
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            column.addWidget(made)
        page.resize(400, 200)
        page.show()
        pages.append(page)
        return page.grab().toImage()

    pages: list[QWidget] = []
    light = drawn()
    theme.apply(qapp, "dark", 1.5)
    QApplication.processEvents()
    assert pages[0].grab().toImage() == drawn()
    theme.apply(qapp, "light", 1.0)
    QApplication.processEvents()
    assert pages[0].grab().toImage() == light


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_what_a_field_is_for_can_be_read_before_anything_is_typed(tokens: Tokens, qapp, qtbot) -> None:
    theme.apply(qapp, tokens.name, 2.0)
    field = SearchField("MMMM llll")
    qtbot.addWidget(field)
    field.resize(600, 60)
    field.show()
    image = field.grab().toImage()
    colours = {image.pixelColor(x, 30).name() for x in range(100, 300)}
    assert tokens.muted in colours


def test_text_is_made_larger_and_smaller_in_steps_and_the_ends_say_so(qapp: QApplication) -> None:
    looks = Looks()
    told: list[tuple[str, float]] = []
    looks.chosen.connect(lambda mode, scale: told.append((mode, scale)))
    assert not looks.smaller.isEnabled()
    for _ in range(7):
        looks.larger.start()
    assert [scale for _, scale in told] == [1.1, 1.25, 1.5, 1.75, 2.0]
    assert looks.larger.why_not == "Text is at 200 %"
    looks.smaller.start()
    looks.modes["dark"].trigger()
    assert told[-1] == ("dark", 1.75)
    assert looks.modes["dark"].isChecked()
    looks.normal.start()
    assert (theme.scale(), theme.mode()) == (1.0, "dark")


def test_the_system_is_followed_only_when_it_was_chosen(qapp: QApplication) -> None:
    changed = qapp.styleHints().colorSchemeChanged
    theme.apply(qapp, "system")
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is DARK
    changed.emit(Qt.ColorScheme.Light)
    assert theme.current() is LIGHT
    theme.apply(qapp, "light")
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is LIGHT
    assert theme.mode() == "light"


def test_text_and_lengths_grow_together_and_not_beyond_double(qapp: QApplication) -> None:
    theme.apply(qapp, "light", 1.5)
    assert (qapp.font().pixelSize(), theme.px(32)) == (20, 48)
    assert "font-size: 30px" in qapp.styleSheet()
    theme.apply(qapp, "light", 3)
    assert (qapp.font().pixelSize(), theme.px(32)) == (26, 64)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_the_stylesheet_is_complete_and_qt_can_read_it(tokens: Tokens, scale: float, qapp, qtlog) -> None:
    sheet = style.sheet(tokens, scale)
    assert not re.search(r"\ddp|\{[a-z_]+\}", sheet)
    assert all(Path(picture).is_file() for picture in re.findall(r'url\("(.*?)"\)', sheet))
    label = QLabel("x")
    label.setStyleSheet(sheet)
    label.ensurePolished()
    assert not [record.message for record in qtlog.records if "stylesheet" in record.message]


def test_inter_is_shipped_with_its_licence_and_is_what_is_drawn(qapp: QApplication) -> None:
    folder = RESOURCES / "fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in folder.glob("*.otf")) < 1_500_000
    for weight in fonts.WEIGHTS:
        info = QFontInfo(fonts.font(13, weight))
        assert (info.family(), info.weight()) == ("Inter", weight)
    assert QFontInfo(qapp.font()).family() == "Inter"


def test_figures_stand_under_each_other_where_asked() -> None:
    def widths(*, tabular: bool) -> set[float]:
        metrics = QFontMetricsF(fonts.font(13, tabular=tabular))
        return {round(metrics.horizontalAdvance(digit * 8), 2) for digit in "0123456789"}

    assert len(widths(tabular=True)) == 1
    assert len(widths(tabular=False)) > 1


def test_tabular_figures_leave_a_labels_size_to_the_stylesheet() -> None:
    label = QLabel("1")
    label.setProperty("role", "title")
    label.setFont(fonts.tabular())
    label.ensurePolished()
    assert label.font().pixelSize() == 20
    metrics = QFontMetricsF(label.font())
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn(name: str) -> None:
    assert QSvgRenderer(str(RESOURCES / "icons" / f"{name}.svg")).isValid()
    image = icons.icon(name).pixmap(16, 16).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16))
    assert drawn >= 8


def test_an_icon_has_the_colour_of_its_token_in_the_scheme_in_use(qapp: QApplication) -> None:
    def colour() -> QColor:
        image = icons.icon("plus", "accent").pixmap(32, 32).toImage()
        return image.pixelColor(16, 16)

    assert colour() == QColor(LIGHT.accent)
    theme.apply(qapp, "dark")
    assert colour() == QColor(DARK.accent)


def test_an_icon_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        icons.icon("unicorn")


def test_icons_are_exact_on_dense_screens() -> None:
    picture = icons.pixmap("check", "ink", 16, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)
    assert {size.width() for size in icons.app_icon().availableSizes()} >= {16, 32, 64}
