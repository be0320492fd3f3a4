"""Sentences with names and numbers in them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
BUTTON_LETTERS: Final = 20
_SPELLED: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n", "ß": "ss",
                                "æ": "ae", "œ": "oe", "þ": "th"})  # fmt: skip


def filled(text: str, *values: object) -> str:
    """``text`` with %1, %2 … replaced in one go, so that a name with a % in it stays as it is."""
    return re.sub(r"%(\d)", lambda found: str(values[int(found[1]) - 1]), text)


def named(name: str) -> str:
    """A name to be put into a sentence. One written from right to left is isolated, so that it does not turn
    the words around it about."""
    if any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in name):
        return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return name


def called(name: str) -> str:
    """What a button calls somebody: the first word, or the whole name where the family comes first or the
    first word is a title or an initial."""
    words = name.split()
    if not words or "@" in words[0] or any("CJK" in unicodedata.name(letter, "") for letter in words[0]):
        return named(name)
    first = words[0] if len(words[0].rstrip(".")) > 2 and not words[0].endswith(".") else name
    return named(first if len(first) <= BUTTON_LETTERS else f"{first[:BUTTON_LETTERS].rstrip()}…")


def joined(names: Sequence[str]) -> str:
    """“A”, “A and B”, “A, B and C”."""
    if len(names) < 2:
        return "".join(names)
    text = QCoreApplication.translate("wording", "%1 and %2")
    return filled(text, ", ".join(names[:-1]), names[-1])


def seats(count: int) -> str:
    """A number of seats."""
    if count == 1:
        return QCoreApplication.translate("wording", "1 seat")
    return filled(QCoreApplication.translate("wording", "%1 seats"), f"{count:,}")


def folded(text: str) -> str:
    """The text without case and accents, as the database's own search folds it (`greenroom.fold`)."""
    apart = unicodedata.normalize("NFKD", text).lower().translate(_SPELLED)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def matches(wanted: str, *texts: str) -> bool:
    """Whether each word that is ``wanted`` is within one of the texts, whatever the case and the accents."""
    within = "\n".join(map(folded, texts))
    return all(word in within for word in folded(wanted).split())


def counted(number: int, one: str, more: str) -> str:
    """``one`` for exactly one, else ``more`` with %1 replaced by the number."""
    return one if number == 1 else filled(more, f"{number:,}")
