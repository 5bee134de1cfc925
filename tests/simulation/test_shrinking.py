"""A run that fails is made smaller, and can be done again from what is printed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.invariants import Watch
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.command import simulate
from tongban.plugins.simulation.minimise import shrink
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.scenario import Scenario
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.world import World

WORLD = Path(__file__).parent / "worlds" / "three.yaml"


_GRANT = protocol.Grant.handle


def _twice(*given: Any) -> Any:
    events = _GRANT(*given)
    return [*events, events[-1]]


def test_one_case_without_faults_is_enough_for_a_second_decision(
    simulated: Callable[..., Result],
    three: Scenario,
    rules: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol.Grant, "handle", _twice)
    result = simulated(3, 30, 15)
    assert result.failed is not None
    least = shrink(result, three, rules)
    assert least.failed is not None
    assert least.failed.name == "decided_twice"
    assert least.options.only == (least.failed.number,)
    assert least.options.kinds == frozenset()
    assert least.options.until is not None
    assert least.options.until <= 15
    assert {one["case"] for one in least.history} == {least.failed.case}
    again = run(least.options, three, rules)
    assert again.digest == least.digest


def test_a_bug_that_needs_a_fault_keeps_that_fault_alone(
    simulated: Callable[..., Result],
    three: Scenario,
    rules: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Network, "_again", lambda *given: None)  # what is lost is not sent again
    result = simulated(3, 20, 10)
    assert result.failed is not None
    least = shrink(result, three, rules)
    assert least.failed is not None
    assert least.failed.name == result.failed.name
    assert least.options.only is not None
    assert len(least.options.only) == 1
    assert least.options.faults is not None
    assert 1 <= len(least.options.faults) <= 3
    assert set(least.failed.fired) == set(least.options.faults)


def test_what_is_printed_does_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.Grant, "handle", _twice)
    asked = ["--cases", "20", "--days", "10", "--seed", "3", "--scenario", str(WORLD)]
    first = CliRunner().invoke(simulate, asked)
    assert first.exit_code == 1
    assert "decided twice" in first.output
    assert "种子 seed 3" in first.output
    command = first.output.strip().splitlines()[-1].strip()
    assert command.startswith("tongban simulate --seed 3")
    second = CliRunner().invoke(simulate, shlex.split(command)[2:])
    assert second.exit_code == 1
    assert second.output == first.output


SMALL = ("--cases", "20", "--days", "10", "--seed", "3", "--scenario", str(WORLD))
Breaks = Callable[[World, Any], bool]


def _plant(monkeypatch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    """Lets the fourth step of a case break an invariant, in some worlds."""
    committed = World.committed
    held = Watch.committed
    worlds: list[World] = []

    def remembered(self: World, node: Any, written: Any) -> None:
        worlds[:] = [self]
        committed(self, node, written)

    def planted(self: Watch, node: Any, written: Any, record: Any) -> Any:
        if record.case.version > 3 and breaks(worlds[0], node):
            raise ViolationError("decided_twice", record, "planted")
        return held(self, node, written, record)

    monkeypatch.setattr(World, "committed", remembered)
    monkeypatch.setattr(Watch, "committed", planted)


def _replayed(first: Any) -> str:
    """Does what is printed once more: it shows the same. Returns the command."""
    assert first.exit_code == 1, (first.output, first.exception)
    command: str = first.output.strip().splitlines()[-1].strip()
    again = CliRunner().invoke(simulate, shlex.split(command)[2:])
    assert (again.exit_code, again.output) == (1, first.output)
    return command


def test_a_bug_of_the_live_store_is_replayed_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(monkeypatch, lambda world, node: not isinstance(node.inner, MemoryStore))
    assert CliRunner().invoke(simulate, SMALL).exit_code == 0
    first = CliRunner().invoke(simulate, [*SMALL, "--store", "sqlite"])
    assert "submitted" in first.output
    assert "--store sqlite" in _replayed(first)


def test_a_bug_of_a_rule_file_is_replayed_against_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draft = tmp_path / "my postal.yaml"
    rules = files("tongban.rules") / "departments" / "postal.yaml"
    draft.write_text(rules.read_text(encoding="utf-8"), encoding="utf-8")
    _plant(monkeypatch, lambda world, node: bool(world.scenario.drafts))
    first = CliRunner().invoke(simulate, [*SMALL, "--against", str(draft)])
    command = _replayed(first)
    assert f"--scenario {WORLD} --against {shlex.quote(str(draft))}" in command


def test_a_bug_of_the_other_scenario_is_replayed_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "my world.yaml"
    other.write_text(f"extends: {WORLD}\nname: other\n", encoding="utf-8")
    _plant(monkeypatch, lambda world, node: world.scenario.name == "other")
    command = _replayed(CliRunner().invoke(simulate, [*SMALL, "--against", str(other)]))
    assert f"--scenario {shlex.quote(str(other))} " in command
    assert "--against" not in command


def test_what_does_not_fail_again_keeps_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    once: list[World] = []

    def breaks(world: World, node: Any) -> bool:
        once.append(world)
        return once[0] is world

    _plant(monkeypatch, breaks)
    first = CliRunner().invoke(simulate, [*SMALL, "--store", "sqlite", "--json"])
    assert first.exit_code == 1
    found = json.loads(first.output)
    assert found["again"] is False
    assert [one["seq"] for one in found["history"]] == list(range(1, len(found["history"]) + 1))
    assert found["history"][0]["kind"] == "submitted"
    assert found["history"][-1]["breaks"] is True
    once.clear()
    told = CliRunner().invoke(simulate, SMALL)
    assert "the same run did not fail again" in told.output
    assert "submitted" in told.output


def test_the_history_ends_with_what_broke_the_invariant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.Grant, "handle", _twice)
    found = json.loads(CliRunner().invoke(simulate, [*SMALL, "--json"]).output)
    kinds = [(one["kind"], one.get("breaks", False)) for one in found["history"]]
    assert kinds[-2:] == [("decided", True), ("decided", True)]
    assert ("examined", False) in kinds
    assert not any(breaks for _, breaks in kinds[:-2])
    assert found["again"] is True
    shown = CliRunner().invoke(simulate, SMALL).output
    assert shown.count("decided ← 违反 breaks it") == 2
