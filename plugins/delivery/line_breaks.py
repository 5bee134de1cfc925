"""Where a line of a Chinese document ends (避头尾, GB/T 15834—2011 5.1).

The library breaks Chinese text anywhere, and keeps only some signs from the start of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Width = Callable[[str], float]
"""How much room a piece of text needs on a line."""

_NOT_FIRST = (
    "!),.:;?]}¢’”›»…‥、。〉》」』】〕〗〞︰︱︳﹐﹑﹒﹔﹕﹖﹗﹚﹜﹞！），．：；？｜］｝～％‰℃·—"
)
_NOT_LAST = "([{¥‘“〈《「『【〔〖（［｛￥"
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_@+-]*")


def _pieces(text: str) -> Iterator[str]:
    """Words of letters and digits, and every other character alone."""
    place = 0
    while place < len(text):
        word = _WORD.match(text, place)
        end = word.end() if word else place + 1
        yield text[place:end]
        place = end


def unbroken(text: str) -> list[str]:
    """The parts of a text within which no line ends.

    Args:
        text: of one paragraph.

    Returns:
        Parts that are together the text: a sign that begins no line is with what is before it,
        one that ends none with what follows.
    """
    parts: list[str] = []
    for piece in _pieces(text):
        before = parts[-1].rstrip()[-1:] if parts else ""
        stays = piece.isspace() or piece[0] in _NOT_FIRST or (before and before in _NOT_LAST)
        if parts and stays:
            parts[-1] += piece
        else:
            parts.append(piece)
    return parts


def lines(text: str, width: float, indent: float, width_of: Width) -> list[str]:
    """A paragraph in lines, each as long as it can be.

    Args:
        text: of one paragraph.
        width: of a line.
        indent: of the first line.
        width_of: measures a piece of text.

    Returns:
        Lines that are together the text, but for blanks where one ends. A part that is longer
        than a line is broken where the line is full.
    """
    found, line, room = [], "", width - indent
    for part in unbroken(text):
        if line and width_of(line + part.rstrip()) > room:
            found.append(line.rstrip())
            line, room = "", width
        if width_of(part) > room:
            *full, part = _filled(part, room, width, width_of)
            found += full
            room = width if full else room
        line += part if line else part.lstrip()
    return [*found, line.rstrip()] if line.strip() or not found else found


def _filled(part: str, room: float, width: float, width_of: Width) -> Iterator[str]:
    line = ""
    for character in part:
        if line and width_of(line + character) > room:
            yield line
            line, room = "", width
        line += character
    yield line
