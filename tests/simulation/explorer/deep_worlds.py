"""Every built-in world to its end (`make deep`). The suite goes as far as a bound on states."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.scenario import built_in, find, read
from tongban.plugins.simulation.explorer.search import explore


@pytest.mark.parametrize("name", list(built_in()))
def test_every_invariant_holds_in_every_reachable_state(name: str) -> None:
    scenario = find(name)
    found = explore(scenario)
    assert found.violation is None, (found.violation, tell(found.world, found.way))
    assert found.complete
    assert found.states > (5_000 if scenario.bounds.rotations else 10_000)
    assert found.transitions > found.states
    assert found.ended > 0


def test_the_scenario_in_the_documentation_holds() -> None:
    text = (Path(__file__).parents[3] / "docs" / "exploring.md").read_text("utf-8")
    scenario = read(text.split("```yaml\n")[1].split("```")[0], "documented")
    found = explore(scenario)
    assert found.violation is None, found.violation
    assert found.complete
