"""The body of a document in the library's flowing blocks, as large as the page allows."""

from __future__ import annotations

from functools import partial
from typing import Any

from reportlab.lib.colors import black
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Spacer, Table, TableStyle
from reportlab.platypus import Paragraph as Flow

from tongban.plugins.delivery import line_breaks
from tongban.plugins.delivery.documents import (
    Block,
    Document,
    Form,
    Listing,
    Paragraph,
)
from tongban.plugins.delivery.fonts import Face, from_right

MEASURE = 156 * 72 / 25.4
"""Width of the text: that of A4 without its margins."""

_BESIDE = 12
"""Room at both sides of the text of a cell, as the library leaves it."""

_SIZES = (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.5, 10.0, 9.0)
"""From 三号, which notices are set in, to the smallest that is still read easily."""


def fitted(document: Document, face: Face, height: float) -> float:
    """The largest size in which the body fits into so much room; the smallest where none does."""
    for size in _SIZES:
        blocks = flowables(document, face, size)
        if sum(one.wrap(MEASURE, height)[1] for one in blocks) <= height:
            return size
    return _SIZES[-1]


def flowables(document: Document, face: Face, size: float) -> list[Any]:
    """The body of a document in type of one size."""
    found = []
    only_form = len(document.blocks) == 1 and isinstance(document.blocks[0], Form)
    if not only_form:
        found.append(_text(f"{document.addressee}：", face, size))
    for block in document.blocks:
        found += _block(block, face, size)
    return found


def _text(
    text: str,
    face: Face,
    size: float,
    indent: float = 0,
    leading: float = 1.7,
    width: float = MEASURE,
) -> Any:
    style = ParagraphStyle(
        "text",
        fontName=face.name,
        fontSize=size,
        leading=size * leading,
        firstLineIndent=indent,
        wordWrap="CJK",
    )
    if from_right(text):
        return _OneLine(Flow(face.markup(text), style), face, text, size, indent, leading)
    return Flow("<br/>".join(_lines(text, face, size, indent, width)), style)


def _lines(text: str, face: Face, size: float, indent: float, width: float) -> list[str]:
    """The lines of a paragraph as markup; of a text with other fonts the library breaks them."""
    if [font for font, _ in face.runs(text)] != [face.name]:
        return [face.markup(text)]
    # A hair less, so that the library finds no line too long.
    measured = partial(face.width, size=size)
    return [face.markup(one) for one in line_breaks.lines(text, width - 0.01, indent, measured)]


class _OneLine(Flowable):  # type: ignore[misc]
    """A paragraph that is drawn as one line where it fits on one.

    In a paragraph the signs beside a word that is read from the right are part of one text
    with it, and some readers turn both around when they copy it.
    """

    def __init__(
        self, flow: Any, face: Face, text: str, size: float, indent: float, leading: float
    ) -> None:
        super().__init__()
        self._flow, self._face, self._text, self._size = flow, face, text, size
        self._indent, self._leading = indent, size * leading
        self._fits = True

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self._fits = self._indent + self._face.width(self._text, self._size) <= width
        measure: tuple[float, float] = self._flow.wrap(width, height)
        return (width, self._leading) if self._fits else measure

    def split(self, width: float, height: float) -> list[Any]:
        parts: list[Any] = [] if self._fits else self._flow.split(width, height)
        return parts

    def draw(self) -> None:
        if self._fits:
            low = self._leading - self._size
            self._face.draw(self.canv, self._text, self._size, self._indent, low)
        else:
            self._flow.drawOn(self.canv, 0, 0)


def _block(block: Block, face: Face, size: float) -> list[Any]:
    if isinstance(block, Paragraph):
        return [_text(block.text, face, size, indent=2 * size)]
    if isinstance(block, Listing):
        return [
            _text(f"{number}. {line}", face, size, indent=2 * size)
            for number, line in enumerate(block.lines, 1)
        ]
    small = min(size, 13.0)
    if isinstance(block, Form):
        table = _table(block.rows, (2.2, 6), face, small, tall=len(block.rows) > 8)
    else:
        table = _table((block.header, *block.rows), block.widths, face, small)
    return [_space(small), table, _space(small)]


def _space(size: float) -> Any:
    return Spacer(1, size * 0.6)


def _table(rows: Any, widths: Any, face: Face, size: float, tall: bool = False) -> Any:
    part = MEASURE / sum(widths)
    columns = [one * part for one in widths]
    cells = [
        [
            _text(text, face, size, leading=1.3, width=column - _BESIDE)
            for text, column in zip(row, columns, strict=False)
        ]
        for row in rows
    ]
    table = Table(cells, colWidths=columns)
    pad = 9.0 if tall else 3.0
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, black),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), pad),
                ("BOTTOMPADDING", (0, 0), (-1, -1), pad + 2),
            ]
        )
    )
    return table
