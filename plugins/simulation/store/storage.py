"""A `Storage` in memory: stores and keys by the paths of files that are never made."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from attrs import define, evolve, field

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.plugins.simulation.store.contents import Contents
from tongban.plugins.simulation.store.memory import MemoryStore


def _no_calendar(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


@define(eq=False)
class MemoryStorage:
    """Makes and opens stores in memory, and keeps the keys that sign beside them.

    Personal data in memory is not sealed: this is a `Storage`, and no `SealingStorage`.

    Attributes:
        held: what each store and each backup holds.
        keys: those that sign, by the path of the private half.
    """

    held: dict[Path, Contents] = field(factory=dict)
    keys: dict[Path, signing.SigningKey] = field(factory=dict)

    KEY_VARIABLE = "TONGBAN_KEY"
    SIGNING_VARIABLE = "TONGBAN_SIGNING_KEY"

    def open_store(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars = _no_calendar,
        key: bytes | None = None,  # noqa: ARG002 - nothing is sealed
        entropy: Callable[[int], bytes] = os.urandom,
        create: bool = True,
        readonly: bool = False,
        suspect: bool = False,  # noqa: ARG002 - nothing goes missing in memory
    ) -> MemoryStore:
        """Opens a store, as the port says; a backup knows that it is one.

        Raises:
            StoreError: where there is none, and none is to be made.
        """
        here = self.held.get(path)
        if here is None and (readonly or not create):
            raise contract.StoreError(f"{path}: 没有此办件库 (there is no such store)")
        id = here.about.id if here else entropy(16).hex()
        if here and here.about.backup and readonly:
            here, known = here.copy(), here.about
            said = contract.Restored(clock(), known.head, known.line, None, "backup")
            here.about = evolve(known, restored=known.restored or said)
            return MemoryStore(id, clock, calendars, entropy, here, self.held, readonly)
        store = MemoryStore(id, clock, calendars, entropy, here, self.held, readonly)
        self.held[path] = store.contents
        if store.contents.about.backup:
            _put_back(store, None, "backup")
        return store

    def salvage(
        self,
        source: Path,
        target: Path,
        *,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
    ) -> tuple[str, ...]:
        """Makes a new store of another, all of which can be read.

        Returns:
            Nothing: all is saved.

        Raises:
            StoreError: where something is at `target` already, or nothing at `source`.
        """
        here = self.held.get(source)
        if here is None or target in self.held:
            says = "没有此办件库,或目标已存在 (no such store, or one is at the target already)"
            raise contract.StoreError(f"{source}, {target}: {says}")
        copy = here.copy()
        store = MemoryStore(here.about.id, clock, calendars, contents=copy, backups=self.held)
        _put_back(store, here.about.head, "salvage")
        self.held[target] = copy
        return ()

    def restore(
        self,
        source: Path,
        target: Path,
        *,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
    ) -> tuple[contract.Restored, tuple[Path, ...]]:
        """Puts a backup in the place of a store, which is `restored` then.

        Returns:
            What was put in place, and where what was there is held now.

        Raises:
            StoreError: where there is no such backup, or it is of another store.
        """
        made, there = self.held.get(source), self.held.get(target)
        if (
            made is None
            or not made.about.backup
            or (there is not None and there.about.id != made.about.id)
        ):
            says = "没有此备份,或属另一办件库 (there is no such backup, or it is of another store)"
            raise contract.StoreError(f"{source}: {says}")
        lost: hash_chain.Head | None = None
        aside: tuple[Path, ...] = ()
        if there is not None:
            lost = there.about.head if there.about.line == made.about.line else None
            aside = (target.with_name(f"{target.name}.before-{len(self.held)}"),)
            self.held[aside[0]] = there
        copy = self.held[target] = made.copy()
        store = MemoryStore(made.about.id, clock, calendars, contents=copy, backups=self.held)
        return _put_back(store, lost, "backup"), aside

    def key_from_environment(self) -> bytes | None:
        """None: nothing is sealed."""
        return None

    def generate_signing_key(self) -> signing.SigningKey:
        """A new private key."""
        return signing.SigningKey(os.urandom(32))

    def save_signing_key(self, key: signing.SigningKey, path: Path) -> Path:
        """Keeps a private key; the path of its public half.

        Raises:
            StoreError: where one is there already.
        """
        if path in self.keys:
            raise contract.StoreError(f"{path}: 密钥已存在,未覆盖 (a key is there already)")
        self.keys[path] = key
        return _public(path)

    def load_signing_key(self, path: Path | None = None) -> signing.SigningKey | None:
        """The private key at a path; None for none: the environment names no key in memory.

        Raises:
            StoreError: where there is none.
        """
        return None if path is None else _there(self.keys.get(path), path)

    def load_public_key(self, path: Path) -> signing.PublicKey:
        """The public key at a path.

        Raises:
            StoreError: where there is none.
        """
        found = {_public(one): key for one, key in self.keys.items()}
        return _there(found.get(path), path).public


def _public(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


def _there(key: signing.SigningKey | None, path: Path) -> signing.SigningKey:
    if key is None:
        raise contract.StoreError(f"{path}: 没有此密钥 (there is no such key)")
    return key


def _put_back(
    store: MemoryStore, lost: hash_chain.Head | None, by: contract.RestoredBy
) -> contract.Restored:
    here = store.contents
    here.about = evolve(here.about, backup=False)
    with store.transaction() as writes:
        writes.put_back(lost, by)
    assert here.about.restored is not None
    return here.about.restored
