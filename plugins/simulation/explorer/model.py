"""The small world: its states, and every step that leads from one to the next.

A state is small numbers: for each node the number of what it keeps, the messages on
their way, which moves were made, the day; and what is left of the bounds. What a node
does is worked out once for the same node, input and day, by the real `Service`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from attrs import evolve

from tongban.kernel import ApplicationError, Kernel
from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version
from tongban.kernel.service import refused_way
from tongban.plugins.simulation.explorer import site
from tongban.plugins.simulation.explorer.hostile import Hostile
from tongban.plugins.simulation.explorer.restoring import RESTORING, Restoring
from tongban.plugins.simulation.explorer.rotating import ROTATING, Rotating
from tongban.plugins.simulation.explorer.scenario import APPLICANT, Scenario, ScenarioError
from tongban.plugins.simulation.explorer.site import Result, Site
from tongban.plugins.simulation.explorer.site_state import SiteState, digest_of
from tongban.plugins.simulation.explorer.state import (
    AGAIN,
    MADE,
    UNUSED,
    Action,
    Left,
    State,
)

CARRIED = ("forward", "progress", "command", "request", "confirmation", "refusal", "notice")
"""The messages between nodes that machines act on. All others, and notices to the applicant,
are read by people, and change no node."""


class _Quiet(Kernel):
    """The rules and calendars that are installed. Observers hear nothing: nothing happens."""

    def observed(self, event: Any) -> None:
        """Tells nobody."""

    def disagreements(self, application: Any) -> tuple[tuple[str, Any, Any], ...]:
        """None: the second engine is not what is explored."""
        return ()


class Model:
    """A scenario, ready to be explored.

    Attributes:
        kernel: with the rules, calendars and exchange that are installed.
        kept: everything that a node was found to keep, by number.
        messages: every message between nodes, with the numbers of its sender and receiver.

    Raises:
        ScenarioError: where the application is not one that can be carried.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.now = _morning(scenario, 0)
        kernel = _Quiet(clock=lambda: self.now, ids=lambda: "id")
        self._calendars: dict[str | None, p.Calendar] = {}
        self.kernel = kernel
        self.nodes = [Site(kernel, place, self.calendar) for place in scenario.nodes]
        self._given = _submit(kernel, scenario)
        self.kept: list[SiteState] = []
        self._numbers: dict[str, int] = {}
        self._pending: list[tuple[int, ...]] = []
        self.messages: list[tuple[p.Message, int, int]] = []
        self._message_numbers: dict[tuple[str, int], int] = {}
        self._memo: dict[tuple[Any, ...], tuple[int, Result]] = {}
        self._acked: dict[tuple[int, int, int], int] = {}
        self._restarted: dict[int, int] = {}
        self._restoring = Restoring(self, self.nodes, scenario)
        self._rotating = Rotating(scenario, kernel, self.messages, self.kept)
        hostile = scenario.hostile
        self._hostile = Hostile(hostile, self.nodes, scenario.nodes) if hostile else None

    @property
    def steps_worked_out(self) -> int:
        """How many different steps of single nodes were worked out."""
        return len(self._memo)

    def calendar(self, division: str | None) -> p.Calendar:
        """The calendar of a place."""
        return self.nodes[0].calendar(division)

    def morning(self, day: int) -> datetime:
        """The moment at which everything of a day happens."""
        return _morning(self.scenario, day)

    def dawn(self, day: int) -> None:
        """Sets the clock of all nodes to the morning of a day."""
        self.now = self.morning(day)

    def start(self) -> tuple[State, Left]:
        """The first state: nothing was handed in."""
        nothing = tuple(self.number(SiteState(), n) for n in range(len(self.nodes)))
        bounds = self.scenario.bounds
        unused = (UNUSED,) * len(self.scenario.moves)
        state = State(nothing, (), unused, 0, keys=self._rotating.start())
        return state, Left(bounds.lost, bounds.doubled, bounds.crashes, bounds.restores)

    def actions(self, state: State, left: Left) -> Iterator[Action]:
        """Everything that may happen in a state, whether or not it changes anything."""
        for n, status in enumerate(state.moves):
            if status == UNUSED:
                yield ("give", n, "")
                if left.crashes:
                    yield ("give", n, "crash before commit")
                    yield ("give", n, "crash after commit")
                if left.doubled:
                    yield ("give", n, "doubled")
            elif status == AGAIN:
                yield ("repeat", n, "")
        for message, copies in state.net:
            if copies:
                yield ("deliver", message, "")
                if left.crashes:
                    yield ("deliver", message, "crash before commit")
                    yield ("deliver", message, "crash after commit")
                if left.lost:
                    yield ("deliver", message, "ack lost")
                    yield ("lose", message, "")
                if left.doubled:
                    yield ("double", message, "")
            else:
                yield ("again", message, "")
        for n in range(len(state.nodes)):
            yield ("tick", n, "")
            if left.crashes:
                yield ("crash", n, "")
        yield from self._restoring.actions(state, left)
        yield from self._rotating.actions(state)
        if state.day + 1 < len(self.scenario.days):
            yield ("day", state.day + 1, "")

    def after(
        self, state: State, left: Left, action: Action
    ) -> tuple[State, Left, Result | None] | None:
        """What an action leads to.

        Returns:
            The state, what is left of the bounds, and what the node said; None
            where the action changes nothing or cannot happen.
        """
        kind, n, fault = action
        left = _paid(left, kind, fault)
        if kind == "give" or kind == "repeat":
            return self._moved(state, left, n, fault)
        if kind == "deliver":
            return self._arrives(state, left, n, fault)
        if kind == "tick":
            done, result = self._tick(state, n)
            if done == state.nodes[n] and result.code != "raised":
                return None
            return self.filled(state.with_node(n, done)), left, result
        if kind == "day":
            quiet = all(self._tick(state, n)[0] == kept for n, kept in enumerate(state.nodes))
            return (state._replace(day=n), left, None) if quiet else None
        if kind in RESTORING:
            return self._restoring.after(state, left, kind, n)
        if kind in ROTATING:
            return self._rotating.after(state, kind, n), left, None
        if kind == "crash":
            again = state.with_node(n, self._restart(state.nodes[n], n))
            return self.filled(again), left, None
        return self._travels(state, left, kind, n)

    def _travels(
        self, state: State, left: Left, kind: str, message: int
    ) -> tuple[State, Left, None] | None:
        """A message is lost, sent again, or doubled on its way."""
        copies = dict(state.net)
        room = self.scenario.bounds.in_flight - sum(copies.values())
        if kind == "lose":
            copies[message] -= 1
            if not copies[message] and message not in self._open(state):
                del copies[message]
        elif kind == "double" and room < 1:
            return None
        else:
            copies[message] += 1
        return self.filled(state._replace(net=tuple(sorted(copies.items())))), left, None

    def _moved(
        self, state: State, left: Left, n: int, fault: str
    ) -> tuple[State, Left, Result] | None:
        """Somebody gives a command, for the first time or once more."""
        at = self.scenario.moves[n].at
        done, result = self._give(state, n, fault == "crash before commit")
        if result.code == "raised":
            return state, left, result
        crashed = fault.startswith("crash")
        if crashed:
            done = self._restart(done, at)
        status = state.moves[n]
        if not result.used:
            # Refused: it may be given again later. Crashed: it will be.
            if done == state.nodes[at]:
                return None
        else:
            twice = fault in ("crash after commit", "doubled")
            status = AGAIN if twice else MADE
        if status == state.moves[n] and done == state.nodes[at]:
            return None
        moves = (*state.moves[:n], status, *state.moves[n + 1 :])
        return self.filled(state.with_node(at, done)._replace(moves=moves)), left, result

    def _arrives(
        self, state: State, left: Left, message: int, fault: str
    ) -> tuple[State, Left, Result] | None:
        """A copy of a message reaches its node."""
        _, sender, receiver = self.messages[message]
        if self.kept[state.nodes[receiver]].restored:
            return None  # nothing is taken in before others were asked
        put_aside = self._rotating.judged(state, message)
        if put_aside is not None:
            return self._rotating.sent_again(state, message), left, put_aside
        done, result = self._take(state, message, fault)
        if result.code == "raised":
            return state, left, result
        if result.code == "early" and not result.acknowledged:
            return None  # the sender keeps it, and it is still on its way
        if fault.startswith("crash"):
            done = self._restart(done, receiver)
        state = state.with_node(receiver, done)
        if result.acknowledged and not self._rotating.hears(state, message):
            return self._rotating.sent_again(state, message), left, result
        if result.acknowledged:
            state = state.with_node(sender, self._ack(state.nodes[sender], sender, message))
        copies = dict(state.net)
        copies[message] -= 1
        if not copies[message] and message not in self._open(state):
            del copies[message]
        return self.filled(state._replace(net=tuple(sorted(copies.items())))), left, result

    def _open(self, state: State) -> set[int]:
        """Every message that was not acknowledged yet."""
        return {one for kept in state.nodes for one in self._pending[kept]}

    def undelivered(self, state: State) -> tuple[int, ...]:
        """Every message that was not acknowledged yet, in order."""
        return tuple(dict.fromkeys(one for kept in state.nodes for one in self._pending[kept]))

    def would_take(self, state: State, message: int) -> bool:
        """Whether a message would be taken now, rather than sent back as too early."""
        return self._take(state, message, "")[1].code != "early"

    def assaulted(self, state: State) -> str:
        """What a letter of the hostile node has changed; "" where none can change anything."""
        if self._hostile is None:
            return ""
        self.dawn(state.day)
        return self._hostile.assaults([self.kept[number] for number in state.nodes], self.now)

    def misbelieved(self, state: State) -> str:
        """Under which key a letter would be believed that is not its sender's; "" for none."""
        return self._rotating.misbelieved(state)

    def still(self, state: State) -> bool:
        """Whether time has brought all that it brings on this day, at every node."""
        return all(self._tick(state, n)[0] == kept for n, kept in enumerate(state.nodes))

    def filled(self, state: State) -> State:
        """Sends what waits in the outboxes, as far as there is room."""
        copies = dict(state.net)
        room = self.scenario.bounds.in_flight - sum(copies.values())
        waiting = self.undelivered(state)
        gone = [one for one, count in copies.items() if not count and one not in waiting]
        for one in gone:  # what a node no longer knows is not sent again
            del copies[one]
        for message in waiting:
            if room < 1:
                break
            if message not in copies:
                copies[message] = 1
                room -= 1
        return self._rotating.only_lying(state._replace(net=tuple(sorted(copies.items()))))

    # One step of one node, worked out once.

    def _give(self, state: State, n: int, crash: bool) -> tuple[int, Result]:
        move = self.scenario.moves[n]
        kept = state.nodes[move.at]
        key = ("give", kept, n, state.day, crash)
        if key not in self._memo:
            self.dawn(state.day)
            body = move.body or self._given
            result = self.nodes[move.at].give(self.kept[kept], move.id, move.actor, body, crash)
            self._memo[key] = (self.number(result.kept, move.at), result)
        return self._memo[key]

    def _take(self, state: State, message: int, fault: str) -> tuple[int, Result]:
        envelope, sender, receiver = self.messages[message]
        kept = state.nodes[receiver]
        key = ("take", kept, message, state.day, fault)
        if key not in self._memo:
            self.dawn(state.day)
            crash = fault == "crash before commit"
            dumb = fault in ("crash after commit", "ack lost")
            source = self.scenario.nodes[sender]
            result = self.nodes[receiver].take(self.kept[kept], envelope, source, crash, dumb)
            self._memo[key] = (self.number(result.kept, receiver), result)
        return self._memo[key]

    def _tick(self, state: State, n: int) -> tuple[int, Result]:
        key = ("tick", state.nodes[n], n, state.day)
        if key not in self._memo:
            self.dawn(state.day)
            result = self.nodes[n].tick(self.kept[state.nodes[n]])
            self._memo[key] = (self.number(result.kept, n), result)
        return self._memo[key]

    def _ack(self, kept: int, sender: int, message: int) -> int:
        key = (kept, sender, message)
        if key not in self._acked:
            envelope = self.messages[message][0]
            now = self.nodes[sender].acknowledged(self.kept[kept], envelope.id)
            self._acked[key] = self.number(now, sender)
        return self._acked[key]

    def _restart(self, kept: int, n: int) -> int:
        if kept not in self._restarted:
            self._restarted[kept] = self.number(site.restart(self.kept[kept]), n)
        return self._restarted[kept]

    def number(self, kept: SiteState, n: int) -> int:
        """The number of what node `n` keeps, a new one where it was never seen."""
        key = f"{n} {kept.key}"
        if key not in self._numbers:
            self._numbers[key] = len(self.kept)
            self.kept.append(kept)
            self._pending.append(tuple(self._carried(kept, n)))
        return self._numbers[key]

    def _carried(self, kept: SiteState, n: int) -> Iterator[int]:
        for one in kept.outbox:
            if one.status == "delivered" or one.message.kind not in CARRIED:
                continue
            to = next(
                (
                    number
                    for number, place in enumerate(self.scenario.nodes)
                    if place.serves(one.message.receiver)
                ),
                n,
            )
            if to == n:
                continue
            key = (digest_of(one.message), n)
            if key not in self._message_numbers:
                self._message_numbers[key] = len(self.messages)
                self.messages.append((one.message, n, to))
            yield self._message_numbers[key]


