"""The strategies for cases: every command is taken, every event legal, and all states reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tongban.kernel import Kernel, protocol
from tongban.plugins.commands.testing.strategies import commands, events, histories

KERNEL = Kernel()
SLOW = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]
SOME = settings(max_examples=40, suppress_health_check=SLOW)
JOINT: dict[str, Any] = {
    "item": "2-03",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person"},
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
    "deliver_by": "post",
}
ONLINE: dict[str, Any] = {
    "item": "1-52",
    "channel": "online",
    "as_of": "2026-03-02",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
    "deliver_by": "electronic",
}
BY_POST = {**ONLINE, "deliver_by": "post"}


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


def test_time_that_has_passed_is_seen() -> None:
    case = replayed(find(histories(application=JOINT, kernel=KERNEL), lambda log: len(log) == 1))
    later = case.submitted_at + timedelta(days=3)
    assert find(events(case, now=later), lambda log: True)[0].at == later


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (ONLINE, "closed"),
        (ONLINE, "paused"),
        (ONLINE, "lapsed"),
        (BY_POST, "undelivered"),
        (JOINT, "cohandling"),
        (JOINT, "withdrawn"),
    ],
)
def test_states_are_reached(raw: dict[str, Any], state: str) -> None:
    log = find(
        histories(application=raw, kernel=KERNEL),
        lambda log: replayed(log).state == state,
        settings=settings(max_examples=5_000, phases=[Phase.generate], suppress_health_check=SLOW),
    )
    assert replayed(log).state == state


def test_a_history_shrinks_to_its_cause() -> None:
    log = find(
        histories(application=JOINT, kernel=KERNEL),
        lambda log: any(event.kind == "withdrawn" for event in log),
    )
    assert [event.kind for event in log] == ["submitted", "withdrawn"]
