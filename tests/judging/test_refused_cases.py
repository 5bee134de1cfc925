"""A case that the rules refuse goes between stores once somebody insists; departures go along."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.service import Done

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD = "510100/public_security"
WINDOW = p.Actor("window", "w", "630100")
PAPERS = (p.Document("申请表", "form"),)
AT = "2026-03-02T09:00:00+08:00"
ARTICLE = "《户口登记条例》第十条"


def refused(country: Country) -> str:
    """A case of Xining's window that the rules refuse; Chengdu would decide it."""
    raw = {**country.FORWARDED, "facts": {"move_reason": "enrolment"}}
    done = country.places["xining"].service.submit(raw, WINDOW, applicant="a-1")
    assert isinstance(done, Done)
    assert done.case.state == "ineligible"
    return done.case.id


@pytest.fixture
def sent(country: Country) -> tuple[str, p.Message]:
    """The same, insisted upon and on its way, with the letter that brings it."""
    case, xining = refused(country), country.places["xining"]
    applicant = p.Actor("applicant", "a-1")
    for actor, body in (
        (applicant, p.Insist("已被录用,非升学")),
        (WINDOW, p.Receive(materials=PAPERS)),
        (WINDOW, p.Forward(PAPERS, "message")),
    ):
        assert isinstance(xining.do(case, actor, body), Done)
    (forward,) = [one.message for one in xining.store.outgoing() if one.message.kind == "forward"]
    return case, forward


@pytest.mark.parametrize("granted", [True, False])
def test_a_person_of_another_store_decides(
    country: Country, sent: tuple[str, p.Message], granted: bool
) -> None:
    case, _ = sent
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    assert country.carry() == []
    lead = country.officer(LEAD)
    decided = p.Grant("核实", "", ("已被录用",), ARTICLE) if granted else p.Deny(("仍属升学",))
    for body in (p.Arrive(), p.Accept(), decided):
        assert isinstance(chengdu.do(case, lead, body), Done)
    assert country.carry() == []
    assert chengdu.case(case) == xining.case(case)
    departure = p.departs(xining.case(case))
    assert (departure is not None) == granted
    assert departure is None or departure.article == ARTICLE
    assert xining.store.verify() == chengdu.store.verify() == ()
    assert chengdu.broken_screens(case) == xining.broken_screens(case) == []


def test_what_nobody_insisted_on_goes_nowhere(country: Country) -> None:
    case, xining = refused(country), country.places["xining"]
    answer = xining.do(case, WINDOW, p.Forward(PAPERS, "message"))
    assert isinstance(answer, p.Refusal)
    assert answer.code == "over"
    assert country.carry() == []
    assert country.places["chengdu"].store.cases() == ()
    assert xining.broken_screens(case) == []


NONSENSE: dict[str, Callable[[dict[str, Any]], object]] = {
    "a mode": lambda case: case["plan"].update(modes=["collect"]),
    "another authority's place": lambda case: case["plan"]["way"][-1].update(place="move_out"),
    "an authority elsewhere": lambda case: case["plan"]["way"][-1].update(division="110000"),
    "another window": lambda case: case["plan"]["way"][0].update(division="630200"),
    "accepted by the window": lambda case: case["plan"].update(accepting=0),
    "everyone is asked": lambda case: case["plan"].update(
        others=[{"place": "move_out", "division": "630200", "department": "public_security"}]
    ),
    "a limit that no rule sets": lambda case: case["plan"].update(
        limits=[{"step": "accept", "working_days": 5, "extension": 0, "cite": {}, "basis": "x"}]
    ),
    "eligible after all": lambda case: case["decision"].update(outcome="eligible"),
    "incomplete": lambda case: case["decision"].update(outcome="incomplete"),
    "an outcome that is none": lambda case: case["decision"].update(outcome=["ineligible"]),
    "a reason that is none": lambda case: case["decision"].update(reasons=["no"]),
    "reasons that are none": lambda case: case["decision"].update(reasons="no"),
    "a reason without a rule": lambda case: case["decision"]["reasons"][0].pop("rule"),
    "handed in elsewhere": lambda case: case["decision"]["receiving"].update(division="630200"),
    "a receipt that is a text": lambda case: case["decision"].update(receiving="630100"),
    "insisted in the year 1": lambda case: case.update(insisted_at="0001-01-01T00:00:00+08:00"),
    "insisted before it was handed in": lambda case: case.update(
        insisted_at="2020-01-01T00:00:00+08:00"
    ),
    "refused in the year 1": lambda case: case.update(ruled_at="0001-01-01T00:00:00+08:00"),
    "refused, and nobody insisted": lambda case: case.pop("insisted_at"),
    "decided on an article already": lambda case: case.update(article=ARTICLE),
    "over already": lambda case: case.update(ended_at=AT),
    "no way": lambda case: case["plan"].update(way=[]),
}


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_a_refused_case_that_cannot_be_is_put_aside(
    country: Country, sent: tuple[str, p.Message], change: Callable[[dict[str, Any]], object]
) -> None:
    case, forward = sent
    body = copy.deepcopy(dict(forward.body))
    change(body["case"])
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    said = country.letter(case, "forward", body, forward.sender, forward.receiver)
    assert country.refused(chengdu, said, xining).code in ("form", "illegal", "future")
    country.give(chengdu, forward, xining)
    assert chengdu.case(case).state == "dispatched"


