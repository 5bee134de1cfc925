"""Telling mistakes: what is collected while a file is read, and how it is worded."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from attrs import define, field, frozen

from tongban.kernel.errors import Problem, nearest
from tongban.kernel.rulefile.yaml_tree import Node, scalar

BAD: Final[Any] = object()
"""What is returned for a node that was reported."""

MOST = 200
"""Mistakes that are reported of one file; more are counted as one."""


@frozen
class Mark:
    """Where a file claims an id or speaks of one: `owner` there says `target`."""

    line: int
    column: int
    owner: str
    target: str


@define
class Diagnostics:
    """Collects the mistakes of one file, and what only other files can confirm.

    Attributes:
        file: name of the file, for messages.
        owner: the item or rule that is being read, for messages.
        claims: ids of items that the file defines.
        references: ids of items that it advises.
    """

    file: str
    owner: str = ""
    problems: list[Problem] = field(factory=list)
    claims: list[Mark] = field(factory=list)
    references: list[Mark] = field(factory=list)

    def report(self, node: Node, message: str) -> Any:
        """Notes a mistake at `node`, unless it was reported before, and returns `BAD`."""
        if not node.broken:
            self.at(node.line, node.column, message)
        return BAD

    def misread(self, node: Node, message: str) -> Any:
        """The same of a word, number or sign that is not what is expected.

        Where a full-width sign stands in it, that is what is wrong, and where.
        """
        sign = None
        if node.kind == "scalar" and not node.text.isascii() and len(self.problems) < MOST:
            from tongban.kernel.rulefile import full_width  # noqa: PLC0415 - only when it is wrong

            sign = full_width.first_sign(node.text)
        if sign is None or node.broken:
            return self.report(node, message)
        whole = node.plain and node.end - node.start == len(node.text)
        column = node.column + (sign.start() if whole else 0)
        self.at(node.line, column, f"{message}; {full_width.named(sign[0])}")
        return BAD

    def at(self, line: int, column: int, message: str) -> None:
        """Notes a mistake at a line and a column."""
        if len(self.problems) == MOST:
            message = f"and more: the first {MOST} mistakes are shown"
        if len(self.problems) <= MOST:
            self.problems.append(Problem(self.file, line, column, _cut(self.owner), message))

    def mark(self, node: Node) -> Mark:
        """Where `node` stands, and who says it."""
        return Mark(node.line, node.column, self.owner, node.text)

    def unknown(self, node: Node, what: str, known: Collection[str], of: str = "") -> str | None:
        """Notes a word that is not known, and returns the nearest right one.

        Args:
            node: the word.
            what: what it should name, `place`.
            known: the words that would be right.
            of: what it is part of, ` of a rule`.
        """
        full = len(self.problems) >= MOST
        near = None if full else nearest(node.text, known)
        allowed = f"allowed: {', '.join(known)}"
        hint = f"; did you mean {near!r}?" if near else ""
        if near and 1 < len(known) <= 6:
            hint += f" ({allowed})"
        elif not near and not full and 0 < len(known) <= 40:
            hint = f"; {allowed}"
        found = written(node) if node.kind != "scalar" or not node.text else repr(_cut(node.text))
        self.misread(node, f"unknown {what} {found}{of}{hint}")
        return near


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def written(node: Node) -> str:
    """What stands at `node`, for messages; text in quotes is told apart from a number."""
    if node.kind != "scalar":
        return f"a {node.kind}"
    if not node.text or (node.plain and node.text in ("~", "null")):
        return "nothing"
    text = repr(_cut(node.text))
    return text if node.plain or _would_be_text(node) else f"the text {text}"


def _would_be_text(node: Node) -> bool:
    return type(scalar(Node("scalar", 0, 0, node.text, plain=True))) is str


_MEANT = {
    "yes": "true", "no": "false", "on": "true", "off": "false", "1": "true", "0": "false",
    "True": "true", "False": "false", "TRUE": "true", "FALSE": "false",
}  # fmt: skip


def instead(node: Node, flag: bool = False) -> str:
    """What the author of a boolean or a number probably meant to write, as a hint."""
    if node.kind != "scalar":
        return ""
    if not node.plain and not _would_be_text(node):
        return f"; write {node.text} without quotes"
    return f"; write {_MEANT[node.text]}" if flag and node.text in _MEANT else ""


def day_hint(node: Node) -> str:
    """What is wrong with a date that was written, as a hint."""
    if not node.plain and node.kind == "scalar":
        return "; write it without quotes" if not _would_be_text(node) else ""
    parts = re.fullmatch(r"([0-9]{4})\W?([0-9]{1,2})(?:\W([0-9]{1,2}))?", node.text)
    if not parts:
        return ""
    year, month, day = parts[1], f"{int(parts[2]):02}", f"{int(parts[3]):02}" if parts[3] else ""
    right = "-".join(part for part in (year, month, day) if part)
    if right != node.text:
        return f"; did you mean {right}?"
    if not 1900 <= int(year) < 3000:
        return "; a year from 1900 to 2999"
    if not day and 0 < int(month) <= 12:
        return "; name the day"
    return "; that day is not in the calendar"
