"""From the text of a rule file to a tree with comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tongban.kernel.rulefile import Node, compose
from tongban.plugins.kit.formatting.comments import attach
from tongban.plugins.kit.formatting.tree import Entry, UnformattableError, Value


def read(text: str) -> Value:
    """The tree of a rule file, each comment at what it speaks of.

    Args:
        text: plain YAML: one document, no tags, anchors or keys twice.

    Returns:
        The root, a mapping.

    Raises:
        UnformattableError: where it is anything else.
    """
    builder = _Builder()
    root = builder.value(_plain(text))
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


def _plain(text: str) -> Node:
    """What the kernel reads of a text, where nothing in it is wrong."""
    mistakes: list[tuple[int, int, str]] = []
    root = compose(text, lambda line, column, message: mistakes.append((line, column, message)))
    if mistakes:
        raise UnformattableError(*min(mistakes))
    if root is None or (root.kind == "scalar" and not root.text):
        raise UnformattableError(1, 1, "the file is empty")
    if root.kind != "mapping" or not root.keys:
        raise UnformattableError(root.line, root.column, "no rule file: expected `key: value`")
    return root


class _Builder:
    """Builds the tree; notes every entry and every scalar in the order of the text."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.scalars: list[tuple[int, int]] = []

    def value(self, node: Node) -> Value:
        """A value with what is under it."""
        if node.kind == "scalar":
            if node.end > node.start:
                self.scalars.append((node.start, node.end))
            return Value("scalar", node.text, node.plain, start=node.start, end=node.end)
        column = node.column - 1
        value = Value(node.kind, flow=node.flow, start=node.start, end=node.end, column=column)
        for entry in self._entries(value, node):
            entry.value.owner = entry
            value.entries.append(entry)
        return value

    def _entries(self, container: Value, node: Node) -> Iterator[Entry]:
        pairs: Sequence[tuple[Node | None, Node]] = node.keys or [(None, one) for one in node.items]
        for key, one in pairs:
            first = key or one
            # Noted before what is under it, so that entries stand in the order of the text.
            entry = Entry(None, container, container, first.start, first.line - 1)
            self.entries.append(entry)
            entry.key = self.value(key) if key else None
            entry.value = self.value(one)
            yield entry
