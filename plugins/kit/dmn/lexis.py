"""The words of FEEL: blanks, comments, numbers, texts, names, and what looks like them."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn


class UnreadError(Exception):
    """A cell or expression that is not read; its text says why, and what would be read."""


BLANK = (
    "\t\n\v\f\r \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What DMN takes for blanks, among them those of Chinese text and of word processors."""

_BLANKS = re.compile(f"[{BLANK}]*")
_TOKEN = re.compile(
    rf"""(?P<comment>//[^\n\r]*|/\*.*?\*/)
    | (?P<string>"(?:[^"\\\n\v\f\r]|\\.)*")
    | (?P<date>(?:date[{BLANK}]+and[{BLANK}]+time|date|time|duration)[{BLANK}]*
        \([{BLANK}]*(?:"[^"]*"|[0-9]+(?:[{BLANK}]*,[{BLANK}]*[0-9]+)*)[{BLANK}]*\)|@"[^"]*")
    | (?P<number>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?!\w|\.[0-9]))
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|!=|\.\.|[-<>=\[\](),])""",
    re.VERBOSE | re.DOTALL,
)

_MEANT = {
    "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2018": '"', "\u2019": '"', "\u201c": '"',
    "\u201d": '"', "\u300c": '"', "\u300d": '"', "\u3001": ",", "\u3002": ".", "\u2264": "<=",
    "\u2265": ">=", "\u2260": "!=", "\u301c": "..", "\uff5e": "..", "\u2026": "..",
    "'": '"', ";": ",", "\uff1b": ",",
}  # fmt: skip
"""Signs of Chinese or typeset text, and what FEEL has in their place."""

_GROUPED = re.compile(
    rf"(?:[<>]=?|!=)[{BLANK}]*-?[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9.])"
    r"|-?[0-9]{1,3}(?:,[0-9]{3})*,0[0-9]{2}(?![0-9.])"
)
"""A number with its digits in groups of three, where FEEL has a list: `1,000` is 1 and 0."""

_ESCAPES = {"'": "'", '"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def tokens(text: str) -> list[tuple[str, str]]:
    """The tokens of a cell, each with its kind: string, date, number, word or sign.

    Args:
        text: of the cell; comments and blanks are left out.

    Raises:
        UnreadError: where something is not a token; full-width signs and digits are named. Also
            where the digits of a number stand in groups, since FEEL reads `1,000` as two values.
    """
    found = []
    at = _BLANKS.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _refuse(_unknown(text[at:]))
        kind = match.lastgroup or ""
        if kind in ("number", "sign") and (grouped := _GROUPED.match(text, at)):
            said = grouped[0][:40]
            _refuse(f"holds {said!r}, which is a list; write {said.replace(',', '')!r}")
        if kind != "comment":
            found.append((kind, match[kind]))
        at = _BLANKS.match(text, match.end()).end()  # type: ignore[union-attr]
    if not found:
        _refuse("holds a comment and no test; write - for everything")
    return found


def _unknown(rest: str) -> str:
    """Why nothing is read from here on."""
    sign = rest[0]
    digits = re.match(r"\d+", rest)
    if digits and not digits[0].isascii():
        plain = "".join(str(unicodedata.decimal(one)) for one in digits[0][:40])
        return f"holds the digits {digits[0][:40]!r}; a number has the digits 0 to 9: {plain}"
    meant = _MEANT.get(sign) or unicodedata.normalize("NFKC", sign)
    if meant != sign and meant.isascii():
        return f"holds the sign {sign!r} (U+{ord(sign):04X}); write {meant!r}"
    if sign == '"':
        return (
            "cannot be read: the closing quote is missing, or a line ends in the text; write "
            f"\\n for that: {rest[:20]!r}"
        )
    return f"cannot be read from {rest[:20]!r} on"


def unquoted(text: str) -> str:
    """The characters of a text in quotes, its escapes written out.

    Raises:
        UnreadError: where an escape is none of DMN, or names no character.
    """
    said = re.sub(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", _unescaped, text[1:-1], flags=re.DOTALL)
    try:
        # Two escapes of four digits may be the halves of one character.
        joined = said.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        _refuse("holds half a character: an escape from \\uD800 to \\uDFFF without its other half")
    odd = _NO_TEXT.search(joined)
    if odd:
        _refuse(f"holds U+{ord(odd[0]):04X}, which is not a character of a text")
    return joined


def _unescaped(match: re.Match[str]) -> str:
    sign = match[1]
    if len(sign) == 1:
        if sign not in _ESCAPES:
            _refuse(f"holds the escape \\{sign}, which DMN does not have; write \\\\ for a \\")
        return _ESCAPES[sign]
    number = int(sign[1:], 16)
    if number > 0x10FFFF:
        _refuse(f"holds the escape \\{sign}; the last character is \\U10FFFF")
    return chr(number)


_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
"""Signs with which a name of FEEL begins (but for `?`); those of Chinese text are among them."""

_PART = f"{_START}0-9\xb7\u0300-\u036f\u203f\u2040"
_NAME = re.compile(f"[{_START}][{_PART}]*([ .][{_PART}]+)*")

_KEYWORDS = frozenset(
    ("and", "or", "not", "if", "then", "else", "return", "satisfies", "between", "in", "instance")
)
_FIRST = frozenset(("for", "some", "every", "function"))
_CONSTANTS = frozenset(("true", "false", "null"))


def spaced(text: str) -> str:
    """A name or path of FEEL with one space between its words and none around its dots."""
    words = re.sub(f"[{BLANK}]+", " ", text).strip()
    return re.sub(r" ?\. ?", ".", words)


def named(name: str) -> None:
    """Checks that an expression which the file does not declare can be a name.

    Args:
        name: the expression, as `spaced` leaves it.

    Raises:
        UnreadError: where it is anything else: a constant, words that FEEL reads as operators,
            a call, arithmetic.
    """
    hint = "an input column names one fact (declare it as input data, or use --map)"
    if name.lower() in _CONSTANTS or re.fullmatch(r'[-+]?[0-9.]+|"[^"]*"|@.*', name):
        _refuse(f"is a constant, the same for everybody; {hint}")
    if not _NAME.fullmatch(name):
        called = re.match(r"([^\W\d][\w ]*)\(", name)
        says = f"calls {called[1][:40]!r}, which is an expression" if called else "is an expression"
        _refuse(f"{says}; {hint}")
    sign = re.search("[\uff0b\uff0a\uff1c\uff1d\uff1e]", name)
    if sign:
        _refuse(f"is an expression with {sign[0]!r}; {hint}")
    words = name.split()
    for number, word in enumerate(words):
        small = word.lower()
        if small in _KEYWORDS | _CONSTANTS or (not number and small in _FIRST and len(words) > 1):
            _refuse(f"is an expression with {word!r}; {hint}")


def _refuse(message: str) -> NoReturn:
    raise UnreadError(message)
