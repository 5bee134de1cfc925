"""What is not said: asked for where it matters, refused where it cannot help, never assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Application, Decision, Kernel, Scalar, hookimpl

Make = Callable[..., Kernel]
Text = Callable[..., str]
HOME = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}


def decide(kernel: Kernel, **more: Any) -> Decision:
    return kernel.decide({"item": "9-01", **HOME, **more})


def asked(decision: Decision) -> list[str]:
    return [one.name for one in decision.missing]


@pytest.mark.parametrize("item", ["1-05", "1-28", "2-62", "3-03", "3-04", "3-07"])
def test_nothing_said_yet_is_no_refusal(kernel: Kernel, item: str) -> None:
    """The receiving place that makes a local item eligible is still to come."""
    decision = kernel.decide({"item": item})
    assert decision.outcome == "incomplete"
    assert asked(decision)[0] == "channel"
    assert "received_at" not in asked(decision)


def test_a_question_says_what_may_be_answered_and_who_asks(kernel: Kernel) -> None:
    places = {"move_in": 510100, "move_out": 630100}
    raw = {"item": "2-03", "channel": "online", "applicant": {"kind": "person"}, "places": places}
    (question,) = kernel.decide(raw).to_dict()["missing"]
    assert question == {
        "name": "facts.move_reason",
        "question": "因何需要迁移户口?",
        "question_en": "Why does the household registration have to move?",
        "values": ["job_transfer", "enrolment", "graduation", "joining_spouse", "joining_children"],
        "rules": ["2-03.reason"],
    }


def test_refused_whatever_the_open_facts_are_asks_nothing_and_gives_the_sure_reason(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    rules = rule("sure", "{eligible: false}", when="{transferable: false}", advise="[{bring: 甲}]")
    rules += rule("open", "{eligible: false}", when="{own_record: false}", advise="[{bring: 乙}]")
    kernel = make_kernel(one_item(rules=rules))
    decision = decide(kernel, facts={"transferable": False}, channel=None, places={})
    assert decision.outcome == "ineligible"
    assert [reason.rule for reason in decision.reasons] == ["9-01.sure"]
    assert [advice.target for advice in decision.advice] == ["甲"]
    assert decision.missing == ()


def test_a_rule_whose_exception_is_open_is_no_sure_reason(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    sure = rule("sure", "{eligible: false}", when="{transferable: false}")
    open_ = rule("open", "{eligible: false}", unless="{own_record: true}")
    kernel = make_kernel(one_item(rules=sure + open_))
    decision = decide(kernel, facts={"transferable": False})
    assert [reason.rule for reason in decision.reasons] == ["9-01.sure"]


def test_refused_for_one_reason_or_the_other_gives_both(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    yes = rule("if_so", "{eligible: false}", when="{own_record: true}")
    no = rule("if_not", "{eligible: false}", when="{own_record: false}")
    decision = decide(make_kernel(one_item(rules=yes + no)))
    assert decision.outcome == "ineligible"
    assert {reason.rule for reason in decision.reasons} == {"9-01.if_so", "9-01.if_not"}


def test_a_fact_that_only_a_weaker_rule_looks_at_is_not_asked_for(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    text = one_item(
        rules=rule("open_to_all", "{eligible: true}", when="{work_need: true}"),
        department_rules=rule("closed", "{eligible: false}", when="{transferable: false}"),
    )
    kernel = make_kernel(text)
    assert decide(kernel, facts={"work_need": True}).outcome == "eligible"
    assert asked(decide(kernel)) == ["facts.transferable", "facts.work_need"]
    assert asked(decide(kernel, facts={"work_need": False})) == ["facts.transferable"]


def test_a_limit_that_hangs_on_an_open_fact_is_not_promised(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    """It changes neither outcome nor modes nor route, so it is not asked for, nor assumed."""
    fast = "{time_limit: [{step: decide, working_days: 3}]}"
    rules = rule("fast", fast, when="{own_record: true}")
    rules += rule("paper", "{requires: 委托书}", when="{own_record: false}")
    rules += rule("always", "{requires: 申请表}")
    kernel = make_kernel(one_item(rules=rules))
    decision = decide(kernel)
    assert decision.outcome == "eligible"
    assert decision.time_limit == ()
    assert [advice.target for advice in decision.advice] == ["申请表"]
    assert "time_limit" not in {reason.conclusion for reason in decision.reasons}
    said = decide(kernel, facts={"own_record": True})
    assert said.time_limit[0]["working_days"] == 3


class Registers:
    """A plugin that knows what nobody needs to be asked."""

    @hookimpl
    def derive_facts(self, application: Application) -> dict[str, Scalar]:
        """Whatever the application says itself is not replaced."""
        return {"own_record": True}


def test_what_a_plugin_derives_is_not_asked_for(kernel: Kernel) -> None:
    departments = kernel.rulebook.departments
    assert departments
    derived = kernel.restarted([Registers()])
    raw = {"item": "1-06", "channel": "online", "applicant": {"kind": "person"}}
    places = {"insured": 630100}
    assert asked(kernel.decide({**raw, "places": places})) == ["facts.own_record"]
    assert derived.decide({**raw, "places": places}).outcome == "eligible"
    said = {**raw, "places": places, "facts": {"own_record": False}}
    assert derived.decide(said).outcome == "ineligible"


@pytest.mark.parametrize(
    ("hukou", "asks"),
    [(440300, True), (540102, True), (630100, False)],
)
def test_a_province_that_a_rule_names_is_told_from_others(
    make_kernel: Make, one_item: Text, rule: Text, hukou: int, asks: bool
) -> None:
    """Two places: what is known of one says which of the other can matter."""
    late = rule(
        "late",
        "{eligible: false}",
        when="{apart.hukou.work: province, place.work.province: [630000], tibet_open: false}",
    )
    kernel = make_kernel(one_item(rules=late))
    decision = decide(kernel, places={"hukou": hukou})
    assert asked(decision) == (["facts.tibet_open", "places.work"] if asks else [])


def test_a_city_of_the_same_province_is_tried_with_its_standing(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    """Only one city of Guangdong is under separate planning; it must be thought of."""
    when = "{apart.hukou.work: prefecture, place.work.standing: separate_planning}"
    kernel = make_kernel(one_item(rules=rule("planned", "{eligible: false}", when=when)))
    assert asked(decide(kernel, places={"hukou": 440600})) == ["places.work"]
    assert decide(kernel, places={"hukou": 630100}).outcome == "eligible"
    assert decide(kernel, places={"hukou": 440300}).outcome == "eligible"


def test_a_county_in_a_capital_has_its_own_level(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    when = "{place.work.level: county, place.work.standing: capital}"
    kernel = make_kernel(one_item(rules=rule("inner", "{eligible: false}", when=when)))
    assert asked(decide(kernel)) == ["places.work"]


def test_beyond_the_bound_more_is_asked_and_the_decision_says_so(
    kernel: Kernel, make_kernel: Make, one_item: Text, rule: Text
) -> None:
    """Twelve pairs of facts, each of which would do: too many completions to try."""
    known = kernel.base.vocabulary.facts.values()
    facts = [fact.name for fact in known if fact.type == "bool" and fact.asked][:25]
    unneeded = facts.pop()
    pairs = zip(facts[::2], facts[1::2], strict=True)
    options = ", ".join(f"{{{one}: true, {other}: true}}" for one, other in pairs)
    rules = rule("some", "{modes: local}", when=f"{{any: [{options}]}}")
    rules += rule("slow", "{requires: 原件}", when=f"{{{unneeded}: true}}")
    made = make_kernel(one_item(rules=rules))
    decision = made.decide({"item": "9-01"})
    assert decision.outcome == "incomplete"
    assert not any(one.exact for one in decision.missing)
    assert decision.to_dict()["missing"][0]["exact"] is False
    expected = {"channel", "applicant.kind", "places.hukou", *(f"facts.{n}" for n in facts)}
    assert set(asked(decision)) == expected
    # With most of it said, the rest is few enough to be exact again.
    later = decide(made, facts=dict.fromkeys(facts[:16], False))
    assert all(one.exact for one in later.missing)
    assert set(asked(later)) == {f"facts.{n}" for n in facts[16:]}


def test_where_the_lead_receives_itself_nobody_asks_who_else_accepts(
    make_kernel: Make, one_item: Text
) -> None:
    kernel = make_kernel(one_item("receives: work"))
    window = {"channel": "window", "received_at": 630102}
    assert decide(kernel, **window).outcome == "eligible"
    assert asked(decide(kernel, **window, places={})) == ["places.hukou", "places.work"]
    assert asked(decide(kernel)) == ["places.work"]


def test_a_choice_of_one_is_no_choice(make_kernel: Make, one_item: Text) -> None:
    kernel = make_kernel(one_item("handled_at: {one_of: [hukou]}"))
    assert decide(kernel).handling[0].place == "hukou"
    assert asked(decide(kernel, places={})) == ["places.hukou"]


def test_a_rule_may_look_at_the_place_that_the_receiving_place_decided(
    make_kernel: Make, one_item: Text, rule: Text
) -> None:
    closed = rule("not_here", "{eligible: false}", when="{handle_at: work}")
    kernel = make_kernel(one_item("handled_at: {one_of: [hukou, work]}", rules=closed))
    window = {"channel": "window", "received_at": 510104}
    assert decide(kernel, **window, places={"work": 510100}).outcome == "ineligible"
    assert decide(kernel, **window, places={"hukou": 510100}).outcome == "eligible"
    assert decide(kernel, facts={"handle_at": "work"}).outcome == "ineligible"
