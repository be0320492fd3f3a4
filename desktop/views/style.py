"""The stylesheet: what the palette cannot say, in the tokens' colours and at the size of text in use.

Widgets are addressed by Qt class and by two of our own properties: ``look`` for controls (primary, quiet,
chip, link) and ``role`` for text and frames (title, muted, heading, card, ...). Lengths are given for 100 % text.
"""

import re
from importlib.resources import files

from desktop.views.tokens import TONES, Tokens

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)dp")

TEXT = """
QWidget {{ outline: none; }}
QToolTip {{ background: {ink}; color: {surface}; border: 0; padding: 4dp 8dp; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="small"] {{ color: {muted}; font-size: 12dp; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="accent"] {{ color: {accent}; font-weight: 600; }}
QLabel[role="error"] {{ color: {red}; }}
QLabel[role="title"] {{ font-size: 20dp; font-weight: 700; }}
QLabel[role="panel-title"] {{ font-size: 16dp; font-weight: 700; }}
QLabel[role="heading"] {{ color: {muted}; font-size: 11dp; font-weight: 600; letter-spacing: 0.3px; }}
QLabel[role="group"] {{ color: {muted}; font-size: 11dp; letter-spacing: 0.8px; }}
QLabel[role="brand"] {{ font-size: 15dp; font-weight: 700; }}
QLabel[tint="accent"] {{ color: {accent}; }}
QLabel[role="brand-large"] {{ font-size: 26dp; font-weight: 700; }}
QLabel[role="big-number"] {{ font-size: 44dp; font-weight: 700; }}
QLabel[role="pill"] {{ font-size: 11dp; font-weight: 600; border-radius: 8dp; padding: 2dp 9dp; }}
"""

