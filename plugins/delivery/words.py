"""A PDF font of whole words (Type 3): each is drawn as one outline and read as its text.

What copies the text out of a document, or searches in it, gets every character in the order
in which it is read, whatever the script.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from reportlab.pdfbase import pdfdoc as raw

from tongban.plugins.delivery.shaping import Outline

FIRST = 0xF0000
"""The first of the private characters that stand for words in a line of text."""

_SIZE = 255


class WordFont:
    """What the library wants of a font that grows with the document.

    Args:
        name: in the library.
        words: the outline of each private character, counted from `FIRST`.
    """

    _multiByte = _dynamicFont = 1
    shapable = False
    encName = "words"
    substitutionFonts: tuple[Any, ...] = ()

    def __init__(self, name: str, words: list[Outline]) -> None:
        self.fontName, self.words = name, words
        self.face = _Face(name)
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        return sum(self._word(char).advance for char in text) * size / 1000

    def _word(self, char: str) -> Outline:
        return self.words[ord(char) - FIRST]

    def splitString(self, text: str, doc: Any) -> list[tuple[int, bytes]]:  # noqa: N802
        numbers = [ord(char) - FIRST for char in text]
        return [(number // _SIZE, bytes([number % _SIZE])) for number in numbers]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        if doc not in self._names:
            self._names[doc] = f"F{len(doc.fontMapping) + 1}"
            doc.fontMapping[self.fontName] = f"/{self._names[doc]}"
            doc.delayedFonts.append(self)
        return f"/{self._names[doc]}+{subset}"

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Puts the words of a document into it, a font for each 255 of them."""
        for start in range(0, len(self.words), _SIZE):
            name = self.getSubsetInternalName(start // _SIZE, doc)[1:]
            some = self.words[start : start + _SIZE]
            doc.idToObject["BasicFonts"].dict[name] = _type3(doc, name, some)


class _Face:
    """Height and depth of the words, for lines that have no other type."""

    builtIn = False
    ascent, descent = 880, -120

    def __init__(self, name: str) -> None:
        self.name = name


def _type3(doc: Any, name: str, words: list[Outline]) -> Any:
    drawn = {}
    for number, word in enumerate(words):
        width = round(word.advance)
        stream = raw.PDFStream()
        stream.content = f"{width} 0 -2000 -2000 {width + 2000} 3000 d1\n{word.path}\nf"
        drawn[f"w{number}"] = doc.Reference(stream, f"{name}.w{number}")
    codes = raw.PDFStream()
    codes.content = _codes(words)
    return raw.PDFDictionary({
        "Type": raw.PDFName("Font"),
        "Subtype": raw.PDFName("Type3"),
        "Name": raw.PDFName(name),
        "FontBBox": raw.PDFArray([-2000, -2000, 4000, 3000]),
        "FontMatrix": raw.PDFArray(["0.001", 0, 0, "0.001", 0, 0]),
        "CharProcs": raw.PDFDictionary(drawn),
        "Encoding": raw.PDFDictionary({
            "Type": raw.PDFName("Encoding"),
            "Differences": raw.PDFArray([0, *(raw.PDFName(f"w{n}") for n in range(len(words)))]),
        }),
        "FirstChar": 0,
        "LastChar": len(words) - 1,
        "Widths": raw.PDFArray([round(word.advance) for word in words]),
        "Resources": raw.PDFDictionary({}),
        "ToUnicode": doc.Reference(codes, f"{name}.codes"),
    })  # fmt: skip


def _codes(words: list[Outline]) -> str:
    """Which text each code stands for (ToUnicode)."""
    rows = "\n".join(
        f"<{number:02X}> <{word.text.encode('utf-16-be').hex().upper()}>"
        for number, word in enumerate(words)
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Words def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{len(words)} beginbfchar\n{rows}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
