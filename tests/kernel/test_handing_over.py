"""Legs where the place that accepts is not the one that handles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tongban.kernel import Decision, Kernel

Make = Callable[..., Kernel]
Text = Callable[..., str]

Raw = dict[str, Any]


@pytest.fixture
def birth(applications: Mapping[str, Raw]) -> Raw:
    """A child is born in one province to parents of another; the way to apply is still open."""
    known = {name: applications["newborn"][name] for name in ("item", "applicant", "facts")}
    return {**known, "places": {"birth": 510104, "parents_hukou": 630102}}


def legs(decision: Decision) -> list[str]:
    return [f"{leg.source} > {leg.target} {leg.by} {leg.what}" for leg in decision.legs]


@pytest.mark.parametrize(
    ("more", "receiving", "modes", "way"),
    [
        (
            {"channel": "window", "received_at": 510100},
            "birth",
            {"collect"},
            [
                "applicant > birth window application",
                "birth > parents_hukou post application",
                "parents_hukou > applicant post result",
            ],
        ),
        # a third place collects for the one that accepts
        (
            {"channel": "window", "received_at": 440300},
            "received",
            {"collect"},
            [
                "applicant > received window application",
                "received > birth post application",
                "birth > parents_hukou post application",
                "parents_hukou > applicant post result",
            ],
        ),
        # at the handling place itself nothing travels to the place of birth and back
        (
            {"channel": "window", "received_at": 630100},
            "parents_hukou",
            {"local"},
            [
                "applicant > parents_hukou window application",
                "parents_hukou > applicant window result",
            ],
        ),
        (
            {"channel": "online"},
            "birth",
            {"online"},
            [
                "applicant > birth online application",
                "birth > parents_hukou message application",
                "parents_hukou > applicant online result",
            ],
        ),
        (
            {"channel": "kiosk", "received_at": 440300, "deliver_by": "pickup"},
            "received",
            {"online"},
            [
                "applicant > received online application",
                "received > birth message application",
                "birth > parents_hukou message application",
                "parents_hukou > received post result",
                "received > applicant window result",
            ],
        ),
    ],
)
def test_born_elsewhere(
    kernel: Kernel, birth: Raw, more: Raw, receiving: str, modes: set[str], way: list[str]
) -> None:
    decision = kernel.decide({**birth, **more})
    assert decision.receiving is not None
    assert decision.receiving.place == receiving
    assert set(decision.modes) == modes
    assert legs(decision) == way


@pytest.mark.parametrize(
    "more", [{"channel": "window", "received_at": 630102}, {"channel": "online"}]
)
def test_born_at_home_nothing_is_forwarded(kernel: Kernel, birth: Raw, more: Raw) -> None:
    """Two roles of one place are one stop."""
    places = {"birth": 630103, "parents_hukou": 630102}
    decision = kernel.decide({**birth, "places": places, **more})
    assert decision.crossing == "none"
    assert [leg.what for leg in decision.legs] == ["application", "result"]
    assert {leg.target for leg in decision.legs} == {"parents_hukou", "applicant"}


def test_two_authorities_of_one_prefecture_send_no_requests(kernel: Kernel) -> None:
    raw = {
        "item": "2-03",
        "applicant": {"kind": "person"},
        "facts": {"move_reason": "job_transfer"},
    }
    places = {"move_in": 630102, "move_out": 630121}
    decision = kernel.decide({**raw, "channel": "online", "places": places})
    assert [one.place for one in decision.handling] == ["move_in", "move_out"]
    assert legs(decision) == [
        "applicant > move_in online application",
        "move_in > applicant online result",
    ]


def test_three_places_each_confirm_to_the_lead(make_kernel: Make, one_item: Text) -> None:
    kernel = make_kernel(one_item("handled_at: [hukou, work, residence]"))
    places = {"hukou": 630100, "work": 510100, "residence": 440300}
    raw = {"item": "9-01", "channel": "online", "applicant": {"kind": "person"}, "places": places}
    assert legs(kernel.decide(raw))[1:-1] == [
        "hukou > work message request",
        "hukou > residence message request",
        "work > hukou message confirmation",
        "residence > hukou message confirmation",
    ]
    near = kernel.decide({**raw, "places": {**places, "residence": 510104}})
    assert "joint" in near.modes
    assert [leg.target for leg in near.legs if leg.what == "request"] == ["work"]


def test_the_military_side_is_asked_and_answers(kernel: Kernel) -> None:
    raw = {"item": "1-12", "applicant": {"kind": "person"}, "channel": "online"}
    decision = kernel.decide({**raw, "places": {"transfer_in": 630100}})
    assert [(one.place, one.division) for one in decision.handling] == [
        ("transfer_in", "630100"),
        ("military", None),
    ]
    assert legs(decision)[1:3] == [
        "transfer_in > military message request",
        "military > transfer_in message confirmation",
    ]


def test_a_central_authority_is_sent_to(kernel: Kernel) -> None:
    raw = {"item": "1-49", "applicant": {"kind": "person"}}
    assert legs(kernel.decide({**raw, "channel": "window", "received_at": 630100})) == [
        "applicant > received window application",
        "received > central post application",
        "central > applicant post result",
    ]
    online = kernel.decide({**raw, "channel": "online"})
    assert online.receiving is not None
    assert online.receiving.to_dict() == {"place": "central", "division": None}


def test_every_way_is_a_chain(kernel: Kernel) -> None:
    """It begins and ends with the applicant; what is forwarded goes on from where it came."""
    for item in kernel.items:
        for case in item.cases:
            usual = {"applicant": {"kind": item.applicant.value[0]}, "as_of": "2026-01-01"}
            decision = kernel.decide({**usual, **case.given, "item": item.key})
            if decision.outcome != "eligible":
                assert (*decision.modes, *decision.handling, *decision.legs) == ()
                continue
            first, *_, last = decision.legs
            assert (first.source, last.target) == ("applicant", "applicant")
            assert (first.what, last.what) == ("application", "result")
            lead = next(one for one in decision.handling if one.lead)
            applications = [leg for leg in decision.legs if leg.what == "application"]
            assert applications[-1].target == lead.place
            for one, other in zip(applications, applications[1:], strict=False):
                assert one.target == other.source
            results = [leg for leg in decision.legs if leg.what == "result"]
            assert results[0].source == lead.place
            stops = [leg.source for leg in applications]
            assert len(stops) == len(set(stops)), "no place forwards twice"
