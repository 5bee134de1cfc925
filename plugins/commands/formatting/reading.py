"""From the text of a rule file to a tree with comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tongban.kernel import PluginError, compose
from tongban.plugins.commands.formatting.comments import attach
from tongban.plugins.commands.formatting.tree import Entry, Unformattable, Value

__all__ = ["read"]


def read(text: str) -> Value:
    """The tree of a rule file, each comment at what it speaks of.

    Args:
        text: plain YAML: one document, no tags, anchors or keys twice.

    Returns:
        The root, a mapping.

    Raises:
        Unformattable: where it is anything else.
        PluginError: where ruamel.yaml is not installed.
    """
    _refuse_odd(text)
    # Events, not ruamel's round trip: that hangs a comment on the token before it,
    # so that a key that moves would leave its comment behind.
    try:
        from ruamel.yaml import YAML  # noqa: PLC0415 - slow to import, and only `fmt` needs it
        from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415 - the same
    except ModuleNotFoundError:
        raise PluginError("laying out rule files needs: pip install 'tongban[check]'") from None

    builder = _Builder(iter(YAML(typ="safe", pure=True).parse(text)).__next__)
    try:
        root = builder.document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unformattable(line, column, f"this is not YAML: {error.problem}") from None
    attach(text, root, builder.entries, builder.scalars)
    _part_head(root)
    return root


def _part_head(root: Value) -> None:
    """Leaves at the top what speaks of the file: up to a blank line, and editors' lines."""
    first = root.entries[0]
    parted = len(first.above) - first.above[::-1].index("") if "" in first.above else 0
    root.head = first.above[:parted]
    rest = first.above[parted:]
    root.head += [line for line in rest if _MODELINE.match(line)]
    first.above = [line for line in rest if not _MODELINE.match(line)]


_MODELINE = re.compile(r"# *(yaml-language-server:|-\*-|vim?:)")


def _refuse_odd(text: str) -> None:
    """Refuses what the language of rules refuses, in its words."""
    mistakes: list[tuple[int, int, str]] = []
    root = compose(text, lambda line, column, message: mistakes.append((line, column, message)))
    if mistakes:
        raise Unformattable(*min(mistakes))
    if root is None or (root.kind == "scalar" and not root.text):
        raise Unformattable(1, 1, "the file is empty")
    if root.kind != "mapping" or not root.keys:
        raise Unformattable(root.line, root.column, "no rule file: expected `key: value`")


class _Builder:
    """Builds the tree; notes every entry and every scalar in the order of the text."""

    def __init__(self, following: Callable[[], Any]) -> None:
        self.following = following
        self.entries: list[Entry] = []
        self.scalars: list[tuple[int, int]] = []

    def document(self) -> Value:
        while True:
            event = self.following()
            if type(event).__name__ == "MappingStartEvent":
                return self._value(event)

    def _value(self, event: Any) -> Value:
        name = type(event).__name__
        start, end = event.start_mark, event.end_mark
        if name == "ScalarEvent":
            if end.index > start.index:
                self.scalars.append((start.index, end.index))
            return Value("scalar", event.value, not event.style, start=start.index, end=end.index)
        kind: Any = "mapping" if name == "MappingStartEvent" else "list"
        value = Value(
            kind, flow=bool(event.flow_style), start=start.index, end=end.index, column=start.column
        )
        for entry in self._entries(value):
            entry.value.owner = entry
            value.entries.append(entry)
        return value

    def _entries(self, container: Value) -> Iterator[Entry]:
        while not type(event := self.following()).__name__.endswith("EndEvent"):
            mark = event.start_mark
            # Noted before what is under it, so that entries stand in the order of the text.
            entry = Entry(None, container, container, mark.index, mark.line)
            self.entries.append(entry)
            if container.kind == "mapping":
                entry.key = self._value(event)
                event = self.following()
            entry.value = self._value(event)
            yield entry
        container.end = event.end_mark.index
