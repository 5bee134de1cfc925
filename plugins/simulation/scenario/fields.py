"""Reads frozen values from YAML, and says precisely everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

import attrs

from tongban.kernel import TongbanError, nearest
from tongban.plugins.simulation.scenario.random_streams import Spread

Check: TypeAlias = Callable[[Any], str]
"""Takes a value of the right type; returns what is wrong with it, "" for nothing."""


class ScenarioError(TongbanError):
    """A scenario that cannot be used: the file and the key of each mistake, one on a line."""


_MOST = 100_000
"""The largest number of a spread: of minutes and of days."""

BAD: Any = object()
"""Stands for what could not be read."""


def within(least: float, most: float) -> Check:
    """A check of a number: both ends are allowed."""
    return lambda value: (
        "" if least <= value <= most else f"from {least:g} to {most:g}, found {value:g}"
    )


def one_of(known: Collection[str]) -> Check:
    """A check of words, or of the keys of a mapping."""

    def check(value: Any) -> str:
        words = [value] if isinstance(value, str) else value
        wrong = next((one for one in words if one not in known), None)
        if wrong is None:
            return ""
        near = nearest(wrong, known)
        hint = f"did you mean {near}?" if near else f"known: {', '.join(known)}"
        return f"unknown: {wrong!r}; {hint}"

    return check


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def fields_of(
    kind: Any, raw: Any, where: str, problems: list[str], part: bool = False
) -> dict[str, Any]:
    """The fields of an attrs class, as far as they can be read.

    Args:
        kind: the class; the type of a field is such a class, a plain type, a tuple or a
            mapping of them, or one of these annotated with checks.
        raw: what YAML gave.
        where: file and keys, for the messages.
        problems: takes a message for each mistake.
        part: whether keys may be missing, here and in classes that are fields of it.
    """
    if not isinstance(raw, dict):
        problems.append(f"{where}: must be a mapping of keys")
        return {}
    known = {one.name: one for one in attrs.fields(kind)}
    mark = "." if ": " in where else ": "
    hints, found = _hints(kind), {}
    for key, one in raw.items():
        if key not in known:
            near = nearest(key, list(known))
            hint = f"; did you mean {near}?" if near else ""
            problems.append(f"{where}: unknown key {key!r}{hint}")
            continue
        value = _read(hints[key], one, f"{where}{mark}{key}", problems, part)
        if value is not BAD:
            found[key] = value
    missing = [n for n, one in known.items() if one.default is attrs.NOTHING and n not in raw]
    if missing and not part:
        problems.append(f"{where}: missing {', '.join(missing)}")
    return found


def _read(kind: Any, raw: Any, where: str, problems: list[str], part: bool = False) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        value = _read(arguments[0], raw, where, problems, part)
        says = "" if value is BAD else next(filter(None, (one(value) for one in arguments[1:])), "")
        if says:
            problems.append(f"{where}: {says}")
        return BAD if says else value
    if attrs.has(kind) and kind is not Spread:
        before = len(problems)
        values = fields_of(kind, raw, where, problems, part)
        return BAD if part or len(problems) > before else kind(**values)
    if origin is tuple:
        if not isinstance(raw, list):
            return _wrong(problems, where, "must be a list")
        some = [_read(arguments[0], one, f"{where}[{n}]", problems) for n, one in enumerate(raw)]
        return BAD if BAD in some else tuple(some)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(raw, dict):
            return _wrong(problems, where, "must be a mapping of keys")
        table = {key: _read(arguments[1], raw[key], f"{where}.{key}", problems) for key in raw}
        return BAD if BAD in table.values() else table
    return _spread(raw, where, problems) if kind is Spread else _plain(kind, raw, where, problems)


def _wrong(problems: list[str], where: str, says: str) -> Any:
    problems.append(f"{where}: {says}")
    return BAD


def _spread(raw: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(raw, list) or len(raw) != 3 or any(type(n) is not int or n < 0 for n in raw):
        return _wrong(problems, where, "[least, usual, most], three whole numbers")
    if raw[2] > _MOST:
        return _wrong(problems, where, f"from 0 to {_MOST}, found {raw[2]}")
    if not raw[0] <= raw[1] <= raw[2]:
        return _wrong(problems, where, "[least, usual, most] must rise")
    return Spread(*raw)


def _plain(kind: Any, raw: Any, where: str, problems: list[str]) -> Any:
    if kind is float and type(raw) in (int, float):
        return float(raw)
    if kind is str and type(raw) in (int, str):
        return str(raw)  # codes of divisions are written as numbers
    if kind is str and type(raw) is date:
        return raw.isoformat()
    if type(raw) is not kind:
        names = {int: "a whole number", float: "a number", str: "text", date: "a date"}
        return _wrong(problems, where, f"must be {names[kind]}")
    return raw
