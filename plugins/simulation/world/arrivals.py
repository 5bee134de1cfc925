"""Applicants come: to a window when it is open, online at any time; again after a failure."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import simpy
from attrs import define

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.scenario.applicants import Draft
from tongban.plugins.simulation.scenario.places import DAY, HOUR, province_of
from tongban.plugins.simulation.world.node import Node, postponed

if TYPE_CHECKING:
    from tongban.plugins.simulation.world.world import World

__all__ = ["Arrivals"]

_RETRY = 120


@define(eq=False)
class Arrivals:
    """Hands in the applications of a run.

    Args:
        world: that they are handed in in.
        waiting: how many are still to come.
    """

    world: World
    waiting: int = 0

    def come(self) -> Generator[simpy.Event, Any, None]:
        """One application after the other, in the order of their moments."""
        world = self.world
        numbers = self._order()
        self.waiting += len(numbers)
        for packed in numbers:
            minute, number = divmod(packed, 1 << 32)
            if minute > world.now:
                yield world.env.timeout(minute - world.now)
            self.hand_in(world.applicants.draft(number))

    def _order(self) -> array[int]:
        """The applicants in the order in which they come; of each only a number is kept."""
        options, chance = self.world.options, self.world.chance
        numbers: Iterable[int] = range(options.cases) if options.only is None else options.only
        span = options.days * DAY
        return array("q", sorted((chance.below(span, "arrives", n) << 32) + n for n in numbers))

    def hand_in(self, draft: Draft, again: int = 0) -> None:
        """Somebody hands in; comes back on a day on which the window is open."""
        world, raw = self.world, draft.raw
        if world.known(draft.number):
            self.waiting -= 1  # it was kept, though nobody could say so at the time
            return
        node = self._where(draft)
        if raw["channel"] == "window":
            opens = node.timetable.finish(world.now, 0, _never)
            if opens > world.now:
                opens += world.chance.below(6 * HOUR, draft.number, "comes", again)
                world.later(opens - world.now, lambda: self.hand_in(draft, again + 1))
                return
        if not draft.offered:
            self.waiting -= 1
            world.metrics.turned_away["not_offered"] += 1
            world.note("turned_away", node, number=draft.number, code="not_offered")
            return
        answer = self._submitted(node, draft)
        if postponed(answer):
            # A case that was kept is not let go before its applicant has come back to it.
            kept = world.record_of(("submit", draft.number))
            world.later(_RETRY, lambda: self.hand_in(draft, again + 1), kept)
            return
        self.waiting -= 1
        if isinstance(answer, protocol.Refusal):
            world.metrics.turned_away[answer.code] += 1
            world.note("turned_away", node, number=draft.number, code=answer.code)

    def again(self, draft: Draft) -> None:
        """Somebody whose application is not kept anywhere any more comes once more."""
        self.waiting += 1
        self.world.later(_RETRY, lambda: self.hand_in(draft))

    def _submitted(self, node: Node, draft: Draft) -> object:
        raw, applicant = draft.raw, f"A{draft.number:07d}"
        actor = protocol.Actor("applicant", applicant)
        if raw["channel"] == "window":
            actor = protocol.Actor("window", "window-1", str(raw["received_at"]))
        jurisdiction = draft.jurisdiction or self.world.jurisdiction(node.province)
        own = {**raw, "item": f"{jurisdiction}/{draft.item}"}
        self.world.handing_in = draft
        before = self.world.applied[draft.number]
        try:
            return node.attempt(
                ("submit", draft.number, *([before] if before else [])),
                lambda: node.service.submit(own, actor, applicant=applicant),
            )
        except store.Conflict:
            return None  # the same application came twice: it is there

    def _where(self, draft: Draft) -> Node:
        """The node where an application is handed in: the window's, or the first authority's."""
        world = self.world
        if draft.jurisdiction:
            return world.node(draft.jurisdiction)
        place = world.applicants.receiving(draft)
        # What nobody receives will be turned away there as anywhere.
        return world.node(province_of(place) if place else min(world.scenario.provinces))


def _never(day: int) -> bool:
    return False
