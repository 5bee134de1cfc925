"""The live store under a simulated node: slower than the one in memory, and the real thing."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from tongban.kernel import store
from tongban.plugins.simulation.node import Node

__all__ = ["sqlite_stores"]

_VARIABLE, _EMBEDDED = "TONGBAN_STORE", "tongban.plugins.stores.sqlite"
"""As the commands of cases do: named, not imported, so that another may take its place."""


def sqlite_stores(folder: Path) -> Callable[[Node], store.Store]:
    """What opens the store of each node in a folder.

    Args:
        folder: for this run alone.
    """
    plugin: Any = import_module(os.environ.get(_VARIABLE) or _EMBEDDED)

    def opened(node: Node) -> store.Store:
        def entropy(count: int) -> bytes:
            node.tries["salt"] += 1
            name = ("salt", node.province, *node.doing, node.tries["salt"])
            return (node.world.chance.hexadecimal(*name) * count).encode()[:count]

        return cast(
            "store.Store",
            plugin.open_store(
                folder / f"{node.province}.db",
                clock=node.clock,
                calendars=lambda division: node.calendars(division),
                entropy=entropy,
            ),
        )

    return opened
