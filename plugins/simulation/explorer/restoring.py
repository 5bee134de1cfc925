"""A backup of a node, taken at any moment, is put in the place of its store at any later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.scenario import Place, Scenario
from tongban.plugins.simulation.explorer.site import Result, Site
from tongban.plugins.simulation.explorer.site_state import SiteState
from tongban.plugins.simulation.explorer.state import NO_BACKUP, UNUSED, Action, Left, State

RESTORING = ("backup", "restore", "recover")
"""A backup is taken; it is put in place; the node was answered by all others."""


class Found(Protocol):
    """What was found of a world so far: everything has a number."""

    @property
    def kept(self) -> Sequence[SiteState]:
        """Everything that a node was found to keep, by number."""

    @property
    def messages(self) -> Sequence[tuple[p.Message, int, int]]:
        """Every message, with the numbers of its sender and receiver."""

    def number(self, kept: SiteState, n: int) -> int:
        """The number of what a node keeps."""

    def filled(self, state: State) -> State:
        """A state with the messages that its nodes send again."""

    def dawn(self, day: int) -> None:
        """Sets the clock of all nodes to a day."""


class Restoring:
    """The steps of one world that have to do with backups.

    Args:
        found: what was found so far, by number.
        nodes: of the world.
        scenario: with its places and moves.
    """

    def __init__(self, found: Found, nodes: Sequence[Site], scenario: Scenario) -> None:
        self._found = found
        self._nodes = nodes
        self._scenario = scenario
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
            if self._found.kept[number].restored:
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
        return self._found.filled(state.with_node(n, number)), left, result

    def _put_back(self, state: State, n: int) -> State:
        """The older state; who was heard since then is not heard of any more, and comes again."""
        found = self._found
        found.dawn(state.day)
        kept = self._nodes[n].put_back(found.kept[state.backup[1]])
        known = kept.contents.commands
        moves = tuple(
            UNUSED if move.at == n and move.id not in known else status
            for move, status in zip(self._scenario.moves, state.moves, strict=True)
        )
        after = state.with_node(n, found.number(kept, n))
        return found.filled(after._replace(moves=moves, backup=NO_BACKUP))

    def _recovered(self, state: State, n: int) -> tuple[int, Result]:
        found = self._found
        key = (n, state.nodes, state.net, state.day)
        if key not in self._known:
            found.dawn(state.day)
            kept = [found.kept[number] for number in state.nodes]
            mine, theirs = self._handed_back(state, n, kept)
            result = self._nodes[n].recover(kept[n], mine, theirs)
            self._known[key] = (found.number(result.kept, n), result)
        return self._known[key]

    def _handed_back(
        self, state: State, n: int, every: list[SiteState]
    ) -> tuple[list[p.Message], list[tuple[p.Message, Place]]]:
        found, places = self._found, self._scenario.nodes
        mine = [
            one.message
            for other, kept in enumerate(every)
            if other != n
            for one in kept.inbox
            if one.node == places[n].name
        ]
        for number, copies in state.net:
            message, sender, _ = found.messages[number]
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