@pytest.mark.parametrize("name", ["insisted_at", "ruled_at"])
def test_what_the_rules_allow_was_not_refused_by_them(country: Country, name: str) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    xining.do(case, WINDOW, p.Forward(PAPERS, "message"))
    (forward,) = [one.message for one in xining.store.outgoing() if one.message.kind == "forward"]
    body = copy.deepcopy(dict(forward.body))
    body["case"][name] = AT
    said = country.letter(case, "forward", body, forward.sender, forward.receiver)
    assert country.refused(chengdu, said, xining).code == "illegal"


def with_chengdu(country: Country) -> str:
    """A case that the rules allow, handed in in Xining and to be accepted in Chengdu."""
    case = country.handed_in("xining", country.FORWARDED)
    country.places["xining"].do(case, WINDOW, p.Forward(PAPERS, "message"))
    assert country.carry() == []
    country.places["chengdu"].do(case, country.officer(LEAD), p.Arrive())
    assert country.carry() == []
    return case


def test_a_departure_of_a_former_version_names_no_article_and_is_taken(country: Country) -> None:
    case, chengdu, xining = (
        with_chengdu(country), country.places["chengdu"], country.places["xining"],
    )  # fmt: skip
    here, lead = xining.case(case), country.officer(LEAD)
    event = country.event(here, p.Declined(("不属于本机关职权",)), lead)
    assert "article" not in event["data"]
    said = country.letter(case, "progress", {"events": [event]}, LEAD, "630100/window")
    country.give(xining, said, chengdu)
    departure = p.departs(xining.case(case))
    assert departure is not None
    assert departure.article == ""
    assert "未写明依据" in xining.screen("case", "show", case)


@pytest.mark.parametrize("article", ["依照有关规定", " ", "第条"])
def test_a_departure_on_an_article_that_is_none_is_put_aside(
    country: Country, article: str
) -> None:
    case, chengdu, xining = (
        with_chengdu(country), country.places["chengdu"], country.places["xining"],
    )  # fmt: skip
    here, lead = xining.case(case), country.officer(LEAD)
    event = country.event(here, p.Declined(("不属于本机关职权",), article), lead)
    said = country.letter(case, "progress", {"events": [event]}, LEAD, "630100/window")
    assert country.refused(xining, said, chengdu).code == "illegal"


def test_nobody_rules_or_insists_from_elsewhere(country: Country) -> None:
    case, chengdu, xining = (
        with_chengdu(country), country.places["chengdu"], country.places["xining"],
    )  # fmt: skip
    here, lead = xining.case(case), country.officer(LEAD)
    ground = p.grounds_of({"reasons": [{**here.decision["reasons"][-1]}]})
    for body in (p.RuledIneligible(ground), p.Insisted("坚持")):
        for actor in (lead, p.Actor("applicant", here.applicant), p.SYSTEM):
            event = country.event(here, body, actor)
            said = country.letter(case, "progress", {"events": [event]}, LEAD, "630100/window")
            assert country.refused(xining, evolve(said), chengdu).code == "illegal"
