"""Whether Tongban's own modules are what they were: who imports a plugin may be given others.

A plugin that replaces a function or a method of ours would decide for everybody. What is
looked at is what stands in modules and classes by name, and the code of functions; and how
Python finds modules, without which the next import fails for no visible reason.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

from attrs import frozen

_PACKAGE = "tongban"
_FINDERS = ("path", "meta_path", "path_hooks")
_NEW = object()
"""Stands for what was not there before."""


@frozen(eq=False)
class Names:
    """What stands in Tongban's modules and in Python's built-in names at some moment.

    Attributes:
        modules: every module that is there, by name.
        finders: the lists by which Python finds others, and what is in them.
        members: by module and class ("" for the module itself): the object, and what is in it.
        codes: module, class, name, the function, and its code.
    """

    modules: Mapping[str, Any]
    finders: Mapping[str, tuple[list[Any], Sequence[Any]]]
    members: Mapping[tuple[str, str], tuple[Any, Mapping[str, Any]]]
    codes: Sequence[tuple[str, str, str, FunctionType, CodeType]]


def names() -> Names:
    """What stands in every module of Tongban that is there, and in Python's built-in names."""
    members: dict[tuple[str, str], tuple[Any, Mapping[str, Any]]] = {}
    codes: list[tuple[str, str, str, FunctionType, CodeType]] = []
    for module, owner in tuple(sys.modules.items()):
        if not _is_ours(module) or not isinstance(owner, ModuleType):
            continue
        owners: list[tuple[str, Any]] = [("", owner)]
        if module != "builtins":
            found = vars(owner).items()
            owners += [(n, c) for n, c in found if isinstance(c, type) and c.__module__ == module]
        for label, one in owners:
            inside = members.setdefault((module, label), (one, dict(vars(one))))[1]
            codes += [
                (module, label, name, f, f.__code__)
                for name, f in inside.items()
                if type(f) is FunctionType and f.__module__ == module
            ]
    lists = {name: getattr(sys, name) for name in _FINDERS}
    finders = {name: (found, tuple(found)) for name, found in lists.items()}
    return Names(dict(sys.modules), finders, members, codes)


def mended(before: Names) -> list[str]:
    """Puts back what was replaced or taken away since.

    Args:
        before: of `names`.

    Returns:
        What that was: `tongban.kernel.kernel.Kernel.decide`.
    """
    changed = [*_finding(before)]
    for (module, label), (owner, members) in before.members.items():
        for name, old in _replaced(vars(owner), members, bool(label)):
            if old is _NEW:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
            changed.append(_path(module, label, name))
    for module, label, name, function, code in before.codes:
        if function.__code__ is not code:
            function.__code__ = code
            changed.append(_path(module, label, name))
    return changed


def _finding(before: Names) -> Iterator[str]:
    """Puts back modules and finders that were taken away or replaced; more of them may be there."""
    if not isinstance(sys.modules, dict):
        sys.modules = dict(before.modules)
        yield "sys.modules"
    blocked = [name for name, one in tuple(sys.modules.items()) if one is None]
    for name in blocked:
        if name not in before.modules:
            del sys.modules[name]
            yield f"sys.modules[{name!r}]"
    for name, module in before.modules.items():
        if sys.modules.get(name, _NEW) is not module:
            sys.modules[name] = module
            yield f"sys.modules[{name!r}]"
    for name, (one, inside) in before.finders.items():
        now = getattr(sys, name, None)
        kept = now if isinstance(now, list) else []
        gone = [each for each in inside if not any(each is other for other in kept)]
        if gone or now is not one:
            one[:] = [*inside, *(e for e in kept if not any(e is other for other in inside))]
            setattr(sys, name, one)
            yield f"sys.{name}"


def _replaced(
    now: Mapping[str, Any], before: Mapping[str, Any], in_class: bool
) -> list[tuple[str, Any]]:
    """The names that mean something else now, with what they meant."""
    found = [(name, old) for name, old in before.items() if now.get(name, _NEW) is not old]
    # A module may get new names: those of modules in it. A class gets no new functions.
    if in_class and len(now) != len(before):
        new = [(name, one) for name, one in now.items() if name not in before]
        found += [(name, _NEW) for name, one in new if isinstance(one, FunctionType)]
    return found


def _path(module: str, label: str, name: str) -> str:
    return ".".join(filter(None, (module, label, name)))


def _is_ours(name: str) -> bool:
    return name in (_PACKAGE, "builtins") or name.startswith(f"{_PACKAGE}.")
