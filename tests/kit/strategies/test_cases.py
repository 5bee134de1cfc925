"""The strategies for cases: every command is taken, every event legal, and all states reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.kernel import Kernel, protocol
from tongban.plugins.kit.testing.strategies import commands, events, histories

KERNEL = Kernel()
SLOW = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]
SOME = settings(max_examples=40, suppress_health_check=SLOW)
Applications = Mapping[str, dict[str, Any]]
Search = Callable[[st.SearchStrategy[Any], Callable[[Any], bool]], Any]


def replayed(log: tuple[protocol.Event, ...]) -> protocol.Case:
    case = protocol.replay(log)
    assert case is not None
    return case


@SOME
@given(histories(kernel=KERNEL))
def test_histories_are_legal(log: tuple[protocol.Event, ...]) -> None:
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [event.at for event in log] == sorted(event.at for event in log)
    before = None
    for event in log:
        after = protocol.evolve(before, event)
        if before is not None:
            assert after.state in protocol.EVENTS[event.kind].moves[before.state]
        before = after


@SOME
@given(st.data())
def test_commands_are_taken_by_the_protocol(data: st.DataObject) -> None:
    case = replayed(data.draw(histories("2-03", kernel=KERNEL, max_steps=6)))
    may = commands(case)
    if may.is_empty:
        assert case.over
        return
    command = data.draw(may)
    assert command.do.kind in protocol.allowed(case, command.actor)
    happened = data.draw(events(case))
    assert happened
    assert protocol.evolve(case, happened[0]).version == case.version + 1


def test_time_that_has_passed_is_seen(applications: Applications, found: Search) -> None:
    logs = histories(application=applications["hukou"], kernel=KERNEL)
    case = replayed(found(logs, lambda log: len(log) == 1))
    later = case.submitted_at + timedelta(days=3)
    assert found(events(case, now=later), lambda log: True)[0].at == later


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("online", "closed"),
        ("online", "paused"),
        ("online", "lapsed"),
        ("licence", "undelivered"),
        ("hukou", "cohandling"),
        ("hukou", "withdrawn"),
    ],
)
def test_states_are_reached(
    name: str, state: str, applications: Applications, found: Search
) -> None:
    logs = histories(application=applications[name], kernel=KERNEL)
    log = found(logs, lambda log: replayed(log).state == state)
    assert replayed(log).state == state


@pytest.mark.parametrize("kind", ["withdrawn", "declined"])
def test_a_history_shrinks_to_its_cause(
    kind: str, applications: Applications, shrunk: Search
) -> None:
    logs = histories(application=applications["hukou"], kernel=KERNEL)
    log = shrunk(logs, lambda log: any(event.kind == kind for event in log))
    before = {"withdrawn": [], "declined": ["received", "arrived"]}[kind]
    assert [event.kind for event in log] == ["submitted", *before, kind]
