"""Applicants come: to a window when it is open, online at any time; again after a failure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterable
from typing import Any

import simpy
from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.scenario.applicants import Applicants, Draft
from tongban.plugins.simulation.scenario.places import DAY, HOUR, province_of
from tongban.plugins.simulation.world.mandates import Letter, letter_of
from tongban.plugins.simulation.world.node import Node, postponed
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports

_RETRY = 120
_BY_LETTER = ("not_your_step", "bad_input")
"""Why an agent's application is refused whose letter has ended, or does not cover it."""


@define(eq=False)
class Arrivals:
    """Hands in the applications of a run.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        applicants: who they are, and what they apply for.
        jurisdiction: whose catalogue the node of a province has.

    Attributes:
        alone: numbers of the applicants who come without their agent, who was refused.
    """

    ports: Ports
    places: Places
    applicants: Applicants
    jurisdiction: Callable[[str], str]
    alone: set[int] = field(factory=set, init=False)

    def come(self) -> Generator[simpy.Event, Any, None]:
        """One application after the other, in the order of their moments."""
        ports = self.ports
        numbers = self._order()
        self.ports.cases.waiting += len(numbers)
        for packed in numbers:
            minute, number = divmod(packed, 1 << 32)
            if minute > ports.agenda.now:
                yield ports.agenda.env.timeout(minute - ports.agenda.now)
            self.hand_in(self.applicants.draft(number))

    def _order(self) -> array[int]:
        """The applicants in the order in which they come; of each only a number is kept."""
        options, chance = self.ports.options, self.ports.dice.chance
        numbers: Iterable[int] = range(options.cases) if options.only is None else options.only
        span = options.days * DAY
        return array("q", sorted((chance.below(span, "arrives", n) << 32) + n for n in numbers))

    def hand_in(self, draft: Draft, again: int = 0) -> None:
        """Somebody hands in; comes back on a day on which the window is open."""
        ports, raw = self.ports, draft.raw
        if ports.cases.known(draft.number):
            self.ports.cases.waiting -= 1  # it was kept, though that was not confirmed
            return
        node = self._where(draft)
        if raw["channel"] == "window":
            opens = node.timetable.finish(ports.agenda.now, 0, _never)
            if opens > ports.agenda.now:
                opens += ports.dice.chance.below(6 * HOUR, draft.number, "comes", again)
                ports.agenda.later(opens - ports.agenda.now, lambda: self.hand_in(draft, again + 1))
                return
        if not draft.offered:
            self.ports.cases.waiting -= 1
            ports.metrics.turned_away["not_offered"] += 1
            ports.note("turned_away", node, number=draft.number, code="not_offered")
            return
        answer = self._submitted(node, draft)
        if postponed(answer):
            # A case that was kept is not let go before its applicant has come back to it.
            kept = ports.cases.record_of(("submit", draft.number))
            ports.agenda.later(_RETRY, lambda: self.hand_in(draft, again + 1), kept)
            return
        if self._without_agent(node, draft, again, answer):
            return
        self.ports.cases.waiting -= 1
        if isinstance(answer, protocol.Refusal):
            ports.metrics.turned_away[answer.code] += 1
            ports.note("turned_away", node, number=draft.number, code=answer.code)

    def _letter(self, node: Node, draft: Draft) -> Letter | None:
        """The letter of the agent who applies for somebody; None where they do so themselves."""
        ports, number = self.ports, draft.number
        if number in self.alone or not ports.dice.chance.happens(
            ports.scenario.choices.by_agent, number, "applies by an agent"
        ):
            return None
        jurisdiction = draft.jurisdiction or self.jurisdiction(node.province)
        item = node.service.kernel.rulebook.items.get(f"{jurisdiction}/{draft.item}")
        in_person = item is None or item.agent is not None
        return None if in_person else letter_of(ports, number, 0, node.today)

    def _without_agent(self, node: Node, draft: Draft, again: int, answer: object) -> bool:
        """Whether an agent was refused, and the applicant comes without."""
        refused = isinstance(answer, protocol.Refusal) and answer.code in _BY_LETTER
        if not refused or self._letter(node, draft) is None:
            return False
        assert isinstance(answer, protocol.Refusal)
        self.alone.add(draft.number)
        self.ports.metrics.conduct["agent_refused"] += 1
        self.ports.note("agent_refused", node, number=draft.number, code=answer.code)
        self.ports.agenda.later(_RETRY, lambda: self.hand_in(draft, again + 1))
        return True

    def again(self, draft: Draft) -> None:
        """Somebody whose application is not kept anywhere any more comes once more."""
        self.ports.cases.waiting += 1
        self.ports.agenda.later(_RETRY, lambda: self.hand_in(draft))

    def _submitted(self, node: Node, draft: Draft) -> object:
        raw, applicant = draft.raw, f"A{draft.number:07d}"
        letter = self._letter(node, draft)
        actor = letter.actor if letter else protocol.Actor("applicant", applicant)
        if raw["channel"] == "window":
            actor = protocol.Actor("window", "window-1", str(raw["received_at"]))
        jurisdiction = draft.jurisdiction or self.jurisdiction(node.province)
        own = {**raw, "item": f"{jurisdiction}/{draft.item}"}
        self.ports.cases.handing_in = draft
        before = self.ports.cases.applied[draft.number]
        try:
            return node.attempt(
                ("submit", draft.number, *([before] if before else [])),
                lambda: node.service.submit(
                    own,
                    actor,
                    applicant=applicant,
                    agent=letter.agent if letter else "",
                    authorisation=letter.number if letter else "",
                    mandate=letter.said if letter else None,
                ),
            )
        except store.ConflictError:
            return None  # the same application came twice: it is there

    def _where(self, draft: Draft) -> Node:
        """The node where an application is handed in: the window's, or the first authority's."""
        ports = self.ports
        if draft.jurisdiction:
            return self.places.node(draft.jurisdiction)
        place = self.applicants.receiving(draft)
        # What is not received will be turned away there as anywhere.
        return self.places.node(province_of(place) if place else min(ports.scenario.provinces))


def _never(day: int) -> bool:
    return False
