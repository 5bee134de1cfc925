"""Copies of what hooks are given: what a hook changes in one changes nothing, and is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar, cast

from attrs import fields, has

from tongban.kernel.model.application import Application, Party

_T = TypeVar("_T")

_UNCHANGEABLE = frozenset(
    {str, int, bool, float, type(None), bytes, date, datetime, timedelta, frozenset}
)
_MAPPINGS = (dict, MappingProxyType)
_GONE = object()
_names: dict[type, tuple[str, ...]] = {}
"""The fields of each attrs class that was met; no names for what is not copied."""


def _fields(kind: type) -> tuple[str, ...]:
    found = _names.get(kind)
    if found is None:
        found = tuple(one.name for one in fields(kind)) if has(kind) else ()
        _names[kind] = found
    return found


def copied(value: _T) -> _T:
    """`value` with everything in it that somebody could change made anew.

    Args:
        value: attrs objects, mappings, lists and tuples of each other; anything else (a
            function, a kernel, a path) is the same in the copy.
    """
    given: Any = value
    made: Any = _application(given) if type(given) is Application else _copied(given)
    return cast(_T, made)


def _application(value: Application) -> Application:
    """The same for what nearly every hook is given, in half the time."""
    return Application(
        value.item,
        value.as_of,
        value.channel,
        value.received_at,
        _party(value.applicant),
        MappingProxyType(value.places.copy()),
        MappingProxyType(value.facts.copy()),
        value.deliver_by,
    )


def _party(value: Party) -> Party:
    agent = None if value.agent is None else _party(value.agent)
    return Party(
        value.kind,
        value.name,
        value.id_number,
        value.credit_code,
        value.phone,
        value.address,
        agent,
    )


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind in _UNCHANGEABLE:
        return value
    if kind is tuple:
        return tuple([_copied(one) for one in value])
    if kind is dict:
        return {name: _copied(one) for name, one in value.items()}
    if kind is MappingProxyType:
        return MappingProxyType({name: _copied(one) for name, one in value.items()})
    if kind is list:
        return [_copied(one) for one in value]
    names = _fields(kind)
    if not names:
        return value
    new = object.__new__(kind)
    for name in names:
        one = getattr(value, name)
        object.__setattr__(new, name, one if type(one) in _UNCHANGEABLE else _copied(one))
    return new


def difference(given: object, original: object, path: str) -> str:
    """Where a copy differs from what it was made of: the path of the first place, "" for none.

    Args:
        given: the copy, after a hook had it.
        original: what it was made of.
        path: what the value itself is called.
    """
    kind = type(original)
    if type(given) is not kind:
        return path
    if _same(given, original):
        return ""
    if kind in _UNCHANGEABLE:
        return path
    if isinstance(original, _MAPPINGS):
        return _of_mappings(given, original, path)  # type: ignore[arg-type]
    if isinstance(original, list | tuple):
        return _of_sequences(given, original, path)  # type: ignore[arg-type]
    for name in _fields(kind):
        # A field that was deleted is of another type here.
        before, now = getattr(original, name), getattr(given, name, _GONE)
        if now is not before and (found := difference(now, before, f"{path}.{name}")):
            return found
    return ""


def _same(given: object, original: object) -> bool:
    try:
        return bool(given == original)
    except AttributeError:  # a field was deleted
        return False


def _of_mappings(given: Mapping[Any, Any], original: Mapping[Any, Any], path: str) -> str:
    if given.keys() != original.keys():
        return path
    pairs = ((name, given[name], before) for name, before in original.items())
    found = (difference(now, was, f"{path}.{name}") for name, now, was in pairs if now is not was)
    return next((one for one in found if one), "")


def _of_sequences(
    given: list[Any] | tuple[Any, ...], original: list[Any] | tuple[Any, ...], path: str
) -> str:
    if len(given) != len(original):
        return path
    pairs = enumerate(zip(given, original, strict=True))
    found = (difference(now, was, f"{path}[{n}]") for n, (now, was) in pairs if now is not was)
    return next((one for one in found if one), "")
