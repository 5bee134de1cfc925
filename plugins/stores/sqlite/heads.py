"""The head of the log outside of the database: a small file beside it, and the writers' lock.

A `-wal` that is damaged or gone takes commands with it, and what is left of the database
looks whole. The head file says after each commit how far the log went. It lies behind the
log where a program died between the two, and never before it.

The file has two halves. The newer one is never written over: of a write that was cut off
the other half is left.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import asdict, define, frozen

from tongban.kernel.audit import hash_chain
from tongban.plugins.stores.sqlite.errors import BusyError, ReadOnlyError

_FORMAT = "tongban.head/1"
_HALF = 512
_WAIT = 0.002


@frozen
class Mark:
    """How far a store went, as the head file has it.

    Attributes:
        store: id of the store.
        history: the line of its log; "" while a store is made or brought up to date.
        position, hash: the last entry of the log.
        writes: how many transactions were written.
        file: size and time of the last change of the database file, in nanoseconds, at that
            moment: where both are the same, nobody else wrote to it since.
    """

    store: str
    history: str
    position: int
    hash: str
    writes: int
    file: tuple[int, int] = (0, 0)

    @property
    def head(self) -> hash_chain.Head:
        """The last entry of the log."""
        return hash_chain.Head(self.position, self.hash)


def head_file(path: Path) -> Path:
    """Where the head of a store's log is kept.

    Args:
        path: of the database.
    """
    return path.with_name(path.name + "-head")


@frozen
class HeadFile:
    """The head file of one store.

    Attributes:
        database: path of the database.
        timeout: how many seconds to wait for another program that writes.
    """

    database: Path
    timeout: float

    @property
    def path(self) -> Path:
        """Where it is."""
        return head_file(self.database)

    def read(self) -> Mark | None:
        """What it says; None where it is not there, or neither half can be read.

        Raises:
            ReadOnlyError: where it is there and may not be read.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from None
        try:
            self._regular(handle)
            return _newest(os.pread(handle, 2 * _HALF, 0))
        except OSError as error:
            raise self._unusable(error) from None
        finally:
            os.close(handle)

    @contextmanager
    def held(self) -> Iterator[Held]:
        """Keeps other writers out, of this process and of others, while it is open.

        SQLite before 3.51.3 may lose the pages of a commit where two connections write and
        empty the write-ahead log at once (the WAL-reset bug). Under this lock they never do.

        Raises:
            BusyError: where another program holds it longer than the timeout.
            ReadOnlyError: where the file cannot be made or written.
        """
        handle = self._open()
        try:
            self._locked(handle)
            held = Held(handle, self.database)
            try:
                yield held
            finally:
                # Others may go on while this head goes to the disk.
                fcntl.flock(handle, fcntl.LOCK_UN)
            held.flush()
        finally:
            os.close(handle)

    def _open(self) -> int:
        # All who may write the database may write it too; it holds nothing private.
        wanted = 0o444 | self.database.stat().st_mode & 0o666 if self.database.exists() else 0o644
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            handle = os.open(self.path, flags, 0o600)
            self._regular(handle)
        except OSError as error:
            raise self._unusable(error) from None
        if os.fstat(handle).st_mode & wanted != wanted:
            with suppress(PermissionError):
                os.fchmod(handle, wanted)
        return handle

    def _regular(self, handle: int) -> None:
        """Refuses a folder, a pipe and a device, which would be waited for without an end."""
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")

    def _locked(self, handle: int) -> None:
        until = time.monotonic() + self.timeout
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    break
                time.sleep(_WAIT)
            else:
                return
        raise BusyError(
            f"{self.database}: 数据库正被其他程序占用,请稍后重试"
            " (another program writes to the store; nothing was written: try again)"
        )

    def _unusable(self, error: OSError) -> ReadOnlyError:
        return ReadOnlyError(
            f"{self.path}: 无法读写日志末位文件 (the file that keeps the head of the log cannot be"
            f" used: {error.strerror}; check its owner and permissions)"
        )


@define
class Held:
    """The head file under the lock."""

    handle: int
    database: Path
    written: bool = False

    def read(self) -> Mark | None:
        """What it says."""
        return _newest(os.pread(self.handle, 2 * _HALF, 0))

    def write(self, mark: Mark) -> None:
        """Says how far the log goes now.

        What was committed stays committed where this fails: the head is behind then, which
        `tongban doctor` shows and the next command mends.
        """
        with suppress(OSError):
            content = os.pread(self.handle, 2 * _HALF, 0)
            if len(content) < 2 * _HALF:
                os.pwrite(self.handle, b" " * (2 * _HALF), 0)
            number = 1 + max((half[0] for half in _halves(content) if half), default=0)
            os.pwrite(self.handle, _half(number, mark), _HALF * (number % 2))
            self.written = True

    def flush(self) -> None:
        """Brings what was written to the disk."""
        if self.written:
            with suppress(OSError):
                os.fdatasync(self.handle)

    def discard(self) -> None:
        """Takes the file away, where it was made in vain."""
        head_file(self.database).unlink(missing_ok=True)

    def file(self) -> tuple[int, int]:
        """Size and time of the last change of the database file."""
        found = self.database.stat()
        return found.st_size, found.st_mtime_ns


def _half(number: int, mark: Mark) -> bytes:
    text = hash_chain.canonical({"format": _FORMAT, "number": number, **asdict(mark)})
    line = f"{text} {sha256(text.encode()).hexdigest()[:32]}"
    return line.encode().ljust(_HALF - 1) + b"\n"


def _halves(content: bytes) -> Iterator[tuple[int, Mark] | None]:
    for start in (0, _HALF):
        text, _, digest = content[start : start + _HALF].decode("ascii", "replace").rpartition("} ")
        yield _parsed(text + "}", digest.strip())


def _parsed(text: str, digest: str) -> tuple[int, Mark] | None:
    if sha256(text.encode()).hexdigest()[:32] != digest:
        return None
    raw: dict[str, Any] = json.loads(text)
    number = raw.pop("number")
    if raw.pop("format") != _FORMAT:
        return None
    return number, Mark(**{**raw, "file": tuple(raw["file"])})


def _newest(content: bytes) -> Mark | None:
    found = [half for half in _halves(content) if half]
    return max(found, key=lambda half: half[0])[1] if found else None
