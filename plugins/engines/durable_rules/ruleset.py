"""One ruleset of the C module, called in the one order that does it no harm."""

from __future__ import annotations

import json
from itertools import count
from threading import Lock
from typing import Protocol
from weakref import finalize

from tongban.kernel.engine import Facts
from tongban.plugins.engines.durable_rules.translation import Batch
from tongban.plugins.engines.durable_rules.values import AbstentionError, Cell

STATES = 64
"""How many state ids a ruleset may use up; the 1025th live state crashes."""

_MARKER = {"go": "1"}
_LAST = "last"
_numbers = count()


class Engine(Protocol):
    """What is used of the C module `durable_rules_engine`."""

    def create_ruleset(self, name: str, rules: str, /) -> int: ...
    def delete_ruleset(self, handle: int, /) -> None: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...
    def delete_state(self, handle: int, sid: str, /) -> None: ...


class Ruleset:
    """Rules in the C module; deleted there when this object goes.

    A fact fires every rule that matches it, then the catch-all. Only a state in
    which something fired and was completed may be deleted: otherwise the engine
    frees memory that it never had.

    Args:
        engine: the C module.
        batch: the rules.
    """

    def __init__(self, engine: Engine, batch: Batch) -> None:
        self._engine = engine
        self._batch = batch
        self._lock = Lock()
        self._free = [f"s{n}" for n in reversed(range(STATES))]
        definition = batch.definition(_MARKER, _LAST)
        self._handle = engine.create_ruleset(f"tongban{next(_numbers)}", definition)
        finalize(self, engine.delete_ruleset, self._handle).atexit = False

    @property
    def states(self) -> int:
        """How many state ids are left."""
        return len(self._free)

    def held(self, facts: Facts) -> frozenset[str]:
        """The ids of the rules that hold. Threads take turns.

        Raises:
            AbstentionError: where a value does not fit the engine, or no state is left.
            RuntimeError: where the engine does not do as it should.
        """
        cells = self._batch.cells(facts)
        with self._lock:
            if not self._free:
                raise AbstentionError(f"{STATES} evaluations failed and could not be undone")
            sid = self._free[-1]
            try:
                fired = self._fired(_fact(sid, "fact", cells))
                self._engine.delete_state(self._handle, sid)
            except BaseException:
                self._undo(sid)
                raise
        return frozenset(self._batch.ids[int(name[1:])] for name in fired)

    def _fired(self, fact: str) -> list[str]:
        """The names of the rules that fired, the catch-all aside."""
        code, state = self._engine.assert_fact(self._handle, fact)
        started = self._engine.start_action_for_state(self._handle, state)
        if code != 0 or started is None:
            raise RuntimeError(f"durable-rules did not take a fact (code {code})")
        names: list[str] = []
        action: str | None = started[1]
        while action is not None:
            names.append(action[2 : action.index('"', 2)])
            action = self._engine.complete_and_start_action(self._handle, state)
        if names.pop() != _LAST:
            raise RuntimeError("durable-rules did not fire the catch-all rule last")
        return names

    def _undo(self, sid: str) -> None:
        """Deletes a state that was left in whatever condition.

        One more fact makes the catch-all fire; where an action was under way,
        nothing starts, and completing goes on with that one. An id whose state
        cannot be deleted is not used again.
        """
        self._free.remove(sid)
        code, state = self._engine.assert_fact(self._handle, _fact(sid, "undo", {}))
        if code != 0:
            raise RuntimeError(f"durable-rules did not give a state back (code {code})")
        self._engine.start_action_for_state(self._handle, state)
        while self._engine.complete_and_start_action(self._handle, state) is not None:
            pass
        self._engine.delete_state(self._handle, sid)
        self._free.append(sid)


def _fact(sid: str, name: str, cells: dict[str, Cell]) -> str:
    """A fact with an id of its own: the engine's would be a hash that can collide."""
    return json.dumps({"sid": sid, "id": name, **_MARKER, **cells}, ensure_ascii=False)