def _paid(left: Left, kind: str, fault: str) -> Left:
    if kind == "crash" or fault.startswith("crash"):
        return left._replace(crashes=left.crashes - 1)
    if kind == "lose" or fault == "ack lost":
        return left._replace(lost=left.lost - 1)
    if kind == "restore":
        return left._replace(restores=left.restores - 1)
    if kind == "double" or fault == "doubled":
        return left._replace(doubled=left.doubled - 1)
    return left


def _morning(scenario: Scenario, day: int) -> datetime:
    return datetime.combine(scenario.days[day], time(9), p.CHINA)


def _submit(kernel: Kernel, scenario: Scenario) -> p.Submit:
    """The command that hands the application in, with the scenario's limits."""
    raw = {"as_of": scenario.days[0].isoformat(), **scenario.application}
    try:
        application = kernel.application(raw)
    except ApplicationError as error:
        raise ScenarioError(f"{scenario.name}: application: {error}") from None
    decision = kernel.decide(application)
    if decision.outcome == "incomplete":
        raise ScenarioError(f"{scenario.name}: the application is {decision.outcome}")
    program = kernel.program(application.item)
    rules, refusal = rules_version(program), scenario.on_refusal
    way = refused_way(program, application) if decision.outcome == "ineligible" else ()
    about = decision, program.item, application
    given = p.submit(*about, rules=rules, applicant=APPLICANT, on_refusal=refusal, way=way)
    limits = [*given.decision["time_limit"], *({"extension": 0, **x} for x in scenario.limits)]
    return evolve(given, decision={**given.decision, "time_limit": limits})
