"""Type for Chinese documents, and for every name: what one font lacks comes from another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import Any
from unicodedata import combining, name
from xml.sax.saxutils import escape

from attrs import field, frozen
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from tongban.plugins.delivery.documents import DocumentError
from tongban.plugins.delivery.shaping import Outline, outline
from tongban.plugins.delivery.words import FIRST, WordFont

_STANDARD = "STSong-Light"

# Found by setting each character and reading the file again. Others the map UniGB-UCS2-H of
# this font does not have, U+00B7 among them, or gives back as another one.
_HAS = """
20-7E A4-A5 A7-A8 B0-B1 D7 E0-E1 E8-EA EC-ED F2-F3 F7 F9-FA FC 101 113 11B 12B 14D 16B 1CE 1D0
1D2 1D4 1D6 1D8 1DA 1DC 1F9 2C7 2C9-2CB 2D9 391-3A1 3A3-3A9 3B1-3C1 3C3-3C9 401 410-44F 451 1E3F
2010 2013-2016 2018-2019 201C-201D 2025 2030 2032-2033 2035 203B 20AC 2103 2105 2109 2116 2121
2160-216B 2170-2179 2190-2193 2196-2199 2208 220F 2211 2215 221A 221D-2220 2223 2225 2227-222B
222E 2234-2237 223D 2248 224C 2252 2260-2261 2264-2267 226E-226F 2295 2299 22A5 22BF 22EF 2312
2460-2469 2474-249B 2500-254B 2550-2573 2581-258F 2593-2595 25A0-25A1 25B2-25B3 25BC-25BD
25C6-25C7 25CB 25CE-25CF 25E2-25E5 2605-2606 2609 2640 2642 2E80-2E99 2E9B-2EF3 2FF0-2FFB
3001-3003 3005-3017 301D-301E 3021-3029 3033-3035 3038-303A 303E-303F 3041-3094 309B-309E
30A1-30F7 30FA 30FC-30FE 3105-312C 31A0-31B7 3220-3229 3231 32A3 338E-338F 339C-339E 33A1 33C4
33CE 33D1-33D2 33D5 3400-4DB5 4E00-9FA5 F92C FA0D-FA0F FA11 FA13-FA14 FA18 FA1F-FA21 FA23-FA24
FA27-FA29 FE30 FE49-FE52 FE54-FE57 FE59-FE66 FE68-FE6B FF01-FF5E FFE0-FFE5
"""

_BLANKS = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u205f\u3000]+")
_JOINERS = "\u200c\u200d\u180b\u180c\u180d\u180e\u180f\u202f"
"""Invisible characters that say how those beside them are joined."""

_WHOLE = 40
"""A run of words that are read from the right is set in one piece up to this length."""

_RIGHT = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_FROM_RIGHT = re.compile(f"[{_RIGHT}]")
_RUN = re.compile(rf"[{_RIGHT}](?:[{_RIGHT}\u200c\u200d\u00b7 ]*[{_RIGHT}])?")
"""Words that are read from the right, with what stands between two of them."""


@cache
def _standard() -> frozenset[int]:
    spans = (one.partition("-") for one in _HAS.split())
    return frozenset(
        code
        for first, _, last in spans
        for code in range(int(first, 16), int(last or first, 16) + 1)
    )


@frozen(eq=False)
class Face:
    """The type of one document.

    Attributes:
        name: of the font, in the library, that most of it is set in.
        glyphs: the characters that this font has.
        words: the outlines of what it lacks, as they are needed.
    """

    name: str
    glyphs: frozenset[int] = field(repr=False)
    words: list[Outline] = field(factory=list, repr=False)

    @property
    def more(self) -> str:
        """The name, in the library, of the font of `words`."""
        return f"TBWords{get_ident():x}"

    def __enter__(self) -> Face:
        self._forget()
        pdfmetrics.registerFont(WordFont(self.more, self.words))
        return self

    def __exit__(self, *raised: object) -> None:
        self._forget()

    def _forget(self) -> None:
        """A thread makes one document at a time; the library never frees fonts."""
        for known in (pdfmetrics._fonts, pdfmetrics._dynFaceNames):
            known.pop(self.more, None)

    def runs(self, text: str) -> list[tuple[str, str]]:
        """A text in parts, each with the name of its font: what each part is set in.

        A character that no font has becomes `〔U+2B1EE〕`: a name must not lose it in silence;
        the JSON has it as it is.
        """
        parts: list[tuple[str, str]] = []
        for font, part in self._parts(_BLANKS.sub(" ", text)):
            if parts and parts[-1][0] == font:
                part = parts.pop()[1] + part
            parts.append((font, part))
        return parts

    def markup(self, text: str) -> str:
        """The same as the library's markup for paragraphs."""
        return "".join(
            escape(part) if font == self.name else f'<font name="{font}">{part}</font>'
            for font, part in self.runs(text)
        )

    def draw(self, canvas: Any, text: str, size: float, x: float, y: float) -> None:
        """Draws one line of text from a point on."""
        for font, part in self.runs(text):
            canvas.setFont(font, size)
            canvas.drawString(x, y, part)
            x += canvas.stringWidth(part, font, size)

    def width(self, text: str, size: float) -> float:
        """How much room a line of text needs."""
        return float(
            sum(pdfmetrics.stringWidth(part, font, size) for font, part in self.runs(text))
        )

    def _parts(self, text: str) -> Iterator[tuple[str, str]]:
        kinds = "".join(
            "s" if char == " " else "1" if ord(char) in self.glyphs else "0" for char in text
        )
        place = 0
        # What is not usual, with blanks between two of it.
        for found in re.finditer("0+(?:s0+)*", kinds):
            start, end = found.span()
            yield self.name, text[place:start]
            yield from self._other(text[start:end])
            place = end
        yield self.name, text[place:]

    def _other(self, text: str) -> Iterator[tuple[str, str]]:
        """What the usual font lacks, word by word, else character by character."""
        for word in _words(text):
            made = outline(word) if all(map(_shown, word)) else None
            if word.isspace() and word not in _JOINERS:
                yield self.name, word
            elif made is not None:
                yield self.more, self._set(made)
            elif len(word) > 1:
                scripts = _scripts(word)
                for part in scripts if len(scripts) > 1 else word:
                    yield from self._other(part)
            elif word not in _JOINERS:
                yield self.name, f"〔U+{ord(word):04X}〕"

    def _set(self, word: Outline) -> str:
        if word not in self.words:
            self.words.append(word)
        return chr(FIRST + self.words.index(word))


