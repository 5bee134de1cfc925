"""Commands that are given where the case is not: whose may come from where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from tests.judging.test_mutations import BORN

from tongban.kernel import protocol as p
from tongban.kernel.service import Relayed

if TYPE_CHECKING:
    from tests.judging.conftest import Country

FIRST, ACCEPTS, LEAD = "530100/window", "510100/public_security", "630100/public_security"
WINDOW = p.Actor("window", "w", "530100")
PAPERS = (p.Document("申请表", "form"),)


@pytest.fixture
def far(country: Country) -> str:
    """Handed in at Kunming, accepted in Chengdu, decided in Xining; Kunming hears of it late."""
    case = country.handed_in("kunming", BORN)
    kunming, chengdu, xining = (country.places[name] for name in ("kunming", "chengdu", "xining"))
    kunming.do(case, WINDOW, p.Forward(PAPERS, "message"))
    assert country.carry() == []
    for body in (p.Arrive(), p.Accept(), p.Forward(PAPERS, "message")):
        chengdu.do(case, country.officer(ACCEPTS), body)
    for one in chengdu.store.outgoing("pending"):
        if one.message.receiver == LEAD:
            country.give(xining, one.message, chengdu)
    xining.do(case, country.officer(LEAD), p.Arrive())
    xining.do(case, country.officer(LEAD), p.Grant("符合条件"))
    return case


def test_what_a_window_wants_follows_the_case_by_the_way_it_went(
    country: Country, far: str
) -> None:
    assert isinstance(country.places["kunming"].do(far, WINDOW, p.Chase("请尽快")), Relayed)
    assert country.carry() == []
    # Xining answered: the case is decided, and nobody has to be chased.
    (back,) = country.places["kunming"].store.incoming(kind="notice", open_only=True)
    assert back.message.body["document"] == p.NOT_DONE


@pytest.mark.parametrize(
    ("actor", "says"),
    [
        (p.Actor("window", "w", "530101"), "no window of the way"),
        (p.Actor("officer", "o", "530100", "public_security"), "of a place without a part"),
        (p.Actor("officer", "o", "630100", "public_security"), "of the receiver itself"),
        (p.Actor("supervisor", "s", "530000"), "a supervisor of another province"),
        (p.Actor("window", "w", "630100"), "a window of the receiver"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_nobody_else_is_spoken_for(country: Country, far: str, actor: p.Actor, says: str) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    command = p.Command("made-up", far, actor, p.Deliver("pickup"))
    said = country.letter(far, "command", command.to_dict(), ACCEPTS, LEAD)
    assert country.refused(xining, said, chengdu).code == "stranger", says


def test_a_window_is_spoken_for_by_the_offices_after_it_alone(country: Country, far: str) -> None:
    chengdu, kunming = country.places["chengdu"], country.places["kunming"]
    xining = country.places["xining"]
    command = p.Command("made-up", far, WINDOW, p.Report("lost"))
    said = country.letter(far, "command", command.to_dict(), LEAD, ACCEPTS)
    country.give(chengdu, said, xining)  # Xining had the case from there
    other = evolve(command, actor=p.Actor("window", "w", "510100"))
    said = country.letter(far, "command", other.to_dict(), FIRST, LEAD)
    assert country.refused(xining, said, kunming).code == "stranger"


def test_a_machine_does_nothing_in_a_case_that_another_has(country: Country, far: str) -> None:
    kunming = country.places["kunming"]
    answer = kunming.do(far, p.SYSTEM, p.Suspend("second", ("a",), ("b",)))
    assert isinstance(answer, p.Refusal)
    assert answer.code == "wrong_state"
    assert [o.message.kind for o in kunming.store.outgoing("pending")] == []


def test_what_was_declined_and_reopened_goes_on_to_the_next_province(country: Country) -> None:
    """Its article says nothing of what is decided after; how the applicant rated it stays."""
    case = country.handed_in("kunming", BORN)
    chengdu = country.places["chengdu"]
    accepts = country.officer("510100/public_security")

    def do(where: str, actor: p.Actor, *bodies: p.CommandBody) -> None:
        for body in bodies:
            answer = country.places[where].do(case, actor, body)
            assert not isinstance(answer, p.Refusal), answer
        assert country.carry() == []

    do("kunming", p.Actor("window", "w", "530100"), p.Forward(PAPERS, "message"))
    article = "《行政许可法》第三十二条"
    do("chengdu", accepts, p.Arrive(), p.Decline(("材料不实",), article))
    assert chengdu.case(case).article == article
    rating = p.Rate("530100/window", "dissatisfied", "跑了两趟")
    do("kunming", p.Actor("applicant", chengdu.case(case).applicant), rating)
    do("chengdu", accepts, p.Reopen("已查实", article))
    assert chengdu.case(case).article == ""
    do("chengdu", accepts, p.Accept(), p.Forward(PAPERS, "message"))
    do("xining", country.officer("630100/public_security"), p.Arrive(), p.Grant())
    there = country.places["xining"].case(case)
    assert there.granted
    assert [one.side for one in there.ratings] == ["530100/window"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (p.Lodge("reconsideration", " ", "不服该决定"), "受理复议、诉讼的机关"),
        (p.Lodge("reconsideration", "西宁市人民政府", ""), "理由"),
        (p.Lodge("litigation", "西宁市城中区人民法院", "不服", date(2099, 1, 1)), "尚未到来"),
        (p.Authorise("agent-2", "委2", since=date(2099, 1, 2), until=date(2099, 1, 1)), "早于"),
        (p.Authorise("agent-2"), "代办须有授权委托书"),
        (p.Authorise("agent-2", "委2", until=date(2020, 1, 1)), "届满"),
        (p.Amend({}, {}, (), "填写有误"), "证明材料"),
        (p.Amend({}, {}, PAPERS, " "), "理由"),
        (p.Supply(()), "补正"),
        (p.ChangeContact(), "没有变更内容"),
        (p.Report("lost", -1), "没有这次送达"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_what_can_have_no_effect_anywhere_is_refused_where_it_is_given(
    country: Country, far: str, body: p.CommandBody, says: str
) -> None:
    kunming = country.places["kunming"]
    before = {one.message.id for one in kunming.store.outgoing(case=far)}
    refused = kunming.do(far, WINDOW, body)
    assert isinstance(refused, p.Refusal)
    assert refused.code == "bad_input"
    assert says in refused.text.zh
    assert {one.message.id for one in kunming.store.outgoing(case=far)} == before


def test_what_a_former_version_passed_on_is_answered_from_where_the_case_is(
    country: Country, far: str
) -> None:
    """It did not look at what was given; who gave it is told all the same."""
    chengdu, kunming = country.places["chengdu"], country.places["kunming"]
    command = p.Command("empty", far, WINDOW, p.Lodge("reconsideration", "", "不服该决定"))
    country.give(
        chengdu, country.letter(far, "command", command.to_dict(), FIRST, ACCEPTS), kunming
    )
    assert country.carry() == []
    sent = [one.message for one in country.places["xining"].store.outgoing(case=far)]
    (back,) = [one for one in sent if one.body.get("document") == p.NOT_DONE]
    assert (back.receiver, back.body["code"]) == (ACCEPTS, "bad_input")


def test_what_was_passed_on_is_not_refused_when_it_is_given_again(
    country: Country, far: str
) -> None:
    """The letter of authorisation has ended since."""
    kunming = country.places["kunming"]
    today = p.day_of(country.now[0])
    body = p.Authorise("agent-2", "委2", until=today)
    for _ in range(2):
        again = kunming.service.do(far, WINDOW, body, id="authorise-1")
        assert isinstance(again, Relayed)
        country.later(days=2)
    assert isinstance(kunming.service.do(far, WINDOW, body, id="authorise-2"), p.Refusal)
