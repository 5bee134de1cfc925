"""Bars as inline SVG: text stays text, nothing is fetched, nothing but this file is needed."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

from tongban.kernel.model import printing

escape = printing.markup

Bar = tuple[str, tuple[int, ...]]
"""A label, and how long each of its parts is."""

_ROW, _LABEL, _WIDE, _COUNT = 26, 250, 420, 60
_WIDEST = 34
"""Columns of a label; what is longer is cut, and whole in the tip."""


def bars(
    title: str,
    parts: Sequence[tuple[str, str]],
    rows: Sequence[Bar],
    *,
    legend: bool = True,
) -> str:
    """Horizontal bars of several parts, one row each.

    Args:
        title: of the plot; it is read out by screen readers too.
        parts: the name and the colour of each part of a bar.
        rows: the bars.
        legend: whether the parts are named above; not where each row is a part.

    Returns:
        An `svg` element.
    """
    top = 34 if legend else 4
    height = top + _ROW * len(rows) + 6
    width = _LABEL + _WIDE + _COUNT
    most = max((sum(numbers) for _, numbers in rows), default=0) or 1
    lines = [
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img"'
        f' aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
        *(_legend(parts) if legend else ()),
    ]
    for n, (label, numbers) in enumerate(rows):
        lines += _bar(label, numbers, parts, top + n * _ROW, most)
    return "\n".join([*lines, "</svg>"])


def _legend(parts: Sequence[tuple[str, str]]) -> list[str]:
    lines, x = [], _LABEL
    for name, colour in parts:
        lines.append(f'<rect x="{x}" y="8" width="12" height="12" fill="{colour}"/>')
        lines.append(f'<text x="{x + 17}" y="18">{escape(name)}</text>')
        x += 30 + 9 * _columns(name)
    return lines


def _bar(
    label: str, numbers: tuple[int, ...], parts: Sequence[tuple[str, str]], y: int, most: int
) -> list[str]:
    lines = [
        f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(_cut(label))}'
        f"<title>{escape(label)}</title></text>"
    ]
    x = float(_LABEL)
    for (name, colour), number in zip(parts, numbers, strict=True):
        long = _WIDE * number / most
        if number:
            lines.append(
                f'<rect x="{x:.1f}" y="{y + 2}" width="{long:.1f}" height="{_ROW - 8}"'
                f' fill="{colour}"><title>{escape(f"{label}: {name} {number}")}</title></rect>'
            )
        x += long
    lines.append(f'<text x="{x + 6:.1f}" y="{y + 15}">{sum(numbers)}</text>')
    return lines


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _cut(text: str) -> str:
    if _columns(text) <= _WIDEST:
        return text
    short = text
    while _columns(short) > _WIDEST - 2:
        short = short[:-1]
    return f"{short}…"
