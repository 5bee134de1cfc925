"""The live store under a simulated node: slower than the one in memory, and the real thing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tongban.kernel import Kernel, store
from tongban.plugins.simulation.node import Node

__all__ = ["sqlite_stores"]

_VARIABLE = "TONGBAN_STORE"
"""As for the commands of cases."""


@contextmanager
def sqlite_stores(folder: Path) -> Iterator[Callable[[Node], store.Store]]:
    """What opens the store of each node in a folder; all are closed at the end.

    Args:
        folder: for this run alone.

    Raises:
        PluginError: where no installed plugin keeps cases, or several and none is named.
    """
    storage = Kernel().storage(os.environ.get(_VARIABLE, ""))

    def opens(node: Node) -> store.Store:
        def entropy(count: int) -> bytes:
            node.tries["salt"] += 1
            name = ("salt", node.province, *node.doing, node.tries["salt"])
            return (node.world.chance.hexadecimal(*name) * count).encode()[:count]

        opened = storage.open_store(
            folder / f"{node.province}.db",
            clock=node.clock,
            calendars=lambda division: node.calendars(division),
            entropy=entropy,
        )
        return until_the_end.enter_context(closing(opened))

    with ExitStack() as until_the_end:
        yield opens
