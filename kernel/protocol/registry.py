"""The registry: each row of the tables in `transitions` has one class, and each class a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from tongban.kernel.protocol.transitions import COMMANDS, EVENTS

Body = TypeVar("Body")


class RegistryError(TypeError):
    """A command or an event is declared wrongly; the message says what is missing where."""


def register(
    bodies: dict[str, type[Any]], rows: Mapping[str, Any], kind: str, *methods: str, **marks: Any
) -> Callable[[type[Body]], type[Body]]:
    """Enters a class under its kind.

    Args:
        bodies: the classes so far, by kind.
        rows: the table in which the kind has a row.
        kind: of the command or event.
        methods: of which the class must have one of its own.
        marks: further attributes of the class.

    Raises:
        RegistryError: where the kind has no row or another class, or none of `methods` is there.
    """

    def enter(body: type[Body]) -> type[Body]:
        name = f"{body.__module__}.{body.__qualname__}"
        if kind not in rows:
            raise RegistryError(f"{name}: transitions.py has no row {kind!r}")
        if kind in bodies:
            raise RegistryError(f"{name}: {kind!r} is {bodies[kind].__qualname__} already")
        if methods and not any(method in vars(body) for method in methods):
            raise RegistryError(f"{name}: {kind!r} needs a method {' or '.join(methods)}()")
        for attribute, value in {"kind": kind, **marks}.items():
            setattr(body, attribute, value)
        bodies[kind] = body
        return body

    return enter


def check_complete(commands: Collection[str], events: Collection[str]) -> None:
    """Check that each row of the tables has its class, and that commands yield known events.

    Args:
        commands, events: the kinds that have a class.

    Raises:
        RegistryError: where one has not, or an event is not known.
    """
    for rows, bodies in ((COMMANDS, commands), (EVENTS, events)):
        if missing := [kind for kind in rows if kind not in bodies]:
            raise RegistryError(f"no class for {', '.join(missing)} of transitions.py")
    for kind, step in COMMANDS.items():
        if unknown := [event for event in step.yields if event not in EVENTS]:
            raise RegistryError(f"{kind!r} yields {', '.join(unknown)}, not in EVENTS")
