"""A backup of a node, taken at any moment, is put in the place of its store at any later one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attrs import evolve

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.memory import Kept
from tongban.plugins.simulation.explorer.node import Result
from tongban.plugins.simulation.explorer.scenario import Place
from tongban.plugins.simulation.explorer.state import NO_BACKUP, UNUSED, Action, Left, State

if TYPE_CHECKING:
    from tongban.plugins.simulation.explorer.world import World

__all__ = ["RESTORING", "Restoring"]

RESTORING = ("backup", "restore", "recover")
"""A backup is taken; it is put in place; the node was answered by all others."""


class Restoring:
    """The steps of one world that have to do with backups.

    Args:
        world: with its nodes and what they keep.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[tuple[Any, ...], tuple[int, Result]] = {}

    def actions(self, state: State, left: Left) -> Iterator[Action]:
        """What may happen in a state."""
        node, kept = state.backup
        if left.restores and node < 0:
            for n in range(len(state.nodes)):
                yield ("backup", n, "")
        if left.restores and node >= 0 and state.nodes[node] != kept:
            yield ("restore", node, "")
        for n, number in enumerate(state.nodes):
            if self._world.kept[number].restored:
                yield ("recover", n, "")

    def after(
        self, state: State, left: Left, kind: str, n: int
    ) -> tuple[State, Left, Result | None]:
        """What one of them leads to."""
        if kind == "backup":
            return state._replace(backup=(n, state.nodes[n])), left, None
        if kind == "restore":
            return self._put_back(state, n), left, None
        number, result = self._recovered(state, n)
        return self._world.filled(state.with_node(n, number)), left, result

    def _put_back(self, state: State, n: int) -> State:
        """The older state; who was heard since then is not heard of any more, and comes again."""
        world = self._world
        kept = evolve(world.kept[state.backup[1]], restored=True)
        known = dict(kept.commands)
        moves = tuple(
            UNUSED if move.at == n and move.id not in known else status
            for move, status in zip(world.scenario.moves, state.moves, strict=True)
        )
        after = state.with_node(n, world.number(kept, n))
        return world.filled(after._replace(moves=moves, backup=NO_BACKUP))

    def _recovered(self, state: State, n: int) -> tuple[int, Result]:
        world = self._world
        key = (n, state.nodes, state.net, state.day)
        if key not in self._known:
            world.now = world.morning(state.day)
            kept = [world.kept[number] for number in state.nodes]
            mine, theirs = self._handed_back(state, n, kept)
            result = world.nodes[n].recover(kept[n], mine, theirs)
            self._known[key] = (world.number(result.kept, n), result)
        return self._known[key]

    def _handed_back(
        self, state: State, n: int, every: list[Kept]
    ) -> tuple[list[p.Message], list[tuple[p.Message, Place]]]:
        world, places = self._world, self._world.scenario.nodes
        mine = [
            one.message
            for other, kept in enumerate(every)
            if other != n
            for one in kept.inbox
            if one.node == places[n].name
        ]
        for number, copies in state.net:
            message, sender, _ = world.messages[number]
            if copies and sender == n:
                mine.append(message)
        theirs = [
            (one.message, places[other])
            for other, kept in enumerate(every)
            if other != n
            for one in kept.outbox
            if places[n].serves(one.message.receiver)
        ]
        return mine, theirs
