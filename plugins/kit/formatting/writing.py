"""From a tree to text: the one layout of rule files."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

from tongban.plugins.kit.formatting.order import Place
from tongban.plugins.kit.formatting.scalars import written
from tongban.plugins.kit.formatting.tree import Entry, Value

WIDTH = 140
"""Columns that a line may fill; a Chinese character fills two."""


def write(root: Value, kind: str) -> str:
    """The text of a rule file.

    Args:
        root: its tree.
        kind: which kind of rule file it is.
    """
    _lift(root, Place(kind))
    lifted, lines = _block(root, Place(kind), 0)
    return "\n".join([*root.head, *lifted, *lines]) + "\n"


def _lift(value: Value, place: Place) -> None:
    """Moves comments above what a dash begins to the dash, where they will be read again."""
    for entry in value.entries:
        _lift(entry.value, place.child(entry.name))
        inner = _in_order(entry.value, place.child(entry.name))
        if value.kind == "list" and inner:
            entry.above += inner[0].above
            inner[0].above = []


def _width(text: str) -> int:
    """How many columns a text fills; of one that is too wide anyway, that it is."""
    if text.isascii() or len(text) > WIDTH:
        return len(text)
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _in_order(value: Value, place: Place) -> Sequence[Entry]:
    if value.kind == "list" or not place.order:
        return value.entries
    rank = {name: number for number, name in enumerate(place.order)}
    return sorted(value.entries, key=lambda entry: rank.get(entry.name, len(rank)))


def _indented(comments: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + one if one else "" for one in comments]


def _block(value: Value, place: Place, indent: int) -> tuple[list[str], list[str]]:
    """A list or mapping in block style.

    Returns:
        The comments above its first entry, not indented, and its lines.
    """
    lifted: list[str] = []
    lines: list[str] = []
    parted = place.parts_entries(value)
    for number, entry in enumerate(_in_order(value, place)):
        inside = place.child(entry.name)
        above, own = (_entry if value.kind == "list" else _pair)(entry, inside, indent)
        above = [*entry.above, *above]
        if number:
            lines += [""] if parted else []
            lines += _indented(above, indent)
        else:
            lifted = above
        lines += own
    return lifted, lines + _indented(value.tail, indent)


def _pair(entry: Entry, place: Place, indent: int) -> tuple[list[str], list[str]]:
    """A key and its value: comments above it, and its lines."""
    assert entry.key is not None
    head = f"{' ' * indent}{written(entry.key, flow=False)}:"
    beside = f"  {entry.beside}" if entry.beside else ""
    value = entry.value
    if value.kind == "scalar":
        text = "" if _is_nothing(value) else f" {written(value, flow=False)}"
        return [], [head + text + beside]
    parts = _flow(value, place)
    if parts is not None:
        whole = _joined(parts)
        if not place.stands_below and _width(f"{head} {whole}") <= WIDTH:
            return [], [f"{head} {whole}{beside}"]
        if _width(whole) + indent + 2 <= WIDTH:
            return [], [head + beside, " " * (indent + 2) + whole]
        if _holds_scalars(value):
            return [], [head + beside, *_filled(parts, indent + 2)]
    lifted, lines = _block(value, place, indent + 2)
    return [], [head + beside, *_indented(lifted, indent + 2), *lines]


def _entry(entry: Entry, place: Place, indent: int) -> tuple[list[str], list[str]]:
    """An entry of a list: comments above it, and its lines."""
    dash = " " * indent + "- "
    value = entry.value
    beside = f"  {entry.beside}" if entry.beside else ""
    if value.kind == "scalar":
        text = "" if _is_nothing(value) else written(value, flow=False)
        return [], [(dash + text).rstrip() + beside] if text else _alone(dash, entry)
    parts = _flow(value, place)
    line = dash + _joined(parts) if parts else ""
    if line and (_width(line) <= WIDTH or not value.entries):
        return [], [line + beside]
    above, lines = _block(value, place, indent + 2)
    above = [*([entry.beside] if entry.beside else []), *above]
    return above, [dash + lines[0][indent + 2 :], *lines[1:]]


def _alone(dash: str, entry: Entry) -> list[str]:
    """An entry that is nothing, with its comment."""
    return [f"{dash}~  {entry.beside}" if entry.beside else dash.rstrip()]


def _holds_scalars(value: Value) -> bool:
    return all(one.value.kind == "scalar" for one in value.entries)


def _is_nothing(value: Value) -> bool:
    return value.plain and not value.text


def _flow(value: Value, place: Place) -> list[str] | None:
    """A list or mapping in flow style, as its brackets around its parts.

    Returns:
        None where it must stand in a block.
    """
    opening, closing = "{}" if value.kind == "mapping" else "[]"
    if value.entries and (place.is_block(value) or value.commented):
        return None
    parts = []
    for entry in _in_order(value, place):
        head = f"{written(entry.key, flow=True)}: " if entry.key else ""
        one = entry.value
        if one.kind == "scalar":
            if _is_nothing(one):
                return None
            parts.append(head + written(one, flow=True))
            continue
        inner = _flow(one, place.child(entry.name))
        if inner is None:
            return None
        parts.append(head + _joined(inner))
    return [opening, *parts, closing]


def _joined(parts: Sequence[str]) -> str:
    return parts[0] + ", ".join(parts[1:-1]) + parts[-1]


def _filled(parts: Sequence[str], indent: int) -> list[str]:
    """Flow style on as many lines as it needs."""
    opening, *inner, closing = parts
    pad = " " * indent
    lines = []
    line = pad + opening
    begun = False
    for number, part in enumerate(inner):
        end = closing if number == len(inner) - 1 else ","
        if begun and _width(f"{line} {part}{end}") > WIDTH:
            lines.append(line)
            line = f"{pad} {part}{end}"
        else:
            line += f"{' ' if begun else ''}{part}{end}"
        begun = True
    return [*lines, line]
