"""Expressions as PostgreSQL prints them, in a form that is equal for those that mean the same.

Two people write ``status IN ('a', 'b')`` and ``status = 'b' OR status = 'a'``, PostgreSQL prints casts and
parentheses around both, and they are one rule. What is not understood is compared token by token.
"""

from __future__ import annotations

import re
from functools import lru_cache

from desktop.db.catalog.simplifying import Node as Node
from desktop.db.catalog.simplifying import simplified
from desktop.db.catalog.simplifying import written as written

TOKEN = re.compile(
    r"\s+|--[^\n]*|/\*[\s\S]*?\*/|(?P<string>[eE]?'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[^\W\d][\w$]*)|(?P<sign>::|:=|[-+*/<>=~!@#%^&|`?]+|[()\[\],.:;])"
    r"|(?P<other>.)"
)
KEYWORDS = frozenset(
    {"and", "or", "not", "is", "null", "true", "false", "collate", "at", "any", "all", "array", "row"}
)


class NotUnderstood(Exception):
    """The expression says more than this grammar; it is compared as it stands."""


def tokens(text: str) -> list[str]:
    """The words and signs of an SQL text; words in lower case, comments gone."""
    found: list[str] = []
    for match in TOKEN.finditer(text):
        if match.lastgroup == "word":
            found.append(match[0].lower())
        elif match.lastgroup == "quoted" and re.fullmatch(r'"[a-z_][a-z0-9_]*"', match[0]):
            found.append(match[0][1:-1])
        elif match.lastgroup is not None:
            found.append(match[0])
    return found


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> str:
    """The same for texts that differ only in spaces, case of words and comments."""
    return " ".join(tokens(text))


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The same for expressions that mean the same, as far as this grammar goes."""
    try:
        return written(parsed(text))
    except NotUnderstood:
        return tokens_of(text)


def parsed(text: str) -> Node:
    """The expression's tree, simplified. Raises `NotUnderstood`."""
    reader = _Reader(tokens(text))
    node = reader.either()
    if reader.left():
        raise NotUnderstood(text)
    return simplified(node)


def listed_values(text: str) -> tuple[str, frozenset[str]] | None:
    """For a rule that lists a column's values, the column and the values; else None."""
    try:
        node = parsed(text)
    except NotUnderstood:
        return None
    if node[0] == "in" and isinstance(node[1], tuple) and node[1][0] == "name":
        return str(node[1][1]), frozenset(str(value) for value in node[2:])
    return None


class _Reader:
    """Recursive descent over tokens; PostgreSQL's parentheses leave little precedence to know."""

    def __init__(self, found: list[str]) -> None:
        self.found = found
        self.at = 0

    def left(self) -> bool:
        return self.at < len(self.found)

    def next(self) -> str:
        return self.found[self.at] if self.left() else ""

    def take(self, *wanted: str) -> bool:
        """Pass over these tokens if they are next."""
        if tuple(self.found[self.at : self.at + len(wanted)]) != wanted:
            return False
        self.at += len(wanted)
        return True

    def need(self, *wanted: str) -> None:
        if not self.take(*wanted):
            raise NotUnderstood

    def any_token(self) -> str:
        token = self.next()
        if not token:
            raise NotUnderstood
        self.at += 1
        return token

    def either(self) -> Node:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return ("or", *parts) if len(parts) > 1 else parts[0]

    def both(self) -> Node:
        parts = [self.negated()]
        while self.take("and"):
            parts.append(self.negated())
        return ("and", *parts) if len(parts) > 1 else parts[0]

    def negated(self) -> Node:
        return ("not", self.negated()) if self.take("not") else self.comparison()

    def comparison(self) -> Node:
        left = self.value()
        if self.take("is"):
            turned = self.take("not")
            if self.take("null"):
                node: Node = ("null", left)
            elif self.take("distinct", "from"):
                node = ("distinct", *sorted((left, self.value()), key=written))
            else:
                raise NotUnderstood
            return ("not", node) if turned else node
        outside = self.take("not", "in", "(")
        if outside or self.take("in", "("):  # written by a person: PostgreSQL prints “= ANY (ARRAY[…])”
            node = _one_of(left, self.items(")"))
            return ("not", node) if outside else node
        if self.next() and re.fullmatch(r"[-+*/<>=~!@#%^&|`?]+", self.next()):
            sign = self.any_token()
            if sign in {"=", "<>"} and (self.take("any") or self.take("all")):
                return self.listed(left, sign, self.found[self.at - 1])
            return ("operator", sign, left, self.value())
        return left

    def listed(self, left: Node, sign: str, quantity: str) -> Node:
        self.need("(")
        array = _array(self.either())
        self.need(")")
        if array[0] != "array" or (sign, quantity) not in {("=", "any"), ("<>", "all")}:
            return ("quantified", sign, quantity, left, array)
        node = _one_of(left, [item for item in array[1:] if isinstance(item, tuple)])
        return node if sign == "=" else ("not", node)

    def value(self) -> Node:
        node = self.plain()
        while True:
            if self.take("::"):
                node = ("cast", self.type(), node)
            elif self.take("collate"):
                node = ("collate", self.any_token(), node)
            elif self.take("at", "time", "zone"):
                node = ("call", "timezone", self.plain_cast(), node)
            else:
                return node

    def plain_cast(self) -> Node:
        node = self.plain()
        while self.take("::"):
            node = ("cast", self.type(), node)
        return node

    def plain(self) -> Node:
        word = self.any_token()
        if word == "(":
            node = self.either()
            self.need(")")
            return node
        if word == "-":
            return ("constant", "-" + self.any_token())
        if word == "array":
            self.need("[")
            return ("array", *self.items("]"))
        if word[0] in "'0123456789" or word in {"true", "false", "null"}:
            return ("constant", word)
        if word == "row":
            self.need("(")
            return ("row", *self.items(")"))
        if word in KEYWORDS or not re.match(r"[^\W\d]|\"", word):
            raise NotUnderstood
        return self.named(word)

    def named(self, name: str) -> Node:
        while self.take("."):
            name += "." + self.any_token()
        name = name.removeprefix("pg_catalog.")
        if name == "position" and self.next() == "(":  # its “IN” separates two arguments
            raise NotUnderstood
        return ("call", name, *self.items(")")) if self.take("(") else ("name", name)

    def items(self, end: str) -> list[Node]:
        found: list[Node] = []
        while not self.take(end):
            if found:
                self.need(",")
            found.append(self.either())
        return found

    def type(self) -> str:
        name = self.any_token()
        while self.take("."):
            name = self.any_token()
        while self.next() in {"varying", "precision", "without", "with", "time", "zone"}:
            name += " " + self.any_token()
        if self.take("("):
            name += "("
            while not self.take(")"):
                name += self.any_token()
            name += ")"
        while self.take("[", "]"):
            name += "[]"
        return name


def _one_of(left: Node, items: list[Node]) -> Node:
    if not items:
        raise NotUnderstood
    return ("or", *(("operator", "=", left, item) for item in items))


def _array(node: Node) -> Node:
    """An array without the casts around it; one that is written as a literal has its elements taken out."""
    type_ = "text[]"
    while node[0] == "cast" and isinstance(node[2], tuple):
        type_, node = str(node[1]), node[2]
    literal = re.fullmatch(r"'\{([\w-]+(?:,[\w-]+)*)\}'", str(node[1])) if node[0] == "constant" else None
    if literal is None:
        return node
    element = type_.removesuffix("[]")
    return ("array", *(("cast", element, ("constant", f"'{item}'")) for item in literal[1].split(",")))
