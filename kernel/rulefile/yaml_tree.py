"""Reading YAML into a tree that remembers where everything stands.

This is the one reader of rule files: what loads, checks, lays out and changes them
sees this tree. Only plain YAML is the language: no tags, anchors or aliases, no key
twice. The tree is built from the parser's events, so a file of any depth or size costs
a message, never the process. It is the same with libyaml and without.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal, TypeAlias

from attrs import define, field

MAX_SIZE = 4_000_000
"""Longest rule file, in characters."""

MAX_VALUES = 250_000
"""Most keys and values of a rule file."""

MAX_SLOW = 400_000
"""Longest rule file where PyYAML has no libyaml: what its own parser reads in some seconds."""

_HIDDEN = re.compile("[\x85\u2028\u2029\ufeff]")
"""Signs that one reader of YAML takes for the end of a line, or of a file, and the next does not.
In quotes they can be written as `\\u2028`."""

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
        start, end: where it stands in the text of the file, in characters.
        items: of a list.
        keys: of a mapping, each key with its value, in order.
        flow: whether a list or mapping is written in brackets.
        broken: whether it was reported already, so that nothing more is said of it.
    """

    kind: Kind
    line: int
    column: int
    text: str = ""
    plain: bool = False
    start: int = 0
    end: int = 0
    items: Sequence[Node] = ()
    keys: Sequence[tuple[Node, Node]] = ()
    flow: bool = False
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
        report: called for every mistake.

    Returns:
        The tree, without what was wrong; None where nothing can be read.
    """
    import yaml  # noqa: PLC0415 - the command line starts without it

    text = text.removeprefix("\ufeff")
    fast = getattr(yaml, "CSafeLoader", None)
    if not _readable(text, report, fast is not None):
        return None
    try:
        parser = _slow_parser(text) if fast is None else fast(text)
        try:
            return _Builder(parser.get_event, report, text).document()
        finally:
            parser.dispose()
    except _TooMuchError:
        return None
    except yaml.MarkedYAMLError as error:
        from tongban.kernel.rulefile.yaml_mistakes import mended  # noqa: PLC0415 - only when something is wrong

        report(*mended(error, text))
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        from tongban.kernel.rulefile.yaml_mistakes import bad_character  # noqa: PLC0415 - the same

        report(*bad_character(text))
    return None


def _readable(text: str, report: Report, fast: bool) -> bool:
    """Whether a text may be parsed: of no more than its size, without hidden line ends."""
    if len(text) > MAX_SIZE:
        report(1, 1, f"the file has {len(text)} characters; a rule file has at most {MAX_SIZE}")
        return False
    if len(text) > MAX_SLOW and not fast:
        says = f"the file has {len(text)} characters; PyYAML is installed without libyaml here, and"
        report(1, 1, f"{says} reads at most {MAX_SLOW} in time; install a wheel of PyYAML")
        return False
    hidden = _HIDDEN.search(text)
    if hidden:
        from tongban.kernel.rulefile.yaml_mistakes import bad_character  # noqa: PLC0415 - as above

        report(*bad_character(text, hidden.start()))
    return not hidden


def _slow_parser(text: str) -> Any:
    """A parser that needs no libyaml."""
    from tongban.kernel.rulefile.pure_yaml import Parser  # noqa: PLC0415 - only without libyaml

    return Parser(text)


class _TooMuchError(Exception):
    """The file is nested too deeply or holds too many values; that was reported."""


@define
class _Builder:
    """Builds the tree from a parser's events, told apart by the names of their classes."""

    following: Callable[[], Any]
    report: Report
    text: str
    read: int = 0
    left: int = MAX_VALUES
    aliases: set[str] = field(factory=set)

    def document(self) -> Node | None:
        """The first document; a second one is a mistake."""
        root: Node | None = None
        documents = 0
        for event in iter(self.following, None):
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if event.version or event.tags:
                    self.report(1, 1, "a line that % opens is not part of the language; remove it")
                if documents > 1:
                    line = event.start_mark.line + 1
                    self.report(line, 1, "one file holds one document; found a second `---`")
                    return root
            elif name in _VALUES:
                root = self._node(event, 0)
                if root.start == root.end:
                    # Parsers differ in where they see a document that says nothing.
                    root.line = root.column = 1
                    root.start = root.end = 0
        return root

    def _node(self, event: Any, depth: int) -> Node:
        name = type(event).__name__
        mark = event.start_mark
        self.left -= 1
        if (
            name == "ScalarEvent"
            and depth < MAX_DEPTH
            and self.left >= 0
            and not (event.anchor or event.tag or event.style in _BLOCK)
        ):
            # Six values in seven are this, so it comes first.
            self.read = event.end_mark.index
            return Node(
                "scalar",
                mark.line + 1,
                mark.column + 1,
                event.value,
                not event.style,
                mark.index,
                event.end_mark.index,
            )
        line, column = mark.line + 1, mark.column + 1
        odd = event.anchor or name == "AliasEvent" or event.tag
        broken = bool(odd and self._is_broken(event, name, line, column))
        if depth >= MAX_DEPTH:
            self.report(line, column, f"nested deeper than {MAX_DEPTH} levels")
            raise _TooMuchError
        if self.left < 0:
            self.report(line, column, f"more than {MAX_VALUES:,} keys and values; divide the file")
            raise _TooMuchError
        end_mark = event.end_mark
        if name == "ScalarEvent":
            self.read = end_mark.index
            if event.style in _BLOCK and not _OPENING.match(self.text, mark.index):
                self.report(
                    line, column, f"the text that {event.style} opens begins in the next line"
                )
                broken = True
            plain = not event.style
            where = (line, column, event.value, plain, mark.index, end_mark.index)
            return Node("scalar", *where, broken=broken)
        flow = bool(getattr(event, "flow_style", False))
        if name == "MappingStartEvent":
            keys, end, merged = self._keys(depth + 1)
            whole = (mark.index, end.index)
            return Node(
                "mapping", line, column, "", False, *whole, (), keys, flow, broken or merged
            )
        if name == "SequenceStartEvent":
            items, end = self._items(depth + 1)
            return Node(
                "list", line, column, "", False, mark.index, end.index, items, (), flow, broken
            )
        return Node("scalar", line, column, "", False, mark.index, end_mark.index, broken=broken)

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

    def _items(self, depth: int) -> tuple[list[Node], Any]:
        """The entries of a list, and the mark of its end."""
        items = []
        while type(event := self.following()).__name__ != "SequenceEndEvent":
            items.append(self._node(event, depth))
        return items, event.end_mark

    def _keys(self, depth: int) -> tuple[list[tuple[Node, Node]], Any, bool]:
        """A mapping's keys without what is wrong, the mark of its end, whether it merges others."""
        keys: dict[str, tuple[Node, Node]] = {}
        merged = False
        node, following, text = self._node, self.following, self.text
        while type(event := following()).__name__ != "MappingEndEvent":
            at = event.start_mark.index
            explicit = "?" in text[self.read : at] and self._is_explicit(at)
            key = node(event, depth)
            self.read = key.end
            value = node(following(), depth)
            if value.end == value.start and key.kind == "scalar":
                # Parsers differ in where they see a value that is not there.
                value.line, value.column = key.line, key.column + key.end - key.start + 1
                value.start = value.end = key.end
            merges = key.text == "<<" and key.plain
            word = key.kind == "scalar" and (key.text or not key.plain) and not explicit
            if word and key.text not in keys and not merges:
                keys[key.text] = (key, value)
            else:
                merged = merged or merges
                self._bad_key(key, explicit, keys.get(key.text))
        return [*keys.values()], event.end_mark, merged

    def _is_explicit(self, at: int) -> bool:
        """Whether the sign `?` opens the key that stands there, which only comments may hide."""
        between = re.sub("#[^\\r\\n]*", "", self.text[self.read : at])
        return "?" in between

    def _bad_key(self, key: Node, explicit: bool, first: tuple[Node, Node] | None) -> None:
        if explicit:
            message = "a key that `?` opens is not part of the language; write `key: value`"
        elif key.kind != "scalar" or (key.plain and not key.text):
            message = "a key must be a word"
        elif first is None:
            message = "a merge key (<<) is not part of the language; write the keys out"
        else:
            message = f"the key {key.text!r} stands twice, first in line {first[0].line}"
        self.report(key.line, key.column, message)


_BLOCK = ("|", ">")
_OPENING = re.compile(r"[|>][-+0-9]{0,2} *(?: #.*)?$", re.MULTILINE)
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
