"""What a search found, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from tongban.plugins.simulation.explorer.breach import INVARIANTS
from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.scenario import Scenario
from tongban.plugins.simulation.explorer.search import Explored

_BAD: dict[str, Any] = {"fg": "red", "bold": True}
_GOOD: dict[str, Any] = {"fg": "green"}
_FAULT: dict[str, Any] = {"fg": "yellow"}


def as_dict(scenario: Scenario, found: Explored) -> dict[str, Any]:
    """The stable JSON form.

    Args:
        scenario: as it was explored.
        found: what the search found.
    """
    violation = None
    if found.violation is not None:
        violation = {
            "invariant": found.violation.invariant,
            "promise": INVARIANTS[found.violation.invariant],
            "says": found.violation.says,
            "history": [one.to_dict() for one in tell(found.world, found.way)],
        }
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "bounds": {**attrs.asdict(scenario.bounds), "days": len(scenario.days)},
        "complete": found.complete,
        "states": found.states,
        "transitions": found.transitions,
        "depth": found.depth,
        "ended": found.ended,
        "node_steps": found.node_steps,
        "seconds": round(found.seconds, 2),
        "invariants": list(INVARIANTS),
        "violation": violation,
    }


def lines(scenario: Scenario, found: Explored) -> Iterator[tuple[dict[str, Any], str]]:
    """Lines for people, each with its style for `click.secho`.

    Args:
        scenario: as it was explored.
        found: what the search found.
    """
    bounds = scenario.bounds
    yield {"bold": True}, f"{scenario.name} · {scenario.title}"
    yield (
        {},
        f"  范围 bounds: 在途 in flight {bounds.in_flight} · 丢失 lost {bounds.lost}"
        f" · 重复 doubled {bounds.doubled} · 死机 crashes {bounds.crashes}"
        f" · 日期 days {len(scenario.days)}",
    )
    yield (
        {},
        f"  状态 states {found.states:,} · 转移 transitions {found.transitions:,}"
        f" · 深度 depth {found.depth} · 终态 ended {found.ended:,}"
        f" · 单点步骤 node steps {found.node_steps:,} · {found.seconds:.1f} s",
    )
    if found.violation is None:
        if found.complete:
            yield _GOOD, f"  全部成立 every state visited; all {len(INVARIANTS)} invariants hold"
        else:
            says = "stopped at the bound on states; no violation so far (`ends` not checked)"
            yield _FAULT, f"  未遍历完 {says}"
        return
    yield _BAD, f"  不成立 {found.violation.invariant}: {INVARIANTS[found.violation.invariant]}"
    yield _BAD, f"  {found.violation.says}"
    yield {}, f"  最短经过 the shortest way, {len(found.way)} steps:"
    for number, one in enumerate(tell(found.world, found.way), 1):
        where = f"{one.where} " if one.where else ""
        yield {}, f"  {number:>3}. {one.day} {where}{one.what}"
        if one.fault:
            yield _FAULT, f"       ! {one.fault}"
        if one.said:
            yield {}, f"       {one.said}"
        for event in one.events:
            yield {}, f"       + {event}"
        for message in one.sent:
            yield {"dim": True}, f"       > {message}"
