"""The typeface: Inter (OFL, shipped), 13 px at 100 %, tabular figures where numbers stand in columns.

Scripts Inter does not draw (Chinese, Arabic, Hebrew, Devanagari, emoji) come from the system's own fonts,
which Qt merges glyph by glyph; README names the packages a bare Debian needs for them.
"""

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication

BASE_PX = 13
FAMILY = "Inter"
WEIGHTS = {
    400: QFont.Weight.Normal,
    500: QFont.Weight.Medium,
    600: QFont.Weight.DemiBold,
    700: QFont.Weight.Bold,
}


@lru_cache(maxsize=1)
def load() -> tuple[str, ...]:
    """Make the shipped font files known to Qt, once; the families they hold."""
    # Qt warns each time Inter is asked for a script it lacks, although the fallback then draws it.
    QLoggingCategory.setFilterRules("qt.text.font.db.warning=false")
    families: set[str] = set()
    for path in sorted((files("resources") / "fonts").iterdir(), key=lambda entry: entry.name):
        if path.name.endswith(".otf"):
            number = QFontDatabase.addApplicationFontFromData(path.read_bytes())
            families.update(QFontDatabase.applicationFontFamilies(number))
    return tuple(sorted(families))


def use(app: QApplication, scale: float) -> None:
    """Make Inter the program's font at ``scale`` times 13 px; everything made by `font` follows."""
    load()
    _font.cache_clear()
    _metrics.cache_clear()
    _current[0] = scale
    app.setFont(font())


_current = [1.0]


def font(px: float = BASE_PX, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Inter at ``px`` pixels of 100 % text, weight 400, 500, 600 or 700."""
    return _font(px, weight, tabular, _current[0])


def metrics(px: float = BASE_PX, weight: int = 400, *, tabular: bool = False) -> QFontMetrics:
    """The measures of the same font."""
    return _metrics(px, weight, tabular, _current[0])


def tabular() -> QFont:
    """A font that says nothing but "tabular figures": for ``setFont`` on a label that keeps its own size."""
    made = QFont()
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=64)
def _font(px: float, weight: int, tabular: bool, scale: float) -> QFont:
    made = QFont()
    made.setFamilies([FAMILY, "Segoe UI", "Noto Sans", "DejaVu Sans"])
    made.setPixelSize(round(px * scale))
    made.setWeight(WEIGHTS[weight])
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=64)
def _metrics(px: float, weight: int, tabular: bool, scale: float) -> QFontMetrics:
    return QFontMetrics(_font(px, weight, tabular, scale))
