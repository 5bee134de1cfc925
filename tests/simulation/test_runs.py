"""Runs: the same seed gives the same events, every seed holds, over either store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import Scenario
from tongban.plugins.simulation.store.stores import sqlite_stores

SEEDS = range(1, 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_invariant_holds(seed: int, simulated: Callable[..., Result]) -> None:
    result = simulated(seed, cases=25, days=12)
    assert result.failed is None
    metrics = result.metrics
    assert metrics.opened + sum(metrics.turned_away.values()) == 25
    assert metrics.over + metrics.left == metrics.opened


PROGRAM = """
import json, sys
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.scenario import load_scenario
result = run(Options(5, 25, 10), load_scenario(sys.argv[1]))
print(json.dumps([result.digest, result.events]))
"""


def test_the_same_seed_gives_the_same_events_in_every_process(
    three: Scenario, rules: Catalogue
) -> None:
    world = Path(__file__).parent / "worlds" / "three.yaml"
    answers = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(world)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed, zone in (("1", "UTC"), ("4242", "America/New_York"))
    ]
    assert answers[0] == answers[1]
    digest, events = json.loads(answers[0])
    result = run(Options(5, 25, 10), three, rules)
    assert (result.digest, result.events) == (digest, events)


def test_another_seed_gives_other_events(simulated: Callable[..., Result]) -> None:
    assert simulated(1, 10, 5).digest != simulated(2, 10, 5).digest


def test_the_live_store_gives_the_same_events(
    three: Scenario, rules: Catalogue, tmp_path: Path
) -> None:
    options = Options(4, 15, 8)
    in_memory = run(options, three, rules)
    with sqlite_stores(tmp_path) as stores:
        on_disk = run(options, three, rules, keeping=stores)
    assert on_disk.failed is None
    assert (on_disk.digest, on_disk.events) == (in_memory.digest, in_memory.events)
    assert {path.name for path in tmp_path.glob("*.db")} >= {"510000.db", "630000.db"}


def test_a_case_draws_the_same_without_the_others(simulated: Callable[..., Result]) -> None:
    def first(result: Result) -> dict[int, tuple[str, ...]]:
        kept = (one for one in result.history if one["kind"] == "submitted")
        return {one["number"]: (one["item"], one["case"], one["at"]) for one in kept}

    whole = first(simulated(6, 20, 10))
    number = max(whole)
    assert first(simulated(6, 20, 10, only=(number,))) == {number: whole[number]}


def test_open_cases_alone_take_memory(three: Scenario, rules: Catalogue) -> None:
    from tongban.plugins.simulation.report.event_sink import Sink
    from tongban.plugins.simulation.world.world import World

    world = World(Options(2, 30, 10), three, rules, Sink())
    world.run()
    assert world.ports.cases.records == {}
    for node in world.nodes.values():
        assert node.inner.cases() == ()
        assert node.inner.outgoing() == ()
        assert not world.ports.watch.known.get(node.province)


def test_a_case_keeps_its_rules_when_they_change(simulated: Callable[..., Result]) -> None:
    result = simulated(1, 60, 12)
    assert result.failed is None
    kept = [one for one in result.history if one["kind"] == "submitted"]
    days = {one["at"][:10] for one in kept}
    assert min(days) < "2026-01-10" < max(days)  # some before the change, some after it
