"""Files in a folder that others can write to: there whole or not at all, and never followed.

A path ends with two folders that a neighbour may have put a link in place of: the node's and,
in it, `in`, `ack` or `aside`. They are opened one by one, without following any; what is read,
written or moved is named relative to them.
"""

from __future__ import annotations

import heapq
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import chain, count, islice, zip_longest
from pathlib import Path

from tongban.kernel.audit import untrusted
from tongban.kernel.model import printing

LARGEST = 4_000_000
"""The most bytes of a letter: a case with all its texts has a hundredth of it."""

REASON = ".reason.txt"
"""How the file ends that says why something was put aside."""

_CHUNK = 10_000
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextmanager
def _opened(folder: Path, own: int) -> Iterator[int]:
    """A descriptor of a folder; its last components are not followed.

    Args:
        folder: the path.
        own: this many components at its end may have been put there by others.

    Raises:
        OSError: where it is not a folder, or a link.
    """
    handle = os.open(folder.parents[own - 1], _FOLDER)
    try:
        for part in folder.parts[len(folder.parts) - own :]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def group_of(name: str, groups: Collection[str]) -> str:
    """The node that a file's name says it comes from; "" where it says none that is known."""
    node, point, rest = name.partition(".")
    return node if point and "." in rest and node in groups else ""


