"""Reading YAML into a tree that remembers where everything stands.

Only plain YAML is the language: no tags, anchors or aliases, no key twice. The
tree is built from the parser's events, so a file of any depth or size costs a
message, never the process.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
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
    items: Sequence[Node] = ()
    keys: Sequence[tuple[Node, Node]] = ()
    broken: bool = False

    def get(self, name: str) -> Node | None:
        """The value of the key `name` of a mapping."""
        for key, value in self.keys:
            if key.text == name:
                return value
        return None


def compose(text: str, report: Report) -> Node | None:
    """The tree of the one document in `text`.

    Args:
        text: a YAML document.
        report: told of every mistake.

    Returns:
        The tree, without what was wrong; None where nothing can be read.
    """
    import yaml  # noqa: PLC0415 - the command line starts without it

    if len(text) > MAX_SIZE:
        report(1, 1, f"the file has {len(text)} characters; a rule file has at most {MAX_SIZE}")
        return None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            return _Builder(loader.get_event, report).document()
        finally:
            loader.dispose()
    except _TooDeep:
        return None
    except yaml.MarkedYAMLError as error:
        from tongban.kernel.not_yaml import mended  # noqa: PLC0415 - only when something is wrong

        report(*mended(error, text))
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        from tongban.kernel.not_yaml import bad_character  # noqa: PLC0415 - the same

        report(*bad_character(text))
    return None


class _TooDeep(Exception):
    """The file is nested deeper than `MAX_DEPTH`; that was reported."""


@define
class _Builder:
    """Builds the tree from a parser's events, told apart by the names of their classes."""

    following: Callable[[], Any]
    report: Report
    aliases: set[str] = field(factory=set)

    def document(self) -> Node | None:
        """The first document; a second one is a mistake."""
        root: Node | None = None
        documents = 0
        for event in iter(self.following, None):
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    self.report(line, 1, "one file holds one document; found a second `---`")
                    return root
            elif name in _VALUES:
                root = self._node(event, 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        name = type(event).__name__
        mark = event.start_mark
        if name == "ScalarEvent" and depth < MAX_DEPTH and not (event.anchor or event.tag):
            # Six values in seven are this, so it comes first.
            return Node("scalar", mark.line + 1, mark.column + 1, event.value, not event.style)
        line, column = mark.line + 1, mark.column + 1
        odd = event.anchor or name == "AliasEvent" or event.tag
        broken = bool(odd and self._is_broken(event, name, line, column))
        if depth >= MAX_DEPTH:
            self.report(line, column, f"nested deeper than {MAX_DEPTH} levels")
            raise _TooDeep
        if name == "ScalarEvent":
            return Node("scalar", line, column, event.value, not event.style, broken=broken)
        if name == "MappingStartEvent":
            keys, merged = self._keys(depth + 1)
            return Node("mapping", line, column, keys=keys, broken=broken or merged)
        if name == "SequenceStartEvent":
            return Node("list", line, column, items=self._items(depth + 1), broken=broken)
        return Node("scalar", line, column, broken=broken)

    def _is_broken(self, event: Any, name: str, line: int, column: int) -> bool:
        """Reports what is not plain; whether the value cannot be used."""
        anchor = event.anchor
        if name == "AliasEvent":
            if anchor not in self.aliases:
                self.aliases.add(anchor)
                message = f"the alias *{anchor} is not part of the language; write it out"
                self.report(line, column, message)
            return True
        if anchor:
            message = f"the anchor &{anchor} is not part of the language; remove it"
            self.report(line, column, message)
            return False
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self.report(line, column, f"the tag {tag} is not part of the language; remove it")
        return True

    def _items(self, depth: int) -> list[Node]:
        items = []
        while type(event := self.following()).__name__ != "SequenceEndEvent":
            items.append(self._node(event, depth))
        return items

    def _keys(self, depth: int) -> tuple[list[tuple[Node, Node]], bool]:
        """A mapping's keys without what is wrong, and whether a merge key was among them."""
        keys: dict[str, tuple[Node, Node]] = {}
        merged = False
        node, following = self._node, self.following
        while type(event := following()).__name__ != "MappingEndEvent":
            key = node(event, depth)
            value = node(following(), depth)
            merges = key.text == "<<" and key.plain
            if key.kind == "scalar" and key.text not in keys and not merges:
                keys[key.text] = (key, value)
            else:
                merged = merged or merges
                self._bad_key(key, keys.get(key.text))
        return [*keys.values()], merged

    def _bad_key(self, key: Node, first: tuple[Node, Node] | None) -> None:
        if key.kind != "scalar":
            message = "a key must be a word"
        elif first is None:
            message = "a merge key (<<) is not part of the language; write the keys out"
        else:
            message = f"the key {key.text!r} stands twice, first in line {first[0].line}"
        self.report(key.line, key.column, message)


_VALUES = ("ScalarEvent", "AliasEvent", "SequenceStartEvent", "MappingStartEvent")


_FIRST = frozenset("-0123456789")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


def scalar(node: Node, last: bool = False, month: bool = False) -> str | int | bool | date | None:
    """The typed value of a scalar: `true`, `false`, a whole number, a date, or text.

    Args:
        node: a scalar; with quotes it is always text.
        last: where only a month is written, whether its last day is meant.
        month: whether a month without a day is a date here.

    Returns:
        None for nothing (an empty value, `~`, `null`), and for a date that does not exist
        or lies outside the years 1900 to 2999.
    """
    text = node.text
    if not node.plain:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text[0] not in _FIRST:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    match = _DAY.fullmatch(text)
    if match and (match[3] or month):
        year, in_year = int(match[1]), int(match[2])
        if not 1900 <= year < 3000:
            return None
        try:
            day = int(match[3]) if match[3] else (monthrange(year, in_year)[1] if last else 1)
            return date(year, in_year, day)
        except ValueError:
            return None
    return text
