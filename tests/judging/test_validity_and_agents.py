"""Validity and authorisations between two stores: one tells, the other takes what is lawful."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.protocol.validity import same_validity
from tongban.kernel.service import Done, Relayed

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD, ASKED = "510100/public_security", "630100/public_security"
MONDAY = date(2026, 3, 2)
LAST = date(2026, 6, 30)
WINDOW = p.Actor("window", "w", "630100")


@pytest.fixture
def forwarded(country: Country) -> str:
    """A case that was handed in in Xining by an agent, and is with Chengdu now."""
    case = country.handed_in(
        "xining",
        country.FORWARDED,
        agent="g-1",
        authorisation="委1",
        mandate=p.mandate_of(("apply", "withdraw"), until=LAST),
    )
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    done = xining.do(case, WINDOW, p.Forward((p.Document("申请表", "form"),), "post", "EMS 1"))
    assert isinstance(done, Done), done
    assert country.carry() == []
    chengdu.do(case, country.officer(chengdu.case(case).holder), p.Arrive())
    assert country.carry() == []
    return case


def granted(country: Country, case: str) -> None:
    """Decided in Chengdu with a last day, and delivered."""
    chengdu = country.places["chengdu"]
    lead = country.officer(LEAD)
    chengdu.do(case, lead, p.Accept())
    assert country.carry() == []
    country.places["xining"].do(case, country.officer(ASKED), p.Confirm("同意"))
    assert country.carry() == []
    for body in (p.Grant("符合条件", valid_until=LAST), p.Deliver("electronic"), p.Close()):
        done = chengdu.do(case, lead, body)
        assert isinstance(done, Done), done
    assert country.carry() == []


def same(country: Country, case: str) -> bool:
    return country.places["xining"].case(case) == country.places["chengdu"].case(case)


def test_the_mandate_goes_with_the_case(country: Country, forwarded: str) -> None:
    mandate = country.places["chengdu"].case(forwarded).mandate
    assert mandate == p.Mandate(("apply", "withdraw"), None, LAST)
    assert same(country, forwarded)


def test_the_other_store_follows_the_decision_the_reminder_and_the_lapse(
    country: Country, forwarded: str
) -> None:
    granted(country, forwarded)
    assert same(country, forwarded)
    for day in (LAST - timedelta(days=30), LAST + timedelta(days=1)):
        country.now[0] = country.now[0].replace(year=day.year, month=day.month, day=day.day)
        country.places["chengdu"].service.tick()
        assert country.places["xining"].service.tick() == ()
        assert country.carry() == []
        assert same(country, forwarded)
    held = country.places["xining"].case(forwarded).validity
    assert held is not None
    assert held.reminded_at is not None
    assert held.expired_at is not None
    assert country.places["xining"].broken_screens(forwarded) == []


@pytest.mark.parametrize("body", [p.Expired(LAST), p.Expiring(LAST), p.Expired(MONDAY)])
def test_a_lapse_before_its_day_is_not_taken(
    country: Country, forwarded: str, body: p.EventBody
) -> None:
    granted(country, forwarded)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    event = country.event(chengdu.case(forwarded), body, p.SYSTEM, cause="")
    told = country.letter(
        forwarded, "progress", {"events": [event]}, LEAD, xining.case(forwarded).plan.way[0].key
    )
    assert country.refused(xining, told, chengdu).code == "illegal"


def test_what_the_window_says_of_the_agent_reaches_who_has_the_case(
    country: Country, forwarded: str
) -> None:
    xining = country.places["xining"]
    new = p.Authorise("g-2", "委2", ("receive",), until=date(2026, 12, 31), kinship="spouse")
    assert isinstance(xining.do(forwarded, WINDOW, new), Relayed)
    assert country.carry() == []
    for place in ("xining", "chengdu"):
        case = country.places[place].case(forwarded)
        assert (case.agent, case.authorisation) == ("g-2", "委2")
    assert same(country, forwarded)


def test_an_agent_whose_letter_has_ended_hears_that_from_who_has_the_case(
    country: Country, forwarded: str
) -> None:
    country.later(days=(LAST - MONDAY).days + 1)
    xining, agent = country.places["xining"], p.Actor("agent", "g-1", authorisation="委1")
    xining.do(forwarded, agent, p.Withdraw())
    assert country.carry() == []
    assert country.places["chengdu"].case(forwarded).state == "arrived"
    assert same(country, forwarded)


def test_news_of_an_agent_beyond_the_scope_is_not_taken(country: Country, forwarded: str) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.do(forwarded, p.Actor("applicant", "a-1"), p.Authorise("g-2", "A-2", ("rate",)))
    assert country.carry() == []
    agent = p.Actor("agent", "g-2", authorisation="A-2")
    event = country.event(chengdu.case(forwarded), p.Withdrawn(), agent)
    told = country.letter(
        forwarded, "progress", {"events": [event]}, LEAD, xining.case(forwarded).plan.way[0].key
    )
    rejected = country.refused(xining, told, chengdu)
    assert rejected.code == "illegal"
    assert "授权范围" in rejected.reason


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (lambda held: held, True),
        (lambda held: evolve(held, until=held.until + timedelta(days=3)), True),
        (lambda held: evolve(held, provisional=True), True),
        (lambda held: evolve(held, until=held.since - timedelta(days=1)), False),
        (lambda held: evolve(held, until=held.since + timedelta(days=99)), False),
        (lambda held: evolve(held, since=held.since - timedelta(days=1)), False),
        (lambda held: evolve(held, expired_at=1), False),
        (lambda held: None, False),
    ],
    ids=("same", "later", "provisional", "before", "too late", "since", "told", "none"),
)
def test_working_days_are_those_of_the_place_that_counted_them(
    found: Callable[[p.Validity], Any], fits: bool
) -> None:
    held = p.Validity(MONDAY, MONDAY + timedelta(days=14), "rule")
    assert same_validity(held, found(held), timedelta(days=30), counted=True) is fits
    exact = same_validity(held, found(held), timedelta(days=30), counted=False)
    assert exact is (found(held) == held)
