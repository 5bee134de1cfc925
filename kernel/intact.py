"""Whether Tongban's own modules are what they were: who imports a plugin may be given others.

A plugin that replaces a function or a method of ours would decide for everybody. What is
looked at is what stands in modules and classes by name, and the code of functions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any, TypeAlias

__all__ = ["Names", "mended", "names"]

Names: TypeAlias = Mapping[tuple[str, str], tuple[Any, Mapping[str, Any]]]
"""By module and class ("" for the module itself): the object, and what stands in it."""

_PACKAGE = "tongban"


def names() -> Names:
    """What stands in every module of Tongban that is there, and in Python's built-in names."""
    found: dict[tuple[str, str], tuple[Any, Mapping[str, Any]]] = {}
    for name, module in tuple(sys.modules.items()):
        if not isinstance(module, ModuleType) or not _is_ours(name):
            continue
        members = dict(vars(module))
        found[name, ""] = module, members
        for label, one in members.items():
            if isinstance(one, type) and one.__module__ == name and name != "builtins":
                found[name, label] = one, dict(vars(one))
    return found


def mended(before: Names) -> list[str]:
    """Puts back what was replaced or taken away since.

    Args:
        before: of `names`.

    Returns:
        What that was: `tongban.kernel.kernel.Kernel.decide`.
    """
    changed = []
    for (module, label), (owner, members) in before.items():
        for name, old in _replaced(vars(owner), members, bool(label)):
            if old is _NEW:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
            changed.append(".".join(filter(None, (module, label, name))))
    return changed


_NEW = object()
"""Stands for what was not there before."""


def _replaced(
    now: MappingProxyType[str, Any] | dict[str, Any], before: Mapping[str, Any], in_class: bool
) -> Iterator[tuple[str, Any]]:
    """The names that mean something else now, with what they meant."""
    for name, old in before.items():
        if now.get(name, _NEW) is not old:
            yield name, old
    # A module may get new names: those of modules in it. A class gets no new functions.
    if in_class and len(now) != len(before):
        new = [(name, one) for name, one in now.items() if name not in before]
        yield from ((name, _NEW) for name, one in new if isinstance(one, FunctionType))


def _is_ours(name: str) -> bool:
    return name in (_PACKAGE, "builtins") or name.startswith(f"{_PACKAGE}.")
