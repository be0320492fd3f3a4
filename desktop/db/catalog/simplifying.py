"""Trees of expressions, brought to the one form that those with the same meaning share.

A node is a tuple: its kind, then its parts, which are nodes or words. The meaning is SQL's, with three truth values.
"""

from __future__ import annotations

import re

Node = tuple[object, ...]

TEXT = frozenset({"text", "character varying", "varchar", "character", "bpchar", "name"})
"""Types between which a cast changes nothing that a comparison with a constant would notice."""
MOMENTS = frozenset({"timestamp", "date", "time", "interval", "timestamptz", "timetz"})
MIRRORED = {">": "<", ">=": "<="}


def written(node: object) -> str:
    """A tree as text."""
    if isinstance(node, tuple):
        return f"({' '.join(written(part) for part in node)})"
    return str(node)


def simplified(node: Node, *, turned: bool = False) -> Node:
    """The tree of what means the same, or of its opposite when ``turned``: casts that change nothing left out, NOT
    moved inwards, lists of values and alternatives sorted."""
    kind, *parts = node
    nodes = [part for part in parts if isinstance(part, tuple)]
    if kind == "not":
        return simplified(nodes[0], turned=not turned)
    if kind in {"or", "and"}:
        other = {"or": "and", "and": "or"}[str(kind)] if turned else str(kind)
        return _combined(other, [simplified(part, turned=turned) for part in nodes])
    simple = _leaf(str(kind), parts, nodes)
    return _opposite(simple) if turned else simple


def _leaf(kind: str, parts: list[object], nodes: list[Node]) -> Node:
    if kind == "operator":
        return _compared(str(parts[0]), [simplified(part) for part in nodes])
    if kind == "cast":
        return _cast(str(parts[0]), simplified(nodes[0]))
    return (kind, *(simplified(part) if isinstance(part, tuple) else part for part in parts))


def _compared(sign: str, sides: list[Node]) -> Node:
    if sign in {"=", "<>"}:
        sides.sort(key=lambda side: (side[0] == "constant", written(side)))
        value, constant = sides
        if constant in (("constant", "true"), ("constant", "false")):
            return value if (sign == "=") == (constant[1] == "true") else _opposite(value)
        found: Node = ("in", value, constant[1]) if constant[0] == "constant" else ("operator", "=", *sides)
        return found if sign == "=" else _opposite(found)
    if sign in MIRRORED:
        return ("operator", MIRRORED[sign], *reversed(sides))
    return ("operator", sign, *sides)


def _opposite(node: Node) -> Node:
    if node[0] == "not" and isinstance(node[1], tuple):
        return node[1]
    return ("not", node)


def _cast(type_: str, inner: Node) -> Node:
    element = type_.removesuffix("[]")
    if inner == ("array",):
        return ("constant", "'{}'")
    if inner[0] == "constant" and not element.startswith(tuple(MOMENTS)):
        # A length was applied to a constant when it was read.
        return inner if re.sub(r"\(.*", "", element) in TEXT else ("constant", _unquoted(str(inner[1])))
    return inner if element in TEXT else ("cast", type_, inner)


def _unquoted(constant: str) -> str:
    """``'0'::integer`` is 0."""
    return constant[1:-1] if re.fullmatch(r"'-?\d+(\.\d+)?'", constant) else constant


def _combined(kind: str, parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        same = part[0] == kind
        flat.extend(inner for inner in (part[1:] if same else (part,)) if isinstance(inner, tuple))
    lists: dict[Node, set[str]] = {}
    others: set[Node] = set()
    for part in flat:
        listed = part if kind == "or" else part[1] if part[0] == "not" else part
        wanted = part[0] == "in" if kind == "or" else part[0] == "not"
        if wanted and isinstance(listed, tuple) and listed[0] == "in" and isinstance(listed[1], tuple):
            lists.setdefault(listed[1], set()).update(str(value) for value in listed[2:])
        else:
            others.add(part)
    for value, constants in lists.items():
        merged: Node = ("in", value, *sorted(constants))
        others.add(merged if kind == "or" else ("not", merged))
    ordered = sorted(others, key=written)
    return (kind, *ordered) if len(ordered) > 1 else ordered[0]
