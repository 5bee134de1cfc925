"""The embedded exchange 交换: messages inside one store, and between stores through folders.

Signed by each node, at least once, in any order, doubled without harm. docs/exchange.md
has all of it.
"""

from __future__ import annotations

from pathlib import Path

from tongban.kernel import Carrier, hookimpl

__all__ = ["exchange"]


@hookimpl
def exchange(node: str) -> Carrier | None:
    """What carries the messages of a store.

    Args:
        node: path of the file that says what the store serves and where the shared folder
            is; "" for a store that is alone: everything is served in it.

    Raises:
        NodeError: where the file or the folder is not as it must be.
    """
    # Signing and sealing need heavy libraries only where messages are carried.
    from tongban.plugins.exchange.membership import Node, load_node  # noqa: PLC0415
    from tongban.plugins.exchange.pump import Exchange  # noqa: PLC0415

    return Exchange(load_node(Path(node)) if node else Node("alone", ()))
