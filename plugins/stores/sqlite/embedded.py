"""Everything that the embedded store offers; as a module it is a `Storage` of the kernel."""

from __future__ import annotations

from tongban.plugins.stores.sqlite.cipher import (
    KEY_VARIABLE,
    generate_key,
    key_from_environment,
    read_key,
)
from tongban.plugins.stores.sqlite.keys import (
    SIGNING_VARIABLE,
    generate_signing_key,
    load_public_key,
    load_signing_key,
    save_signing_key,
)
from tongban.plugins.stores.sqlite.opening import open_store
from tongban.plugins.stores.sqlite.rekeying import change_key
from tongban.plugins.stores.sqlite.restoring import restore
from tongban.plugins.stores.sqlite.salvage import salvage
from tongban.plugins.stores.sqlite.store import SqliteStore

__all__ = [
    "KEY_VARIABLE",
    "SIGNING_VARIABLE",
    "SqliteStore",
    "change_key",
    "generate_key",
    "generate_signing_key",
    "key_from_environment",
    "load_public_key",
    "load_signing_key",
    "open_store",
    "read_key",
    "restore",
    "salvage",
    "save_signing_key",
]
