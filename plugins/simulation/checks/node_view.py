"""What the checks see of a node."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store


class NodeView(Protocol):
    """A node, as far as the invariants look at it."""

    @property
    def province(self) -> str:
        """Its code."""

    @property
    def store(self) -> store.Store:
        """What it keeps its cases in."""

    @property
    def up(self) -> bool:
        """Whether it runs."""

    @property
    def today(self) -> date:
        """The day, as its clock has it."""

    def calendars(self, division: str | None) -> protocol.Calendar:
        """The working days of a place."""

    def serves(self, address: str) -> bool:
        """Whether this is the node of an address."""

    def tail(self, case: str, count: int) -> Sequence[hash_chain.Entry]:
        """The last entries of a case in its log."""
