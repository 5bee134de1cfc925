"""What comes from outside, made harmless where people or their programs read it: the one place.

A name, a reason or a message of another node may hold characters that move the cursor, turn
the direction of writing or begin a line that looks like one of ours. `printable` is for a
field that stands on one line, `escaped` for a whole output, `cell` for a table that
a spreadsheet opens, `visible` for a document; `guarded` puts `escaped` before the standard streams.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

__all__ = ["cell", "escaped", "guarded", "markup", "printable", "unguarded", "visible"]

WIDE_SPACES = "\u00a0\u3000"
"""Harmless, though Python does not count them as printable."""

_CONTROLS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but the tab and the end of a line
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of writing
    "\u2028\u2029"  # end a line for some programs
    "\u00ad\u200b\u2060-\u2064\ufeff"  # are not seen, and part or join no letters of a script
    "\U000e0000-\U000e007f"  # tags, which are invisible
)
_CONTROL = re.compile(f"[{_CONTROLS}]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def printable(text: str) -> str:
    r"""A field on one line: what is not printed is written `\x1b`, the end of a line too."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in WIDE_SPACES else ascii(c)[1:-1] for c in text)


def escaped(text: str) -> str:
    r"""A whole output: control characters are written `\u001b`, lines and tabs stay.

    In a JSON text, which holds such characters in its strings alone, the value stays the same.
    """
    return _CONTROL.sub(lambda found: _as_json(found[0]), text)


def _as_json(char: str) -> str:
    number = ord(char)
    if number < 0x10000:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def cell(text: str) -> str:
    """A field of a CSV table: no spreadsheet takes it for a formula."""
    shown = printable(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


def visible(text: str) -> str:
    """Words in a document: control characters are written as a missing one is, `〔U+202E〕`.

    What joins and parts letters of Uyghur, Tibetan and Mongolian script stays.
    """
    found = _CONTROL.sub(lambda one: f"〔U+{ord(one[0]):04X}〕", text)
    return found.replace("\n", " ").replace("\t", " ")


def markup(text: str) -> str:
    """The same in HTML and SVG, between tags or in an attribute in quotation marks."""
    from html import escape  # noqa: PLC0415 - brings every named character

    return escape(visible(text))


class _Guard:
    """A stream that writes through `escaped`."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream
        """For what a library draws on a terminal (rich knows the name); its words are escaped
        before they come to it."""

    def write(self, text: str) -> int:
        return self.rich_proxied_file.write(escaped(text))

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.rich_proxied_file)


@contextmanager
def guarded() -> Iterator[None]:
    """Nothing written to standard output and error moves a cursor, no matter who writes it."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, _Guard(out)), cast(TextIO, _Guard(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def unguarded(stream: TextIO) -> TextIO:
    """The stream behind the guard, for colours around words that `printable` has seen."""
    found: TextIO = getattr(stream, "rich_proxied_file", stream)
    return found
