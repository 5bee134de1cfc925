"""The search: every reachable state, breadth first, each checked."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Iterator
from hashlib import blake2b
from time import perf_counter
from typing import TypeAlias

from attrs import frozen

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.breach import Breach
from tongban.plugins.simulation.explorer.invariants import of_node, of_world
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.scenario import Scenario
from tongban.plugins.simulation.explorer.state import Action, Left, State

Progress: TypeAlias = Callable[[int, int], None]
"""Called now and then with how many states were found, and how deep the search is."""

_FAULTS = ("lose", "double", "crash", "backup", "restore", "rotate", "expire")


@frozen
class Explored:
    """What a search found.

    Attributes:
        world: for telling the way again.
        states: different states of the world.
        transitions: steps between them that were taken.
        depth: steps from the first state to the one farthest away.
        ended: states in which nothing more can happen.
        node_steps: different steps of single nodes, worked out by the real service.
        complete: whether every state within the bounds was visited.
        violation: the first that was found, where there is one.
        way: the shortest way to it.
    """

    world: Model
    states: int
    transitions: int
    depth: int
    ended: int
    node_steps: int
    complete: bool
    seconds: float
    violation: Breach | None = None
    way: tuple[Action, ...] = ()


class _BrokenError(Exception):
    def __init__(self, violation: Breach, at: int, last: Action | None = None) -> None:
        self.violation, self.at, self.last = violation, at, last
        super().__init__()


class _Search:
    """States by a hash of 16 bytes, each with the state and the action that led to it first.

    A state that was seen with at least as much left of every bound leads nowhere new.
    """

    def __init__(self, scenario: Scenario, progress: Progress | None) -> None:
        self.world = Model(scenario)
        self.progress = progress
        self.chosen = frozenset(
            one.id for one in scenario.moves if isinstance(one.body, p.Deliver) and one.body.by
        )
        self.limit = scenario.bounds.states
        self.first: dict[bytes, int] = {}
        self.others: dict[bytes, list[int]] = {}
        self.left = array("H")
        self.parents = array("I")
        self.by = array("I")
        self.actions: list[Action] = []
        self.numbers: dict[Action, int] = {}
        self.edges_from, self.edges_to = array("I"), array("I")
        self.good = bytearray()
        self.transitions = self.depth = self.ended = 0
        self.complete = True
        self.checked_nodes: set[int] = set()
        self.checked: dict[tuple[object, ...], bool] = {}

    def run(self) -> _BrokenError | None:
        state, left = self.world.start()
        number, _ = self.add(state, left, 0, ("start", 0, ""))
        level = [(number, state, left)]
        try:
            self.check(state, number)
            while level:
                level = list(self.next_level(level))
                self.depth += bool(level)
            if self.complete:
                self.can_end()
        except _BrokenError as broken:
            return broken
        return None

    def next_level(self, level: list[tuple[int, State, Left]]) -> Iterator[tuple[int, State, Left]]:
        for number, state, left in level:
            moved = False
            for action in self.world.actions(state, left):
                found = self.world.after(state, left, action)
                if found is None:
                    continue
                after, remains, result = found
                if result is not None and result.code == "raised":
                    raise _BrokenError(Breach("code", result.says), number, action)
                if after == state:
                    continue
                self.transitions += 1
                moved = True
                known, new = self.add(after, remains, number, action)
                if not action[2] and action[0] not in _FAULTS:
                    self.edges_from.append(number)
                    self.edges_to.append(known)
                if new:
                    self.check(after, known)
                    yield known, after, remains
            self.ended += not moved
            if not moved and self.world.undelivered(state):
                raise _BrokenError(
                    Breach("stuck", "nothing happens any more, and one waits"), number
                )
            if len(self.first) >= self.limit:
                self.complete = False
                return

    def add(self, state: State, left: Left, parent: int, action: Action) -> tuple[int, bool]:
        """The number of a state, and whether it has to be looked at."""
        # Version 2 of marshal writes equal values alike, whatever else refers to them.
        key = blake2b(marshal.dumps((*state[:-1], *state.keys), 2), digest_size=16).digest()
        first = self.first.get(key)
        if first is not None:
            for known in (first, *self.others.get(key, ())):
                if all(map(int.__ge__, _unpacked(self.left[known]), left)):
                    return known, False
        number = len(self.left)
        if first is None:
            self.first[key] = number
            if self.progress and len(self.first) % 1000 == 0:
                self.progress(len(self.first), self.depth)
        else:
            self.others.setdefault(key, []).append(number)
        self.left.append(left.restores << 12 | left.lost << 8 | left.doubled << 4 | left.crashes)
        self.parents.append(parent)
        known_action = self.numbers.get(action)
        if known_action is None:
            known_action = self.numbers[action] = len(self.actions)
            self.actions.append(action)
        self.by.append(known_action)
        self.good.append(self.is_good(state))
        return number, True

    def is_good(self, state: State) -> bool:
        """Whether the case is over, or shown as overdue."""
        cases = [kept.case for n in state.nodes if (kept := self.world.kept[n]).case is not None]
        if not cases:
            return True
        last = max((case for case in cases if case is not None), key=lambda case: case.version)
        return last.over or any(one.startswith("overdue ") for one in last.signalled)

    def check(self, state: State, number: int) -> None:
        """Raises where an invariant does not hold in a state."""
        world, scenario = self.world, self.world.scenario
        misbelieved = world.misbelieved(state)
        if misbelieved:
            raise _BrokenError(Breach("signed", misbelieved), number)
        for node in state.nodes:
            if node not in self.checked_nodes:
                self.checked_nodes.add(node)
                for violation in of_node(world.kept[node], world.calendar, self.chosen):
                    raise _BrokenError(violation, number)
        key = (state.nodes, state.day, state.net if scenario.bounds.restores else ())
        if key in self.checked:
            return
        self.checked[key] = True
        kept = [world.kept[node] for node in state.nodes]
        if any(one.restored for one in kept):
            return  # what it lost is fetched before anything goes on
        still = world.still(state)
        today = scenario.days[state.day]
        now = world.morning(state.day)
        changed = world.assaulted(state)
        if changed:
            raise _BrokenError(Breach("believed", changed), number)
        lying = [one for one, copies in state.net if copies]
        open_ones = tuple(dict.fromkeys((*world.undelivered(state), *lying)))
        under_way = {world.messages[one][0].kind for one in lying}
        for violation in of_world(
            kept,
            scenario.nodes,
            world.calendar,
            today,
            now,
            still=still,
            quiet=not open_ones,
            under_way=under_way,
            all_told=not scenario.bounds.restores,
        ):
            raise _BrokenError(violation, number)
        # After a restore somebody may have to do again first what a message waits for.
        if (
            open_ones
            and not scenario.bounds.restores
            and not any(world.would_take(state, one) for one in open_ones)
        ):
            kinds = ", ".join(sorted({world.messages[one][0].kind for one in open_ones}))
            raise _BrokenError(Breach("stuck", f"nobody can take: {kinds}"), number)

    def can_end(self) -> None:
        """From every state a good one can be reached without any more fault."""
        back: dict[int, list[int]] = {}
        good = bytearray(self.good)
        for source, target in zip(self.edges_from, self.edges_to, strict=True):
            if not good[source]:
                back.setdefault(target, []).append(source)
        waiting = [n for n, one in enumerate(good) if one]
        while waiting:
            for source in back.get(waiting.pop(), ()):
                if not good[source]:
                    good[source] = 1
                    waiting.append(source)
        stuck = good.find(0)
        if stuck >= 0:
            raise _BrokenError(Breach("ends", "from here the case cannot end any more"), stuck)

    def way_to(self, number: int) -> tuple[Action, ...]:
        found = []
        while number:
            found.append(self.actions[self.by[number]])
            number = self.parents[number]
        return tuple(reversed(found))


def _unpacked(left: int) -> Left:
    return Left(left >> 8 & 15, left >> 4 & 15, left & 15, left >> 12)


def explore(scenario: Scenario, progress: Progress | None = None) -> Explored:
    """Visits every state that a scenario can reach, and checks every invariant in each.

    Args:
        scenario: with its bounds.
        progress: called with the progress.

    Returns:
        The figures; of a violation the shortest way to it: no way with fewer steps leads
        to any violation (for `ends`, to any state from which the case cannot end).

    Raises:
        ScenarioError: where the application cannot be carried.
    """
    began = perf_counter()
    search = _Search(scenario, progress)
    broken = search.run()
    way: tuple[Action, ...] = ()
    if broken is not None:
        way = search.way_to(broken.at)
        if broken.last is not None:
            way = (*way, broken.last)
    return Explored(
        world=search.world,
        states=len(search.first),
        transitions=search.transitions,
        depth=search.depth,
        ended=search.ended,
        node_steps=search.world.steps_worked_out,
        complete=search.complete and broken is None,
        seconds=perf_counter() - began,
        violation=broken.violation if broken else None,
        way=way,
    )
