"""What a plugin's functions must look like and may return: the checks that pluggy lacks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel.decision import Decision
from tongban.kernel.errors import Defect, nearest
from tongban.kernel.hookspecs import (
    PROJECT,
    Carrier,
    DepartmentRules,
    Finding,
    Hooks,
    Storage,
    WorkingDays,
)
from tongban.kernel.worlds import World

__all__ = ["HOOKS", "described", "implements", "returned", "wrong_hooks"]

HOOKS: Mapping[str, tuple[str, ...]] = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(Hooks).items()
    if not name.startswith("_")
}
"""Every hook, with the arguments that its functions may take."""

_RETURNS: Mapping[str, tuple[bool, type, str]] = {
    "departments": (True, DepartmentRules, "a list of DepartmentRules"),
    "derive_facts": (False, Mapping, "a mapping of fact to value"),
    "receive": (True, Defect, "a list of Defect"),
    "route": (False, Decision, "a Decision"),
    "exchange": (False, Carrier, "a Carrier"),
    "storage": (False, Storage, "a Storage"),
    "world": (False, World, "a World"),
    "working_days": (False, WorkingDays, "WorkingDays"),
    "findings": (True, Finding, "a list of Finding"),
    "second_opinion": (True, str, "the ids of rules"),
}
"""By hook: whether it returns many, of which type, and that in words."""

_MARK = f"{PROJECT}_impl"
_MAX_TEXT = 500


class _WrongReturn(Exception):
    """A hook returned what it must not."""


def implements(plugin: object, hook: str) -> bool:
    """Whether `plugin` has a function for `hook`."""
    return isinstance(getattr(getattr(plugin, hook, None), _MARK, None), dict)


def wrong_hooks(plugin: object) -> Iterator[str]:
    """What pluggy lets pass: names that are no hooks, wrong arguments, defaults, wrappers."""
    for name in dir(plugin):
        try:
            member = getattr(plugin, name)
            options = getattr(member, _MARK, None)
        except Exception:  # noqa: BLE001, S112 - a property of the plugin's own
            continue
        # A mock or a lazy object has every attribute; only the marker makes it a dict.
        if isinstance(options, dict):
            yield from _wrong_hook(name, member, options)


def _wrong_hook(name: str, member: Any, options: Mapping[str, Any]) -> Iterator[str]:
    if name not in HOOKS:
        near = nearest(name, HOOKS)
        hint = f"; did you mean {near!r}?" if near else f"; hooks are {', '.join(HOOKS)}"
        yield f"{name!r} is no hook{hint}"
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        yield f"{name}: is marked as a wrapper; every plugin is called on its own"
    for parameter in inspect.signature(member).parameters.values():
        if parameter.name not in HOOKS[name]:
            allowed = ", ".join(HOOKS[name]) or "none"
            yield f"{name}: unknown argument {parameter.name!r}; it may take: {allowed}"
        elif parameter.default is not parameter.empty:
            yield f"{name}: the argument {parameter.name!r} has a default, so it is never given"


def returned(hook: str, value: Any) -> Any:
    """What a function returned, if it is what its hook says; many as a tuple.

    Raises:
        Exception: where it is something else, or fails on the way.
    """
    wanted = _RETURNS.get(hook)
    if value is None or wanted is None:
        return value
    many, kind, says = wanted
    if kind is Mapping and type(value) is dict:
        return value  # asking an abstract class takes longer than a plugin does
    if many and not isinstance(value, str | bytes | Mapping) and hasattr(value, "__iter__"):
        values = tuple(value)
        wrong = next((one for one in values if not isinstance(one, kind)), None)
        if wrong is not None:
            found = f"{type(value).__name__} with {type(wrong).__name__} in it"
            raise _WrongReturn(f"returned {found}, not {says}")
        return values
    if many or not isinstance(value, kind):
        raise _WrongReturn(f"returned {type(value).__name__}, not {says}")
    return value


def described(error: BaseException) -> str:
    """`raised ValueError: …`, on one line and of bounded length."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an error that cannot even be written
        text = ""
    if not isinstance(error, _WrongReturn):
        kind = type(error).__name__
        text = f"raised {kind}: {text}" if text else f"raised {kind}"
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
