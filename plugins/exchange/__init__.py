"""The embedded exchange 交换: messages inside one store, and between stores through folders.

Signed by each node, at least once, in any order, doubled without harm. docs/exchange.md
has all of it.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tongban.kernel import Carrier, hookimpl

__all__ = ["exchange"]

_FORMER = {
    "carrying": "pump",
    "disk": "spool",
    "letters": "envelope",
    "nodes": "membership",
    "sealing": "encryption",
}
"""Modules of the version before; the next one has these names no more."""


def _former(before: str, now: str) -> ModuleType:
    """A module that gives, with a warning, what the present one has."""

    def found(name: str) -> Any:
        if name.startswith("__"):  # what looks through `sys.modules` asks every module
            raise AttributeError(name)
        says = f"{__name__}.{before} is {__name__}.{now} now"
        warnings.warn(says, DeprecationWarning, stacklevel=2)
        return getattr(import_module(f"{__name__}.{now}"), name)

    module = ModuleType(f"{__name__}.{before}")
    vars(module)["__getattr__"] = found
    return module


sys.modules.update({f"{__name__}.{old}": _former(old, new) for old, new in _FORMER.items()})


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
