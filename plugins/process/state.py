"""What every plugin shares in a process, and is put back when one has changed it."""

from __future__ import annotations

import locale
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


def _environment() -> dict[Any, Any]:
    # The mapping itself decodes every name and value: forty times as long, at each call.
    data: dict[Any, Any] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001
    return data.copy()


def _set_environment(before: dict[Any, Any]) -> None:
    kept = {os.fsdecode(name): os.fsdecode(value) for name, value in before.items()}
    for name in [*os.environ]:
        if name not in kept:
            del os.environ[name]
    os.environ.update(kept)


def _handlers() -> tuple[Any, ...]:
    return tuple(map(signal.getsignal, _SIGNALS))


def _set_handlers(before: tuple[Any, ...]) -> None:
    for number, handler in zip(_SIGNALS, before, strict=True):
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def _set_folder(before: str | None) -> None:
    if before is not None:
        os.chdir(before)


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


_PARTS: tuple[tuple[str, Callable[[], Any], Callable[[Any], Any]], ...] = (
    ("the environment", _environment, _set_environment),
    ("the working directory", _folder, _set_folder),
    ("the locale", _locale, lambda before: locale.setlocale(locale.LC_ALL, before)),
    ("a signal handler", _handlers, _set_handlers),
    ("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    ("how long numbers may be", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
)


class State:
    """The state of the process, as it is when this is made."""

    def __init__(self) -> None:
        self._before = [get() for _, get, _ in _PARTS]

    def mended(self) -> Iterator[str]:
        """Puts back what is different now; what that was."""
        for (name, get, put), before in zip(_PARTS, self._before, strict=True):
            if get() != before:
                put(before)
                yield f"changed {name}"
