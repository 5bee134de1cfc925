"""Changing values in a YAML text so that every other byte stays as it is.

A YAML library that writes a whole document anew folds long lines and moves
comments. Here the library only says where a value stands; the text between
stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import yaml
from attrs import frozen

from tongban.plugins.commands.testing.changes import Change

__all__ = ["NotFoundError", "changed"]

_PLAIN = re.compile(r"\w[\w./()()、,。-]*")
"""Text that needs no quotes, whatever stands around it."""


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
    edits = sorted(_edits_of(text, line, name, changes))
    new = _spliced(text, edits)
    apart = all(one.end <= other.start for one, other in pairwise(edits))
    try:
        right = apart and _data(new) == _wanted(text, line, name, changes)
    except yaml.YAMLError:
        right = False
    if not right:
        raise NotFoundError(f"line {line}: the case {name!r} must be changed by hand")
    return new


def _edits_of(text: str, line: int, name: str, changes: Sequence[Change]) -> list[_Edit]:
    expect = _expectation(text, line, name)
    return [_edit(text, expect, change) for change in changes]


def _spliced(text: str, edits: Sequence[_Edit]) -> str:
    """`text` with every edit made; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _data(text: str) -> Any:
    return yaml.load(text, yaml.BaseLoader)


def _wanted(text: str, line: int, name: str, changes: Sequence[Change]) -> Any:
    """What the text is to say: as before, with the changes."""
    data = _data(text)
    item, case = _position(text, line, name)
    expect = data["items"][item]["cases"][case]["expect"]
    by_key = {change.key: change for change in changes}
    new: dict[str, Any] = {}
    for key, value in expect.items():
        change = by_key.get(key)
        if change is None:
            new[key] = value
        elif change.new is not None:
            values = change.new
            said = [str(one) for one in values] if isinstance(values, list) else _said(values)
            new[change.name] = said
    data["items"][item]["cases"][case]["expect"] = new
    return data


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _position(text: str, line: int, name: str) -> tuple[int, int]:
    """The number of the item of a case, and of the case in it."""
    items = _list(_get(yaml.compose(text, yaml.SafeLoader), "items"))
    for item, node in enumerate(items):
        for case, found in enumerate(_list(_get(node, "cases"))):
            here = found.start_mark.line + 1 == line
            if here and getattr(_get(found, "name"), "value", None) == name:
                return item, case
    raise NotFoundError(f"line {line}: the case {name!r} is not there any more")


def _expectation(text: str, line: int, name: str) -> yaml.MappingNode:
    item, case = _position(text, line, name)
    items = _list(_get(yaml.compose(text, yaml.SafeLoader), "items"))
    expect = _get(_list(_get(items[item], "cases"))[case], "expect")
    assert isinstance(expect, yaml.MappingNode)
    return expect


def _get(node: Any, key: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for one, value in pairs if one.value == key), None)


def _list(node: Any) -> Sequence[Any]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _edit(text: str, expect: yaml.MappingNode, change: Change) -> _Edit:
    numbers = [n for n, (key, _) in enumerate(expect.value) if key.value == change.key]
    if not numbers:
        raise NotFoundError(f"the key {change.key} is not there any more")
    key, value = expect.value[numbers[0]]
    if change.new is None:
        return _removal(text, expect, numbers[0])
    if change.name != change.key:
        return _Edit(key.start_mark.index, _end(value), f"{change.name}: {_scalar(change.new)}")
    if not isinstance(change.new, list):
        return _Edit(value.start_mark.index, _end(value), _scalar(change.new))
    if isinstance(value, yaml.SequenceNode) and not value.flow_style and change.new:
        return _block_list(text, value, change.new)
    start = value.start_mark.index
    if isinstance(value, yaml.SequenceNode) and not value.flow_style:
        # What is left of a list in lines stands beside its key.
        return _Edit(key.end_mark.index, _end(value), ": []")
    return _Edit(start, _end(value), "[" + ", ".join(map(_scalar, change.new)) + "]")


def _removal(text: str, expect: yaml.MappingNode, number: int) -> _Edit:
    """Takes a key away, with the comma of a block in braces or its lines."""
    key, value = expect.value[number]
    if expect.flow_style:
        if number:
            return _Edit(_end(expect.value[number - 1][1]), _end(value), "")
        after = expect.value[number + 1][0] if len(expect.value) > 1 else None
        return _Edit(key.start_mark.index, after.start_mark.index if after else _end(value), "")
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if number == 0 and text[start : key.start_mark.index].strip():
        start = key.start_mark.index
    return _Edit(start, _next_line(text, _end(value)), "")


def _block_list(text: str, node: yaml.SequenceNode, new: Sequence[Any]) -> _Edit:
    """A list in lines; what stays keeps its line, comment included."""
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * node.start_mark.column
    kept: dict[str, str] = {}
    for one in node.value:
        line = text[one.start_mark.index : _next_line(text, _end(one))]
        kept.setdefault(str(one.value), line.rstrip("\r\n"))
    lines = [f"- {kept.get(str(one), _scalar(one))}" for one in new]
    return _Edit(
        node.start_mark.index, _line_end(text, _end(node)), f"{newline}{indent}".join(lines)
    )


def _end(node: yaml.Node) -> int:
    """Where a value ends; a list or mapping in lines ends with its last value, not what follows."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return end


def _line_end(text: str, index: int) -> int:
    """Where the line of `index` ends, its line break left out."""
    found = re.compile(r"\r?\n|\Z").search(text, index)
    assert found is not None
    return found.start()


def _next_line(text: str, index: int) -> int:
    found = re.compile(r"\n|\Z").search(text, index)
    assert found is not None
    return found.end()


def _scalar(value: Any) -> str:
    """A value as YAML; text in quotes where it could be read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    said = str(value)
    if _PLAIN.fullmatch(said) and _reads_as_itself(said):
        return said
    return "'" + said.replace("'", "''") + "'"


def _reads_as_itself(said: str) -> bool:
    return bool(yaml.safe_load(said) == said)
