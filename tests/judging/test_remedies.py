"""Remedies, corrections, reopenings and amendments in the logs of two stores."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.service import Corrections, Done

if TYPE_CHECKING:
    from tests.judging.conftest import Country, Province

LEAD = "510100/public_security"
WINDOW = p.Actor("window", "w", "630100")
APPLICANT = p.Actor("applicant", "a-1")
OTHER = p.Actor("officer", "o", "630100", "public_security")
"""Of the authority that is asked to confirm."""
PAPERS = (p.Document("申请表", "form"),)
ARTICLE = "《行政许可法》第六十九条"
ENROLMENT = {"facts.move_reason": "enrolment"}


def corrections(values: Mapping[str, Any]) -> Corrections:
    return Corrections(values, (p.Document("录用通知书", "copy"),), "填写有误")


def done(answer: object) -> None:
    assert isinstance(answer, Done), answer


def accepted(country: Country) -> tuple[tuple[p.Actor, p.CommandBody], ...]:
    """Accepted by the lead, and confirmed in Xining."""
    return (country.officer(LEAD), p.Accept()), (OTHER, p.Confirm())


def same(country: Country, case: str) -> p.Case:
    """The case, of which both stores hold the same."""
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    assert country.carry() == []
    assert chengdu.case(case) == xining.case(case)
    assert chengdu.store.verify() == xining.store.verify() == ()
    return chengdu.case(case)


@pytest.fixture
def arrived(country: Country) -> str:
    """A case of a window of Xining that has come to Chengdu."""
    case = country.handed_in("xining", country.FORWARDED)
    done(country.places["xining"].do(case, WINDOW, p.Forward(PAPERS, "message")))
    assert country.carry() == []
    done(country.places["chengdu"].do(case, country.officer(LEAD), p.Arrive()))
    assert country.carry() == []
    return case


def carried_out(country: Country, case: str, *steps: tuple[p.Actor, p.CommandBody]) -> None:
    """Gives steps, each at the store of who gives it, and carries the letters of each."""
    for actor, body in steps:
        place = country.places["xining" if actor in (WINDOW, OTHER) else "chengdu"]
        assert not isinstance(place.do(case, actor, body), p.Refusal), body
        assert country.carry() == []


def test_a_denial_is_challenged_changed_and_corrected(country: Country, arrived: str) -> None:
    lead = country.officer(LEAD)
    carried_out(
        country,
        arrived,
        *accepted(country),
        (lead, p.Deny(("不符合条件",), article=ARTICLE)),
        (lead, p.Deliver("electronic")),
        (WINDOW, p.Lodge("reconsideration", "成都市人民政府", "不服该决定")),
        (lead, p.Admit(True)),
        (lead, p.Resolve("changed", document="成府复〔2026〕3号")),
        (lead, p.Correct(True, ("复议决定变更",), ARTICLE, 1)),
        (lead, p.Deliver("electronic")),
    )
    case = same(country, arrived)
    assert (case.granted, case.state, case.voided) == (True, "delivered", (f"{arrived}-1",))
    assert (case.remedies[0].outcome, case.remedies[0].office) == ("changed", LEAD)
    assert case.corrections[0].remedy == 1
    for name in ("chengdu", "xining"):
        place = country.places[name]
        assert place.broken_screens(arrived) == []
        shown = place.screen("case", "show", arrived)
        assert "第 1 号 行政复议" in shown
        assert "作废 void" in shown


def test_a_refusal_is_reopened_and_decided(country: Country, arrived: str) -> None:
    lead = country.officer(LEAD)
    carried_out(
        country,
        arrived,
        (lead, p.Decline(("不属于本机关职权",), ARTICLE)),
        (WINDOW, p.Lodge("litigation", "成都市武侯区人民法院", "应予受理")),
        (lead, p.Resolve("revoked")),
        (lead, p.Reopen("判决撤销", ARTICLE, 1)),
        *accepted(country),
        (lead, p.Grant("符合条件")),
    )
    case = same(country, arrived)
    assert case.state == "decided"
    assert [one.ended for one in case.reopenings] == ["declined"]


def test_a_late_remedy_is_late_in_both_stores(country: Country, arrived: str) -> None:
    lead = country.officer(LEAD)
    carried_out(
        country, arrived, *accepted(country), (lead, p.Deny(("不符合条件",), article=ARTICLE)),
        (lead, p.Deliver("electronic")),
    )  # fmt: skip
    country.later(days=100)
    carried_out(country, arrived, (WINDOW, p.Lodge("reconsideration", "成都市人民政府", "不服")))
    assert same(country, arrived).remedies[0].late


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"late": True}, "late before its last day"),
        ({"office": "630100/window"}, "the act of another office"),
        ({"act": "other-1"}, "another act"),
        ({"number": 7}, "another number"),
        ({"due": date(2036, 1, 1)}, "a term of ten years"),
    ],
)
def test_a_remedy_that_cannot_be_is_put_aside(
    country: Country, arrived: str, change: dict[str, Any], why: str
) -> None:
    lead, chengdu, xining = (
        country.officer(LEAD), country.places["chengdu"], country.places["xining"],
    )  # fmt: skip
    carried_out(
        country, arrived, *accepted(country), (lead, p.Deny(("不符合条件",), article=ARTICLE)),
        (lead, p.Deliver("electronic")),
    )  # fmt: skip
    given: dict[str, Any] = {
        "number": 1, "remedy": "reconsideration", "act": f"{arrived}-1", "office": LEAD,
        "on": date(2026, 3, 2), "organ": "成都市人民政府", "reason": "不服",
        "due": date(2026, 5, 6),
    }  # fmt: skip
    event = country.event(xining.case(arrived), p.RemedyLodged(**{**given, **change}), lead)
    said = country.letter(arrived, "progress", {"events": [event]}, LEAD, "630100/window")
    assert country.refused(xining, said, chengdu).code == "illegal", why
    right = country.event(xining.case(arrived), p.RemedyLodged(**given), lead)
    country.give(xining, country.letter(arrived, "progress", {"events": [right]}, LEAD,
                                        "630100/window"), chengdu)  # fmt: skip
    assert xining.case(arrived).remedies[0].number == 1


def amended_away(country: Country) -> str:
    """A case whose applicant corrected it to what the rules refuse, on its way to Chengdu."""
    xining = country.places["xining"]
    case = country.handed_in("xining", country.FORWARDED)
    done(xining.service.amend(case, APPLICANT, corrections(ENROLMENT)))
    assert xining.case(case).decision["outcome"] == "ineligible"
    done(xining.do(case, WINDOW, p.Forward(PAPERS, "message")))
    return case


def test_what_was_corrected_to_what_the_rules_refuse_goes_on_and_is_denied(
    country: Country,
) -> None:
    case = amended_away(country)
    assert country.carry() == []
    lead = country.officer(LEAD)
    carried_out(country, case, (lead, p.Arrive()), *accepted(country), (lead, p.Deny(("属升学",))))
    found = same(country, case)
    assert found.granted is False
    assert p.departs(found) is None, "a denial of what the rules refuse departs from nothing"


def test_what_was_corrected_back_is_as_it_was(country: Country) -> None:
    xining = country.places["xining"]
    case = country.handed_in("xining", country.FORWARDED)
    before = xining.case(case)
    for values in (ENROLMENT, {"facts.move_reason": before.application["facts"]["move_reason"]}):
        done(xining.service.amend(case, APPLICANT, corrections(values)))
    now = xining.case(case)
    assert (now.decision, now.plan, now.planned_on) == (before.decision, before.plan, None)


NONSENSE: dict[str, Callable[[dict[str, Any]], object]] = {
    "planned on nothing": lambda case: case.update(planned_on=None),
    "planned on what is refused": lambda case: case["planned_on"]["decision"].update(
        outcome="ineligible"
    ),
    "planned on another item": lambda case: case["planned_on"]["decision"].update(
        item={**case["item"], "id": "9-99"}
    ),
    "planned on personal data": lambda case: case["planned_on"]["application"].update(
        applicant={"kind": "person", "name": "金示例"}
    ),
    "another authority": lambda case: case["plan"]["way"][-1].update(division="110000"),
    "insisted upon": lambda case: case.update(insisted_at="2026-03-02T09:00:00+08:00"),
    "amended by nothing": lambda case: case.update(amendments=[]),
    "amended without evidence": lambda case: case["amendments"][0].update(evidence=[]),
    "amended without a reason": lambda case: case["amendments"][0].update(reason=" "),
    "amended in the year 1": lambda case: case["amendments"][0].update(
        at="0001-01-01T00:00:00+08:00"
    ),
    "corrected before it was decided": lambda case: case.update(
        corrections=[{
            "at": "2026-03-02T09:00:00+08:00", "void": "1", "number": "2", "was_granted": True,
            "was_reasons": [], "granted": False, "reasons": ["x"], "article": ARTICLE, "remedy": 0,
        }]
    ),
    "a remedy of no office": lambda case: case.update(
        remedies=[{
            "number": 1, "kind": "litigation", "act": "declined", "office": "110000/x",
            "on": "2026-03-02", "organ": "x", "reason": "x", "due": None, "late": False,
            "lodged_at": "2026-03-02T09:00:00+08:00", "admitted": None, "admitted_on": None,
            "outcome": None, "resolved_on": None, "document": "",
        }]
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_an_amended_case_that_cannot_be_is_not_taken_over(
    country: Country, change: Callable[[dict[str, Any]], object]
) -> None:
    case = amended_away(country)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    (forward,) = [one.message for one in xining.store.outgoing() if one.message.kind == "forward"]
    body = copy.deepcopy(dict(forward.body))
    change(body["case"])
    said = country.letter(case, "forward", body, forward.sender, forward.receiver)
    assert country.refused(chengdu, said, xining).code in ("form", "illegal", "future")
    country.give(chengdu, forward, xining)
    assert chengdu.case(case).state == "dispatched"


def test_a_forged_amendment_to_another_authority_is_put_aside(
    country: Country, arrived: str
) -> None:
    chengdu: Province = country.places["chengdu"]
    xining = country.places["xining"]
    case = xining.case(arrived)
    decision = copy.deepcopy(dict(case.decision))
    decision["handling"][0]["division"] = "110000"
    body = p.Amended(
        ("facts.move_reason",), PAPERS, "填写有误",
        {**case.application, "facts": {"move_reason": "x"}}, decision,
    )  # fmt: skip
    event = country.event(case, body, APPLICANT)
    said = country.letter(arrived, "progress", {"events": [event]}, LEAD, "630100/window")
    assert country.refused(xining, said, chengdu).code in ("form", "illegal")
    assert xining.case(arrived) == case
