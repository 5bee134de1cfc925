"""What is personal takes no agent; how long a result holds stands in the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Kernel
from tongban.kernel.engine import rules_version
from tongban.kernel.model import Period
from tongban.kernel.model.rules import Stated

IN_PERSON = {"3-02", "3-03", "3-04"}
AGENT = {"kind": "person", "agent": {"kind": "person", "name": "金示例"}}
MARRIAGE: dict[str, Any] = {
    "item": "3-03",
    "channel": "window",
    "received_at": "630100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person"},
    "places": {"present": "630100", "hukou": "630100", "spouse_hukou": "630100"},
    "facts": {"pilot_area": True},
}


def test_only_what_the_law_or_the_row_makes_personal_takes_no_agent(kernel: Kernel) -> None:
    found = {item.id: item.agent for item in kernel.items if item.agent}
    assert {*found} == IN_PERSON
    cited = {id: (one.cite.source, one.cite.article, one.basis) for id, one in found.items()}
    assert cited["3-03"] == ("civil_code", "第一千零四十九条", "stated")
    assert cited["3-04"] == ("civil_code", "第一千零七十六条", "stated")
    assert cited["3-02"][2] == "inferred"


def test_an_agent_for_a_marriage_is_refused_with_the_article(kernel: Kernel) -> None:
    decision = kernel.decide({**MARRIAGE, "applicant": AGENT})
    assert decision.outcome == "ineligible"
    (reason,) = decision.reasons
    assert reason.rule == "3-03.agent"
    assert "亲自办理" in reason.because
    assert [one.do for one in decision.advice] == ["bring"]


def test_without_an_agent_it_is_as_it_was(kernel: Kernel) -> None:
    decision = kernel.decide(MARRIAGE)
    assert decision.outcome == "eligible"
    assert "valid_for" not in decision.to_dict()


def test_other_items_do_not_look_at_the_agent(
    kernel: Kernel, applications: Mapping[str, dict[str, Any]]
) -> None:
    for raw in applications.values():
        applicant = {**raw["applicant"], "agent": {"kind": "person", "name": "金示例"}}
        with_agent = kernel.decide({**raw, "applicant": applicant})
        assert with_agent == kernel.decide(raw), raw["item"]


def test_a_guardian_is_no_agent(kernel: Kernel) -> None:
    raw = {
        "item": "3-02",
        "channel": "window",
        "received_at": "510100",
        "as_of": "2026-03-02",
        "applicant": AGENT,
        "places": {"present": "510100", "hukou": "630100"},
        "facts": {"guardian_applies": True},
    }
    assert [one.rule for one in kernel.decide(raw).reasons] == ["3-02.guardian"]
    raw["facts"] = {"first_id_card": True, "guardian_applies": False, "pilot_area": True}
    assert [one.rule for one in kernel.decide(raw).reasons] == ["3-02.agent"]


def test_whether_an_agent_acts_is_never_asked(kernel: Kernel) -> None:
    raw = {"item": "3-03", "channel": "window", "received_at": "630100"}
    names = {one.name for one in kernel.decide({**raw, "as_of": "2026-03-02"}).missing}
    assert not any("agent" in name for name in names)


@pytest.mark.parametrize("item", ["630000/2-03", "630000/1-01", "630000/3-03"])
def test_what_says_nothing_new_keeps_its_hash(kernel: Kernel, item: str) -> None:
    program = kernel.program(item)
    said = Stated(Period("months", 3), program.item.cite)
    longer = type(program)(evolve(program.item, valid_for=said), *_rest(program))
    assert rules_version(longer) != rules_version(program)
    silent = type(program)(evolve(longer.item, valid_for=None), *_rest(program))
    assert rules_version(silent) == rules_version(program)


def _rest(program: Any) -> tuple[Any, ...]:
    names = ("short", "rules", "whole", "vocabulary", "derived")
    return tuple(getattr(program, name) for name in names)


def test_a_period_is_written_as_in_a_rule_file() -> None:
    assert Period("working_days", 5).to_dict() == {"working_days": 5}
    assert Period("years", 100).last_day(date(2026, 3, 2)) == date(2126, 3, 2)
