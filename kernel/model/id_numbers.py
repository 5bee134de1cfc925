"""Numbers of identity documents in free text, however they are spelled.

Digits of every script and width, in groups, with letters before or behind, with characters
that are invisible. Form alone: a number that was mistyped still tells who it is. What is spelled
out in words is not recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain
from typing import Any
from unicodedata import category, decimal, normalize

__all__ = ["has_id_number", "id_number_in", "many_digits", "without_id_numbers"]

_CHINESE = str.maketrans("〇○零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "000123456789123456789")
_DIGITS = re.compile(r"[\d〇○零一二三四五六七八九壹贰叁肆伍陆柒捌玖⁰¹²³⁴-⁹₀-₉①-⑨⓪]")
_GROUP = re.compile(r"[0-9]+")
_SIGN = re.compile(r"[\W_]{0,3}[Xx]")
_BETWEEN = re.compile(r"[\W_]{1,3}")
"""What may stand between the groups of one number: blanks and punctuation, no word."""

_LONG, _OLD = 18, 15
_PROVINCES = frozenset(
    chain(range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66),
          (71, 81, 82, 83))
)  # fmt: skip
"""The first two digits, with the residents of Hong Kong, Macao and Taiwan (81, 82, 83)."""

_DATED = 2020
"""Numbers of cases and papers may look the same, with the day on which they were made; nobody
numbered any here before. Later ones have to have the right check digit."""

_OURS = re.compile(
    r"XT\d{6}20\d{6}[0-9A-F]{8}(?![0-9A-Za-z])|(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])"
)
"""Numbers under which several offices act (业务协同编号), with a division and a day; hashes."""

_ESCAPE = re.compile(r"\\(?:[tnr]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_ESCAPED = re.compile(f"({_ESCAPE.pattern})")
_RUN = re.compile(rf"{_DIGITS.pattern}(?:(?:{_ESCAPE.pattern}|[\W_])*{_DIGITS.pattern}){{14,}}")
"""As many digits as the shortest number has, as a message shows them."""

_OTHER = re.compile(
    r"[0-9a-f]{32,}|XT\d{6}20\d{6}[0-9A-F]{8}"
    r"|(?:19|20)\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{6})?[+-][01]\d:[0-5]\d"
)
"""Texts with as many digits of which nearly every event has some: hashes, case numbers that
several offices share, moments."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def many_digits(text: str) -> bool:
    """Whether a JSON text may contain a number at all, so that it is worth while to look.

    Args:
        text: as `hash_chain.canonical` writes it. Where it says no, `id_number_in` finds nothing.
    """
    parts = text.replace('\\"', "'").split('"')
    return any(
        len(part) >= _OLD and len(_DIGITS.findall(part)) >= _OLD and not _OTHER.fullmatch(part)
        for part in parts
    )


def id_number_in(value: Any, besides: str = "", where: str = "") -> str | None:
    """Where in a value, as JSON has it, a text contains the number of an identity document.

    Args:
        value: texts, lists and mappings in each other.
        besides: a text that does not count: a case's id may be division, day and number.
        where: what `value` is called.

    Returns:
        The path of the first such text, `data.reasons.0`; None where there is none.
    """
    if isinstance(value, str):
        if len(value) < _OLD or _OTHER.fullmatch(value):  # nearly all are
            return None
        text = value.replace(besides, "") if besides else value
        # The number of a letter may have as many digits as an identity card of before 1999.
        return where if has_id_number(text, old=not where.endswith("tracking")) else None
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        if (found := id_number_in("\n".join(map(str, value)), besides, where)) is not None:
            return found
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    for name, one in pairs:
        if one.__class__ in _PLAIN or (one.__class__ is str and len(one) < _OLD):
            continue
        found = id_number_in(one, besides, f"{where}.{name}" if where else str(name))
        if found is not None:
            return found
    return None


_PLAIN = (int, bool, float, type(None))


