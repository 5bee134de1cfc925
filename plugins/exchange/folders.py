"""One look into a node's folders: what is read in this run, what is put aside and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from os import fsencode
from pathlib import Path

from attrs import define, field

from tongban.kernel.audit import untrusted
from tongban.kernel.model import printing
from tongban.kernel.ports import logs
from tongban.plugins.exchange.membership import Node
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.spool import Spool, group_of

LETTERS = 5_000
"""At most this many files of a folder are looked at in one run."""

BYTES = 200_000_000
"""At most this many bytes of them are read in one run."""


@define
class Folders:
    """The folders of a node, for one run.

    Attributes:
        folder: the node's own.
        most, room: this many files and bytes are looked at in one run.
    """

    node: Node
    folder: Path
    spool: Spool
    report: Report
    most: int = LETTERS
    room: int = BYTES
    _left: int = field(init=False)

    @_left.default
    def _all(self) -> int:
        return self.room

    def make(self) -> None:
        """Makes the folders that are missing; what lies in the place of one is renamed."""
        for name in ("in", "ack", "aside", "recovery"):
            try:
                says = self.spool.make(self.folder / name, private=name == "aside")
            except OSError as error:
                says = f"{self.folder / name}: 无法使用 (cannot be used: {error.strerror})"
            if says:
                self.report.problems.append(says)

    def each(self, part: str, take: Callable[[Path, bytes], None]) -> None:
        """Hands over each file of a folder; whatever is in one, the others have their turn.

        Args:
            part: `in`, `ack` or `recovery`.
            take: what reads it. An OSError of it leaves the file where it is; anything else
                that it raises puts the file aside.
        """
        seen, groups = self.node.seen, {one.name for one in self.node.peers}
        ends = dict(seen.ends(part))
        for path in self._chosen(part, groups, ends):
            ends[group_of(path.name, groups)] = path.name
            self._one(path, take)
        seen.note_ends(part, ends)

    def again(self, paths: Iterable[Path], take: Callable[[Path, bytes], None]) -> None:
        """The same for some files once more, as far as there is room."""
        for path in paths:
            if self._left > 0:
                self._one(path, take)

    def in_turn(self, paths: Iterable[Path], take: Callable[[Path, bytes], None]) -> None:
        """The same for files that were put off when they were read: there was room for them."""
        for path in paths:
            self._one(path, take, counted=True)

    def _one(
        self, path: Path, take: Callable[[Path, bytes], None], *, counted: bool = False
    ) -> None:
        try:
            content = self.spool.read(path)
        except untrusted.UnreadableError as error:
            self.put_aside(path, None, str(error))
            return
        except PermissionError:
            self.put_aside(path, None, "无权读取 (cannot be read: permission denied)")
            return
        except OSError as error:
            self.report.waiting[name_of(path)] = f"{error.strerror} (cannot be read)"
            return
        if content is None:
            return
        self._left -= 0 if counted else len(content)
        try:
            take(path, content)
        except OSError as error:
            # No room for a receipt: the letter stays, and comes again without effect.
            self.report.waiting[name_of(path)] = f"{error.strerror} (a folder cannot be written)"
        except MemoryError:
            self.report.waiting[name_of(path)] = "内存不足 (not enough memory)"
        except Exception as error:  # noqa: BLE001 - one letter never stops a node
            says = f"无法处理 (it cannot be handled: {type(error).__name__}: {error})"
            self.put_aside(path, content, says[:500])

    def _chosen(self, part: str, groups: set[str], ends: dict[str, str]) -> Iterator[Path]:
        folder = self.folder / part
        try:
            names = self.spool.names(folder, self.most, groups, ends)
        except OSError as error:
            says = f"{folder}: 无法读取 (cannot be read: {error.strerror})"
            self.report.problems.append(says)
            return
        for number, name in enumerate(names):
            if self._left <= 0:
                self.report.left += len(names) - number
                return
            yield folder / name
        if len(names) == self.most:
            self.report.left += 1

    def put_aside(self, path: Path, content: bytes | None, reason: str) -> None:
        """Moves what is not a letter to this node where people see it, with the reason.

        What cannot be moved is reported once; it stays where it is and is not waited for.
        """
        part, seen = path.parent.name, self.node.seen
        mark = f"{part}/{sha256(fsencode(path.name)).hexdigest()[:32]}"
        stamp = self.spool.stamp(path)
        if not stamp or seen.is_stuck(mark, stamp):
            return
        try:
            self.spool.put_aside(path, self.folder / "aside", reason, content)
        except OSError as error:
            seen.note_stuck(mark, stamp)
            reason = f"{reason};且无法移开 (and it cannot be moved: {error.strerror})"
        says = "%s: a file was put aside; %s has it, with the reason beside it"
        logs.logger("exchange").warning(says, self.node.name, self.folder / "aside")
        self.report.aside[name_of(path)] = reason


def name_of(path: Path) -> str:
    """What a file is called in reports."""
    return printing.printable(path.stem)[:200]
