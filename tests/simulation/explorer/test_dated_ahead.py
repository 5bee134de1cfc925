"""A clock was months ahead: others reject what it dated until then; a chase gets through."""

from __future__ import annotations

from datetime import datetime, timedelta

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.scenario import find
from tongban.plugins.simulation.explorer.site import Result
from tongban.plugins.simulation.explorer.site_state import SiteState


class _Two:
    """Chengdu (0), which decides, and Xining (1), which has to confirm."""

    def __init__(self) -> None:
        self.world = Model(find("restored"))
        self.moves = {one.id: one for one in self.world.scenario.moves}
        self.kept = [SiteState(), SiteState()]

    def give(self, id: str, at: datetime, body: p.CommandBody | None = None) -> None:
        move = self.moves.get(id, self.moves["accept"])
        self.world.now = at
        do = body or move.body or self.world._given
        done = self.world.nodes[move.at].give(self.kept[move.at], id, move.actor, do)
        assert done.code in ("done", "relayed"), done.says
        self.kept[move.at] = done.kept

    def carry(self, n: int, at: datetime) -> dict[str, Result]:
        """Takes what a node has sent to the other one, all of it once more."""
        self.world.now, found = at, {}
        place = self.world.scenario.nodes[1 - n]
        for one in self.kept[n].outbox:
            if place.serves(one.message.receiver):
                source = self.world.scenario.nodes[n]
                done = self.world.nodes[1 - n].take(self.kept[1 - n], one.message, source)
                self.kept[1 - n], found[one.message.kind] = done.kept, done
        return found


def test_a_case_goes_on_by_a_chase_after_the_clock_was_checked() -> None:
    two = _Two()
    today = two.world.morning(0)
    ahead = today + timedelta(days=100)
    for id in ("submit", "receive", "forward"):
        two.give(id, today)
    two.carry(1, today)
    two.give("arrive", today)
    two.give("accept", ahead)
    assert "日期 2026-06-10 不在" in two.carry(0, today)["request"].says
    two.give("checked", today, p.CheckClock("时钟曾快100天"))
    two.give("chased", today, p.COMMAND_BODIES["chase"]())
    came = two.carry(0, today)
    assert came["chase"].code == "done"
    assert came["progress"].code == "early"
    two.give("confirm", today)
    two.carry(1, today)
    two.give("grant", today)
    case = two.kept[0].case
    assert case is not None
    assert case.state == "decided"
    assert two.kept[1].case != case
    assert {one.code for one in two.carry(0, ahead).values()} == {"done"}
