"""Standard output is for answers: what plugins write there goes to standard error, named."""

from __future__ import annotations

import fcntl
import os
import select
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO, TypeAlias, cast

from tongban.kernel.model import printing

Streams: TypeAlias = tuple[Any, Any, Any]
"""`sys.stdin`, `sys.stdout` and `sys.stderr`."""

_LONGEST = 10_000
"""After how many characters a line that does not end is shown."""
_LINES = 1_000
"""How many lines of one call are shown."""
_CHUNK = 65_536
_PIPE = 1 << 20
"""How much a program that a plugin starts may write before it has to wait, in bytes."""


class _Answers:
    """`sys.stdout`: the real one for commands, standard error for plugins."""

    def __init__(self, output: Output, stream: TextIO) -> None:
        self._output = output
        self._stream = stream

    def write(self, text: str) -> int:
        plugin = self._output.speaking()
        if plugin is None:
            return self._stream.write(text)
        self._output.say(plugin, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._output.speaking() is None:
            self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno() if self._output.speaking() is None else 2

    def close(self) -> None:
        if self._output.speaking() is None:
            self._stream.close()

    @property
    def buffer(self) -> Any:
        if self._output.speaking() is None:
            return self._stream.buffer
        return open(os.dup(2), "wb", buffering=0)  # noqa: SIM115 - closed with its holder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Output:
    """The standard streams of a process, made before the first plugin's code runs.

    Args:
        speaking: the plugin whose code writes at this moment; None for a command.
    """

    def __init__(self, speaking: Callable[[], str | None]) -> None:
        self.speaking = speaking
        self.answers = sys.stdout
        self._unfinished: dict[str, str] = {}
        self._room, self._left_out = _LINES, 0
        # Whatever a plugin closes, these stay.
        self._kept = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10) for number in range(3)]
        self._nothing = open(os.devnull, encoding="utf-8")  # noqa: SIM115
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        self._poll = select.poll()
        self._poll.register(self._read, select.POLLIN)
        _enlarge(self._write)
        self.keep()

    @property
    def errors(self) -> int:
        """The descriptor of standard error that no plugin knows of."""
        return self._kept[2]

    def keep(self) -> None:
        """Lets `sys.stdout` tell plugins from commands."""
        sys.stdout = cast(TextIO, _Answers(self, self.answers))
        sys.__stdout__ = sys.stdout  # type: ignore[misc, assignment]

    def give(self) -> Streams:
        """Puts a plugin's streams in place; what was there, for `take_back`."""
        before = sys.stdin, sys.stdout, sys.stderr
        sys.stdin = self._nothing
        os.dup2(self._nothing.fileno(), 0)
        os.dup2(self._write, 1)
        return before

    def take_back(self, before: Streams, plugin: str, *, inner: bool) -> list[str]:
        """Puts the streams of the process in place, and shows what the plugin wrote.

        Args:
            before: from `give`.
            plugin: whose function has ended.
            inner: whether another plugin's function goes on, which had called this one.

        Returns:
            What it did to the streams themselves.
        """
        did = self._mended(before)
        # A plugin that sends all records to standard output would send the kernel's there too.
        if logging := sys.modules.get("logging"):
            logging.getLogger("tongban").propagate = False
        if not inner:
            os.dup2(self._kept[0], 0)
            os.dup2(self._kept[1], 1)
        self.drain(plugin)
        self._end_of(plugin)
        return did

    def _mended(self, before: Streams) -> list[str]:
        did = []
        given = (self._nothing, *before[1:])
        names = "stdin", "stdout", "stderr"
        did += [
            f"replaced sys.{name}"
            for name, one in zip(names, given, strict=True)
            if getattr(sys, name) is not one
        ]
        sys.stdin, sys.stdout, sys.stderr = before
        if self._nothing.closed:
            self._nothing = open(os.devnull, encoding="utf-8")  # noqa: SIM115
        try:
            os.fstat(2)
        except OSError:
            os.dup2(self._kept[2], 2)
            did.append("closed standard error")
        if sys.stderr.closed:
            did.append("closed sys.stderr")
            # Line by line, and left open for anybody who has the descriptor.
            sys.stderr = open(  # noqa: SIM115
                2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
            )
        return did

    def drain(self, plugin: str) -> None:
        """Shows what was written to descriptor 1, by C code or another program.

        A program that still writes has to wait for the next time.
        """
        for _ in range(_PIPE // _CHUNK):
            if not self._poll.poll(0):
                return
            data = os.read(self._read, _CHUNK)
            self.say(plugin, data.decode("utf-8", "backslashreplace"))

    def say(self, plugin: str, text: str) -> None:
        """Shows what a plugin writes, line by line, as far as anybody would read it."""
        if self._room <= 0:
            self._left_out += len(text)
            return
        *lines, rest = (self._unfinished.pop(plugin, "") + text).split("\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], ""
        if rest:
            self._unfinished[plugin] = rest
        for line in lines[: self._room]:
            self.tell(f"plugin {plugin}: {line}")
        self._left_out += sum(map(len, lines[self._room :]))
        self._room -= len(lines)

    def _end_of(self, plugin: str) -> None:
        """Shows how much more a call has written than was shown."""
        if plugin in self._unfinished:
            self.say(plugin, "\n")
        if self._left_out:
            self.tell(f"plugin {plugin}: … and {self._left_out:,} more characters")
        self._room, self._left_out = _LINES, 0

    def finish(self) -> None:
        """Writes what is not written yet."""
        self.drain("(a program)")
        self._end_of("(a program)")
        try:
            self.answers.flush()
        except (OSError, ValueError):  # it is not read, or it is closed
            return

    def tell(self, line: str) -> None:
        """Writes a line to standard error; by the descriptor, as a signal may have come between."""
        try:
            os.write(self.errors, f"{printing.printable(line)}\n".encode(errors="backslashreplace"))
        except OSError:  # it is not read
            return


def _enlarge(pipe: int) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        except OSError:  # it is smaller then
            return
