"""A run that fails is made smaller, and can be done again from what is printed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tongban.kernel.protocol import core, handling
from tongban.plugins.simulation.catalogue import Catalogue
from tongban.plugins.simulation.command import simulate
from tongban.plugins.simulation.network import Network
from tongban.plugins.simulation.running import Result, run
from tongban.plugins.simulation.scenario import Scenario
from tongban.plugins.simulation.shrinking import shrink

WORLD = Path(__file__).parent / "worlds" / "three.yaml"


def _twice(*given: Any) -> Any:
    events = handling.grant(*given)
    return [*events, events[-1]]


def test_one_case_without_faults_is_enough_for_a_second_decision(
    simulated: Callable[..., Result],
    three: Scenario,
    rules: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(core._HANDLERS, "grant", _twice)
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
    monkeypatch.setitem(core._HANDLERS, "grant", _twice)
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
