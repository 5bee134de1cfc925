"""What the nodes keep their cases in: memory, or the live store, which is slower and real.

Both give copies of an older state, and put one in place: by the product's own way, or by
hand, as careless people do.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from attrs import define, field

from tongban.kernel import Kernel, Storage, protocol, service
from tongban.kernel.ports import store
from tongban.plugins.simulation.store.memory import MemoryStore

_VARIABLE = "TONGBAN_STORE"
"""As for the commands of cases."""

How: TypeAlias = Literal["restore", "backup", "file", "machine", "wal_lost", "wal_damaged"]
"""How an older state comes in place: by `restore`; a backup or a file copied by hand; with all
that the machine remembers; or since the `-wal` is gone or damaged."""

HOWS: tuple[How, ...] = ("backup", "file", "machine")
"""What careless people copy."""


class Home(Protocol):
    """A node, as far as its store needs it."""

    @property
    def province(self) -> str:
        """Its code."""

    @property
    def inner(self) -> store.Store:
        """Its store without the watch."""

    @property
    def service(self) -> service.Service:
        """What carries its cases."""

    def clock(self) -> datetime:
        """The moment, as its clock has it."""

    def calendars(self, division: str | None) -> protocol.Calendar:
        """The working days of a place."""

    def salt(self, *nth: int) -> str:
        """What salts a personal datum that is kept now, in hexadecimal digits."""


class Stores(Protocol):
    """Opens the stores of nodes."""

    def __call__(self, node: Home) -> store.Store:
        """Opens the store of a node."""

    def backup(self, node: Home) -> Any:
        """An older state, for later."""

    def put_back(self, node: Home, backup: Any, how: How) -> tuple[store.Store, str]:
        """Puts an older state in place of a node's store.

        Returns:
            The store that is opened then; and what the node was told on the way, "" for nothing.
        """


_SALT = 16
"""Bytes of a salt of personal data."""


@define(eq=False)
class MemoryStores:
    """Stores in memory; `entropy` as the simulation's."""

    def __call__(self, node: Home) -> store.Store:
        """Opens the store of a node."""
        salts = lambda count: bytes.fromhex(node.salt())[:count]  # noqa: E731
        return MemoryStore(f"node-{node.province}", node.clock, node.calendars, salts)

    def backup(self, node: Home) -> Any:
        """What the store holds now."""
        return _memory(node).contents.copy()

    def put_back(self, node: Home, backup: Any, how: How) -> tuple[store.Store, str]:
        """The same store holds what it held before; told only where that was `restore`."""
        inner = _memory(node)
        inner.contents = backup.copy()
        if how == "restore":
            with inner.transaction() as writes:
                writes.put_back(None, "backup")
        return inner, ""


def _memory(node: Home) -> MemoryStore:
    assert isinstance(node.inner, MemoryStore)
    return node.inner


