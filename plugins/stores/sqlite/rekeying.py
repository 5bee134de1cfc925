"""Changes the key that seals the personal data of a store: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tongban.kernel import protocol
from tongban.kernel.ports import storage
from tongban.plugins.stores.sqlite.opening import open_store


def change_key(
    path: Path,
    former: bytes | None,
    key: bytes,
    *,
    clock: Callable[[], datetime],
    by: protocol.Actor,
) -> storage.KeyChange:
    """Seals all personal data with another key, in one transaction; safe to repeat.

    Args:
        path: of the store.
        former: the key that it has; None where its data is in the clear.
        key: that it is to have.
        clock: the moment, for the record.
        by: who does it, for the record.

    Raises:
        StoreError: where `former` is not the key of the store, or the file cannot be used.
    """
    with open_store(path, clock=clock, create=False) as store:
        known = store.has_key(key)
    if known:
        with open_store(path, clock=clock, create=False, key=key) as store:
            return store.settle_key()
    # A first key seals what is in the clear: whatever key is at hand opens nothing there.
    before = None if known is None else former
    with open_store(path, clock=clock, create=False, key=before) as store:
        return store.change_key(key, by)
