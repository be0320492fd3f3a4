"""What people type into a search field, as SQL."""

from collections.abc import Callable
from itertools import islice
from typing import Final

from desktop.services import inputs
from desktop.services.grid import Condition

WORDS: Final = 50
"""Somebody who pastes a whole letter into a search field is answered as well, by its first words."""


def each_word(text: str, found: Callable[[str, str], Condition]) -> Condition:
    """True when ``found`` is true of each word, the first `WORDS` of them. It gets a name to bind the word to,
    and the word."""
    condition = Condition()
    different = dict.fromkeys(inputs.line(text).split())
    for number, word in enumerate(islice(different, WORDS)):
        condition = condition & found(f"word_{number}", word)
    return condition


def words(text: str, *expressions: str) -> Condition:
    """True when each word of ``text`` is within one of the expressions, whatever the case and the accents."""

    def found(name: str, word: str) -> Condition:
        within = " OR ".join(
            contains(_folded(expression), f"greenroom.fold(:{name})") for expression in expressions
        )
        return Condition(within, {name: word})

    return each_word(text, found)


def contains(folded: str, word: str) -> str:
    """True when the folded expression contains the folded ``word``, another expression. LIKE and not strpos:
    PostgreSQL knows that few rows are like something, so it does not walk through all of them in the order of
    the list in the hope of meeting the first 128 soon. The signs of LIKE are taken literally."""
    literally = f"replace(replace(replace({word}, '!', '!!'), '%', '!%'), '_', '!_')"
    return f"{folded} LIKE '%' || {literally} || '%' ESCAPE '!'"


def _folded(expression: str) -> str:
    """The expression without case and accents. Most log rows are English sentences with names in curly quotes:
    taking the long way for the others only makes searching 200,000 of them 0.4 s instead of 2.2."""
    unusual = "[^ -~\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]"
    return (
        f"CASE WHEN {expression} ~ '{unusual}' THEN greenroom.fold({expression}) ELSE lower({expression}) END"
    )
