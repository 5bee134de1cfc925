"""Advice: what covers the case instead, where, by which channel, what to bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Decision, Kernel, RulebookError

Make = Callable[..., Kernel]
Text = Callable[..., str]
HOME = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}


def advice(decision: Decision) -> list[dict[str, str]]:
    return [one.to_dict() for one in decision.advice]


def two_items(one_item: Text, first: str, second: str, keys: str = "") -> str:
    """A department with 9-01 and 9-02."""
    text: str = one_item(rules=first)
    other = one_item(keys, rules=second).partition("items:\n")[2]
    other = other.replace("9-01", "9-02").replace("9/1", "9/2").replace("测试事项", "另一事项")
    return f"{text.rstrip()}\n{other}"


@pytest.mark.parametrize(
    ("facts", "as_of", "advised"),
    [
        ({"transferable": False, "own_record": True}, "2026-01-01", ["9-02"]),
        ({"transferable": False, "own_record": False}, "2026-01-01", []),
        ({"transferable": False}, "2026-01-01", ["9-02"]),
        ({"transferable": False, "own_record": True}, "2021-06-01", []),
    ],
)
def test_an_item_is_advised_when_it_would_not_refuse(
    make_kernel: Make,
    one_item: Text,
    rule: Text,
    facts: dict[str, bool],
    as_of: str,
    advised: list[str],
) -> None:
    """Refused by its own rules or not open yet, it does not help; with a fact open it may be."""
    first = rule("closed", "{eligible: false}", when="{transferable: false}", advise="[9-02]")
    second = rule("own", "{eligible: false}", when="{own_record: false}")
    kernel = make_kernel(two_items(one_item, first, second, "available: {from: 2021-12-31}"))
    decision = kernel.decide({"item": "9-01", **HOME, "facts": facts, "as_of": as_of})
    assert decision.outcome == "ineligible"
    assert [one.target for one in decision.advice] == advised


def test_every_kind_of_advice_says_why(make_kernel: Make, one_item: Text, rule: Text) -> None:
    given = "[{channel: window}, {apply_at: hukou}, {bring: 居民户口簿}]"
    closed = rule("closed", "{eligible: false}", advise=given)
    decision = make_kernel(one_item(rules=closed)).decide({"item": "9-01", **HOME})
    assert advice(decision) == [
        {"do": "use_channel", "channel": "window", "because": "因为closed"},
        {"do": "apply_at", "place": "hukou", "because": "因为closed"},
        {"do": "bring", "what": "居民户口簿", "because": "因为closed"},
    ]


def test_attendance_closes_the_remote_channels_and_names_the_open_one(
    make_kernel: Make, one_item: Text
) -> None:
    kernel = make_kernel(one_item("attendance: required"))
    kiosk = {"channel": "kiosk", "received_at": 630100}
    for remote in ({}, kiosk):
        decision = kernel.decide({"item": "9-01", **HOME, **remote})
        assert [reason.rule for reason in decision.reasons] == ["common.attendance"]
        assert [(one.do, one.target) for one in decision.advice] == [("use_channel", "window")]
    window = {"channel": "window", "received_at": 510100}
    decision = kernel.decide({"item": "9-01", **HOME, **window})
    assert decision.modes == ("collect",)
    assert "attendance" in {reason.conclusion for reason in decision.reasons}


def test_a_closed_channel_names_every_open_one(make_kernel: Make, one_item: Text) -> None:
    kernel = make_kernel(one_item("channels: [window, kiosk]"))
    decision = kernel.decide({"item": "9-01", **HOME})
    assert [one.target for one in decision.advice] == ["window", "kiosk"]
    assert decision.reasons[0].rule == "9-01.channels"


def test_advice_stays_in_its_province(make_kernel: Make, one_item: Text, rule: Text) -> None:
    """A bare id in another province's file is one of its own items, and is shown in full."""
    closed = rule("closed", "{eligible: false}", when="{own_record: false}", advise="[9-02]")
    shut = rule("shut", "{eligible: false}")
    ours = two_items(one_item, closed, shut)
    theirs = two_items(one_item, closed, "").replace("630000", "510000")
    kernel = make_kernel(ours, theirs)
    facts = {"own_record": False}
    here = kernel.decide({"item": "9-01", **HOME, "facts": facts})
    there = kernel.decide({"item": "510000/9-01", **HOME, "facts": facts})
    assert advice(here) == []
    assert [one["item"] for one in advice(there)] == ["510000/9-02"]


def test_advice_to_an_item_that_is_not_there_is_refused_at_once(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    closed = rule("closed", "{eligible: false}", advise="[9-07]")
    with pytest.raises(RulebookError, match="9-07"):
        _ = make_kernel(one_item(rules=closed)).rulebook


def test_no_item_of_the_catalogue_advises_one_that_refuses(kernel: Kernel) -> None:
    advised = 0
    for item in kernel.items:
        for case in item.cases:
            usual: dict[str, Any] = {"applicant": {"kind": item.applicant.value[0]}}
            raw = {**usual, "as_of": "2026-01-01", **case.given}
            for one in kernel.decide({**raw, "item": item.key}).advice:
                if one.do == "use_item":
                    advised += 1
                    assert kernel.decide({**raw, "item": one.target}).outcome != "ineligible"
    assert advised
