"""Formatting one text."""

from __future__ import annotations

from attrs import frozen

from tongban.plugins.kit.formatting.order import kind_of
from tongban.plugins.kit.formatting.proof import same_text
from tongban.plugins.kit.formatting.reading import read
from tongban.plugins.kit.formatting.tree import UnformattableError
from tongban.plugins.kit.formatting.writing import write


@frozen
class Formatted:
    """A text in the one layout.

    Attributes:
        text: of the file, with a line's end at its end.
        kind: `department`, `vocabulary`, `sources` or `common`.
    """

    text: str
    kind: str


def formatted(content: bytes) -> Formatted:
    """A rule file in the one layout: keys in order, comments kept, nothing else changed.

    Args:
        content: of the file, UTF-8 with a mark of that or without.

    Raises:
        UnformattableError: where it is not a rule file, no YAML, or would not say the same.
    """
    text = decoded(content)
    root = read(text)
    kind = kind_of(root)
    if kind is None:
        raise UnformattableError(1, 1, "no rule file: it has no key `department`")
    after = write(root, kind)
    if not same_text(text, after):
        raise UnformattableError(
            1, 1, "would not say the same afterwards; left alone. Please report this file"
        )
    return Formatted(after, kind)


def decoded(content: bytes) -> str:
    """The text of a file, its lines ended by line feeds.

    Raises:
        UnformattableError: where it is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        before = content[content.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8", "replace")) + 1
        message = f"this is not UTF-8: the byte 0x{content[error.start]:02X}"
        raise UnformattableError(line, column, f"{message}; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
