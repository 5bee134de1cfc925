"""Single conclusions, dates, citations and bases; what is said of an overridden rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Decision, Kernel

Make = Callable[..., Kernel]
Text = Callable[..., str]
HOME = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}


def decide(kernel: Kernel, **more: Any) -> Decision:
    return kernel.decide({"item": "9-01", **HOME, **more})


def test_delivery_is_single_and_the_item_prevails_over_department_and_common(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    text = one_item(
        rules=rule("by_post", "{delivery: post}", when="{own_record: true}"),
        department_rules=rule("by_hand", "{delivery: pickup}"),
    )
    kernel = make_kernel(text)
    other = decide(kernel, facts={"own_record": False})
    assert other.delivery == ("pickup",)
    assert [over.to_dict() for over in other.overridden] == [
        {
            "rule": "common.default_electronic",
            "conclusion": "delivery",
            "value": "electronic",
            "by": "tests.by_hand",
        }
    ]
    own = decide(kernel, facts={"own_record": True})
    assert own.delivery == ("post",)
    assert {(over.rule, over.by) for over in own.overridden} == {
        ("common.default_electronic", "9-01.by_post"),
        ("tests.by_hand", "9-01.by_post"),
    }
    assert decide(kernel).missing[0].name == "facts.own_record"


def test_a_time_limit_of_the_item_replaces_the_whole_list(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    common = make_kernel(one_item().replace("kind: 查询", "kind: 许可"))
    assert [limit["step"] for limit in decide(common).time_limit] == [
        "supplement",
        "decide",
        "deliver",
    ]
    quick = rule("quick", "{time_limit: [{step: decide, working_days: 3}]}")
    own = decide(make_kernel(one_item(rules=quick).replace("kind: 查询", "kind: 许可")))
    (limit,) = own.time_limit
    assert (limit["step"], limit["working_days"]) == ("decide", 3)
    assert [over.rule for over in own.overridden] == ["common.licence_limits"]


def test_a_rule_that_agrees_with_the_stronger_one_is_not_overridden(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    text = one_item(
        rules=rule("no_", "{eligible: false}"), department_rules=rule("never", "{eligible: false}")
    )
    decision = decide(make_kernel(text))
    assert [reason.rule for reason in decision.reasons] == ["9-01.no_"]
    assert decision.overridden == ()


@pytest.mark.parametrize(
    ("from_", "until", "closed"),
    [
        ("2022-03-05", "2022-03-05", ["2022-03-05"]),
        ("2022-03", "2022-03", ["2022-03-01", "2022-03-04", "2022-03-31"]),
        ("2024-02", "2024-02", ["2024-02-01", "2024-02-29"]),
    ],
)
def test_both_ends_of_a_rules_time_are_its_own(
    make_kernel: Make, one_item: Text, rule: Text, from_: str, until: str, closed: list[str]
) -> None:
    text = one_item(rules=rule("shut", "{eligible: false}", from_=from_, until=until))
    kernel = make_kernel(text)
    days = ["2022-02-28", "2022-03-01", "2022-03-04", "2022-03-05", "2022-03-06", "2022-03-31"]
    days += ["2022-04-01", "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"]
    shut = [day for day in days if decide(kernel, as_of=day).outcome == "ineligible"]
    expected = [day for day in days if any(day == one for one in closed)]
    if from_ == "2022-03":
        expected = [day for day in days if day.startswith("2022-03")]
    assert shut == expected


@pytest.mark.parametrize(
    ("as_of", "outcome", "says"),
    [
        ("2021-09-30", "ineligible", "2021-10-01"),
        ("2021-10-01", "eligible", ""),
        ("2022-02-28", "eligible", ""),
        ("2022-03-01", "ineligible", "2022-02-28"),
    ],
)
def test_an_item_is_open_from_its_first_day_to_its_last(
    make_kernel: Make, one_item: Text, as_of: str, outcome: str, says: str
) -> None:
    """What it refuses names the day."""
    kernel = make_kernel(one_item("available: {from: 2021-10, until: 2022-02}"))
    decision = decide(kernel, as_of=as_of)
    assert decision.outcome == outcome
    assert says in decision.reasons[0].because
    assert decision.outcome == "eligible" or len(decision.reasons) == 1


def test_a_reason_carries_rule_words_row_and_basis(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    cite = "cite: {row: 9/1, words: 户籍地}, because: 原地"
    keys = f"handled_at: {{value: [hukou], basis: inferred, {cite}}}"
    shut = rule("shut", "{eligible: false}", when="{own_record: false}", basis="inferred")
    kernel = make_kernel(one_item(keys, rules=shut))
    refused = decide(kernel, facts={"own_record": False})
    assert [reason.to_dict() for reason in refused.reasons] == [
        {
            "conclusion": "eligible",
            "value": False,
            "rule": "9-01.shut",
            "because": "因为shut",
            "cite": {"row": "9/1"},
            "basis": "inferred",
        }
    ]
    allowed = decide(kernel, facts={"own_record": True})
    by_conclusion = {reason.conclusion: reason for reason in allowed.reasons}
    assert list(by_conclusion) == ["modes", "handling", "delivery", "eligible"]
    handling = by_conclusion["handling"]
    assert (handling.because, handling.basis, handling.cite.words) == ("原地", "inferred", "户籍地")
    assert by_conclusion["modes"].cite.words == "由业务属地为申请人远程网办"
    assert by_conclusion["eligible"].rule == "9-01"


def test_a_thing_that_does_not_exist_passes_no_test(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    """Online nothing is received anywhere, so it is neither near nor far."""
    near = rule("near", "{eligible: false}", when="{apart.received.hukou: {not: province}}")
    far = rule("far", "{eligible: false}", when="{apart.received.hukou: province}")
    kernel = make_kernel(one_item(rules=near + far))
    assert decide(kernel).outcome == "eligible"
    assert decide(kernel, received_at=630102).outcome == "ineligible"


def test_every_alternative_of_any_counts(make_kernel: Make, one_item: Text, rule: Text) -> None:
    when = "{channel: online, any: [{own_record: true}, {degree: [master, doctor]}]}"
    kernel = make_kernel(one_item(rules=rule("some", "{eligible: false}", when=when)))
    for own, degree, outcome in (
        (True, "college", "ineligible"),
        (False, "doctor", "ineligible"),
        (False, "bachelor", "eligible"),
    ):
        assert decide(kernel, facts={"own_record": own, "degree": degree}).outcome == outcome
    at_window = {"channel": "window", "received_at": 630100}
    assert decide(kernel, **at_window).outcome == "eligible"
