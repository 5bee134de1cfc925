"""An older state of a store in memory, and how it is put in place."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from tongban.kernel.audit import hash_chain
from tongban.plugins.simulation.store.memory import MemoryStore

__all__ = ["Image", "image_of", "put_in_place"]


@frozen
class Image:
    """All that a store held at one moment."""

    tables: Any
    noted: Any
    head: hash_chain.Head
    sent: int
    line: int


def image_of(store: MemoryStore) -> Image:
    """What a store holds now."""
    tables, noted = _copied(store._tables), _copied(store._noted)
    return Image(tables, noted, store._head, store._sent, store._line)


def put_in_place(store: MemoryStore, image: Image, *, told: bool) -> None:
    """Has a store hold again what it held before.

    Args:
        store: of a node that was killed.
        image: of the same store.
        told: whether that was done in the way in which the store hears of it.
    """
    store._tables, store._noted = _copied(image.tables), _copied(image.noted)
    store._head, store._sent, store._line = image.head, image.sent, image.line
    if told:
        with store.transaction() as writes:
            writes.put_back(None, "backup")


def _copied(tables: Any) -> Any:
    """The same tables; their rows are never changed, lists of ids are."""
    rows = {
        name: {key: list(row) if isinstance(row, list) else row for key, row in table.items()}
        for name, table in asdict(tables, recurse=False).items()
    }
    return type(tables)(**rows)
