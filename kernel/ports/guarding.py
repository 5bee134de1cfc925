"""What holds while a plugin's code runs: it ends in time, whatever it does."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from threading import Event, Thread, get_ident, main_thread
from typing import Protocol, TypeVar

from attrs import define

__all__ = [
    "SECONDS",
    "THREAD",
    "Ending",
    "ExceededError",
    "Guard",
    "TooLong",
    "Watch",
    "interrupted_by_hand",
]

_T = TypeVar("_T")

SECONDS = 10.0
"""How long one call of a plugin may take by default."""

THREAD = "tongban plugins"
"""The name of the thread that looks how long calls take."""

_TICKS = 20
"""How often within that time it is looked whether a call has ended."""
_IDLE = 20
"""After how many looks with nothing to see the thread that looks ends."""
_PATIENCE = 5.0
"""Seconds for which an interrupted call waits for the interruption to arrive."""


class TooLong(BaseException):
    """Raised within a plugin's code that takes too long; not to be caught there."""


class Ending(BaseException):
    """Raised within a plugin's code that calls what ends the program; the message names it."""


class ExceededError(Exception):
    """A call of a plugin took too long and was ended."""


class Guard(Protocol):
    """What is put around every call of code that is not Tongban's own."""

    def run(
        self, plugin: str, doing: str, function: Callable[[], _T], *, limited: bool = True
    ) -> _T:
        """What `function` returns.

        Args:
            plugin: whose code it calls.
            doing: the hook, or `import`.
            function: what is called.
            limited: whether time and memory are bounded.

        Raises:
            ExceededError: where it took too long.
            BaseException: whatever else it raises.
        """

    def noticed(self) -> Sequence[str]:
        """What the last call changed in the process, which was put back: a sentence each."""


@define(eq=False)
class _Call:
    thread: int
    looked: int = 0
    expired: bool = False
    told: bool = False


class Watch:
    """Ends calls that take too long, in every thread; the process itself is left alone.

    A thread looks every now and then which calls are still there, and interrupts those that
    are there too often. Code that does not come back to Python cannot be interrupted.

    Args:
        seconds: how long a call may take; 0 for any time.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._calls: dict[_Call, None] = {}
        self._looks: Thread | None = None

    def noticed(self) -> Sequence[str]:
        """Nothing: only the time is looked at."""
        return ()

    def run(
        self, plugin: str, doing: str, function: Callable[[], _T], *, limited: bool = True
    ) -> _T:
        """`Guard.run`."""
        if not limited or not self.seconds:
            return function()
        call = _Call(get_ident())
        try:
            try:
                self._calls[call] = None
                self._look()
                return function()
            finally:
                self._end(call)
        except (TooLong, KeyboardInterrupt):
            # The interruption may come within `_end` as well.
            self._calls.pop(call, None)
            if not call.expired:
                raise
            raise ExceededError(f"took longer than {self.seconds:g} s") from None

    def _end(self, call: _Call) -> None:
        """Takes a call off the list; one that is being interrupted waits for that to happen."""
        self._calls.pop(call, None)
        if call.expired:
            waited = Event()
            for _ in range(int(_PATIENCE * 1000)):
                told = call.told
                waited.wait(0.001)  # what is on its way arrives here
                if told:
                    raise TooLong

    def _look(self) -> None:
        if self._looks is None or not self._looks.is_alive():
            self._looks = Thread(target=self._looking, name=THREAD, daemon=True)
            self._looks.start()

    def _looking(self) -> None:
        wait = Event()
        idle = 0
        while idle < _IDLE:
            wait.wait(self.seconds / _TICKS)
            idle = 0 if self._calls else idle + 1
            for call in tuple(self._calls):
                call.looked += 1
                if call.looked > _TICKS:
                    self._interrupt(call)
        self._looks = None
        if self._calls:  # begun since it was looked
            self._look()

    def _interrupt(self, call: _Call) -> None:
        # In this order: a call that ends meanwhile either sees that it is interrupted and
        # waits, or is off the list and is not.
        call.told = False
        call.expired = True
        if call in self._calls:
            _raise_in(call.thread)
        call.told = True


def _raise_in(thread: int) -> None:
    """Makes a thread raise: at once in the main thread, else as soon as it runs Python code."""
    default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if thread == main_thread().ident and default and hasattr(signal, "pthread_kill"):
        # A signal also ends a wait, for a network that does not answer. The main thread
        # raises KeyboardInterrupt for it, which `run` knows for what it is.
        signal.pthread_kill(thread, signal.SIGINT)
        return
    import ctypes  # noqa: PLC0415 - hardly ever needed

    kind = ctypes.py_object(TooLong)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), kind)


def interrupted_by_hand(error: KeyboardInterrupt) -> bool:
    """Whether somebody pressed Ctrl-C; else some code has raised it, by a `raise`."""
    from opcode import opmap  # noqa: PLC0415 - hardly ever needed

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return True
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] != opmap["RAISE_VARARGS"]
