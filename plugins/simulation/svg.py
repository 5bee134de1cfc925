"""Small pictures as SVG, text as text: they need no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["area", "bars", "heat"]

_INK, _MUTED, _LINE = "#1f2933", "#616e7c", "#d9dee4"
_BLUE, _PALE = "#2563a8", "#a9c6e8"
_FONT = "font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif"


def _svg(width: int, height: int, parts: Sequence[str], says: str) -> str:
    head = f'<svg viewBox="0 0 {width} {height}" role="img" style="{_FONT};max-width:{width}px"'
    return f'{head} aria-label="{escape(says)}">{"".join(parts)}</svg>'


def _text(
    x: float, y: float, text: str, size: int = 12, anchor: str = "start", fill: str = _INK
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {place}>{escape(text)}</text>"


def _box(x: float, y: float, width: float, height: float, fill: str, title: str = "") -> str:
    says = f"<title>{escape(title)}</title>" if title else ""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}"'
    return f'<rect {size} fill="{fill}" rx="1.5">{says}</rect>'


def bars(rows: Sequence[tuple[str, float, float, str]], says: str, unit: str = "天") -> str:
    """Bars that lie, with a mark for a second value.

    Args:
        rows: label, value, second value (0 for none), and what stands at the end.
        says: what the picture shows, for those who cannot see it.
        unit: of the values, for the tip.
    """
    width, left, right, step = 720, 130, 110, 24
    most = max((max(one[1], one[2]) for one in rows), default=0) or 1
    scale = (width - left - right) / most
    parts = []
    for n, (label, value, second, end) in enumerate(rows):
        y = n * step + 4
        parts.append(_text(left - 8, y + 13, label, 12, "end"))
        if second:
            parts.append(_box(left, y, second * scale, 16, _PALE, f"{label} 90% {second:g}{unit}"))
        parts.append(_box(left, y, value * scale, 16, _BLUE, f"{label} {value:g}{unit}"))
        parts.append(_text(left + max(value, second) * scale + 6, y + 13, end, 11, fill=_MUTED))
    return _svg(width, len(rows) * step + 8, parts, says)


def area(
    values: Sequence[int], days: int, says: str, marks: Mapping[int, str] | None = None
) -> str:
    """A filled line over days.

    Args:
        values: one a day.
        days: over how many applications came; a mark stands there.
        says: what the picture shows.
        marks: days with what happened on them.
    """
    width, height, left, top, bottom = 720, 220, 44, 12, 28
    most, count = max(values, default=0) or 1, max(1, len(values) - 1)
    across = (width - left - 10) / count

    def point(day: int, value: float) -> tuple[float, float]:
        return left + day * across, top + (height - top - bottom) * (1 - value / most)

    parts = []
    for share in (0.0, 0.5, 1.0):
        _, y = point(0, most * share)
        parts.append(
            f'<line x1="{left}" x2="{width - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>'
        )
        parts.append(_text(left - 6, y + 4, f"{most * share:.0f}", 11, "end", _MUTED))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(n, one) for n, one in enumerate(values)))
    x0, y0 = point(0, 0)
    x1, _ = point(count, 0)
    parts.append(f'<polygon points="{x0:.1f},{y0:.1f} {line} {x1:.1f},{y0:.1f}" fill="{_PALE}"/>')
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_BLUE}" stroke-width="1.6"/>')
    for day, says_mark in {**(marks or {}), days: "收件截止"}.items():
        if day <= count:
            x, _ = point(day, 0)
            dash = 'stroke-dasharray="3 3"'
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{y0:.1f}"'
                f' stroke="{_MUTED}" {dash}/>'
            )
            parts.append(_text(x + 4, top + 10, says_mark, 11, fill=_MUTED))
    for day in range(0, count + 1, max(1, count // 8)):
        x, _ = point(day, 0)
        parts.append(_text(x, height - 8, f"第{day}天", 11, "middle", _MUTED))
    return _svg(width, height, parts, says)


def heat(names: Sequence[str], cells: Mapping[tuple[int, int], int], says: str) -> str:
    """A map of corridors: rows are where people are, columns where the authority is.

    Args:
        names: of the places, in order.
        cells: row and column to how many.
        says: what the picture shows.
    """
    size, left, top = 20, 64, 58
    most = max(cells.values(), default=0) or 1
    width, height = left + size * len(names) + 8, top + size * len(names) + 8
    parts = []
    for n, name in enumerate(names):
        parts.append(_text(left - 6, top + n * size + 14, name, 11, "end"))
        x, y = left + n * size + 13, top - 6
        parts.append(f'<g transform="rotate(-60 {x} {y})">{_text(x, y, name, 11)}</g>')
    for row in range(len(names)):
        for column in range(len(names)):
            count = cells.get((row, column), 0)
            tip = f"{names[row]} → {names[column]}: {count}"
            fill = "#eef1f4" if row != column else "#ffffff"
            if count:
                fill = _shade(count / most)
            parts.append(
                _box(left + column * size, top + row * size, size - 1.5, size - 1.5, fill, tip)
            )
    return _svg(width, height, parts, says)


def _shade(share: float) -> str:
    """From pale to dark; small counts are still seen."""
    part = 0.12 + 0.88 * share
    low, high = (226, 236, 247), (20, 66, 122)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"
