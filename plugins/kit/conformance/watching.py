"""What a plugin leaves behind in the process, what it says, and what it looks at."""

from __future__ import annotations

import io
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import FrameType
from typing import Any

from attrs import define, field

from tongban.kernel.ports import guarding

_CLOCKS = {
    ("time", "time"): "the clock (time.time)",
    ("time", "time_ns"): "the clock (time.time_ns)",
    ("time", "localtime"): "the clock (time.localtime)",
    ("time", "gmtime"): "the clock (time.gmtime)",
    ("date", "today"): "the clock (date.today)",
    ("datetime", "today"): "the clock (datetime.today)",
    ("datetime", "now"): "the clock (datetime.now)",
    ("datetime", "utcnow"): "the clock (datetime.utcnow)",
    ("posix", "urandom"): "chance (os.urandom)",
    ("nt", "urandom"): "chance (os.urandom)",
    ("posix", "getcwd"): "the working directory",
    ("nt", "getcwd"): "the working directory",
    ("socket", "connect"): "the network",
    ("socket", "connect_ex"): "the network",
    ("_socket", "getaddrinfo"): "the network",
}
_GUARD = "tongban.plugins.process."
_EXCUSED = ("/logging/", "\\logging\\", "importlib", "linecache", "tokenize")


def state(warned: bool = True) -> dict[str, Any]:
    """The state of the process that every plugin shares, to be compared later.

    Args:
        warned: whether the filters of warnings are looked at: libraries set theirs when
            they are imported.
    """
    handled = {}
    for one in signal.valid_signals():
        try:
            handled[str(one)] = signal.getsignal(one)
        except (ValueError, OSError):
            continue
    root = logging.getLogger()
    return {
        "sys.path": tuple(sys.path),
        "the environment": dict(os.environ),
        "the filters of warnings": tuple(map(repr, warnings.filters)) if warned else (),
        "logging": (root.level, tuple(map(id, root.handlers)), logging.root.manager.disable),
        "the locale": locale.setlocale(locale.LC_ALL),
        "signal handlers": handled,
        "the random state": random.getstate(),
        "the working directory": os.getcwd(),
        "sys.stdout or sys.stderr": (id(sys.stdout), id(sys.stderr)),
        "sys.excepthook": id(sys.excepthook),
        "the recursion limit": sys.getrecursionlimit(),
        "the language of int to text": sys.get_int_max_str_digits(),
        "threads": frozenset(
            id(one) for one in threading.enumerate() if one.name != guarding.THREAD
        ),
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not as it was, by name.

    Args:
        before, after: of `state`.
    """
    return [name for name, value in before.items() if after[name] != value]


@define
class Heard:
    """What was written while somebody listened."""

    logged: list[str] = field(factory=list)
    printed: list[str] = field(factory=list)
    warned: list[str] = field(factory=list)

    def where(self, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Where one of some words was said: what it is, and in which stream.

        Args:
            words: by what they are.
        """
        streams = {"a log": self.logged, "the output": self.printed, "a warning": self.warned}
        for name, lines in streams.items():
            text = "\n".join(lines)
            yield from ((what, name) for what, word in words.items() if word in text)


class _Keeps(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._kept.append(self.format(record))
        except Exception:  # noqa: BLE001 - a record that cannot even be written
            self._kept.append(repr(record.args))


@contextmanager
def listening() -> Iterator[Heard]:
    """Keeps every log record, warning and line of output; nothing of it is shown."""
    heard = Heard()
    handler, root = _Keeps(heard.logged), logging.getLogger()
    written = io.StringIO()
    level, disabled, others = root.level, logging.root.manager.disable, root.handlers[:]
    root.handlers[:] = [handler]
    root.setLevel(logging.NOTSET)
    logging.disable(logging.NOTSET)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            redirect_stdout(written),
            redirect_stderr(written),
        ):
            warnings.simplefilter("always")
            yield heard
            heard.warned += [str(one.message) for one in caught]
    finally:
        root.handlers[:] = others
        root.setLevel(level)
        logging.disable(disabled)
        heard.printed.append(written.getvalue())


def looked_at(function: Callable[[], object]) -> list[str]:
    """What of the world a call looks at that can differ next time: clock, chance, folder, network.

    What logging and importing look at is left out.

    Args:
        function: what is called; what it raises is left out too.
    """
    found: dict[str, None] = {}
    global_chance = random.random.__self__  # type: ignore[attr-defined]

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event != "c_call":
            return
        owner = getattr(argument, "__self__", None)
        name = getattr(argument, "__name__", "")
        if owner is global_chance and name != "__init__":
            says = f"chance (random.{name})"
        else:
            of = getattr(owner, "__name__", None) or type(owner).__name__
            says = _CLOCKS.get((of, name), "")
        if says and not _excused(frame):
            found[says] = None

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    except Exception:  # noqa: BLE001, S110 - reported elsewhere
        pass
    finally:
        sys.setprofile(before)
    return list(found)


def _excused(frame: FrameType | None) -> bool:
    if frame is not None and frame.f_globals.get("__name__", "").startswith(_GUARD):
        return True  # what the guard looks at, not the plugin
    while frame is not None:
        if any(one in frame.f_code.co_filename for one in _EXCUSED):
            return True
        if frame.f_code.co_name == "looked_at":
            return False
        frame = frame.f_back
    return False