FRAMES = """
QFrame[role="page"], QWidget[role="page"] {{ background: {background}; }}
QFrame[role="surface"], QWidget[role="surface"] {{ background: {surface}; }}
QWidget[role="message"] {{ border: 2px solid transparent; border-radius: 6dp; }}
QWidget[role="message"]:focus {{ border-color: {accent}; }}
QFrame[role="side"] {{ background: {surface}; border: 0; border-right: 1px solid {line}; }}
QFrame[role="header"] {{ background: {background}; border: 0; border-bottom: 1px solid {line}; }}
QFrame[role="status"] {{ background: {surface}; border: 0; border-top: 1px solid {line}; }}
QFrame[role="card"] {{ background: {surface}; border: 1px solid {line}; border-radius: 8dp; }}
QFrame[role="sheet"] {{ background: {surface}; border: 1px solid {control_line}; border-radius: 10dp; }}
QFrame[role="hairline"] {{ background: {line}; border: 0; min-height: 1px; max-height: 1px; }}
QScrollArea[role="plain"] {{ background: {surface}; border: 0; }}
QScrollArea[role="panel"] {{ background: {surface}; border: 1px solid {surface}; border-left-color: {line}; }}
QSplitter > QScrollArea[role="panel"], QSplitter > QStackedWidget > QScrollArea[role="panel"] {{
  border-left-color: {surface};
}}
QScrollArea[role="panel"]:focus {{ border: 2px solid {accent}; }}
QScrollArea[role="panel"] > QWidget > QWidget[role="surface"] {{ background: {surface}; }}
QFrame[role="bar"][kind="success"] {{ background: {pill_green}; border: 0; border-radius: 6dp; }}
QFrame[role="bar"][kind="info"] {{ background: {pill_blue}; border: 0; border-radius: 6dp; }}
QFrame[role="bar"][kind="warning"] {{ background: {pill_amber}; border: 0; border-radius: 6dp; }}
QFrame[role="bar"][kind="error"] {{ background: {pill_red}; border: 0; border-radius: 6dp; }}
QFrame[role="bar"][kind="success"] QLabel {{ color: {accent}; }}
QFrame[role="bar"][kind="info"] QLabel {{ color: {blue}; }}
QFrame[role="bar"][kind="warning"] QLabel {{ color: {amber}; }}
QFrame[role="bar"][kind="error"] QLabel {{ color: {red}; }}
QFrame[role="bar"][kind="offline"] {{ background: {pill_grey}; border: 0; border-radius: 6dp; }}
QFrame[role="bar"] QLabel {{ font-weight: 500; }}
QSplitter::handle {{ background: {line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""

BUTTONS = """
QPushButton {{
  background: {surface}; color: {ink}; border: 1px solid {control_line}; border-radius: 6dp;
  padding: 0 12dp; min-height: 30dp; font-weight: 500;
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {pill_grey}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 0 11dp; min-height: 28dp; }}
QPushButton:disabled {{ color: {disabled}; background: {surface}; border-color: {line}; }}
QPushButton[look="primary"] {{
  background: {accent}; color: {accent_ink}; border: 1px solid {accent}; font-weight: 600;
}}
QPushButton[look="primary"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[look="primary"]:pressed {{ background: {accent_pressed}; border-color: {accent_pressed}; }}
QPushButton[look="primary"]:focus {{ border: 1px solid {accent}; padding: 0 12dp; min-height: 30dp; }}
QPushButton[look="primary"]:disabled {{
  background: {accent_disabled}; border-color: {accent_disabled}; color: {accent_disabled_ink};
}}
QPushButton[busy="true"] {{ color: {disabled}; }}
QPushButton[look="primary"][busy="true"] {{
  background: {accent_disabled}; border-color: {accent_disabled}; color: {accent_disabled_ink};
}}
QPushButton[look="quiet"] {{
  background: transparent; border: 2px solid transparent; padding: 0 5dp; min-height: 24dp;
}}
QPushButton[look="quiet"]:hover {{ background: {pill_grey}; }}
QPushButton[look="quiet"]:focus {{ border: 2px solid {accent}; padding: 0 5dp; min-height: 24dp; }}
QPushButton[look="link"] {{
  background: transparent; border: 2px solid transparent; color: {muted}; padding: 0 4dp; font-weight: 400;
  min-height: 24dp;
}}
QPushButton[look="link"]:hover {{ color: {ink}; }}
QPushButton[look="link"]:focus {{ border: 2px solid {accent}; padding: 0 4dp; min-height: 24dp; }}
QPushButton[look="chip"] {{
  background: {surface}; color: {muted}; border: 1px solid {control_line}; border-radius: 15dp;
  padding: 0 10dp; min-height: 30dp; font-weight: 500;
}}
QPushButton[look="chip"]:hover {{ color: {ink}; background: {hover}; }}
QPushButton[look="chip"]:checked {{ background: {pill_green}; color: {accent}; border-color: {pill_green}; }}
QPushButton[look="chip"]:focus {{
  border: 2px solid {accent}; padding: 0 9dp; min-height: 28dp; border-radius: 15dp;
}}
"""

FIELDS = """
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox {{
  background: {surface}; color: {ink}; border: 1px solid {control_line}; border-radius: 6dp;
  padding: 1px 9dp; min-height: 28dp; placeholder-text-color: {muted};
  selection-background-color: {accent}; selection-color: {accent_ink};
}}
QPlainTextEdit, QTextEdit {{ padding: 5dp 9dp; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
  border: 2px solid {accent}; padding: 0 8dp;
}}
QPlainTextEdit:focus, QTextEdit:focus {{ padding: 4dp 8dp; }}
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QComboBox[invalid="true"],
QAbstractSpinBox[invalid="true"] {{ border: 1px solid {red}; }}
QLineEdit[invalid="true"]:focus, QPlainTextEdit[invalid="true"]:focus, QComboBox[invalid="true"]:focus,
QAbstractSpinBox[invalid="true"]:focus {{ border: 2px solid {red}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{
  background: {background}; color: {disabled}; border-color: {line};
}}
QLineEdit:read-only {{ background: {background}; }}
QComboBox::drop-down {{ border: 0; width: 24dp; }}
QComboBox::down-arrow {{ image: url("{icons}/part-down.svg"); width: 14dp; height: 14dp; }}
QComboBox QAbstractItemView {{
  background: {surface}; color: {ink}; border: 1px solid {control_line}; padding: 4dp;
  selection-background-color: {selection}; selection-color: {ink};
}}
QComboBox QAbstractItemView::item {{ min-height: 28dp; padding: 0 8dp; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0; width: 20dp; }}
QAbstractSpinBox::up-arrow {{ image: url("{icons}/part-up.svg"); width: 12dp; height: 12dp; }}
QAbstractSpinBox::down-arrow {{ image: url("{icons}/part-down.svg"); width: 12dp; height: 12dp; }}
QCheckBox, QRadioButton {{ border: 2px solid transparent; border-radius: 6dp; padding: 2dp; spacing: 8dp; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {accent}; }}
QCheckBox::indicator, QRadioButton::indicator {{
  width: 14dp; height: 14dp; border: 1px solid {muted}; background: {surface}; border-radius: 4dp;
}}
QRadioButton::indicator {{ border-radius: 7dp; }}
QCheckBox::indicator:checked {{
  background: {accent}; border-color: {accent}; image: url("{icons}/part-tick-{name}.svg");
}}
QRadioButton::indicator:checked {{ border: 4dp solid {accent}; width: 8dp; height: 8dp; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {line}; }}
QProgressBar {{
  background: {meter_track}; border: 0; border-radius: 3dp; max-height: 6dp; min-height: 6dp;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 3dp; }}
"""

LISTS = """
QTableView, QListView, QTreeView {{
  background: {surface}; color: {ink}; border: 0;
  selection-background-color: {selection}; selection-color: {ink};
}}
QListView[look="boxed"] {{ border: 1px solid {control_line}; border-radius: 6dp; padding: 1px; }}
QListView[look="boxed"]:focus {{ border: 2px solid {accent}; padding: 0; }}
QListView::item {{ min-height: 30dp; padding: 0 8dp; }}
QListView::item:selected {{ background: {selection}; color: {ink}; }}
QListView:focus, QTreeView:focus {{ border: 2px solid {accent}; }}
QHeaderView {{ background: {surface}; border: 0; }}
QHeaderView::section {{
  background: {surface}; color: {muted}; border: 0; border-bottom: 1px solid {line};
  padding: 0 12dp; font-size: 11dp; font-weight: 600;
}}
QHeaderView::section:hover {{ color: {ink}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{
  width: 11dp; height: 11dp; subcontrol-origin: padding; subcontrol-position: center right; right: 3dp;
}}
QHeaderView::up-arrow {{ image: url("{icons}/part-up.svg"); }}
QHeaderView::down-arrow {{ image: url("{icons}/part-down.svg"); }}
QTableCornerButton::section {{ background: {surface}; border: 0; }}
QMenu {{ background: {surface}; color: {ink}; border: 1px solid {control_line}; padding: 4dp; }}
QMenu::item {{ padding: 6dp 24dp 6dp 12dp; border-radius: 4dp; }}
QMenu::item:selected {{ background: {selection}; color: {ink}; }}
QMenu::item:disabled {{ color: {disabled}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4dp 8dp; }}
QAbstractScrollArea::corner {{ background: {surface}; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12dp; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12dp; margin: 0; }}
QScrollBar::handle {{ background: {control_line}; border-radius: 3dp; margin: 3dp; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::handle:vertical {{ min-height: 32dp; }}
QScrollBar::handle:horizontal {{ min-width: 32dp; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def sheet(tokens: Tokens, scale: float) -> str:
    """The whole program's stylesheet; lengths written as ``dp`` are multiplied by ``scale``."""
    values = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    icons = str(files("resources") / "icons").replace("\\", "/")
    text = "".join(part.format(icons=icons, **values) for part in (TEXT, FRAMES, BUTTONS, FIELDS, LISTS))
    text += "".join(
        f'QLabel[role="pill"][tone="{tone}"] {{ color: {values[ink]}; background: {values[ground]}; }}\n'
        for tone, (ink, ground) in TONES.items()
    )
    return _LENGTH.sub(lambda length: f"{round(float(length.group(1)) * scale)}px", text)
