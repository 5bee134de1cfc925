"""Frozen values to plain JSON and back: unknown fields are refused, nothing is coerced."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from tongban.kernel.errors import TongbanError
from tongban.kernel.model.later import fields_of

__all__ = ["FormatError", "dump", "load"]

T = TypeVar("T")

_PLAIN = frozenset((str, int, bool, type(None)))
"""What is JSON as it is; looked for first, since nearly everything is."""

_has_fields = cache(attrs.has)


class FormatError(TongbanError):
    """A stored value or message that is not what it should be; the message names the field."""


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
