"""Type for Chinese documents: a font of the library, or one that is put into the file."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from attrs import field, frozen

from tongban.plugins.delivery.documents import DocumentError

__all__ = ["FONT_VARIABLE", "Face", "face_of"]

FONT_VARIABLE = "TONGBAN_FONT"
"""The variable that holds the path of a TrueType font to be put into documents."""

_STANDARD = "STSong-Light"


@frozen
class Face:
    """A font that is ready.

    Attributes:
        name: in the library.
        glyphs: the characters it has; None for all of the basic plane.
    """

    name: str
    glyphs: frozenset[int] | None = field(default=None, repr=False)

    def shown(self, text: str) -> str:
        """`text` as this font can show it: a character that it lacks as `〔U+2B1EE〕`.

        A name with a rare character must not lose it in silence; the JSON has it as it is.
        """
        text = re.sub(r"\s+", " ", text)
        return "".join(char if self._has(char) else f"〔U+{ord(char):04X}〕" for char in text)

    def _has(self, char: str) -> bool:
        if not char.isprintable():
            return False
        return ord(char) < 0x10000 if self.glyphs is None else ord(char) in self.glyphs


def face_of(font: Path | None) -> Face:
    """The font for a document.

    Args:
        font: a TrueType file with Chinese characters, which is put into the document so that it
            looks the same everywhere; None for Song type that the reader's program has.

    Raises:
        DocumentError: where the file is no such font.
    """
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - heavy; only a PDF needs it

    if font is None:
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415

        pdfmetrics.registerFont(UnicodeCIDFont(_STANDARD))
        return Face(_STANDARD)
    return _embedded(font)


def _embedded(font: Path) -> Face:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - heavy
    from reportlab.pdfbase.ttfonts import TTFError, TTFont  # noqa: PLC0415

    try:
        name = f"TB{sha256(font.read_bytes()).hexdigest()[:12]}"
        made = TTFont(name, str(font))
    except (OSError, TTFError) as error:
        raise DocumentError(
            f"{font}: 不是可用的 TrueType 字体 (no TrueType font that can be used: {error})"
        ) from None
    pdfmetrics.registerFont(made)
    glyphs = frozenset(made.face.charToGlyph)
    if ord("准") not in glyphs:
        raise DocumentError(f"{font}: 字体没有汉字 (the font has no Chinese characters)")
    return Face(name, glyphs)
