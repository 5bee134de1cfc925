"""Recusals, taken tasks and changes of contact in the logs of two stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.ports.store import UNSEALED

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD = "510100/public_security"
PAPERS = (p.Document("申请表", "form"),)


def wang(country: Country, name: str = "王") -> p.Actor:
    return p.Actor("officer", name, "510100", "public_security")


@pytest.fixture
def arrived(country: Country) -> str:
    """A case of a window of Xining that has come to Chengdu."""
    case = country.handed_in("xining", country.FORWARDED)
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    assert country.carry() == []
    chengdu.do(case, wang(country), p.Arrive())
    assert country.carry() == []
    return case


def test_the_other_store_takes_what_happened_among_colleagues(
    country: Country, arrived: str
) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    above = p.Actor("supervisor", "督", "510000")
    for actor, body in (
        (wang(country), p.Claim()),
        (wang(country, "李"), p.Release("王已调离")),
        (wang(country), p.Claim()),
        (above, p.Release("另行安排")),
        (wang(country), p.Recuse("与申请人有近亲属关系", instead="李")),
        (above, p.Readmit("王", "经查不属回避情形")),
        (above, p.Recuse("申请人申请回避", "王", "", "李", LEAD)),
        (wang(country, "李"), p.Claim()),
        (p.Actor("window", "w", "630100"), p.ChangeContact(("delivery",), "pickup")),
    ):
        place = xining if actor.kind == "window" else chengdu
        assert not isinstance(place.do(arrived, actor, body), p.Refusal), body
        assert country.carry() == []
    assert xining.case(arrived) == chengdu.case(arrived)
    assert [one.account for one in xining.case(arrived).claims] == ["李"]
    assert xining.broken_screens(arrived) == []
    assert chengdu.broken_screens(arrived) == []


def test_an_event_of_somebody_who_stands_back_is_put_aside(country: Country, arrived: str) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    chengdu.do(arrived, wang(country), p.Recuse("近亲属", instead="李"))
    assert country.carry() == []
    case = xining.case(arrived)
    first = case.plan.way[0].key
    for name in ("王", ""):
        event = country.event(case, p.Terminated("申请人已死亡"), wang(country, name))
        said = country.letter(arrived, "progress", {"events": [event]}, LEAD, first)
        refused = country.refused(xining, said, chengdu)
        assert refused.code == "illegal"
        assert "回避" in refused.reason
    assert xining.case(arrived) == case


def test_a_claim_in_the_name_of_another_office_is_put_aside(country: Country, arrived: str) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    case = xining.case(arrived)
    first = case.plan.way[0].key
    for body in (p.Claimed(first), p.Released(LEAD, "王"), p.Recused(first, "赵", "理由")):
        event = country.event(case, body, wang(country))
        said = country.letter(arrived, "progress", {"events": [event]}, LEAD, first)
        assert country.refused(xining, said, chengdu).code == "illegal"
    assert xining.case(arrived) == case


def test_a_change_that_names_the_data_of_another_case_does_not_open_it(
    country: Country, arrived: str
) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    ref = xining.case(country.handed_in("xining", country.FORWARDED)).personal
    case = xining.case(arrived)
    event = country.event(
        case, p.ContactChanged(("phone",), personal=ref), p.Actor("applicant", case.applicant)
    )
    said = country.letter(arrived, "progress", {"events": [event]}, LEAD, case.plan.way[0].key)
    bare = evolve(chengdu.sender, seal=UNSEALED)
    xining.service.receive_message(said, None, bare)
    assert xining.case(arrived).personal == ref
    assert xining.store.personal(arrived, p.SYSTEM, "核对身份") is None
    assert xining.store.masked(arrived) == {}
    assert xining.store.personal(arrived, p.SYSTEM, "随办件转交", ref) is None
