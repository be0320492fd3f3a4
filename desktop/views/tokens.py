"""The colour tokens themselves: look.md's values, and the ones derived from them."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["light", "dark", "system"]
Tone = Literal["blue", "green", "amber", "red", "grey"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme's colours as #rrggbb. A test computes the WCAG contrast of every pair that is drawn."""

    name: Literal["light", "dark"]
    background: str
    surface: str
    line: str
    ink: str
    muted: str
    accent: str
    amber: str
    red: str
    blue: str
    accent_ink: str
    """Text on the accent colour."""
    accent_hover: str
    accent_pressed: str
    accent_disabled: str
    accent_disabled_ink: str
    control_line: str
    """The outline of buttons and fields, a little stronger than a hairline."""
    disabled: str
    """Text of what cannot be used now; WCAG asks no contrast of it."""
    selection: str
    hover: str
    skeleton: str
    meter_track: str
    meter_amber: str
    """The bar of a nearly full meter: 3:1 on the selection too, which the amber of look.md's mocks is not."""
    pill_green: str
    pill_blue: str
    pill_amber: str
    pill_red: str
    pill_grey: str


LIGHT = Tokens(
    name="light",
    background="#f6f7f6",
    surface="#ffffff",
    line="#e3e6e4",
    ink="#17211c",
    muted="#5f6c65",
    accent="#12704f",
    amber="#9a5b00",
    red="#b3261e",
    blue="#1f5fa8",
    accent_ink="#ffffff",
    accent_hover="#0f6246",
    accent_pressed="#0c523a",
    accent_disabled="#8eb9aa",
    accent_disabled_ink="#ffffff",
    control_line="#d3d8d5",
    disabled="#9aa39e",
    selection="#dcefe6",
    hover="#f0f3f1",
    skeleton="#e9eceb",
    meter_track="#e4e8e6",
    meter_amber="#bd7400",
    pill_green="#e3f2eb",
    pill_blue="#e4eefa",
    pill_amber="#fdf1d8",
    pill_red="#fbe6e4",
    pill_grey="#eceeed",
)

DARK = Tokens(
    name="dark",
    background="#121614",
    surface="#1a201d",
    line="#2c3531",
    ink="#e8efeb",
    muted="#9aa8a1",
    accent="#4fc596",
    amber="#f0b957",
    red="#ff8a80",
    blue="#86b8f5",
    accent_ink="#0b1f17",
    accent_hover="#63d0a5",
    accent_pressed="#3fb486",
    accent_disabled="#2c5646",
    accent_disabled_ink="#a3bdb1",
    control_line="#37423d",
    disabled="#65716b",
    selection="#1d3a2f",
    hover="#212926",
    skeleton="#262e2a",
    meter_track="#2a332f",
    meter_amber="#e09b1c",
    pill_green="#173a2c",
    pill_blue="#172c45",
    pill_amber="#3a2c10",
    pill_red="#41201d",
    pill_grey="#252c29",
)

TONES: dict[str, tuple[str, str]] = {
    "green": ("accent", "pill_green"),
    "blue": ("blue", "pill_blue"),
    "amber": ("amber", "pill_amber"),
    "red": ("red", "pill_red"),
    "grey": ("muted", "pill_grey"),
}
"""A pill's tone: the tokens of its text and of its ground."""