class Spool:
    """What the exchange does with files; a test puts another in its place, which fails."""

    _numbers = count()

    def names(
        self, folder: Path, most: int, groups: Collection[str] = (), after: Mapping[str, str] = {}
    ) -> list[str]:
        """Finished files of a folder, as many as one run looks at.

        Who floods a folder takes time from itself alone: names are taken in turn from each
        group, and in each from where the last run ended.

        Args:
            folder: with any number of files.
            most: at most this many names; memory is bounded by it.
            groups: nodes after which senders call their files.
            after: the last name that was looked at, by group.
        """
        chosen: dict[str, list[str]] = {}
        with _opened(folder, 2) as handle, os.scandir(handle) as entries:
            names = (one.name for one in entries if _is_finished(one.name))
            while chunk := list(islice(names, _CHUNK)):
                by_group: dict[str, list[str]] = {}
                for name in chunk:
                    by_group.setdefault(group_of(name, groups), []).append(name)
                for group, some in by_group.items():
                    last = after.get(group, "")
                    chosen[group] = heapq.nsmallest(
                        most,
                        chain(chosen.get(group, ()), some),
                        key=lambda name: (name <= last, name),  # noqa: B023 - used at once
                    )
        turns = zip_longest(*(chosen[group] for group in sorted(chosen)))
        return list(islice((name for turn in turns for name in turn if name is not None), most))

    def read(self, path: Path, own: int = 2, largest: int = LARGEST) -> bytes | None:
        """The content of a file; None where somebody took it away meanwhile.

        Args:
            path: of the file.
            own: this many of the folders above it may be another's.
            largest: at most this many bytes.

        Raises:
            UnreadableError: where it is not a regular file, or too large.
            OSError: where it cannot be read.
        """
        try:
            with _opened(path.parent, own) as handle:
                return untrusted.read_file(path.name, largest, folder=handle)
        except FileNotFoundError:
            return None

    def exists(self, path: Path) -> bool:
        """Whether anything has this name.

        Raises:
            OSError: where the folder is not there, or is none.
        """
        with _opened(path.parent, 2) as handle:
            return _is_there(path.name, handle)

    def write(self, path: Path, content: bytes, own: int = 2) -> None:
        """Writes a file: anybody who looks sees all of it or nothing, after a crash too.

        Raises:
            OSError: where it cannot be written; nothing is left of it then.
        """
        with _opened(path.parent, own) as handle:
            self._write(handle, path.name, content, 0o666)

    def _write(
        self, folder: int, name: str, content: bytes, mode: int, *, lasting: bool = True
    ) -> None:
        draft = f".{name[:100]}.{os.getpid()}-{next(self._numbers)}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, mode, dir_fd=folder), "wb") as file:
            try:
                file.write(content)
                file.flush()
                if lasting:
                    os.fsync(file.fileno())
                if _is_there(name, folder) and _is_folder(name, folder):
                    odd = _free(f"{name}.odd", folder, None)
                    os.rename(name, odd, src_dir_fd=folder, dst_dir_fd=folder)
                os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=folder)
                raise
        if lasting:
            os.fsync(folder)

    def remove(self, path: Path) -> None:
        """Takes a file away; harmless where it is gone."""
        with _opened(path.parent, 2) as handle:
            with suppress(FileNotFoundError):
                os.unlink(path.name, dir_fd=handle)
            os.fsync(handle)

    def stamp(self, path: Path) -> str:
        """What tells whether a thing is still the same; "" where it is gone."""
        try:
            with _opened(path.parent, 2) as handle:
                found = os.stat(path.name, dir_fd=handle, follow_symlinks=False)
        except OSError:
            return ""
        return f"{found.st_dev}:{found.st_ino}:{found.st_ctime_ns}"

    def older(self, folder: Path, moment: float) -> list[str]:
        """Everything in a folder that was last changed before a moment, whatever it is.

        Args:
            folder: the path.
            moment: in seconds since 1970.

        Raises:
            OSError: where the folder cannot be read.
        """
        with _opened(folder, 2) as handle, os.scandir(handle) as entries:
            return sorted(
                one.name for one in entries if one.stat(follow_symlinks=False).st_mtime < moment
            )

    def put_aside(self, path: Path, aside: Path, reason: str, content: bytes | None) -> None:
        """Moves what is not a letter to where people see it, with the reason beside it.

        It is renamed, whatever it is: never copied or followed. Of a link there is then a
        text that says where it leads. Nothing is flushed: after a crash it is put aside again,
        and anybody who floods a folder does not make the disk wait thousands of times.

        Args:
            path: of it.
            aside: a folder for its owner alone.
            reason: a sentence.
            content: where it was read: one that came before with the same is replaced.

        Raises:
            OSError: where it cannot be moved.
        """
        base = path.name if _PLAIN.fullmatch(path.name) else f"{_hashed(path.name)}.json"
        with _opened(path.parent, 2) as source, _opened(aside, 2) as target:
            name = _free(base, target, content)
            os.rename(path.name, name, src_dir_fd=source, dst_dir_fd=target)
            _close_to_others(name, target)
            with suppress(OSError):
                # Anybody who opens it there must not come to where it leads.
                leads = os.readlink(name, dir_fd=target)
                says = os.fsencode(f"链接 a link to {leads}\n")
                self._write(target, name, says, 0o600, lasting=False)
            why = f"{printing.printable(path.name)}: {printing.printable(reason)}\n"
            beside = f"{Path(name).stem}{REASON}"
            content = why.encode("utf-8", "backslashreplace")
            self._write(target, beside, content, 0o600, lasting=False)

    def make(self, folder: Path, *, private: bool = False) -> str:
        """Makes a folder of this node, where there is none.

        What is in its place and is none (a file, a link) is renamed.

        Args:
            folder: `in`, `ack` or `aside` of a node.
            private: whether only its owner may look into it.

        Returns:
            What was wrong, "" where nothing was.

        Raises:
            OSError: where it cannot be made.
        """
        says, name = "", folder.name
        with _opened(folder.parent, 1) as handle:
            if _is_there(name, handle) and not _is_folder(name, handle):
                odd = _free(f"{name}.odd", handle, None)
                os.rename(name, odd, src_dir_fd=handle, dst_dir_fd=handle)
                says = f"{folder}: 不是目录,已改名为 {odd} (was no folder; it is called so now)"
            with suppress(FileExistsError):
                os.mkdir(name, 0o700 if private else 0o777, dir_fd=handle)
        if private:
            with _opened(folder, 2) as handle:
                if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
                    os.fchmod(handle, 0o700)
        return says

    def listed(self, folder: Path, ending: str, most: int) -> tuple[list[str], int]:
        """The first names of a folder with an ending, and how many there are."""
        names: list[str] = []
        number = 0
        with _opened(folder, 2) as handle, os.scandir(handle) as entries:
            matching = (one.name for one in entries if one.name.endswith(ending))
            while chunk := list(islice(matching, _CHUNK)):
                number += len(chunk)
                names = heapq.nsmallest(most, [*names, *chunk])
        return names, number


def _is_finished(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _hashed(name: str) -> str:
    return f"name-{sha256(os.fsencode(name)).hexdigest()[:16]}"


def _free(base: str, folder: int, content: bytes | None) -> str:
    """A name that nothing has, or only a file with the same content."""
    stem, suffix = Path(base).stem, Path(base).suffix
    names: Iterable[str] = (base, *(f"{stem}-{n}{suffix}" for n in range(2, 1000)))
    for name in names:
        if not _is_there(name, folder):
            return name
        if content is not None:
            with suppress(OSError, untrusted.UnreadableError):
                if untrusted.read_file(name, len(content), folder=folder) == content:
                    return name
    return f"{stem}-{sha256(os.urandom(16)).hexdigest()[:16]}{suffix}"


def _close_to_others(name: str, folder: int) -> None:
    """Only its owner may read a file, unless another name of it is somewhere else."""
    with suppress(OSError):
        handle = os.open(
            name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder
        )
        try:
            found = os.fstat(handle)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
                os.fchmod(handle, stat.S_IMODE(found.st_mode) & 0o600)
        finally:
            os.close(handle)
