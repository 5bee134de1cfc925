"""What the hook `storage` returns: what makes, opens and mends stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attrs import frozen

if TYPE_CHECKING:
    from tongban.kernel.audit.signing import PublicKey, SigningKey
    from tongban.kernel.ports.store import Restored, Store
    from tongban.kernel.protocol import Actor, Calendars


@runtime_checkable
class Storage(Protocol):
    """One way of keeping cases: makes and opens its stores, finds their keys.

    A module with all of these names is one.

    Attributes:
        KEY_VARIABLE: the environment variable with the key that seals personal data.
        SIGNING_VARIABLE: the one with the private key that signs, or the path of its file.
    """

    @property
    def KEY_VARIABLE(self) -> str: ...

    @property
    def SIGNING_VARIABLE(self) -> str: ...

    def open_store(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        calendars: Calendars = ...,
        key: bytes | None = None,
        entropy: Callable[[int], bytes] = ...,
        create: bool = True,
        readonly: bool = False,
        suspect: bool = False,
    ) -> Store:
        """Opens a store.

        Args:
            path: where it is.
            clock: the moment, with its offset from UTC.
            calendars: of each place, for the limits.
            key: that seals personal data, from `key_from_environment`.
            entropy: gives n random bytes.
            create: whether to make it where there is none.
            readonly: whether nothing is to be written.
            suspect: whether to open, for reading alone, what the store refuses because
                something is missing: for an audit, which names it.

        Raises:
            StoreError: where it cannot be used; the message says why and what to do.
        """

    def key_from_environment(self) -> bytes | None:
        """The key that seals personal data; None where none is set.

        Raises:
            StoreError: where what is set is not a key.
        """

    def generate_signing_key(self) -> SigningKey:
        """A new private key."""

    def save_signing_key(self, key: SigningKey, path: Path) -> Path:
        """Writes a private key where only its owner may read it; the path of its public half.

        Raises:
            StoreError: where it cannot be written, or something is there already.
        """

    def load_signing_key(self, path: Path | None = None) -> SigningKey | None:
        """The private key in a file, or the one that the environment names; None for neither.

        Raises:
            TongbanError: where it cannot be read, or is not a key.
        """

    def load_public_key(self, path: Path) -> PublicKey:
        """The public key in a file.

        Raises:
            TongbanError: where it cannot be read, or is not a key.
        """

    def salvage(
        self, source: Path, target: Path, *, clock: Callable[[], datetime], calendars: Calendars
    ) -> tuple[str, ...]:
        """Makes a new store of what can still be read of a damaged one.

        Returns:
            What could not be saved, a sentence each.

        Raises:
            StoreError: where something is at `target` already, or nothing can be saved.
        """

    def restore(
        self, source: Path, target: Path, *, clock: Callable[[], datetime], calendars: Calendars
    ) -> tuple[Restored, tuple[Path, ...]]:
        """Puts a backup in the place of a store, which is `restored` then.

        Returns:
            What was put in place, and what lay there before, under other names.

        Raises:
            StoreError: where `source` is not a whole backup, or it cannot be put there.
        """


@frozen
class KeyChange:
    """A change of the key that seals personal data.

    Attributes:
        changed: whether this call made it; False where the store had the key already.
        records: how many were sealed with the key by this call.
        former, key: labels of both keys, which tell nothing of them; "" for no key.
        emptied: whether nothing that the former key opens is left in the files of the store.
        copies: other files beside the store that the former key may still open.
    """

    changed: bool
    records: int
    former: str
    key: str
    emptied: bool
    copies: tuple[Path, ...] = ()


@runtime_checkable
class SealingStorage(Storage, Protocol):
    """One whose stores seal personal data, and can do so with another key."""

    def generate_key(self) -> str:
        """A new key, as text for the environment variable."""

    def read_key(self, path: Path) -> bytes:
        """The key in a file that holds such a text.

        Raises:
            StoreError: where the file cannot be read, or holds no key.
        """

    def change_key(
        self,
        path: Path,
        former: bytes | None,
        key: bytes,
        *,
        clock: Callable[[], datetime],
        by: Actor,
    ) -> KeyChange:
        """Seals all personal data of a store with another key, all of it or nothing.

        Safe to repeat: where the key is the store's already, it only finishes what a call
        that was killed left to do.

        Args:
            path: of the store.
            former: the key that it has; None where it has none.
            key: that it is to have.
            clock: the moment, for the record.
            by: who does it, for the record.

        Raises:
            StoreError: where `former` is not the key of the store, or the file cannot be used;
                nothing was changed then.
        """
