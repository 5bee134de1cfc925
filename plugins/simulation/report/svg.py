"""What pictures are made of: SVG with text as text; it needs no network and no script."""

from __future__ import annotations

from collections.abc import Sequence

from tongban.kernel.model import Text, printing

escape = printing.markup

INK, MUTED, LINE = "#1f2933", "#52606d", "#d9dee4"
BLUE, PALE, ORANGE = "#1f5c9e", "#a9c6e8", "#d9822b"
"""Blue and orange: told apart by people who are colour-blind, and in grey by their lightness."""

_FONT = (
    "font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
    "'WenQuanYi Zen Hei',sans-serif"
)
_SMALL = 10
_SWATCH, _GAP = 12, 18


def length(one: Text) -> float:
    """About how many pixels a name with its English takes on one line."""
    return wide(one.zh, 12) + (wide(one.en, _SMALL) + 5 if one.en else 0)


def breadth(one: Text) -> float:
    """About how many pixels it takes on two lines."""
    return max(wide(one.zh, 12), wide(one.en, _SMALL))


def wide(words: str, size: float) -> float:
    """About how many pixels a text is wide: a Chinese character is a square."""
    return sum(size if ord(one) > 0x2E7F else size * 0.58 for one in words)


def picture(width: float, height: float, parts: Sequence[str], says: str) -> str:
    """A whole picture.

    Args:
        width, height: in pixels.
        parts: what is in it.
        says: what it shows, for those who cannot see it.
    """
    size = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    style = f'style="{_FONT};max-width:{width:.0f}px"'
    return f'<svg {size} role="img" {style} aria-label="{escape(says)}">{"".join(parts)}</svg>'


def text(
    x: float, y: float, words: str, size: float = 12, anchor: str = "start", fill: str = INK
) -> str:
    """Words at a place."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {place}>{escape(words)}</text>"


def label(x: float, y: float, one: Text, anchor: str = "start") -> str:
    """A name and its English on one line; `x` is its start, or where it ends."""
    if not one.en:
        return text(x, y, one.zh, 12, anchor)
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}" fill="{INK}"'
    beside = f'<tspan dx="5" font-size="{_SMALL}" fill="{MUTED}">{escape(one.en)}</tspan>'
    return f"<text {place}>{escape(one.zh)}{beside}</text>"


def box(x: float, y: float, width: float, height: float, fill: str, tip: str = "") -> str:
    """A filled rectangle, with words that show under the pointer."""
    says = f"<title>{escape(tip)}</title>" if tip else ""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}"'
    return f'<rect {size} fill="{fill}">{says}</rect>'


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str = LINE, dashed: bool = False
) -> str:
    """A thin line."""
    dash = ' stroke-dasharray="3 3"' if dashed else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}"{dash}/>'


def legend(
    x: float, y: float, width: float, entries: Sequence[tuple[str, Text]]
) -> tuple[list[str], float]:
    """What the colours mean, in as many lines as it takes.

    Args:
        x, y: where it begins.
        width: of the whole picture.
        entries: colour and meaning.

    Returns:
        Its parts, and the height that they take.
    """
    parts, left, top = [], x, y
    for colour, means in entries:
        takes = _SWATCH + 5 + length(means) + _GAP
        if left > x and left + takes > width:
            left, top = x, top + 20
        parts.append(box(left, top, _SWATCH, _SWATCH, colour))
        parts.append(label(left + _SWATCH + 5, top + 10.5, means))
        left += takes
    return parts, top + 20 - y


def ticks(most: float, count: int = 5) -> list[float]:
    """Round numbers from 0 on, about `count`, that a scale up to `most` shows."""
    step = 1.0
    while most / step > count:
        step *= 2.5 if f"{step:g}"[0] == "2" else 2
    return [n * step for n in range(int(most / step) + 1)]
