"""Reads frozen values from YAML, and says precisely what is wrong."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from tongban.kernel import TongbanError, nearest
from tongban.plugins.simulation.chance import Spread

__all__ = ["ScenarioError", "read"]


class ScenarioError(TongbanError):
    """A scenario that cannot be used; the message names the file and the key."""


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def read(kind: Any, raw: Any, where: str) -> Any:
    """A value of a type.

    Args:
        kind: an attrs class, a plain type, a tuple or a mapping of them.
        raw: what YAML gave.
        where: file and keys, for the message.

    Raises:
        ScenarioError: where it is anything else.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Spread:
        return _spread(raw, where)
    if attrs.has(kind):
        return _table(kind, raw, where)
    if origin is tuple:
        return tuple(
            read(arguments[0], one, f"{where}[{n}]") for n, one in enumerate(_list(raw, where))
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        table = _mapping(raw, where)
        return {str(key): read(arguments[1], one, f"{where}.{key}") for key, one in table.items()}
    if origin in (Union, types.UnionType):
        return None if raw is None else read(arguments[0], raw, where)
    return _plain(kind, raw, where)


def _table(kind: Any, raw: Any, where: str) -> Any:
    table = _mapping(raw, where)
    known = {one.name: one for one in attrs.fields(kind)}
    for key in table:
        if key not in known:
            near = nearest(str(key), list(known))
            hint = f"; did you mean {near}?" if near else ""
            raise ScenarioError(f"{where}: unknown key {key!r}{hint}")
    missing = [n for n, one in known.items() if one.default is attrs.NOTHING and n not in table]
    if missing:
        raise ScenarioError(f"{where}: missing {', '.join(missing)}")
    hints = _hints(kind)
    return kind(**{key: read(hints[key], one, f"{where}.{key}") for key, one in table.items()})


def _spread(raw: Any, where: str) -> Spread:
    numbers = _list(raw, where)
    if len(numbers) != 3 or not all(type(one) is int and one >= 0 for one in numbers):
        raise ScenarioError(f"{where}: [least, usual, most], three whole numbers")
    if not numbers[0] <= numbers[1] <= numbers[2]:
        raise ScenarioError(f"{where}: [least, usual, most] must rise")
    return Spread(*numbers)


def _list(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise ScenarioError(f"{where}: must be a list")
    return raw


def _mapping(raw: Any, where: str) -> dict[Any, Any]:
    if not isinstance(raw, dict):
        raise ScenarioError(f"{where}: must be a mapping of keys")
    return raw


def _plain(kind: Any, raw: Any, where: str) -> Any:
    if kind is float and type(raw) in (int, float):
        return float(raw)
    if kind is str and type(raw) in (int, str):
        return str(raw)  # codes of divisions are written as numbers
    if type(raw) is not kind:
        names = {int: "a whole number", float: "a number", str: "text", date: "a date"}
        raise ScenarioError(f"{where}: must be {names.get(kind, kind)}")
    return raw
