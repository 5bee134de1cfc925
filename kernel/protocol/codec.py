"""Frozen values to plain JSON and back, and what text and numbers may come in.

Unknown fields are refused and nothing is coerced.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from tongban.kernel.errors import Text, TongbanError
from tongban.kernel.model.later import fields_of

T = TypeVar("T")

_PLAIN = frozenset((str, int, bool, type(None)))
"""What is JSON as it is; looked for first, since nearly everything is."""

_has_fields = cache(attrs.has)


class FormatError(TongbanError):
    """A stored value or message that is not what it should be; the message names the field.

    Attributes:
        text: the message, with the languages apart.
    """

    def __init__(self, en: str, zh: str = "") -> None:
        self.text = Text(zh, en)
        super().__init__(self.text.bracketed)


def dump(value: Any) -> Any:
    """The JSON form of a frozen value: dicts, lists, text, numbers.

    Args:
        value: an attrs value, or what stands in one.
    """
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    # Each value is looked at before it is dumped: of all that is stored most is plain.
    if kind is list or kind is tuple:
        return [one if type(one) in _PLAIN else dump(one) for one in value]
    if _has_fields(kind):
        kind, value = dict, fields_of(value)
    if kind is dict or isinstance(value, Mapping):
        return {key: one if type(one) in _PLAIN else dump(one) for key, one in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [dump(one) for one in value]
    return value


def load(cls: type[T], raw: Any, where: str = "") -> T:
    """The value that `dump` wrote.

    Args:
        cls: the attrs class.
        raw: its JSON form.
        where: what the value is, for the error.

    Raises:
        FormatError: where a field is unknown, missing or of another type.
    """
    where = where or cls.__name__
    if not isinstance(raw, Mapping):
        raise FormatError(f"{where}: must be an object, found {_shown(raw)}")
    kind: Any = cls  # mypy does not take a type variable for hashable
    fields = {field.name: field for field in _fields(kind)}
    for name in raw:
        if name not in fields:
            raise FormatError(f"{where}: unknown field {name!r}")
    for name, field in fields.items():
        if name not in raw and field.default is attrs.NOTHING:
            raise FormatError(f"{where}: the field {name!r} is missing")
    readers = _readers(kind)
    values = {name: readers[name](one, f"{where}.{name}") for name, one in raw.items()}
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise FormatError(f"{where}: {error}") from None


@cache
def _fields(cls: Any) -> tuple[attrs.Attribute[Any], ...]:
    return tuple(attrs.fields(cls))


@cache
def _readers(cls: Any) -> dict[str, Callable[[Any, str], Any]]:
    hints = get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in _fields(cls)}


def _reader(hint: Any) -> Callable[[Any, str], Any]:
    """What reads a value of the type `hint`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return lambda raw, where: raw
    if origin is Literal:
        return lambda raw, where: _one_of(arguments, raw, where)
    if origin in (Union, types.UnionType):
        some = _reader(next(one for one in arguments if one is not type(None)))
        return lambda raw, where: None if raw is None else some(raw, where)
    if origin is tuple:
        one = _reader(arguments[0])
        return lambda raw, where: _tuple(one, raw, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        entry = _reader(arguments[1])
        return lambda raw, where: _mapping(entry, raw, where)
    if attrs.has(hint):
        return lambda raw, where: load(hint, raw, where)
    if hint in (date, datetime):
        return lambda raw, where: _moment(hint, raw, where)
    return lambda raw, where: _plain(hint, raw, where)


def _plain(hint: type[Any], raw: Any, where: str) -> Any:
    if type(raw) is not hint:
        raise FormatError(f"{where}: must be {hint.__name__}, found {_shown(raw)}")
    return raw


def _one_of(known: tuple[Any, ...], raw: Any, where: str) -> Any:
    if not any(raw == one and type(raw) is type(one) for one in known):
        names = ", ".join(map(str, known))
        raise FormatError(f"{where}: must be one of {names}, found {_shown(raw)}")
    return raw


def _tuple(one: Callable[[Any, str], Any], raw: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise FormatError(f"{where}: must be a list, found {_shown(raw)}")
    return tuple(one(entry, f"{where}[{n}]") for n, entry in enumerate(raw))


def _mapping(entry: Callable[[Any, str], Any], raw: Any, where: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
        raise FormatError(f"{where}: must be an object, found {_shown(raw)}")
    return {key: entry(one, f"{where}.{key}") for key, one in raw.items()}


def _moment(hint: type[date], raw: Any, where: str) -> date:
    try:
        found = hint.fromisoformat(raw)
    except (TypeError, ValueError):
        raise FormatError(f"{where}: must be a {hint.__name__}, found {_shown(raw)}") from None
    if isinstance(found, datetime) and found.tzinfo is None:
        raise FormatError(f"{where}: a moment needs its offset from UTC")
    if found.isoformat() != raw:
        raise FormatError(f"{where}: must be written {found.isoformat()}")
    return found


def _shown(raw: Any) -> str:
    # Not the value: it may be personal data.
    return "nothing" if raw is None else f"a value of the type {type(raw).__name__}"


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
    """Check that an id of a case has the pattern.

    Raises:
        FormatError: where it does not have the pattern.
    """
    if not is_case_id(text):
        raise FormatError(
            "the id of a case has letters, digits, `.`, `_` and `-`, at most 64 characters,"
            " and no resident ID number",
            "办件编号只能由字母、数字、点、下划线和短横线组成,至多64个字符,且不得含公民身份号码",
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
    """Check that plain JSON can be kept, shown and written again.

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
            raise FormatError(f"more than {MOST_VALUES} values", f"{where}: 内容过多")
        if depth > MOST_DEPTH:
            raise FormatError(f"deeper than {MOST_DEPTH}", f"{where}: 嵌套过深")
        if isinstance(one, str):
            _check_text(one, path)
        elif isinstance(one, float) and not math.isfinite(one):
            raise FormatError("not a finite number", f"{path}: 不是有限数")
        elif isinstance(one, int | float) and abs(one) > _LARGEST:
            raise FormatError(f"a number beyond {_LARGEST}", f"{path}: 数值过大")


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
                    raise FormatError("a key is too long or not printable", f"{path}: 键名有误")
                waiting.append((f"{path}.{key}", inner, depth + 1))
        elif isinstance(one, list | tuple):
            waiting += [(f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(one)]


def _check_text(text: str, path: str) -> None:
    if len(text) > MOST_TEXT:
        raise FormatError(f"longer than {MOST_TEXT} characters", f"{path}: 文字过长")
    found = _HIDDEN.search(text)
    if found:
        raise FormatError(
            f"has the character U+{ord(found[0]):04X}, which is not printed: leave it out",
            f"{path}: 含不可显示的字符",
        )


def printable(text: str, most: int = 400) -> str:
    """A sentence about something from outside, fit to be kept and shown.

    Args:
        text: may quote what came.
        most: at most this many characters of it.
    """
    shown = _CARD_AT_ALL.sub("…", _HIDDEN.sub("\ufffd", text))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
