"""What a store in memory notes of itself and of others, beside its cases and messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import define, field

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.simulation.store.rows import is_news

__all__ = ["Notes"]


@define(eq=False)
class _Noted:
    witnesses: dict[str, contract.Witness] = field(factory=dict)
    commands: dict[str, contract.CommandNote] = field(factory=dict)
    ids: dict[str, list[str]] = field(factory=dict)
    """Ids of the commands of a case."""
    restored: dict[str, contract.Restored | None] = field(factory=dict)


class Notes:
    """The line of the log, how far other logs go, what commands said.

    Args:
        id: of the store.
        clock: of the node.
    """

    def __init__(self, id: str, clock: Callable[[], datetime]) -> None:
        self.id = id
        self._clock = clock
        self._noted = _Noted()
        self._undo: list[Callable[[], object]] | None = None
        self._line = self._lines = 1

    @property
    def history(self) -> str:
        """The line of the log: a new one whenever an older state is put in place."""
        return f"{self.id}-{self._line}"

    def _begin_line(self) -> None:
        """Of the lines that were begun none comes again, whatever is put in place."""
        self._lines += 1
        self._line = self._lines

    @property
    def restored(self) -> contract.Restored | None:
        """That an older state was put back; None once that was settled."""
        return self._noted.restored.get("")

    def _set(self, table: dict[str, Any], key: str, value: Any) -> None:
        assert self._undo is not None, "outside of a transaction"
        if key in table:
            old = table[key]
            self._undo.append(lambda: table.__setitem__(key, old))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def witness(self, node: str, history: str, head: hash_chain.Head) -> None:
        """Notes how far another node's log goes."""
        seen, key = contract.Witness(node, history, head, self._clock()), f"{node} {history}"
        if is_news(self._noted.witnesses.get(key), seen):
            self._set(self._noted.witnesses, key, seen)

    def witnesses(self) -> tuple[contract.Witness, ...]:
        """What other nodes said of their logs."""
        return tuple(self._noted.witnesses.values())

    def put_back(self, lost: hash_chain.Head | None, by: contract.RestoredBy = "copy") -> None:
        """Begins the state `restored`, and a line of the log with it."""
        found = contract.Restored(self._clock(), self.head(), self.history, lost, by)
        self._set(self._noted.restored, "", found)
        assert self._undo is not None
        before = self._line
        self._undo.append(lambda: setattr(self, "_line", before))
        self._begin_line()

    def head(self) -> hash_chain.Head:
        """The last event of the log."""
        raise NotImplementedError

    def recovered(self, note: str = "") -> None:
        """Ends the state `restored`."""
        self._set(self._noted.restored, "", None)

    def note_command(self, id: str, note: contract.CommandNote) -> None:
        """Keeps what a command said, under its id."""
        if id not in self._noted.commands:
            self._set(self._noted.commands, id, note)
            # Not undone: an id too many does no harm.
            self._noted.ids.setdefault(note.case, []).append(id)

    def command(self, id: str) -> contract.CommandNote | None:
        """What a command said that had its effect here."""
        return self._noted.commands.get(id)

    def forget(self, case: str) -> None:
        """Lets the commands of a settled case go."""
        for id in self._noted.ids.pop(case, ()):
            self._noted.commands.pop(id, None)
