"""The harness of a simulated world: faults, restarts, and what breaks as a value."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import MOVE as UNDATED

from tongban.kernel import (
    ApplicationError,
    Kernel,
    TongbanError,
    hookimpl,
    protocol,
    service,
)
from tongban.plugins.departments import civil_aviation, postal, public_security
from tongban.plugins.simulation import simulated_world
from tongban.plugins.simulation.harness import Harness

MOVE = {**UNDATED, "applicant": {"kind": "person", "name": "张三"}}
del MOVE["as_of"]


@pytest.fixture(scope="module")
def rules() -> Kernel:
    return Kernel([postal, public_security])


def world(rules: Kernel, *given: Any, **named: Any) -> Harness:
    found = simulated_world(rules, *given, **named)
    assert found is not None
    return found


def test_a_case_goes_its_way_and_everything_holds(rules: Kernel) -> None:
    calm = world(rules)
    assert calm.kinds == {}
    number = calm.submit(MOVE)
    assert number == 0
    assert calm.run(300) is None
    case = protocol.replay(calm.events(0))
    assert case is not None
    assert case.over
    assert calm.failures == ()


def test_one_fault_alone_happens(rules: Kernel) -> None:
    happened: set[str] = set()
    for seed in range(4):
        storm = world(rules, "storm", seed, frozenset(["message_lost"]))
        assert storm.kinds["message_lost"] == "消息丢失"
        storm.submit(MOVE)
        assert storm.run(400) is None
        happened |= set(storm.happened)
    assert happened == {"message_lost"}


def test_what_becomes_of_an_application_follows_from_its_number(rules: Kernel) -> None:
    def kinds(numbers: Iterable[int]) -> list[str]:
        calm = world(rules)
        for number in numbers:
            calm.submit(MOVE, number)
        calm.run(300)
        return [event.kind for event in calm.events(2)]

    assert kinds([2]) == kinds(range(4))


def test_each_place_starts_with_plugins_of_its_own_and_again_after_it_was_killed(
    rules: Kernel,
) -> None:
    started: list[dict[str, Any]] = []

    def starts() -> list[object]:
        events: dict[str, Any] = {}
        started.append(events)

        def observe(event: Any) -> None:
            events.setdefault(event["case"], []).append(event["kind"])

        return [SimpleNamespace(__name__="watcher", observe=hookimpl(observe))]

    calm = world(rules, starts=starts)
    calm.submit(MOVE)
    calm.run(300)
    places = len(started)
    assert places >= 2
    assert [event for event in started if event] != []
    for seed in range(6):
        killed = world(rules, "storm", seed, frozenset(["killed_after_commit"]), starts)
        before = len(started)
        for _ in range(4):
            killed.submit(MOVE)
        killed.run(400)
        if killed.happened:
            break
    assert killed.happened["killed_after_commit"] > 0
    assert len(started) - before > places - 1


def test_a_plugin_that_raises_is_told_by_name(rules: Kernel) -> None:
    def deliver(case: Any, result: Any) -> None:
        raise LookupError(case["state"])

    sender = SimpleNamespace(__name__="sender", deliver=hookimpl(deliver))
    calm = world(rules, starts=lambda: [sender])
    for _ in range(4):
        calm.submit(MOVE)
    assert calm.run(300) is None
    assert {one.name for one in calm.failures} == {"sender"}
    told = {problem for one in calm.failures for problem in one.problems}
    assert any(one.startswith("deliver raised LookupError") for one in told)


def test_an_authority_that_no_division_names_has_a_node_of_its_own() -> None:
    calm = world(Kernel([civil_aviation]))
    calm.submit({"item": "1-49", "channel": "online", "applicant": {"kind": "person"}})
    assert calm.run(300) is None
    assert "received" in [event.kind for event in calm.events(0)]


def test_what_breaks_is_a_value(rules: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    take = service.Service.receive_message

    def early(self: Any, message: Any, *more: Any) -> Any:
        return None if message.kind == "forward" else take(self, message, *more)

    monkeypatch.setattr(service.Service, "receive_message", early)
    calm = world(rules)
    for _ in range(6):
        calm.submit({**MOVE, "received_at": "610100"})
    broken = calm.run(300)
    assert broken is not None
    assert broken.name == "lost"
    assert broken.means.startswith("办件不丢失")
    assert 0 <= broken.number < 6
    assert calm.run(10) == broken


def test_bad_input_is_reported_to_the_caller(rules: Kernel) -> None:
    with pytest.raises(TongbanError, match="built in are attacked, calm"):
        simulated_world(rules, "nowhere")
    with pytest.raises(ApplicationError, match="channel"):
        world(rules).submit({**MOVE, "channel": "boat"})
    refused = world(rules).submit({**MOVE, "facts": {}})
    assert isinstance(refused, protocol.Refusal)


def test_without_the_packages_there_is_none(rules: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongban.plugins.simulation.find_spec", lambda _: None)
    assert simulated_world(rules) is None


def test_a_plugin_with_the_former_hook_is_told_what_to_call() -> None:
    former = SimpleNamespace(__name__="former", world=hookimpl(lambda rules, seed: None))
    (status,) = Kernel([former]).plugins
    assert status.state == "failed"
    assert status.problems[0].startswith("'world' is not a hook any more")
    assert "tongban.plugins.simulation.simulated_world" in status.problems[0]