def from_right(text: str) -> bool:
    """Whether a text has words that are read from the right."""
    return _FROM_RIGHT.search(text) is not None


def _shown(char: str) -> bool:
    """Whether a character is one that people see, or joins such; ideographs are, however new."""
    return char.isprintable() or char in _JOINERS or "\U00020000" <= char <= "\U0003ffff"


def _words(text: str) -> list[str]:
    """Where a line may be broken: at blanks, after the Tibetan dot (་), between ideographs."""
    found, place = [], 0
    for run in _RUN.finditer(text):
        found += _WORD.findall(text[place : run.start()])
        found += [run[0]] if len(run[0]) <= _WHOLE else _WORD.findall(run[0])
        place = run.end()
    return [*found, *_WORD.findall(text[place:])]


def _scripts(word: str) -> list[str]:
    """A word that no font has whole, in parts of one script each; marks stay where they are."""
    parts: list[tuple[str, str]] = []
    for char in word:
        script = name(char, "").partition(" ")[0]
        if parts and (script == parts[-1][0] or char in _JOINERS or combining(char)):
            script, before = parts.pop()
            parts.append((script, before + char))
        else:
            parts.append((script, char))
    return [part for _, part in parts]


_SIGNS = r"\u2e80-\u9fff\U00020000-\U0003ffff\u00b7\u2026"
_WORD = re.compile(rf"[{_SIGNS}]| +|[^ \u0f0b{_SIGNS}]+\u0f0b*|\u0f0b")


def face_of(font: Path | None) -> Face:
    """The type for a document; to be entered (`with`) while the document is made.

    Args:
        font: a TrueType file with Chinese characters, which is put into the document so that it
            looks the same everywhere; None for Song type that the reader's program has.

    Raises:
        DocumentError: where the file is not such a font.
    """
    if font is None:
        pdfmetrics.registerFont(UnicodeCIDFont(_STANDARD))
        return Face(_STANDARD, _standard())
    return _embedded(font)


def _embedded(font: Path) -> Face:
    try:
        name = f"TB{sha256(font.read_bytes()).hexdigest()[:12]}"
        made = TTFont(name, str(font))
    except (OSError, TTFError) as error:
        raise DocumentError(
            f"{font}: 不是可用的 TrueType 字体 (no TrueType font that can be used: {error})"
        ) from None
    pdfmetrics.registerFont(made)
    glyphs = frozenset(code for code in made.face.charToGlyph if chr(code).isprintable())
    if ord("准") not in glyphs:
        raise DocumentError(f"{font}: 字体没有汉字 (the font has no Chinese characters)")
    return Face(name, glyphs)
