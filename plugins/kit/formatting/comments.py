"""Finding the comments of a text, and what each speaks of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from attrs import frozen

from tongban.plugins.kit.formatting.tree import Entry, Value


@frozen
class _Comment:
    """One comment.

    Attributes:
        alone: whether nothing but dashes stands before it in its line.
        after_blank: whether the line before it is blank.
    """

    text: str
    start: int
    line: int
    column: int
    alone: bool
    after_blank: bool


def attach(
    text: str, root: Value, entries: Sequence[Entry], scalars: Sequence[tuple[int, int]]
) -> None:
    """Puts every comment of `text` where it belongs in the tree.

    Args:
        text: the whole file.
        root: its tree.
        entries: all entries of the tree, in the order of the text.
        scalars: where scalars begin and end; no comment begins inside of one.
    """
    starts = [entry.start for entry in entries]
    last: tuple[list[str], int] | None = None
    for comment in _comments(text, scalars):
        at = bisect_left(starts, comment.start)
        if not comment.alone and (entry := _beside(entries[:at][-1:], comment.start)):
            if not entry.beside:
                entry.beside = comment.text
            else:
                entry.above.append(comment.text)
            continue
        following = entries[at] if at < len(entries) else None
        place = _place(root, entries[at - 1] if at else None, following, comment)
        below = following is None or place is not following.above
        if comment.after_blank and ((last and last[0] is place) or below) and place[-1:] != [""]:
            place.append("")
        place.append(comment.text)
        last = (place, comment.line)
        if following and place is following.above and _blank_after(text, comment, following):
            place.append("")


def _blank_after(text: str, comment: _Comment, following: Entry) -> bool:
    """Whether nothing but blank lines parts a comment from the entry under it."""
    between = text[comment.start : following.start].split("\n")[1:]
    return len(between) > 1 and not any(line.strip(" -{[") for line in between)


def _comments(text: str, scalars: Sequence[tuple[int, int]]) -> Iterator[_Comment]:
    lines = text.split("\n")
    position = 0
    line_starts = []
    for line in lines:
        line_starts.append(position)
        position += len(line) + 1
    ends = [*scalars, (len(text), len(text))]
    begin = 0
    for start, end in ends:
        yield from _in_gap(text, begin, start, lines, line_starts)
        if text[start : start + 1] in ("|", ">"):
            # The line that opens a block scalar can carry a comment of its own.
            stop = text.find("\n", start)
            yield from _in_gap(text, start, min(stop if stop > 0 else end, end), lines, line_starts)
        begin = end


def _in_gap(
    text: str, begin: int, end: int, lines: Sequence[str], line_starts: Sequence[int]
) -> Iterator[_Comment]:
    at = text.find("#", begin, end)
    while at >= 0:
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = bisect_left(line_starts, at + 1) - 1
        before = text[line_starts[line] : at]
        column = len(before) - len(before.lstrip()) if before.strip() else len(before)
        blank = line > 0 and not lines[line - 1].strip()
        alone = not before.strip(" -\ufeff")
        yield _Comment(text[at:stop].rstrip(), at, line, column, alone, blank)
        at = text.find("#", stop, end)


def _beside(latest: Sequence[Entry], start: int) -> Entry | None:
    """The entry at the end of whose line a comment stands."""
    if not latest:
        return None
    entry = latest[0]
    while entry.container.flow and entry.container.end <= start and entry.container.owner:
        entry = entry.container.owner
    return entry


def _place(
    root: Value, before: Entry | None, following: Entry | None, comment: _Comment
) -> list[str]:
    """The list of comments that a comment in a line of its own joins."""
    around = before and (before.value if before.value.kind != "scalar" else before.container)
    while around and not (around.flow and around.start < comment.start < around.end):
        around = around.owner.container if around.owner else None
    if around:
        inside = following and following.start < around.end
        return following.above if inside and following else around.tail
    if following and comment.column <= following.container.column:
        return following.above
    chain: list[Value] = []
    value = before.container if before else root
    while True:
        if not value.flow and value.column <= comment.column:
            chain.append(value)
        if value.owner is None:
            break
        value = value.owner.container
    if not chain:
        return following.above if following else root.tail
    column = max(one.column for one in chain)
    found = [one for one in chain if one.column == column][-1]
    if following and column <= following.container.column:
        return following.above
    return found.tail
