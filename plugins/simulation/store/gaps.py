"""What no simulated node asks of its store in memory."""

from __future__ import annotations

from datetime import date
from typing import Any

from tongban.kernel.ports import store as contract

__all__ = ["Unasked"]


class Unasked:
    """The part of a store that a file is needed for."""

    def erase_personal(self, ended_before: date) -> tuple[str, ...]:
        raise _not_here()

    def remnants(self) -> tuple[str, ...]:
        return ()

    def erased(self, case: str) -> bool:
        return False

    def audit(self, checkpoints: Any = (), key: Any = None, witnesses: Any = ()) -> contract.Audit:
        raise _not_here()

    def checkpoint(self, key: Any) -> contract.Checkpoint:
        raise _not_here()

    def backup(self, target: Any) -> None:
        raise _not_here()


def _not_here() -> contract.StoreError:
    return contract.StoreError("a simulated store in memory cannot do that; use --store sqlite")
