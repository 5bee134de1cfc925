"""A node without a part that signs what it likes: the explorer sees what it could change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from tongban.kernel.protocol import judgement
from tongban.kernel.service import inbound
from tongban.plugins.simulation.explorer.scenario import Scenario, ScenarioError, find, read
from tongban.plugins.simulation.explorer.search import explore

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def calm() -> Scenario:
    found = find("hostile")
    return evolve(found, bounds=evolve(found.bounds, in_flight=2, lost=0))


def _everything_is_believed(patch: Patch) -> None:
    patch.setattr(inbound, "judge", lambda *given: None)


def _bare(kind: str) -> Callable[[Patch], None]:
    def plant(patch: Patch) -> None:
        rule = judgement.LETTERS[kind]
        anybody = evolve(rule, sender=evolve(rule.sender, test=lambda *given: None), holds=())
        patch.setitem(judgement.LETTERS, kind, anybody)

    return plant


PLANTED = {
    "everything is believed": _everything_is_believed,
    "a request of anybody": _bare("request"),
    "a cancellation of anybody": _bare("cancellation"),
    "a rating of anybody": _bare("rating"),
    "a command of anybody": _bare("command"),
    "an arrival of anybody": _bare("arrival"),
}


def test_nothing_is_changed_where_letters_are_judged(calm: Scenario) -> None:
    found = explore(calm)
    assert found.violation is None
    assert found.complete


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_judgement_that_is_careless_is_found(
    plant: Callable[[Patch], None], calm: Scenario, monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    found = explore(calm)
    assert found.violation is not None
    assert found.violation.invariant == "believed"
    assert "昆明" in found.violation.says


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        ('{昆明: "53"}', "the whole code"),
        ('{昆明: "530100", 玉溪: "530400"}', "one node"),
        ('{成都: "510100"}', "no place of the other nodes"),
        ("昆明", "must be a mapping"),
    ],
)
def test_a_hostile_node_that_is_none_is_told(hostile: str, says: str) -> None:
    text = f"""
title: x
application: {{item: 1-52, channel: window, received_at: "510100", applicant: {{kind: enterprise}},
  places: {{operating_area: "630100"}}}}
nodes: {{成都: ["5101"]}}
hostile: {hostile}
days: [2026-03-02]
moves:
  - {{id: submit, by: window@510100, do: submit}}
"""
    with pytest.raises(ScenarioError, match=says):
        read(text, "x")
