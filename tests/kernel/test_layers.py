"""Layers, exceptions, dates and reasons: which rule prevails, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tongban.kernel import Decision, Kernel, RulebookError

Make = Callable[..., Kernel]
Text = Callable[..., str]
HOME = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}


def decide(kernel: Kernel, **more: Any) -> Decision:
    return kernel.decide({"item": "9-01", **HOME, **more})


def test_the_more_specific_layer_prevails_and_says_over_what(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    kernel = make_kernel(
        one_item(
            rules=rule("welcome", "{eligible: true}", when="{work_need: true}"),
            department_rules=rule("closed", "{eligible: false}"),
        )
    )
    refused = decide(kernel, facts={"work_need": False})
    assert refused.outcome == "ineligible"
    assert [reason.rule for reason in refused.reasons] == ["tests.closed"]

    allowed = decide(kernel, facts={"work_need": True})
    assert allowed.outcome == "eligible"
    (over,) = allowed.overridden
    assert over.to_dict() == {
        "rule": "tests.closed",
        "conclusion": "eligible",
        "value": False,
        "by": "9-01.welcome",
    }


@pytest.mark.parametrize(
    ("keys", "more", "says"),
    [
        ("available: {from: 2021-12-31}", {"as_of": "2021-12-30"}, "2021-12-31"),
        ("available: {from: 2020-12-31, until: 2021-06}", {"as_of": "2021-07-01"}, "2021-06-30"),
        ("applicant: [enterprise]", {}, "企业"),
        ("channels: [window]", {}, "窗口"),
    ],
)
def test_no_rule_overrides_a_bar(
    make_kernel: Make, one_item: Text, rule: Text, keys: str, more: dict[str, Any], says: str
) -> None:
    kernel = make_kernel(one_item(keys, rules=rule("welcome", "{eligible: true}")))
    decision = decide(kernel, **more)
    assert decision.outcome == "ineligible"
    assert says in decision.reasons[0].because
    assert decision.overridden[0].rule == "9-01.welcome"


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        ("2021-12-31", "eligible"),
        ("2022-01-01", "ineligible"),
        ("2022-02-28", "ineligible"),
        ("2022-03-01", "eligible"),
    ],
)
def test_a_month_begins_on_its_first_and_ends_on_its_last_day(
    make_kernel: Make, one_item: Text, rule: Text, as_of: str, outcome: str
) -> None:
    closed = rule("closed", "{eligible: false}", from_="2022-01", until="2022-02")
    assert decide(make_kernel(one_item(rules=closed)), as_of=as_of).outcome == outcome


def test_exceptions_of_a_rule(make_kernel: Make, one_item: Text, rule: Text) -> None:
    closed = rule("closed", "{eligible: false}", unless="[{work_need: true}, {loan_repaid: true}]")
    kernel = make_kernel(one_item(rules=closed))
    for work, repaid in ((True, False), (False, True), (True, True)):
        assert (
            decide(kernel, facts={"work_need": work, "loan_repaid": repaid}).outcome == "eligible"
        )
    refused = decide(kernel, facts={"work_need": False, "loan_repaid": False})
    assert refused.outcome == "ineligible"


def test_collected_conclusions_come_from_every_layer(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    kernel = make_kernel(
        one_item(
            rules=rule("own", "{requires: 申请书, modes: local}"),
            department_rules=rule("all", "{requires: [身份证]}"),
        )
    )
    decision = decide(kernel)
    assert set(decision.modes) == {"online", "local"}
    assert {advice.target for advice in decision.advice if advice.do == "bring"} == {
        "申请书",
        "身份证",
    }


def test_rules_of_one_rank_that_disagree_are_refused_before_anything_runs(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    both = rule("yes_", "{eligible: true}") + rule("no_", "{eligible: false}")
    with pytest.raises(RulebookError, match="9-01.no_.*9-01.yes_"):
        _ = make_kernel(one_item(rules=both)).rulebook


def test_every_conclusion_of_every_item_has_a_reason(kernel: Kernel) -> None:
    for item in kernel.items:
        for case in item.cases:
            given = {"applicant": {"kind": item.applicant.value[0]}, "as_of": "2026-01-01"}
            decision = kernel.decide({**given, **case.given, "item": item.key})
            if decision.outcome == "incomplete":
                assert decision.missing
                continue
            said: dict[str, set[Any]] = {}
            for reason in decision.reasons:
                assert reason.because
                assert reason.cite.to_dict()
                said.setdefault(reason.conclusion, set()).add(str(reason.value))
            assert said["eligible"] == {str(decision.outcome == "eligible")}
            assert set(decision.modes) == said.get("modes", set())
            assert {h.place for h in decision.handling if h.acts} == said.get("handling", set())
            assert set(decision.delivery) == said.get("delivery", set())


def test_advice_drops_items_that_would_refuse_the_same_facts(kernel: Kernel) -> None:
    places = {"move_in": 510100, "move_out": 630100}
    raw = {
        "item": "2-03",
        "channel": "online",
        "applicant": {"kind": "person"},
        "places": places,
        "facts": {"move_reason": "joining_spouse"},
    }
    assert [advice.target for advice in kernel.decide(raw).advice] == ["2-06"]


def test_kernels_live_side_by_side(make_kernel: Make, one_item: Text, rule: Text) -> None:
    early = datetime(2019, 5, 1, tzinfo=UTC)
    old = make_kernel(one_item(), clock=lambda: early)
    strict = make_kernel(one_item(rules=rule("closed", "{eligible: false}")))
    assert decide(old).as_of == date(2019, 5, 1)
    assert decide(old).outcome == "ineligible"
    assert [reason.rule for reason in decide(strict).reasons] == ["9-01.closed"]
    assert decide(old, as_of="2026-01-01").outcome == "eligible"


def test_another_province_brings_the_same_ids(make_kernel: Make, one_item: Text) -> None:
    sichuan = one_item().replace("630000", "510000").replace("测试事项", "四川事项")
    kernel = make_kernel(one_item(), sichuan)
    assert kernel.decide({"item": "510000/9-01", **HOME}).item["jurisdiction"] == "510000"
    assert kernel.decide({"item": "9-01", **HOME}).item["jurisdiction"] == "630000"
    assert kernel.decide({"item": "四川事项", **HOME}).reasons[-1].rule == "510000/9-01"


def test_deciding_changes_nothing_and_is_repeatable(kernel: Kernel) -> None:
    raw = {"item": "2-01", **HOME}
    before = repr(raw)
    application = kernel.application(raw)
    assert kernel.decide(application) == kernel.decide(application) == kernel.decide(raw)
    assert repr(raw) == before


def test_memory_of_verdicts_is_bounded() -> None:
    kernel = Kernel()  # its own: others remember what other tests have asked
    codes = sorted({d.seat for d in kernel.base.divisions.values() if not d.outside})
    key = "630000/2-03"
    for n, move_in in enumerate(codes):
        places = {"move_in": move_in, "move_out": codes[-n]}
        raw = {"item": "2-03", "channel": "window", "received_at": codes[n // 2], "places": places}
        kernel.decide(
            {**raw, "applicant": {"kind": "person"}, "facts": {"move_reason": "enrolment"}}
        )
        kernel.decide(
            {**raw, "applicant": {"kind": "person"}, "facts": {"move_reason": "job_transfer"}}
        )
    assert sum(map(len, kernel.program(key).memo.values())) < 100


def test_an_item_that_ends_names_both_days(make_kernel: Make, one_item: Text) -> None:
    kernel = make_kernel(one_item("available: {from: 2021-03-01, until: 2021-06}"))
    for day in ("2021-02-28", "2021-07-01"):
        (reason,) = decide(kernel, as_of=day).reasons
        assert reason.because == "本事项自2021-03-01起至2021-06-30止可以办理"
    assert decide(kernel, as_of="2021-06-30").outcome == "eligible"
