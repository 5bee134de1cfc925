"""What a plugin's functions must look like, and what went wrong in one: what pluggy lacks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel.errors import HookError, nearest
from tongban.kernel.hookspecs import Hooks
from tongban.kernel.model.printing import printable
from tongban.kernel.ports.guarding import Ending, TooLong
from tongban.kernel.ports.markers import PROJECT

HOOKS: Mapping[str, tuple[str, ...]] = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(Hooks).items()
    if not name.startswith("_")
}
"""Every hook, with the arguments that its functions may take."""

RETIRED: Mapping[str, str] = {
    "world": "the simulated world belongs to no plugin; take the function out, and make a world"
    " with tongban.plugins.simulation.simulated_world(kernel, scenario, seed)",
}
"""Hooks of former versions, with what to do instead."""

_MARK = f"{PROJECT}_impl"
_MAX_TEXT = 500


def implements(plugin: object, hook: str) -> bool:
    """Whether `plugin` has a function for `hook`."""
    return isinstance(getattr(getattr(plugin, hook, None), _MARK, None), dict)


def wrong_hooks(plugin: object) -> Iterator[str]:
    """What pluggy lets pass: names that are not hooks, wrong arguments, defaults, wrappers."""
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
    if name in RETIRED:
        yield f"{name!r} is not a hook any more: {RETIRED[name]}"
        return
    if name not in HOOKS:
        near = nearest(name, HOOKS)
        hint = f"; did you mean {near!r}?" if near else f"; hooks are {', '.join(HOOKS)}"
        yield f"{name!r} is not a hook{hint}"
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        yield f"{name}: is marked as a wrapper; every plugin is called on its own"
    for parameter in inspect.signature(member).parameters.values():
        if parameter.name not in HOOKS[name]:
            allowed = ", ".join(HOOKS[name]) or "none"
            yield f"{name}: unknown argument {parameter.name!r}; it may take: {allowed}"
        elif parameter.default is not parameter.empty:
            yield f"{name}: the argument {parameter.name!r} has a default, so it is never given"


def described(error: BaseException) -> str:
    """`raised ValueError: …`, on one line, of bounded length, as a terminal may show it."""
    try:
        text = str.__str__(str(error))
    except (TooLong, Ending):
        raise
    except BaseException:  # noqa: BLE001 - an error that cannot even be written
        text = ""
    if not isinstance(error, HookError):
        kind = type(error).__name__
        text = f"raised {kind}: {text}" if text else f"raised {kind}"
    text = printable(" ".join(text[: 2 * _MAX_TEXT].split()))
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
