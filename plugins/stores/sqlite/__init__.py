"""The embedded store: one SQLite file, which several processes may use at once.

`embedded.open_store` opens it. What it promises stands in `tongban.kernel.ports.store`.
"""

from __future__ import annotations

from tongban.kernel import Storage, hookimpl

__all__ = ["storage"]


@hookimpl
def storage() -> Storage:
    """The embedded store's functions."""
    from tongban.plugins.stores.sqlite import embedded  # noqa: PLC0415 - when a store is opened

    return embedded
