"""What text and numbers may come in: one pattern for ids of cases, bounds for everything else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel.protocol.codec import FormatError

__all__ = [
    "CASE_ID",
    "MOST_DEPTH",
    "MOST_NAME",
    "MOST_TEXT",
    "MOST_VALUES",
    "check_case_id",
    "check_content",
    "is_case_id",
    "is_name",
    "printable",
]

CASE_ID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
"""The pattern of a case's id: `BJ20261122ABCDEF0123`; no number of an identity card beside."""

MOST_NAME = 200
"""The longest name, id or key, in characters."""

MOST_TEXT = 10_000
"""The longest free text, in characters."""

MOST_DEPTH = 32
"""So deep may lists and objects stand in each other."""

MOST_VALUES = 50_000
"""A letter or command has at most this many values."""

_LARGEST = 2**53
"""Whole numbers up to this one are the same in every JSON reader."""

_CASE_ID = re.compile(CASE_ID)
_CARD = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_OURS = re.compile(r"BJ20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[0-9A-F]{10}")
_CARD_AT_ALL = re.compile(r"\d{17}[0-9Xx]")
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_IN_NO_NAME = re.compile(r"[\t\n\r\u2028\u2029]")


def is_case_id(text: str) -> bool:
    """Whether a text can be the id of a case."""
    if not _CASE_ID.fullmatch(text):
        return False
    return bool(_OURS.fullmatch(text)) or not _CARD_AT_ALL.search(text)


def check_case_id(text: str) -> None:
    """Lets an id of a case pass.

    Raises:
        FormatError: where it does not have the pattern.
    """
    if not is_case_id(text):
        raise FormatError(
            "办件编号只能由字母、数字、点、下划线和短横线组成,至多64个字符,且不得含公民身份号码"
            " (the id of a case has letters, digits, `.`, `_` and `-`, at most 64 characters,"
            " and no resident ID number)"
        )


def is_name(text: Any, least: int = 1) -> bool:
    """Whether a value is a short text on one line that can be shown as it is.

    Args:
        text: of any type.
        least: at least this many characters.
    """
    if not isinstance(text, str) or not least <= len(text) <= MOST_NAME:
        return False
    return not _HIDDEN.search(text) and not _IN_NO_NAME.search(text)


def check_content(value: Any, where: str) -> None:
    """Lets plain JSON pass that can be kept, shown and written again.

    Args:
        value: of a letter or a command.
        where: what it is, for the error.

    Raises:
        FormatError: where a text has control characters, marks that turn its direction or half
            a character, or is too long; where a number is not finite or too large; where
            there is too much of it, or it is too deep.
    """
    for count, (path, one, depth) in enumerate(_walk(value, where)):
        if count >= MOST_VALUES:
            raise FormatError(f"{where}: 内容过多 (more than {MOST_VALUES} values)")
        if depth > MOST_DEPTH:
            raise FormatError(f"{where}: 嵌套过深 (deeper than {MOST_DEPTH})")
        if isinstance(one, str):
            _check_text(one, path)
        elif isinstance(one, float) and not math.isfinite(one):
            raise FormatError(f"{path}: 不是有限数 (not a finite number)")
        elif isinstance(one, int | float) and abs(one) > _LARGEST:
            raise FormatError(f"{path}: 数值过大 (a number beyond {_LARGEST})")


def _walk(value: Any, where: str) -> Iterator[tuple[str, Any, int]]:
    """Every value in it with its place; without recursion, since it may be deep."""
    waiting = [(where, value, 0)]
    while waiting:
        path, one, depth = waiting.pop()
        yield path, one, depth
        if depth > MOST_DEPTH:
            continue
        if isinstance(one, Mapping):
            for key, inner in one.items():
                if not is_name(key, least=0):
                    raise FormatError(f"{path}: 键名有误 (a key is too long or not printable)")
                waiting.append((f"{path}.{key}", inner, depth + 1))
        elif isinstance(one, list | tuple):
            waiting += [(f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(one)]


def _check_text(text: str, path: str) -> None:
    if len(text) > MOST_TEXT:
        raise FormatError(f"{path}: 文字过长 (longer than {MOST_TEXT} characters)")
    found = _HIDDEN.search(text)
    if found:
        raise FormatError(
            f"{path}: 含不可显示的字符 (has the character U+{ord(found[0]):04X}, which is not"
            " printed: leave it out)"
        )


def printable(text: str, most: int = 400) -> str:
    """A sentence about something from outside, fit to be kept and shown.

    Args:
        text: may quote what came.
        most: at most this many characters of it.
    """
    shown = _CARD_AT_ALL.sub("…", _HIDDEN.sub("\ufffd", text))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
