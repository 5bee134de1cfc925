"""Changing values in a YAML text so that every other byte stays as it is.

A YAML library that writes a whole document anew folds long lines and moves
comments. Here the kernel's reader says where a value stands; the text between
stays what it was, and what comes out is read again before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from tongban.kernel.rulefile import Node
from tongban.plugins.kit.formatting.proof import said, tree
from tongban.plugins.kit.formatting.scalars import in_flow
from tongban.plugins.kit.testing.changes import Change

_NEWLINE = r"\r\n|\r|\n"


class NotFoundError(Exception):
    """A case that does not stand where it was read, or not in a form that can be changed."""


@frozen(order=True)
class _Edit:
    """Characters of a text, and what takes their place."""

    start: int
    end: int
    text: str


def changed(text: str, line: int, name: str, changes: Sequence[Change]) -> str:
    """`text` with the expectations of one case changed, and nothing else.

    Args:
        text: the whole rule file.
        line: the case's, counted from 1.
        name: the case's.
        changes: of the keys of its `expect`.

    Raises:
        NotFoundError: where no such case stands there, or where the text would
            not say what it should, or say anything else otherwise than before.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    edits = sorted(_edits_of(body, line, name, changes))
    new = _spliced(body, edits)
    apart = all(one.end <= other.start for one, other in pairwise(edits))
    if not apart or said(tree(new)) != _wanted(body, line, name, changes):
        raise NotFoundError(f"line {line}: the case {name!r} must be changed by hand")
    return mark + new


def _edits_of(text: str, line: int, name: str, changes: Sequence[Change]) -> list[_Edit]:
    expect = _expectation(text, line, name)
    return [_edit(text, expect, change) for change in changes]


def _spliced(text: str, edits: Sequence[_Edit]) -> str:
    """`text` with every edit made; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _wanted(text: str, line: int, name: str, changes: Sequence[Change]) -> Any:
    """What the text is to say: as before, with the changes."""
    data = said(tree(text))
    item, case = _position(text, line, name)
    expect = data["items"][item]["cases"][case]["expect"]
    by_key = {change.key: change for change in changes}
    new: dict[str, Any] = {}
    for key, value in expect.items():
        change = by_key.get(key)
        if change is None:
            new[key] = value
        elif change.new is not None:
            # As the reader will say it of what is written.
            new[change.name] = said(tree(in_flow(change.new)))
    data["items"][item]["cases"][case]["expect"] = new
    return data


def _position(text: str, line: int, name: str) -> tuple[int, int]:
    """The number of the item of a case, and of the case in it."""
    for item, node in enumerate(_items(_get(tree(text), "items"))):
        for case, found in enumerate(_items(_get(node, "cases"))):
            named = _get(found, "name")
            if found.line == line and named is not None and named.text.strip() == name:
                return item, case
    raise NotFoundError(f"line {line}: the case {name!r} is not there any more")


def _expectation(text: str, line: int, name: str) -> Node:
    item, case = _position(text, line, name)
    items = _items(_get(tree(text), "items"))
    expect = _get(_items(_get(items[item], "cases"))[case], "expect")
    assert expect is not None
    return expect


def _get(node: Node | None, key: str) -> Node | None:
    return node.get(key) if node else None


def _items(node: Node | None) -> Sequence[Node]:
    return node.items if node else ()


def _edit(text: str, expect: Node, change: Change) -> _Edit:
    numbers = [n for n, (key, _) in enumerate(expect.keys) if key.text == change.key]
    if not numbers:
        raise NotFoundError(f"the key {change.key} is not there any more")
    key, value = expect.keys[numbers[0]]
    if change.new is None:
        return _removal(text, expect, numbers[0])
    if change.name != change.key:
        return _Edit(key.start, _end(value), f"{change.name}: {in_flow(change.new)}")
    if not isinstance(change.new, list):
        return _Edit(value.start, _end(value), in_flow(change.new))
    if value.kind == "list" and not value.flow and change.new:
        return _block_list(text, value, change.new)
    start = value.start
    if value.kind == "list" and not value.flow:
        # What is left of a list in lines stands beside its key.
        return _Edit(key.end, _end(value), ": []")
    return _Edit(start, _end(value), "[" + ", ".join(map(in_flow, change.new)) + "]")


def _removal(text: str, expect: Node, number: int) -> _Edit:
    """Takes a key away, with the comma of a block in braces or its lines."""
    key, value = expect.keys[number]
    if expect.flow:
        if number:
            return _Edit(_end(expect.keys[number - 1][1]), _end(value), "")
        after = expect.keys[number + 1][0] if len(expect.keys) > 1 else None
        return _Edit(key.start, after.start if after else _end(value), "")
    start = max(text.rfind(end, 0, key.start) for end in "\r\n") + 1
    if number == 0 and text[start : key.start].strip():
        start = key.start
    return _Edit(start, _next_line(text, _end(value)), "")


def _block_list(text: str, node: Node, new: Sequence[Any]) -> _Edit:
    """A list in lines; what stays keeps its line, comment included."""
    found = re.search(_NEWLINE, text)
    newline = found[0] if found else "\n"
    indent = " " * (node.column - 1)
    kept: dict[str, str] = {}
    for one in node.items:
        line = text[one.start : _next_line(text, _end(one))]
        kept.setdefault(str(one.text), line.rstrip("\r\n"))
    lines = [f"- {kept.get(str(one), in_flow(one))}" for one in new]
    return _Edit(node.start, _line_end(text, _end(node)), f"{newline}{indent}".join(lines))


def _end(node: Node) -> int:
    """Where a value ends; a list or mapping in lines ends with its last value, not what follows."""
    if not node.flow and (node.keys or node.items):
        return _end(node.keys[-1][1] if node.keys else node.items[-1])
    return node.end


def _line_end(text: str, index: int) -> int:
    """Where the line of `index` ends, its line break left out."""
    found = re.compile(rf"{_NEWLINE}|\Z").search(text, index)
    assert found is not None
    return found.start()


def _next_line(text: str, index: int) -> int:
    found = re.compile(rf"{_NEWLINE}|\Z").search(text, index)
    assert found is not None
    return found.end()
