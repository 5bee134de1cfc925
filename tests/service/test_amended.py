"""Amendments of applications that the rules refused, of cases that have moved on, given twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.service import Answer, Corrections, Done, Sender

from .test_service import APPLICANT, PAPERS, Desk, MakeDesk, desk, make_desk

__all__ = ["desk", "make_desk"]

EVIDENCE = (p.Document("出生医学证明", "copy"),)
NEWBORN = {"item": "3-01", "applicant": {"kind": "person"}}
"""The registration of a newborn: at the place of birth, or at the parents' residence."""
ELSEWHERE = {"birth": "310115", "parents_hukou": "630100"}
REST = {
    **dict.fromkeys(("parents_mainland", "parents_same_ethnicity", "born_in_wedlock"), True),
    **dict.fromkeys(("born_in_mainland", "registered_with_parent", "pilot_area"), True),
    "parents_collective_household": False,
}
"""What makes it one that is handled across provinces."""


def refused(desk: Desk, raw: Mapping[str, Any], actor: p.Actor) -> p.Case:
    done = desk.service.submit({**NEWBORN, **raw}, actor, applicant="a-1")
    assert isinstance(done, Done), done
    assert done.case.state == "ineligible"
    return done.case


def amended(desk: Desk, case: p.Case, facts: Mapping[str, Any], id: str = "") -> Answer:
    values = {f"facts.{name}": value for name, value in facts.items()}
    given = Corrections(values, EVIDENCE, "填写有误")
    return desk.service.amend(case.id, APPLICANT, given, id=id)


def test_a_refused_case_goes_on_by_another_way_from_the_place_where_it_is(desk: Desk) -> None:
    """It was with a window, and is with the authority of the same place now."""
    places = {"birth": "630100", "parents_hukou": "632700"}
    raw = {"channel": "window", "received_at": "630100", "places": places}
    window = p.Actor("window", "w", "630100")
    case = refused(desk, {**raw, "facts": {"parents_same_ethnicity": False}}, window)
    assert case.plan.way[0].key == "630100/window"
    answer = amended(desk, case, REST)
    assert isinstance(answer, Done), answer
    assert (answer.case.state, answer.case.plan.way[0].key) == (
        "submitted",
        "630100/public_security",
    )
    assert [one.receiver for one in answer.messages if one.kind == "progress"] == []
    received = desk.done(answer.case, window, p.Receive(materials=PAPERS))
    assert received.state == "arrived"


def test_a_remedy_against_the_refusal_goes_along_with_the_case(make_desk: MakeDesk) -> None:
    """The office whose act it challenges has no part in the case any more."""
    there = "632700"
    desk = make_desk("here", serves=lambda key: not key.startswith(there))
    places = {"birth": "630100", "parents_hukou": there}
    raw = {"channel": "window", "received_at": "630100", "places": places}
    window = p.Actor("window", "w", "630100")
    case = refused(desk, {**raw, "facts": {"parents_same_ethnicity": False}}, window)
    desk.done(case, window, p.Lodge("reconsideration", "西宁市人民政府", "不服"))
    assert isinstance(amended(desk, case, REST), Done)
    desk.done(case, window, p.Receive(materials=PAPERS))
    assert arrives(desk, make_desk, case, there).remedies[0].office == "630100/window"


def arrives(desk: Desk, make_desk: MakeDesk, case: p.Case, there: str) -> p.Case:
    """Accepted, and sent on to the store of another place."""
    accepting = p.Actor("officer", "o", "630100", "public_security")
    desk.done(case, accepting, p.Accept())
    sent = desk.do(case, accepting, p.Forward(PAPERS, "message"))
    assert isinstance(sent, Done), sent
    (letter,) = [one for one in sent.messages if one.kind == "forward"]
    other = make_desk("there", serves=lambda key: key.startswith(there))
    node = Sender("here", lambda key: not key.startswith(there))
    answer = other.service.receive_message(letter, None, node)
    assert isinstance(answer, Done), answer
    return answer.case


def test_what_is_left_of_the_end_goes_along_with_a_case_that_was_reopened(
    make_desk: MakeDesk,
) -> None:
    """It was declined on an article, and rated: both stay on record."""
    there = "632700"
    desk = make_desk("here", serves=lambda key: not key.startswith(there))
    raw = {**NEWBORN, "channel": "window", "received_at": "630100", "facts": REST}
    raw["places"] = {"birth": "630100", "parents_hukou": there}
    window = p.Actor("window", "w", "630100")
    opened = desk.service.submit(raw, window, applicant="a-1", received=p.Receive(materials=PAPERS))
    assert isinstance(opened, Done), opened
    case, accepting = opened.case, p.Actor("officer", "o", "630100", "public_security")
    assert case.state == "arrived"
    desk.done(case, accepting, p.Decline(("不属于本机关职权",), "《行政许可法》第三十二条"))
    desk.done(case, APPLICANT, p.Rate(case.plan.way[0].key, "very_dissatisfied"))
    desk.done(case, accepting, p.Reopen("原处理有误", "《行政许可法》第三十二条"))
    arrived = arrives(desk, make_desk, case, there)
    assert (len(arrived.ratings), len(arrived.follow_ups)) == (1, 1)
    assert arrived.reopenings[0].ended == "declined"


def test_a_refused_case_that_another_place_would_receive_stays_and_names_it(desk: Desk) -> None:
    raw = {"channel": "online", "places": ELSEWHERE, "facts": {"parents_mainland": False}}
    case = refused(desk, raw, APPLICANT)
    answer = amended(desk, case, REST)
    assert isinstance(answer, p.Refusal)
    assert "310115/public_security" in answer.text.zh
    assert "310115/public_security" in answer.text.en
    assert desk.store.case(case.id) == case


def test_an_amendment_given_again_has_its_one_effect_when_the_case_has_moved_on(
    desk: Desk,
) -> None:
    case = desk.submit()
    given = Corrections({"applicant.name": "金改名"}, EVIDENCE, "姓名有误")
    first = desk.service.amend(case.id, APPLICANT, given, id="amend-1")
    assert isinstance(first, Done), first
    desk.done(case, APPLICANT, p.Withdraw())
    again = desk.service.amend(case.id, APPLICANT, given, id="amend-1")
    assert isinstance(again, Done), again
    assert again.events == ()
    other = desk.service.amend(case.id, APPLICANT, evolve(given, reason="另一理由"), id="amend-1")
    assert isinstance(other, p.Refusal)
    assert other.code == "id_reused"
