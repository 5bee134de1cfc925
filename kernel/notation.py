"""Reading YAML into a tree that remembers where everything stands.

Only plain YAML is the language: no tags, anchors or aliases, no key twice. The
tree is built from the parser's events, so a file of any depth or size costs a
message, never the process.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Literal, TypeAlias

from attrs import define, field

__all__ = ["MAX_DEPTH", "MAX_SIZE", "Kind", "Node", "compose", "scalar"]

MAX_SIZE = 4_000_000
"""Longest rule file, in characters."""

MAX_DEPTH = 40
"""Deepest nesting of a rule file."""

Kind: TypeAlias = Literal["scalar", "list", "mapping"]
Report: TypeAlias = Callable[[int, int, str], None]
"""Takes a line and a column, both from 1, and what is wrong there."""


@define
class Node:
    """One value of a file.

    Attributes:
        text: of a scalar.
        plain: whether the scalar stands without quotes.
        items: of a list.
        keys: of a mapping, each key with its value, in order.
        broken: whether it was reported already, so that nothing more is said of it.
    """

    kind: Kind
    line: int
    column: int
    text: str = ""
    plain: bool = False
    items: list[Node] = field(factory=list)
    keys: list[tuple[Node, Node]] = field(factory=list)
    broken: bool = False

    def get(self, name: str) -> Node | None:
        """The value of the key `name` of a mapping."""
        return next((value for key, value in self.keys if key.text == name), None)


def compose(text: str, report: Report) -> Node | None:
    """The tree of the one document in `text`.

    Args:
        text: a YAML document.
        report: told of every mistake.

    Returns:
        The tree, without what was wrong; None where nothing can be read.
    """
    import yaml  # noqa: PLC0415 - the command line starts without it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > MAX_SIZE:
        report(1, 1, f"the file has {len(text)} characters; a rule file has at most {MAX_SIZE}")
        return None
    try:
        return _build(yaml.parse(text, Loader=loader), report)
    except yaml.MarkedYAMLError as error:
        from tongban.kernel.not_yaml import mended  # noqa: PLC0415 - only when something is wrong

        report(*mended(error, text))
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        from tongban.kernel.not_yaml import bad_character  # noqa: PLC0415 - the same

        report(*bad_character(text))
    return None


def _build(events: Iterator[Any], report: Report) -> Node | None:
    """Builds the tree from parser events, told apart by the names of their classes."""
    root: Node | None = None
    open_nodes: list[Node] = []
    aliases: set[str] = set()
    documents = 0
    for event in events:
        name = type(event).__name__
        if name == "DocumentStartEvent":
            documents += 1
            if documents > 1:
                report(
                    event.start_mark.line + 1,
                    1,
                    "one file holds one document; found a second `---`",
                )
                return root
        elif name in ("SequenceEndEvent", "MappingEndEvent"):
            _drop_doubles(open_nodes.pop(), report)
        elif name in _STARTS:
            node = _node(event, name, aliases, report)
            if not _place(node, open_nodes, report):
                return None
            root = root or node
            if node.kind != "scalar":
                open_nodes.append(node)
    return root


_STARTS = {
    "ScalarEvent": "scalar",
    "AliasEvent": "scalar",
    "SequenceStartEvent": "list",
    "MappingStartEvent": "mapping",
}


def _node(event: Any, name: str, aliases: set[str], report: Report) -> Node:
    mark = event.start_mark
    line, column = mark.line + 1, mark.column + 1
    node = Node(
        _STARTS[name],  # type: ignore[arg-type]
        line,
        column,
        getattr(event, "value", ""),
        getattr(event, "style", "'") in (None, "") and name == "ScalarEvent",
    )
    anchor = getattr(event, "anchor", None)
    if name == "AliasEvent":
        node.broken = True
        if anchor not in aliases:
            aliases.add(anchor)
            report(line, column, f"the alias *{anchor} is not part of the language; write it out")
    elif anchor:
        report(line, column, f"the anchor &{anchor} is not part of the language; remove it")
    elif getattr(event, "tag", None):
        node.broken = True
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        report(line, column, f"the tag {tag} is not part of the language; remove it")
    return node


def _place(node: Node, open_nodes: list[Node], report: Report) -> bool:
    """Hangs `node` under the innermost open node; False where it lies too deep."""
    if len(open_nodes) >= MAX_DEPTH:
        report(node.line, node.column, f"nested deeper than {MAX_DEPTH} levels")
        return False
    if not open_nodes:
        return True
    above = open_nodes[-1]
    if above.kind == "list":
        above.items.append(node)
    elif above.keys and above.keys[-1][1] is _PENDING:
        above.keys[-1] = (above.keys[-1][0], node)
    else:
        above.keys.append((node, _PENDING))
    return True


_PENDING = Node("scalar", 0, 0)


def _drop_doubles(node: Node, report: Report) -> None:
    seen: dict[str, int] = {}
    kept = []
    for key, value in node.keys:
        if key.kind != "scalar":
            report(key.line, key.column, "a key must be a word")
        elif key.text == "<<" and key.plain:
            node.broken = True
            report(
                key.line,
                key.column,
                "a merge key (<<) is not part of the language; write the keys out",
            )
        elif key.text in seen:
            report(
                key.line,
                key.column,
                f"the key {key.text!r} stands twice, first in line {seen[key.text]}",
            )
        else:
            seen[key.text] = key.line
            kept.append((key, value))
    node.keys = kept


_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


def scalar(node: Node, last: bool = False, month: bool = False) -> str | int | bool | date | None:
    """The typed value of a scalar: `true`, `false`, a whole number, a date, or text.

    Args:
        node: a scalar; with quotes it is always text.
        last: where only a month is written, whether its last day is meant.
        month: whether a month without a day is a date here.

    Returns:
        None for nothing (an empty value, `~`, `null`), and for a date that does not exist.
    """
    text = node.text
    if not node.plain:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    match = _DAY.fullmatch(text)
    if match and (match[3] or month):
        year, in_year = int(match[1]), int(match[2])
        try:
            day = int(match[3]) if match[3] else (monthrange(year, in_year)[1] if last else 1)
            return date(year, in_year, day)
        except ValueError:
            return None
    return text
