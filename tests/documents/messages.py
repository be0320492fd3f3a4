"""``docs/messages.md``: every sentence with which something is refused or cannot be done, read from the program.

A situation is a class of `desktop.errors`. Most of them make their sentence themselves: `situations.SPECIMENS` has
examples of each. The others are given it where they are raised: those sentences are read from the source, with what is
filled in shown as ‹name›.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import desktop
from desktop import errors
from desktop.services.attendance import words
from tests.documents.situations import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SPOKEN = {
    "AppError",
    "RuleViolation",
    "InvalidField",
    "ImportRefused",
    "ColumnsUnclear",
    "SignInRefused",
    "DatabaseRefused",
    "PasswordWanted",
    "PasswordWrong",
    "LocalServerFailed",
    "UnclearTime",
}
"""Situations that are given their sentence where they are raised."""

BESIDE = {"InvalidField", "UnclearTime"}
"""Those whose first argument is the input they are shown beside."""

HEAD = """# What Greenroom says when something is refused or cannot be done

Made by `make documents` from the program itself; a test fails when it is out of date. ‹…› is filled in. Every sentence
names the thing, the rule and the way out, and nothing that is never shown (ruling 26).
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence somewhere in the program."""

    situation: str
    sentence: str
    field: str
    place: str


def situations() -> list[type[errors.AppError]]:
    """Every class of situation in the program, by name."""
    for module in pkgutil.walk_packages(desktop.__path__, "desktop."):
        if module.name.split(".")[1] not in {"__main__", "views", "models", "driving", "tour"}:
            importlib.import_module(module.name)
    found: set[type[errors.AppError]] = set()
    waiting: list[type[errors.AppError]] = [errors.AppError]
    while waiting:
        one = waiting.pop()
        if one not in found and one.__module__.startswith("desktop.") and one.__module__ != "desktop.driving":
            found.add(one)
            waiting += one.__subclasses__()
    return sorted(found, key=lambda one: one.__name__)


def spoken() -> list[Said]:
    """The sentences of `SPOKEN` situations, in the order of the files."""
    found: list[Said] = []
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        found += _of(path)
    return found


def _of(path: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SPOKEN or not node.args:
            continue
        sentence = " ".join(filter(None, (text(argument) for argument in node.args[name in BESIDE :])))
        field = text(node.args[0]) if name in BESIDE else ""
        yield Said(name, sentence, field, path.relative_to(ROOT).as_posix())


def text(node: ast.expr) -> str:
    """What an expression says, with ‹…› for what is filled in; "" when nothing of it is written there."""
    match node:
        case ast.Constant(value=str(said)):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(text(part) for part in parts)
        case ast.FormattedValue(value=value):
            return f"‹{_word(value)}›"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text(left) + text(right)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{text(body)} / {text(orelse)}"
    return ""


def _word(node: ast.expr) -> str:
    """What an expression is called: the last name in it, as words."""
    names = [
        found.attr if isinstance(found, ast.Attribute) else found.id
        for found in ast.walk(node)
        if isinstance(found, ast.Attribute | ast.Name) and getattr(found, "attr", "") != "join"
    ]
    known = [name for name in names if name not in {"len", "sorted", "str"}]
    word = (known or names or ["…"])[0].strip("_").lower().replace("_", " ")
    return f"number of {word}" if "len" in names else word


def render() -> str:
    """The document."""
    parts = [HEAD, "## Situations with a sentence of their own\n"]
    for situation in situations():
        if situation.__name__ in SPOKEN or situation.__name__ not in SPECIMENS:
            continue
        parts.append(f"### {situation.__name__}\n\n{_about(situation)}\n")
        parts += [f"> {specimen()}\n" for specimen in SPECIMENS[situation.__name__]]
    parts.append("## What the door says\n")
    parts += [f"> {sentence.replace('{', '‹').replace('}', '›')}\n" for sentence in words.SAYS.values()]
    parts.append("## Sentences said where it happens\n")
    place = ""
    for said in spoken():
        if not said.sentence:
            continue
        if said.place != place:
            place = said.place
            parts.append(f"### {place}\n")
        beside = f" *(beside {said.field})*" if said.field else ""
        parts.append(f"> {said.sentence}{beside}\n")
    return "\n".join(parts)


def _about(situation: type[errors.AppError]) -> str:
    said = inspect.getdoc(situation) or ""
    return " ".join(said.split("\n\n")[0].split())