@define(eq=False)
class SqliteStores:
    """The live store of each node in a folder.

    Args:
        folder: for this run alone.
        storage: of the plugin that keeps cases.
    """

    folder: Path
    storage: Storage
    opened: list[store.Store] = field(factory=list)
    _numbers: Iterator[int] = field(factory=count)
    _salts: Counter[str] = field(factory=Counter)

    def path(self, province: str) -> Path:
        """The file of a node."""
        return self.folder / f"{province}.db"

    def __call__(self, node: Home) -> store.Store:
        """Opens the store of a node.

        Raises:
            StoreError: where it cannot be used.
        """

        ready = False

        def entropy(count: int) -> bytes:
            if ready and count == _SALT:  # of personal data: the log names what follows from it
                return bytes.fromhex(node.salt())[:count]
            self._salts[node.province] += 1
            return (node.salt(self._salts[node.province]) * count).encode()[:count]

        opened = self.storage.open_store(
            self.path(node.province),
            clock=node.clock,
            calendars=lambda division: node.calendars(division),
            entropy=entropy,
        )
        self.opened.append(opened)
        ready = True
        return opened

    def backup(self, node: Home) -> Path:
        """A folder with a backup, and copies of the files as they lie there now."""
        kept = self.folder / f"{node.province}.{next(self._numbers)}"
        kept.mkdir()
        node.inner.backup(kept / "backup.db")
        self._copied(node, kept)
        return kept

    def _copied(self, node: Home, kept: Path) -> None:
        """The files as a killed process leaves them; what only a live one needs is left out."""
        for one in self._files(node):
            shutil.copyfile(one, kept / one.name)

    def _files(self, node: Home) -> list[Path]:
        path = self.path(node.province)
        names = (path.name, f"{path.name}-wal", f"{path.name}-head")
        return [one for name in names if (one := self.folder / name).exists()]

    def put_back(self, node: Home, backup: Path, how: How) -> tuple[store.Store, str]:
        """Kills the process of the store, puts files in its place, and opens what is there."""
        path = self.path(node.province)
        killed = self.folder / f"{node.province}.killed-{next(self._numbers)}"
        killed.mkdir()
        self._copied(node, killed)
        self._close(node)
        for one in killed.iterdir():
            shutil.copyfile(one, self.folder / one.name)
        self._replace(node, path, backup, how)
        try:
            return self(node), ""
        except store.StoreError as error:
            self._by_the_book(node, path, backup, how)
            return self(node), str(error)

    def _close(self, node: Home) -> None:
        inner = node.inner
        inner.close()
        self.opened.remove(inner)
        for one in (*self._files(node), self.path(node.province).with_suffix(".db-shm")):
            one.unlink(missing_ok=True)

    def _replace(self, node: Home, path: Path, backup: Path, how: How) -> None:
        wal = path.with_name(f"{path.name}-wal")
        if how == "restore":
            self._restored(node, backup / "backup.db", path)
        elif how == "backup":
            shutil.copyfile(backup / "backup.db", path)
        elif how == "file":
            shutil.copyfile(backup / path.name, path)
        elif how == "machine":
            for one in self._files(node):
                one.unlink()
            for one in backup.iterdir():
                if one.name.startswith(path.name):
                    shutil.copyfile(one, self.folder / one.name)
        elif how == "wal_lost":
            wal.unlink(missing_ok=True)
        elif wal.exists():
            content = bytearray(wal.read_bytes())
            for place in range(len(content) // 3, len(content), max(1, len(content) // 7)):
                content[place] ^= 0xFF
            wal.write_bytes(content)

    def _by_the_book(self, node: Home, path: Path, backup: Path, how: How) -> None:
        """What docs/store.md says is to be done with a file that is refused."""
        if how == "wal_damaged":
            saved = self.folder / f"{node.province}.saved-{next(self._numbers)}.db"
            with suppress(store.StoreError):
                self.storage.salvage(path, saved, clock=node.clock, calendars=node.calendars)
                for one in (*self._files(node), path.with_suffix(".db-shm")):
                    one.unlink(missing_ok=True)
                for one in self.folder.glob(f"{saved.name}*"):
                    one.rename(self.folder / one.name.replace(saved.name, path.name))
                return
        self._restored(node, backup / "backup.db", path)

    def _restored(self, node: Home, source: Path, path: Path) -> None:
        calendars = service.calendars(node.service.kernel)
        self.storage.restore(source, path, clock=node.clock, calendars=calendars)

    def close(self) -> None:
        """Closes what is open."""
        while self.opened:
            self.opened.pop().close()


@contextmanager
def sqlite_stores(folder: Path) -> Iterator[SqliteStores]:
    """What opens the store of each node in a folder; all are closed at the end.

    Args:
        folder: for this run alone.

    Raises:
        PluginError: where no installed plugin keeps cases, or several and none is named.
    """
    with closing(
        SqliteStores(folder, Kernel().ports.storage(os.environ.get(_VARIABLE, "")))
    ) as made:
        yield made