def has_id_number(text: str, *, old: bool = True) -> bool:
    """Whether a text contains what looks like the number of an identity document.

    公民身份号码 of 18 characters (GB 11643), the residence permits that are numbered like it,
    the foreigners' permanent residence card of 2023, and, with `old`, the 15 digits of identity
    cards before 1999.

    Args:
        text: any; the store puts every event and message to it before it keeps them.
        old: whether 15 digits count.
    """
    if len(text) < _OLD or not _DIGITS.search(text) or len(_DIGITS.findall(text)) < _OLD:
        return False
    return any(
        _is_number(number, alone, old)
        for reading in _readings(text)
        for number, alone in _candidates(_OURS.sub("", reading))
    )


def without_id_numbers(text: str) -> str:
    """A text that may be shown: of numbers of identity documents every digit is a `*`.

    For messages that repeat what somebody typed. They end up in terminals, mails and logs.

    Args:
        text: any, also as `repr` writes it.
    """
    if not has_id_number(_ESCAPE.sub("", text)):
        return text
    shown = _RUN.sub(_hidden, text)
    # What only a reading across words finds goes with every digit that there is.
    return _DIGITS.sub("*", text) if has_id_number(_ESCAPE.sub("", shown)) else shown


def _hidden(run: re.Match[str]) -> str:
    return "".join(
        part if _ESCAPE.fullmatch(part) else _DIGITS.sub("*", part)
        for part in _ESCAPED.split(run[0])
    )


def _readings(text: str) -> Iterator[str]:
    """`text` with digits as 0 to 9, and without what is invisible or only decorates.

    ① may be the number of a line or a digit, 一 a word or a digit: both are tried.
    """
    shown = [char for char in text if char.isspace() or category(char) not in _UNSEEN]
    marks = any(category(char) == "No" for char in shown)
    yield "".join(char if category(char) == "No" else _digit(char) for char in shown)
    every = "".join(map(_digit, normalize("NFKC", "".join(shown))))
    if marks:
        yield every
    if every.translate(_CHINESE) != every:
        yield every.translate(_CHINESE)


_UNSEEN = ("Cf", "Mn", "Me", "Cc")


def _digit(char: str) -> str:
    value = decimal(char, None)
    return normalize("NFKC", char) if value is None else str(value)


def _candidates(text: str) -> Iterator[tuple[str, bool]]:
    """What could be a number: one or several whole groups of digits, with X behind, or none.

    Yields:
        The number, and whether it stands alone: in one group, between no letters.
    """
    groups = list(_GROUP.finditer(text))
    for first, group in enumerate(groups):
        number, end = "", group.start()
        for one in groups[first:]:
            if number and not _BETWEEN.fullmatch(text, end, one.start()):
                break
            number, end = number + one[0], one.end()
            if len(number) > _LONG:
                break
            alone = number == group[0] and not _letter(text, group.start() - 1)
            sign = _SIGN.match(text, end) if len(number) == _LONG - 1 else None
            if sign:
                yield number + "X", alone and not _letter(text, sign.end())
            yield number, alone and not _letter(text, end)


def _letter(text: str, place: int) -> bool:
    char = text[place : place + 1] if place >= 0 else ""
    return char.isascii() and char.isalnum()


def _is_number(number: str, alone: bool, old: bool) -> bool:
    if len(number) == _OLD:
        return old and _is_old(number)
    if len(number) != _LONG:
        return False
    born = _date(number[6:10], number[10:14])
    if born is None or not 1900 <= born.year < 2100:
        return False
    if number[0] == "9":
        return int(number[1:3]) in _PROVINCES and _fits(number)
    if alone:
        return 11 <= int(number[:2]) <= 83
    return int(number[:2]) in _PROVINCES and (born.year < _DATED or _fits(number))


def _is_old(number: str) -> bool:
    known = _date(f"19{number[6:8]}", number[8:12]) and number[12:] != "000"
    return bool(known) and _is_county(number[:6])


def _date(year: str, day: str) -> date | None:
    try:
        return date(int(year), int(day[:2]), int(day[2:]))
    except ValueError:
        return None


def _fits(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[-1]


@cache
def _is_county(code: str) -> bool:
    """Whether there ever was such a county, so that few numbers of other things look like one."""
    from stdnum import numdb  # noqa: PLC0415 - a tenth of a second, where a number needs it

    return any("county" in found for _, found in numdb.get("cn/loc").info(code))
