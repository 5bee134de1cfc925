"""Words in any script, as outlines: shaped by HarfBuzz from a font that has every character."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import frozen

_OURS = "typefaces"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_MOST_FACES = 16
"""Of a collection of fonts no more are tried."""


@frozen
class Outline:
    """A word that is ready to be drawn.

    Attributes:
        text: the word, in the order in which it is read.
        path: PDF operators, in thousandths of the type's size.
        advance: its width, in the same measure.
    """

    text: str
    path: str
    advance: float


class _Pen:
    """Writes an outline as PDF operators.

    Args:
        scale: from the font's units to thousandths.
    """

    def __init__(self, scale: float) -> None:
        self._scale, self.x, self.y = scale, 0.0, 0.0
        self._at = (0.0, 0.0)
        self.path: list[str] = []

    def _to(self, *points: tuple[float, float]) -> Iterator[str]:
        for x, y in points:
            yield f"{round((x + self.x) * self._scale)}"
            yield f"{round((y + self.y) * self._scale)}"
        self._at = points[-1]

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - the library's name
        self.path.append(f"{' '.join(self._to(point))} m")

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.path.append(f"{' '.join(self._to(point))} l")

    def curveTo(self, a: Any, b: Any, c: Any) -> None:  # noqa: N802
        self.path.append(f"{' '.join(self._to(a, b, c))} c")

    def qCurveTo(self, a: Any, b: Any) -> None:  # noqa: N802
        (x0, y0), (x1, y1), (x2, y2) = self._at, a, b
        first = (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3)
        second = (x2 + (x1 - x2) * 2 / 3, y2 + (y1 - y2) * 2 / 3)
        self.curveTo(first, second, b)

    def closePath(self) -> None:  # noqa: N802
        self.path.append("h")

    def endPath(self) -> None:  # noqa: N802
        pass


def available() -> bool:
    """Whether words can be shaped at all: whether the library is installed."""
    try:
        import uharfbuzz  # noqa: F401, PLC0415 - only for what the usual type lacks
    except ImportError:
        return False
    return True


def printable(text: str) -> bool:
    """Whether any font has every character of a text."""
    return outline(text) is not None


@cache
def outline(text: str) -> Outline | None:
    """A word as an outline; None where no font has all of its characters.

    Args:
        text: of one script, in the order in which it is read.
    """
    if not available():
        return None
    for font in _fonts():
        found = _drawn(font, text)
        if found is not None:
            return found
    return None


def _drawn(font: Any, text: str) -> Outline | None:
    import uharfbuzz as hb  # noqa: PLC0415 - only for what the usual type lacks

    if not all(font.get_nominal_glyph(ord(char)) or _unseen(char) for char in text):
        return None
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    if any(info.codepoint == 0 for info in buffer.glyph_infos):
        return None
    pen, advance = _Pen(1000 / font.face.upem), 0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen.x, pen.y = advance + place.x_offset, place.y_offset
        font.draw_glyph_with_pen(info.codepoint, pen)
        advance += place.x_advance
    return Outline(text, "\n".join(pen.path), advance * 1000 / font.face.upem)


def _unseen(char: str) -> bool:
    """Whether a character only says how others are joined; a font need not have it."""
    return char in "\u200c\u200d\u180b\u180c\u180d\u180e\u180f\u202f"


def _fonts() -> Iterator[Any]:
    """Every font, those that come with this package first, each opened when it is asked for."""
    for path in (*_own(), *_installed()):
        yield from _faces(path)


@cache
def _own() -> tuple[Path, ...]:
    folder = Path(str(files(__package__) / _OURS))
    return tuple(sorted(one for one in folder.iterdir() if one.suffix in _SUFFIXES))


@cache
def _installed() -> tuple[Path, ...]:
    """The fonts of this machine, in the same order every time."""
    found: set[Path] = set()
    for folder in _folders():
        for root, _, names in os.walk(folder):
            found |= {Path(root, name) for name in names if name.lower().endswith(_SUFFIXES)}
    return tuple(sorted(found))


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"),)
    if sys.platform == "darwin":
        return (Path("/Library/Fonts"), Path("/System/Library/Fonts"), home / "Library/Fonts")
    shared = (Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))
    return (*shared, home / ".local/share/fonts", home / ".fonts")


@cache
def _faces(path: Path) -> tuple[Any, ...]:
    """The fonts of a file, in regular weight; none where it cannot be read."""
    import uharfbuzz as hb  # noqa: PLC0415 - only for what the usual type lacks

    try:
        blob = hb.Blob.from_file_path(str(path))
    except (OSError, hb.HarfBuzzError):
        return ()
    made: list[Any] = []
    for index in range(min(_count(path), _MOST_FACES)):
        face = hb.Face(blob, index)
        if not face.glyph_count:
            continue
        font = hb.Font(face)
        if any(axis.tag == "wght" for axis in face.axis_infos):
            font.set_variations({"wght": 400})
        made.append(font)
    return tuple(made)


def _count(path: Path) -> int:
    """How many fonts a file holds."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return 0
    return int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1
