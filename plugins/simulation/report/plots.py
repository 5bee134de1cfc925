"""The pictures of a report: bars, a curve over days, a map of corridors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from tongban.kernel.model import Text
from tongban.plugins.simulation.report.svg import (
    BLUE,
    INK,
    LINE,
    MUTED,
    PALE,
    box,
    breadth,
    label,
    legend,
    length,
    line,
    picture,
    text,
    ticks,
    wide,
)

_WIDTH = 760
_NONE = "#f3f5f7"
_ONE_LINE = 170
"""A label that is wider has its English under it."""


@frozen
class Bar:
    """One row of a bar chart.

    Attributes:
        label: of the row.
        values: one for each colour, each from zero on: the longest first, the others over it.
        end: what stands behind it.
        below: a thin bar under it, in the last colour; None for none.
    """

    label: Text
    values: tuple[float, ...]
    end: str
    below: float | None = None

    @property
    def longest(self) -> float:
        """What the scale must show."""
        return max(*self.values, self.below or 0)


def bars(rows: Sequence[Bar], colours: Sequence[tuple[str, Text]], unit: Text, says: str) -> str:
    """Bars that lie.

    Args:
        rows: from the top down.
        colours: of the values, with what each means.
        unit: of the values.
        says: what the picture shows, for those who cannot see it.
    """
    tall = any(length(row.label) > _ONE_LINE for row in rows)
    names = (breadth(row.label) if tall else length(row.label) for row in rows)
    left = 12 + max((wide(unit.both, 11) + 8, *names))
    right = 12 + max((wide(row.end, 11) for row in rows), default=0)
    thin = any(row.below is not None for row in rows)
    step = (34 if tall else 24) + (6 if thin else 0)
    most = max((row.longest for row in rows), default=0) or 1
    scale = (_WIDTH - left - right) / most
    parts, top = legend(left, 0, _WIDTH, colours)
    bottom = top + len(rows) * step + 4
    for value in ticks(most):
        x = left + value * scale
        parts += [line(x, top, x, bottom), text(x, bottom + 14, f"{value:,g}", 11, "middle", MUTED)]
    parts.append(text(left - 14, bottom + 14, unit.both, 11, "end", MUTED))
    for n, row in enumerate(rows):
        y = top + n * step + (step - 16) / 2 - (3 if thin else 0)
        if tall:
            parts.append(text(left - 8, y + 6, row.label.zh, 12, "end"))
            parts.append(text(left - 8, y + 19, row.label.en, 10, "end", MUTED))
        else:
            parts.append(label(left - 8, y + 12.5, row.label, "end"))
        for value, (colour, means) in zip(row.values, colours, strict=False):
            tip = f"{row.label.both}: {means.both} {value:g} {unit.both}"
            parts.append(box(left, y, value * scale, 16, colour, tip))
        if row.below is not None:
            colour, means = colours[-1]
            tip = f"{row.label.both}: {means.both} {row.below:g} {unit.both}"
            parts.append(box(left, y + 17, row.below * scale, 5, colour, tip))
        parts.append(text(left + row.longest * scale + 6, y + 12, row.end, 11, fill=MUTED))
    return picture(_WIDTH, bottom + 20, parts, says)


def strip(shares: Sequence[tuple[str, Text, int]], says: str) -> str:
    """One bar of parts that make up a whole, with their numbers and shares under it.

    Args:
        shares: colour, name and number of each part.
        says: what the picture shows.
    """
    whole = sum(count for _, _, count in shares) or 1
    # Each part is seen, however small.
    widths = [max(3.0, _WIDTH * count / whole) for _, _, count in shares]
    scale = _WIDTH / (sum(widths) or 1)
    parts, x = [], 0.0
    for (colour, name, count), width in zip(shares, widths, strict=True):
        parts.append(box(x, 0, width * scale, 24, colour, f"{name.both} {count:,}"))
        x += width * scale
    entries = [
        (colour, Text(name.zh, f"{name.en} {count:,} · {100 * count / whole:.1f}%"))
        for colour, name, count in shares
    ]
    under, height = legend(0, 34, _WIDTH, entries)
    return picture(_WIDTH, 34 + height, [*parts, *under], says)


def area(
    values: Sequence[int], says: str, marks: Sequence[tuple[int, Text]], across: Text, up: Text
) -> str:
    """A filled line over days.

    Args:
        values: one a day.
        says: what the picture shows.
        marks: days with what happened on them, in order.
        across, up: what the axes show.
    """
    height, left, top, bottom = 260.0, 48.0, 26.0, 40.0
    most, count = max(values, default=0) or 1, max(1, len(values) - 1)
    step, floor = (_WIDTH - left - 12) / count, height - bottom
    scale = (floor - top) / most
    parts = [label(0, 12, up)]
    for value in ticks(most):
        y = floor - value * scale
        parts.append(line(left, y, _WIDTH - 12, y))
        parts.append(text(left - 6, y + 4, f"{value:,.0f}", 11, "end", MUTED))
    points = " ".join(
        f"{left + n * step:.1f},{floor - v * scale:.1f}" for n, v in enumerate(values)
    )
    ends = f"{left:.1f},{floor:.1f}", f"{left + count * step:.1f},{floor:.1f}"
    parts.append(f'<polygon points="{ends[0]} {points} {ends[1]}" fill="{PALE}"/>')
    parts.append(f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>')
    busy = 0.0
    for nth, (day, means) in enumerate(one for one in marks if one[0] <= count):
        x = left + day * step
        # Where it would run into the one before, it stands lower.
        y = top + 10 + (16 * (nth % 3) if x < busy else 0)
        turned = x + 5 + length(means) > _WIDTH
        busy = x + length(means) + 12
        parts.append(line(x, top, x, floor, INK, dashed=True))
        parts.append(label(x - 5 if turned else x + 5, y, means, "end" if turned else "start"))
    for value in ticks(count, 10):
        x = left + value * step
        parts.append(text(x, floor + 15, f"{value:g}", 11, "middle", MUTED))
    parts.append(label(_WIDTH - 12, height - 6, across, "end"))
    return picture(_WIDTH, height, parts, says)


def heat(
    names: Sequence[Text],
    cells: Mapping[tuple[int, int], int],
    down: Text,
    along: Text,
    says: str,
) -> str:
    """A map of corridors: the darker a cell, the more.

    Args:
        names: of the places, in order.
        cells: row and column to how many.
        down, along: what rows and columns are.
        says: what the picture shows.
    """
    size = 20
    across = max((length(one) for one in names), default=0)
    left, top = across + 30, across * 0.87 + 36
    most = max(cells.values(), default=0) or 1
    side = size * len(names)
    scale, key = _scale(left, top + side + 16, most)
    width = left + max(side + across * 0.5, length(along), key) + 8
    height = top + max(side + 56, length(down) + 8)
    parts = [label(left, 14, along)]
    place = f"14 {top:.1f}"
    parts.append(f'<g transform="translate({place}) rotate(-90)">{label(0, 0, down, "end")}</g>')
    for n, name in enumerate(names):
        parts.append(label(left - 6, top + n * size + 14, name, "end"))
        place = f"{left + n * size + 13:.1f} {top - 5:.1f}"
        parts.append(f'<g transform="translate({place}) rotate(-60)">{label(0, 0, name)}</g>')
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            count = cells.get((row, column), 0)
            fill = _shade(count / most) if count else LINE if row == column else _NONE
            x, y = left + column * size, top + row * size
            parts.append(box(x, y, size - 1.5, size - 1.5, fill, f"{one} → {other}: {count}"))
    return picture(width, height, [*parts, *scale], says)


def _scale(x: float, y: float, most: int) -> tuple[list[str], float]:
    """What the shades of the map stand for, and how wide that is."""
    parts, across = [label(x, y + 12, Text("件数", "cases"))], 70
    for value in sorted({0, 1, *(most * n // 4 for n in (1, 2, 3)), most}):
        parts.append(box(x + across, y, 34, 14, _shade(value / most) if value else _NONE))
        parts.append(text(x + across + 17, y + 28, f"{value:,}", 11, "middle", MUTED))
        across += 36
    return parts, across


def _shade(share: float) -> str:
    """From pale to dark; small counts are still seen."""
    part = 0.1 + 0.9 * share**0.5
    low, high = (222, 235, 247), (12, 48, 98)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"
