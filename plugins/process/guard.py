"""What is put around the code of plugins that did not come with Tongban.

Everything here is against accidents: a plugin is code in the same process, and can get
round all of it on purpose.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping, Sequence
from threading import Thread, current_thread, enumerate, get_ident, main_thread
from types import FrameType
from typing import TypeVar
from weakref import WeakKeyDictionary

from attrs import define, frozen

from tongban.kernel.ports import guarding
from tongban.plugins.process.bounds import Endings, Resources
from tongban.plugins.process.output import Output
from tongban.plugins.process.state import State

_T = TypeVar("_T")

SECONDS_VARIABLE, MEMORY_VARIABLE = "TONGBAN_PLUGIN_SECONDS", "TONGBAN_PLUGIN_MEMORY"

MEMORY = 2_000
"""By how many megabytes the process may grow by default."""

STUCK = 70
"""Exit status where a plugin's code cannot be ended (`EX_SOFTWARE`)."""

_TICKS = 20
"""How often within the limit of time it is looked whether a call has ended."""
_CHANCES = 4
"""How many times a call is interrupted before the program ends."""
_IDLE = 20
"""After how many looks without a call the clock stops."""


@define(eq=False)
class _Call:
    plugin: str
    limited: bool
    threads: frozenset[Thread]
    looked: int = 0


@frozen(eq=False)
class _Kept:
    """What there is from the first plugin's code on."""

    output: Output
    endings: Endings
    resources: Resources
    state: State


class Process:
    """The guard of a process that is Tongban's alone (`tongban.kernel.ports.guarding.Guard`).

    Nothing is done to the process before the first plugin's code runs.

    Args:
        seconds: how long one call of a plugin may take; 0 for any time.
        memory: by how many megabytes the process may grow in it; 0 for any.
    """

    def __init__(self, seconds: float = guarding.SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._call: _Call | None = None
        self._noticed: Sequence[str] = ()
        self._threads: WeakKeyDictionary[Thread, str] = WeakKeyDictionary()
        self._elsewhere = guarding.Watch(seconds)
        self._kept: _Kept | None = None
        self._tick = seconds / _TICKS
        self._idle = _IDLE
        self._ended = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Process:
        """The guard with the limits that the environment names.

        Raises:
            ValueError: where one of them is not such a number.
        """
        seconds = _number(environment, SECONDS_VARIABLE, guarding.SECONDS)
        return cls(seconds, int(_number(environment, MEMORY_VARIABLE, MEMORY)))

    def noticed(self) -> Sequence[str]:
        """What the last call changed in the process, which was put back: a sentence each."""
        found, self._noticed = self._noticed, ()
        return found

    def run(
        self, plugin: str, doing: str, function: Callable[[], _T], *, limited: bool = True
    ) -> _T:
        """What `function` returns; streams, time, memory and process are kept meanwhile.

        Raises:
            ExceededError: where it took too long.
            Ending: where it would have ended the program.
            BaseException: whatever else it raises.
        """
        if get_ident() != main_thread().ident:
            return self._elsewhere.run(plugin, doing, function, limited=limited)
        kept, outer, threads = self._prepared(), self._call, frozenset(enumerate())
        call = _Call(plugin, limited, threads)
        streams = kept.output.give()
        kept.resources.bound(limited)
        try:
            self._call = call
            found = function()
            if call.looked > _TICKS:  # it caught what was to end it
                raise guarding.TooLong
            return found
        except guarding.TooLong:
            raise guarding.ExceededError(f"took longer than {self._seconds:g} s") from None
        finally:
            self._call = outer
            kept.resources.bound(outer is not None and outer.limited)
            if kept.endings.copied():
                kept.endings.now(STUCK)  # what a plugin forked must not answer as well
            did = kept.output.take_back(streams, plugin, inner=outer is not None)
            self._threads.update((one, plugin) for one in enumerate() if one not in threads)
            self._noticed = (*did, *kept.state.mended(), *self._alarms())
            if doing == "import":
                kept.resources.measure()

    def end(self, code: object) -> int:
        """Waits for threads that plugins have left behind, no longer than for a call.

        Args:
            code: what the command ended with; whatever else ends the process later, it is this.

        Returns:
            The exit status, where the process can end by itself.
        """
        status = code if isinstance(code, int) else int(code is not None)
        kept = self._kept
        if kept is None:
            return status
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._ended = True
        kept.endings.status = status
        kept.output.keep()
        left = [one for one in self._threads if one.is_alive() and not one.daemon]
        for one in left:
            one.join(self._seconds / len(left) if self._seconds else None)
            if one.is_alive():
                says = f"left a thread running ({one.name}), which was not waited for"
                kept.output.tell(f"Warning: the plugin {self._threads[one]} {says}")
        kept.output.finish()
        if any(one.is_alive() for one in left):
            kept.endings.now(status)
        signal.signal(signal.SIGALRM, self._late)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return status

    def _prepared(self) -> _Kept:
        """Takes the process as it is before any plugin's code has run; starts the clock."""
        if self._kept is None:
            output = Output(self._speaking)
            resources = Resources(self._seconds, self._memory * 1_000_000, output.errors)
            signal.signal(signal.SIGALRM, self._look)
            self._kept = _Kept(output, Endings(self._speaking, output.tell), resources, State())
        if self._idle >= _IDLE:
            self._idle = 0
            signal.setitimer(signal.ITIMER_REAL, self._tick, self._tick)
        return self._kept

    def _speaking(self) -> str | None:
        """The plugin whose code runs in this thread; None for a command."""
        if get_ident() == main_thread().ident:
            if self._call is not None:
                return self._call.plugin
            return "(at exit)" if self._ended else None
        thread, call = current_thread(), self._call
        if call is not None and thread not in call.threads:
            return call.plugin  # begun by the call that still runs
        return self._threads.get(thread) if self._threads else None

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Looks, at each tick of the clock, whether a call has ended."""
        call, kept = self._call, self._kept
        if call is None or kept is None:
            self._idle += 1
            if self._idle >= _IDLE:
                signal.setitimer(signal.ITIMER_REAL, 0)
            elif kept is not None:
                kept.resources.measure()
            return
        self._idle = 0
        kept.output.drain(call.plugin)
        call.looked += call.limited
        if call.looked > _TICKS + _CHANCES:
            says = "takes too long and cannot be interrupted, so the program ends"
            kept.output.tell(f"Error: the plugin {call.plugin} {says}")
            kept.output.finish()
            kept.endings.now(STUCK)
        if call.looked > _TICKS:
            raise guarding.TooLong

    def _late(self, number: int, frame: FrameType | None) -> None:
        """Ends the process where what plugins left for its end takes too long."""
        kept = self._kept
        if kept is not None:
            what = f"took longer than {self._seconds:g} s at exit and was ended"
            kept.output.tell(f"Warning: a plugin {what}")
            kept.endings.now(kept.endings.status or 0)

    def _alarms(self) -> Sequence[str]:
        """Sets the clock again where a plugin has set another."""
        expected = 0.0 if self._idle >= _IDLE else self._tick
        left, interval = signal.getitimer(signal.ITIMER_REAL)
        if abs(interval - expected) <= self._tick / 10 and (expected or not left):
            return ()
        signal.setitimer(signal.ITIMER_REAL, expected, expected)
        return ("set an alarm",)


def _number(environment: Mapping[str, str], name: str, otherwise: float) -> float:
    text = environment.get(name, "")
    if not text:
        return otherwise
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", text, re.ASCII):
        return float(text)
    raise ValueError(f"{name} must be a number such as {otherwise:g}, found {text!r}")
