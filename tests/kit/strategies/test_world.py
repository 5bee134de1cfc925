"""The fixtures `world` and `simulation`: a department's applications in the simulated country."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import MOVE

from tongban.kernel import Application, ApplicationError, Kernel, protocol
from tongban.plugins.simulation.pytest_plugin import simulation, world  # noqa: F401 - fixtures
from tongban.plugins.simulation.trial import TrialWorld

ONLINE: dict[str, Any] = {
    "item": "1-52",
    "channel": "online",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
}
WINDOW = {**MOVE, "applicant": {"kind": "person", "name": "张三"}}
del WINDOW["as_of"]
Simulation = Callable[..., TrialWorld]


def test_a_case_goes_its_way(world: TrialWorld) -> None:  # noqa: F811
    handed_in = world.submit(ONLINE)
    assert handed_in.kinds == ["submitted"]
    handed_in.run(days=150)
    assert handed_in.case is not None
    assert handed_in.case.over
    assert protocol.replay(handed_in.events) == handed_in.case


def test_days_pass(world: TrialWorld) -> None:  # noqa: F811
    first = world.today
    world.run(days=10)
    assert (world.today - first).days == 10


def test_two_cases_are_told_apart(world: TrialWorld) -> None:  # noqa: F811
    one, other = world.submit(WINDOW), world.submit(ONLINE)
    world.run(days=150)
    assert {event.case for event in one.events}.isdisjoint(event.case for event in other.events)
    assert one.state
    assert other.state


@pytest.mark.parametrize(
    "raw",
    [
        {**WINDOW, "facts": {"move_reason": "enrolment"}},
        {**ONLINE, "applicant": {"kind": "person"}},
        {**ONLINE, "applicant": {"kind": "person"}, "places": {}},
        {**ONLINE, "applicant": {"kind": "person"}, "places": {"operating_area": "110101"}},
    ],
)
def test_what_the_rules_refuse_is_a_case_at_the_authority(
    world: TrialWorld,  # noqa: F811
    raw: dict[str, Any],
) -> None:
    handed_in = world.submit(raw)
    assert handed_in.refused is None
    assert handed_in.kinds == ["submitted", "ruled_ineligible"]
    assert handed_in.state == "ineligible"
    handed_in.run(days=200)
    assert handed_in.case is not None
    assert handed_in.case.over
    if handed_in.state != "ineligible":  # somebody wanted it to go on
        assert {"insisted", "amended", "reopened"} & set(handed_in.kinds)


def test_where_facts_are_missing_no_case_is_opened(world: TrialWorld) -> None:  # noqa: F811
    refused = world.submit({**WINDOW, "facts": {}})
    assert refused.refused is not None
    assert refused.refused.code == "not_open"
    assert (refused.case, refused.state) == (None, "")


def test_a_wrong_application_is_an_error(world: TrialWorld) -> None:  # noqa: F811
    with pytest.raises(ApplicationError, match="unknown value 'boat'"):
        world.submit({**ONLINE, "channel": "boat"})


def test_a_checked_application_will_do(world: TrialWorld) -> None:  # noqa: F811
    checked = Kernel().application({**ONLINE, "as_of": "2026-03-02"})
    assert isinstance(checked, Application)
    assert world.submit(checked).kinds == ["submitted"]


def test_one_seed_is_one_history(simulation: Simulation) -> None:  # noqa: F811
    def history(seed: int) -> list[dict[str, Any]]:
        handed_in = simulation(seed=seed, scenario="storm").submit(WINDOW).run(days=60)
        return [event.to_dict() for event in handed_in.events]

    assert history(3) == history(3)
    assert len({str(history(seed)) for seed in range(4)}) > 1


def test_the_rules_are_those_of_the_kernel(simulation: Simulation) -> None:  # noqa: F811
    kernel = Kernel()
    assert simulation(kernel=kernel).kernel is kernel
