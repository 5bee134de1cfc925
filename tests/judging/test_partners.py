"""Nodes with a part in a case, or that had it, and what they may not say of it for all that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from tests.judging.test_strangers import letters_of

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD, ASKED, FIRST = "510100/public_security", "630100/public_security", "630100/window"
PAPERS = (p.Document("申请表", "form"),)
ITS_OWN = ("confirmation", "refusal", "command")
"""What an authority that was asked may send, where it is its own officer or the applicant."""


@pytest.fixture
def asked(country: Country) -> str:
    """A case of Chengdu, for which Xining is asked to confirm."""
    case = country.handed_in("chengdu", country.MOVE)
    country.places["chengdu"].do(case, country.officer(LEAD), p.Accept())
    assert country.carry() == []
    return case


@pytest.fixture
def passed(country: Country) -> str:
    """A case that a window of Xining passed on to Chengdu."""
    case = country.handed_in("xining", country.FORWARDED)
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    country.carry()
    chengdu.do(case, country.officer(LEAD), p.Arrive())
    assert country.carry() == []
    return case


@pytest.mark.parametrize("named", [ASKED, LEAD, "system"])
def test_who_is_asked_says_nothing_but_its_answer(country: Country, asked: str, named: str) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    case = chengdu.case(asked)
    others = letters_of(country, case, "530100")
    for (kind, body), (_, of_others) in zip(
        letters_of(country, case, "630100"), others, strict=True
    ):
        if named == ASKED and kind in ITS_OWN:
            body = of_others
            if body.get("actor", {}).get("kind") == "applicant":
                continue  # applicants may say it anywhere where their case is known
        to = LEAD.replace("public_security", "supervisor") if kind == "urge" else LEAD
        country.refused(chengdu, country.letter(asked, kind, body, named, to), xining)


@pytest.mark.parametrize("named", [FIRST, ASKED, LEAD, "system"])
def test_who_passed_a_case_on_says_nothing_more_of_it(
    country: Country, passed: str, named: str
) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    for kind, body in letters_of(country, chengdu.case(passed), "630100"):
        if kind == "command" and body["actor"]["kind"] == "applicant" and named in (FIRST, ASKED):
            continue  # what people want at a window is passed on from there
        to = LEAD.replace("public_security", "supervisor") if kind == "urge" else LEAD
        said = country.letter(passed, kind, body, named, to)
        if kind == "chase" and body["awaited"] == "arrival" and named in (FIRST, ASKED):
            case = chengdu.case(passed)
            country.give(chengdu, said, xining)  # a question that crossed the answer
            assert chengdu.case(passed) == case
            continue
        before = chengdu.everything()
        with pytest.raises((p.RejectedError, p.OutOfOrderError)):
            country.give(chengdu, said, xining)
        assert chengdu.everything() == before, kind


def steps(country: Country, case: p.Case) -> list[list[p.EventBody]]:
    """What ends or decides a case, each on its own."""
    lead = case.plan.lead
    return [
        [p.Examined(lead, "符合条件"), p.Decided(True, f"{case.id}-1", (), "准予迁入证明")],
        [p.Terminated("撤销")],
        [p.Withdrawn("")],
        [p.CoHandlingConfirmed(case.plan.others[0], "同意"), p.CoHandlingCompleted()],
        [p.Closed()],
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("named", [ASKED, LEAD])
def test_who_is_asked_does_not_write_the_log_of_the_lead(
    country: Country, asked: str, number: int, named: str
) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    case = chengdu.case(asked)
    for actor in (country.officer(LEAD), country.officer(ASKED), p.SYSTEM):
        events = [
            country.event(case, body, actor, seq=case.version + 1 + n)
            for n, body in enumerate(steps(country, case)[number])
        ]
        said = country.letter(asked, "progress", {"events": events}, named, LEAD)
        assert country.refused(chengdu, said, xining).code == "stranger"


def test_a_letter_to_an_office_of_a_third_node_is_not_taken(country: Country, asked: str) -> None:
    # To Chengdu's node, for Xining; and to Kunming's, which has no part in it.
    withdraw = p.Command("w-1", asked, p.Actor("applicant", "a-1"), p.Withdraw())
    said = country.letter(asked, "command", withdraw.to_dict(), LEAD, ASKED)
    for target, source in (("chengdu", "xining"), ("kunming", "chengdu")):
        rejected = country.refused(country.places[target], said, country.places[source])
        assert rejected.code == "stranger"
        assert ASKED in rejected.reason


def test_a_case_goes_to_the_next_office_of_its_way_alone(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    xining = country.places["xining"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    (sent,) = (o.message for o in xining.store.outgoing("pending") if o.message.kind == "forward")
    astray = evolve(sent, receiver="530100/public_security")
    assert country.refused(country.places["kunming"], astray, xining).code == "illegal"
    # Nor from whom it is not with.
    kunming = country.places["kunming"]
    assert country.refused(country.places["chengdu"], sent, kunming).code == "stranger"
    named = evolve(sent, sender="530100/public_security")
    assert country.refused(country.places["chengdu"], named, kunming).code == "stranger"


def progress(country: Country, case: str) -> p.Message:
    """News of Chengdu's next step in a case that came by way of Xining."""
    chengdu = country.places["chengdu"]
    chengdu.do(case, country.officer(LEAD), p.RequestSupplement(("结婚证",)))
    (told,) = (o.message for o in chengdu.store.outgoing("pending") if o.message.kind == "progress")
    return told


def test_news_does_not_follow_on_the_log_of_another_case(country: Country, passed: str) -> None:
    told = progress(country, passed)
    other = country.handed_in("chengdu", country.MOVE)
    chengdu = country.places["chengdu"]
    version = chengdu.case(other).version
    log = hash_chain.shared_hash(other, chengdu.store.entries(other), version)
    before = {**told.body["before"], "log": log}
    wrong = evolve(told, body={**told.body, "before": before})
    rejected = country.refused(country.places["xining"], wrong, chengdu)
    assert rejected.code == "contradiction"


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (timedelta(days=-2), "illegal"),
        (timedelta(days=-400), "illegal"),
        (timedelta(days=2), "future"),
        (timedelta(days=40_000), "future"),
        (None, "future"),
    ],
)
def test_events_are_dated_after_the_one_before_and_not_ahead(
    country: Country, passed: str, by: timedelta | None, code: str
) -> None:
    told = progress(country, passed)
    event: dict[str, Any] = dict(told.body["events"][0])
    at = datetime.fromisoformat(event["at"])
    at = at.replace(year=1) if by is None else at + by
    wrong = evolve(told, body={**told.body, "events": [{**event, "at": at.isoformat()}]})
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    assert country.refused(xining, wrong, chengdu).code == code
    country.give(xining, told, chengdu)
    assert xining.case(passed) == chengdu.case(passed)
