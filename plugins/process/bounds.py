"""How much time of the processor and how much memory a plugin's code gets, and how it ends."""

from __future__ import annotations

import faulthandler
import os
import posix
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from tongban.kernel.ports import guarding

_LAST = 1.2, 1.0
"""How many times the limit, and seconds more, of the processor's time code in C may take."""
_ENDING = ("_exit", "abort", "execv", "execve")
"""Functions of `os` after which a program says nothing more."""


class Resources:
    """Memory, and time of the processor for code in C that nothing can interrupt.

    Args:
        seconds: how long one call of a plugin may take; 0 for any time.
        memory: by how many bytes the process may grow in one; 0 for any.
        errors: a descriptor, to which Python's stack goes when the time is over.
    """

    def __init__(self, seconds: float, memory: int, errors: int) -> None:
        self._last = _LAST[0] * seconds + _LAST[1] if seconds else 0.0
        self._memory = memory
        self._before = resource.getrlimit(resource.RLIMIT_AS)
        faulthandler.register(signal.SIGPROF, file=errors, all_threads=False, chain=True)
        self.measure()

    def measure(self) -> None:
        """Takes the process as large as it is now."""
        try:
            pages = int(Path("/proc/self/statm").read_bytes().split()[0])
        except OSError:  # not on Linux: the memory is not bounded
            pages = 0
        most = pages * resource.getpagesize() + self._memory
        soft, hard = self._before
        unlimited = resource.RLIM_INFINITY
        limits = [one for one in (soft, hard, most) if one != unlimited]
        self._within = (min(limits), hard) if pages and self._memory else self._before

    def bound(self, inside: bool) -> None:
        """Sets the limits for the code of a plugin, or takes them away."""
        signal.setitimer(signal.ITIMER_PROF, self._last if inside else 0.0)
        resource.setrlimit(resource.RLIMIT_AS, self._within if inside else self._before)


class Endings:
    """The functions that end a program; while a plugin's code calls them they do not.

    Args:
        speaking: the plugin whose code runs; None for a command.
        tell: writes a line to standard error.
    """

    def __init__(self, speaking: Callable[[], str | None], tell: Callable[[str], None]) -> None:
        self._speaking = speaking
        self._tell = tell
        self._process = os.getpid()
        self._real = {name: getattr(os, name) for name in _ENDING}
        self.status: int | None = None
        """The exit status, once the command has ended: nothing changes it then."""
        for name in _ENDING:
            for module in (os, posix):
                setattr(module, name, self._instead(name))

    def now(self, status: int) -> None:
        """Ends the process at once."""
        self._real["_exit"](status)

    def copied(self) -> bool:
        """Whether this is a copy of the process that a fork made."""
        return os.getpid() != self._process

    def _instead(self, name: str) -> Callable[..., Any]:
        def end(*args: Any, **named: Any) -> Any:
            if not self.copied():
                if self.status is not None:
                    self.now(self.status)
                plugin = self._speaking()
                if plugin is not None and current_thread() is not main_thread():
                    says = f"called os.{name} in a thread, which would have ended the program"
                    self._tell(f"Warning: the plugin {plugin} {says}")
                    raise SystemExit  # ends the thread alone
                if plugin is not None:
                    raise guarding.Ending(f"os.{name}")
            return self._real[name](*args, **named)

        return end
