"""What the identity plugin tells the rules about a first ID card, within a kernel."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Decision, Kernel, Party
from tongban.kernel.engine import Question, answered, next_question
from tongban.plugins import identity
from tongban.plugins.departments import public_security

CHILD, GOOD = "630102201505200013", "630102201005200017"
"""Born on 20 May of 2015 and of 2010."""

HOSTILE = {
    "31 April": "630102201004310011",
    "over 150 years old": "630102187501010011",
    "empty": "",
    "19": GOOD + "X",
    "full width": "".join(chr(ord(c) + 0xFEE0) for c in GOOD),
    "new line at the end": GOOD + "\n",
    "emoji": "\U0001f600" * 18,
    "64 KiB of digits": "1" * 65_536,
    "lone surrogate": GOOD[:17] + "\ud800",
}


def first_card(number: str, as_of: str) -> dict[str, Any]:
    return {
        "item": "3-02",
        "channel": "window",
        "received_at": "510100",
        "as_of": as_of,
        "applicant": {"kind": "person", "id_number": number},
        "places": {"present": "510100", "hukou": "630100"},
        "facts": {"first_id_card": True, "guardian_applies": False, "pilot_area": True},
    }


def rules(decision: dict[str, Any]) -> set[str]:
    return {reason["rule"] for reason in decision["reasons"]}


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return Kernel([public_security, identity], strict=True)


def test_the_installed_kernel_refuses_the_first_card_to_a_child_of_ten() -> None:
    kernel = Kernel()
    child = kernel.decide(first_card(CHILD, "2026-01-01")).to_dict()
    assert child["outcome"] == "ineligible"
    assert "3-02.minor" in rules(child)
    assert CHILD not in repr(child)
    eve = kernel.decide(first_card(CHILD, "2031-05-19")).to_dict()
    assert eve["outcome"] == "ineligible"
    grown = kernel.decide(first_card(CHILD, "2031-05-20")).to_dict()
    assert grown["outcome"] == "eligible"
    assert "3-02.minor" not in rules(grown)
    (status,) = (status for status in kernel.plugins if status.name == "identity")
    assert (status.state, status.problems) == ("loaded", ())


def test_a_wrong_number_gives_no_age_and_is_found_at_the_window(kernel: Kernel) -> None:
    wrong = CHILD[:-1] + "0"
    application = kernel.application(first_card(wrong, "2026-01-01"))
    facts = kernel.engines.facts(application)
    assert facts["identity.valid"] is False
    assert "identity.age" not in facts
    (defect,) = kernel.ports.examine(application)
    assert defect.field == "applicant.id_number"
    assert wrong not in str(defect)
    assert kernel.ports.examine(kernel.application(first_card(CHILD, "2026-01-01"))) == ()


@pytest.mark.parametrize("number", HOSTILE.values(), ids=HOSTILE)
def test_no_number_upsets_a_strict_kernel(kernel: Kernel, number: str) -> None:
    application = kernel.application(first_card(GOOD, "2026-01-01"))
    party = Party(kind="person", id_number=number)
    decision = kernel.decide(evolve(application, applicant=party)).to_dict()
    assert decision["outcome"] == "incomplete"
    (missing,) = decision["missing"]
    assert (missing["name"], missing["derived_by"]) == ("facts.identity.age", "identity")
    assert "applicant.id_number" in missing["question"]
    assert missing["rules"] == ["3-02.minor"]


def test_without_a_number_it_is_asked_for(kernel: Kernel) -> None:
    raw = first_card(GOOD, "2026-05-20")
    raw["applicant"] = {"kind": "person"}
    asked = next_question(kernel, raw)
    assert isinstance(asked, Question)
    assert (asked.name, asked.type) == ("applicant.id_number", "text")
    assert [one.rule for one in asked.rules] == ["3-02.minor"]
    grown = next_question(kernel, answered(kernel, raw, asked, GOOD))
    assert isinstance(grown, Decision)
    assert grown.outcome == "eligible"


def test_who_is_refused_anyway_is_not_asked_for_a_number(kernel: Kernel) -> None:
    raw = first_card(GOOD, "2026-01-01")
    raw["applicant"] = {"kind": "person"}
    raw["facts"] = {"first_id_card": False}
    assert kernel.decide(raw).outcome == "ineligible"
