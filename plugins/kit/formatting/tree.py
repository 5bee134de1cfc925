"""A rule file as a tree that remembers its comments."""

from __future__ import annotations

from typing import Literal

from attrs import define, field


class UnformattableError(Exception):
    """A text that cannot be formatted: where, and why.

    Args:
        line: counted from 1.
        column: counted from 1.
        message: what is wrong, for its author.
    """

    def __init__(self, line: int, column: int, message: str) -> None:
        self.line, self.column, self.message = line, column, message
        super().__init__(f"{line}:{column}: {message}")


@define(eq=False)
class Value:
    """A scalar, a list or a mapping.

    Attributes:
        text: of a scalar.
        plain: whether the scalar stands without quotes.
        entries: of a list or mapping, in order.
        flow: whether it is written in `{}` or `[]`.
        start, end: where it stands in the text.
        column: of its entries, where it is not a flow.
        owner: the entry whose value it is; None for the root.
        head: comments above the first entry that are not that entry's; only of the root.
        tail: comments after its last entry; "" is a blank line.
    """

    kind: Literal["scalar", "list", "mapping"]
    text: str = ""
    plain: bool = False
    entries: list[Entry] = field(factory=list)
    flow: bool = False
    start: int = 0
    end: int = 0
    column: int = 0
    owner: Entry | None = None
    head: list[str] = field(factory=list)
    tail: list[str] = field(factory=list)

    @property
    def commented(self) -> bool:
        """Whether a comment stands within it."""
        return bool(self.tail) or any(
            one.above or one.beside or one.value.commented for one in self.entries
        )


@define(eq=False)
class Entry:
    """A key with its value, or an entry of a list.

    Attributes:
        key: the key, as a scalar; None in a list.
        value: what stands under it.
        container: what it is an entry of.
        start: where it begins in the text.
        line: in which line, from 0.
        above: comments above it; "" is a blank line.
        beside: the comment at the end of its line.
    """

    key: Value | None
    value: Value
    container: Value
    start: int
    line: int
    above: list[str] = field(factory=list)
    beside: str = ""

    @property
    def name(self) -> str:
        """The key's text, `[]` for an entry of a list."""
        return self.key.text if self.key else "[]"
