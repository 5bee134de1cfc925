"""Data of the application that the applicant corrects, with evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p

Make = Callable[..., Any]
EVIDENCE = (p.Document("户口簿", "copy"),)
REFERENCE = "a" * 64


def amend(world: Any, facts: Any = None, decision: Any = None, **also: Any) -> p.Amend:
    case = world.here
    application = {**case.application}
    if facts is not None:
        application["facts"] = {**application.get("facts", {}), **facts}
    given: dict[str, Any] = {"evidence": EVIDENCE, "reason": "填写有误", **also}
    return p.Amend(application, decision or case.decision, **given)


@pytest.fixture
def world(make: Make) -> Any:
    found = make("hukou")
    found.received()
    return found


def test_facts_are_corrected_and_the_decision_is_of_them(world: Any) -> None:
    world.do(world.applicant, amend(world, {"note": "已核对"}))
    case = world.here
    assert case.application["facts"]["note"] == "已核对"
    (one,) = case.amendments
    assert (one.changed, one.outcome) == (("facts.note",), "eligible")
    assert world.documents()[-1] == "更正申请信息告知书"


def test_of_personal_data_the_names_of_fields_alone_are_told(world: Any) -> None:
    body = amend(world, personal=REFERENCE, fields=("applicant.name",))
    world.do(world.applicant, body)
    assert world.here.personal == REFERENCE
    assert world.here.amendments[0].changed == ("applicant.name",)
    world.do(world.applicant, amend(world, {"note": "x"}))
    assert world.here.personal == REFERENCE


def test_what_is_ineligible_now_stays_where_it_is_and_is_told(world: Any) -> None:
    before = world.here.state
    refused = {**world.here.decision, "outcome": "ineligible"}
    world.do(world.applicant, amend(world, {"note": "x"}, refused))
    assert world.here.state == before
    assert world.here.decision["outcome"] == "ineligible"
    assert world.sent("notice")[-1].body["outcome"] == "ineligible"


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ({"evidence": ()}, "证明材料"),
        ({"evidence": (p.Document(" "),)}, "证明材料"),
        ({"reason": " "}, "理由"),
        ({"facts": None}, "没有更正"),
        ({"personal": REFERENCE}, "哪些字段"),
        ({"decision": {"outcome": "incomplete"}}, ""),
    ],
)
def test_what_is_missing_is_said(world: Any, also: Any, says: str) -> None:
    refusal = world.refused(world.applicant, amend(world, **{"facts": {"note": "x"}, **also}))
    assert refusal.code in ("bad_input", "not_open")
    assert says in refusal.text.zh
    assert world.here.amendments == ()


def test_the_item_cannot_be_corrected(world: Any) -> None:
    body = amend(world)
    other = evolve(body, application={**body.application, "item": "other"})
    assert "另一事项" in world.refused(world.applicant, other).text.zh


def test_another_authority_is_named(world: Any) -> None:
    decision = world.here.decision
    handling = [{**decision["handling"][0], "division": "530100"}, *decision["handling"][1:]]
    body = amend(world, {"note": "x"}, {**decision, "handling": handling})
    refusal = world.refused(world.applicant, body)
    assert "530100/" in refusal.text.zh
    assert "530100/" in refusal.text.en


def test_personal_data_stays_out_of_the_log(world: Any) -> None:
    body = amend(world)
    bad = evolve(body, application={**body.application, "applicant": {"name": "金示例"}})
    assert "另行保存" in world.refused(world.applicant, bad).text.zh


def test_after_a_decision_the_way_is_a_correction(make: Make) -> None:
    world = make("hukou")
    world.decided()
    refusal = world.refused(world.applicant, amend(world, {"note": "x"}))
    assert "更正决定" in refusal.text.zh


@pytest.mark.parametrize("who", ["lead", "accepting"])
def test_an_officer_does_not_correct_what_others_applied_with(world: Any, who: str) -> None:
    assert world.refused(getattr(world, who), amend(world, {"note": "x"})).code == "not_your_step"


def test_who_has_to_confirm_hears_of_it(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.accepting, p.Accept())
    world.do(world.applicant, amend(world, {"note": "x"}))
    (again,) = world.sent("chase")
    assert again.body["application"]["facts"]["note"] == "x"
