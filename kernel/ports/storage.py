"""What the hook `storage` returns: what makes, opens and mends stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tongban.kernel.audit.signing import PublicKey, SigningKey
    from tongban.kernel.ports.store import Restored, Store
    from tongban.kernel.protocol import Calendars


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
