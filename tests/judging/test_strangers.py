"""A node is believed only in what is its own: letters of others change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.service import Sender

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD, ASKED = "510100/public_security", "630100/public_security"
STRANGER = "530100/public_security"


@pytest.fixture
def accepted(country: Country) -> str:
    """A case of Chengdu, for which Xining is asked to confirm."""
    case = country.handed_in("chengdu", country.MOVE)
    country.places["chengdu"].do(case, country.officer(LEAD), p.Accept())
    assert country.carry() == []
    return case


def test_a_node_without_a_part_decides_nothing(country: Country, accepted: str) -> None:
    chengdu, kunming = country.places["chengdu"], country.places["kunming"]
    case = chengdu.case(accepted)
    forger = country.officer(LEAD)
    bodies = (
        p.CoHandlingConfirmed(case.plan.others[0], "同意"),
        p.CoHandlingCompleted(),
        p.Examined(case.plan.lead, "符合条件"),
        p.Decided(True, f"{accepted}-1", (), "准予迁入证明"),
    )
    events = [
        country.event(case, body, forger, seq=case.version + 1 + n) for n, body in enumerate(bodies)
    ]
    said = country.letter(accepted, "progress", {"events": events}, STRANGER, LEAD)
    rejected = country.refused(chengdu, said, kunming)
    assert rejected.code == "stranger"
    assert "kunming" in rejected.reason
    assert chengdu.case(accepted) == case
    closed = country.event(case, p.Closed(), p.SYSTEM)
    said = country.letter(accepted, "progress", {"events": [closed]}, STRANGER, LEAD)
    assert country.refused(chengdu, said, kunming).code == "stranger"
    assert chengdu.store.verify() == ()


def letters_of(country: Country, case: p.Case, division: str) -> list[tuple[str, dict[str, Any]]]:
    """A letter of every kind about a case of Chengdu, as somebody of another place writes them."""
    office = p.Office("move_in", "510100", "public_security")
    mine = p.Office("move_in", division, "public_security")
    late = {"step": "decide", "official": "作出决定", "due": "2026-03-09", "provisional": False}
    request = {
        "item": dict(case.item),
        "application": dict(case.application),
        "personal": "",
        "lead": {"place": "move_in", "division": division, "department": "public_security"},
        "limit": None,
    }
    back = {
        "document": p.NOT_DONE,
        "message": "0" * 32,
        "command": "supply",
        "given_at": "2026-03-02T09:00:00+08:00",
        "code": "too_late",
        "reason": "已过期",
    }
    officer = {"kind": "officer", "id": "x", "division": division, "department": "public_security"}
    office_json = {"place": office.place, "division": "510100", "department": office.department}
    withdraw = p.Command("w-1", case.id, p.Actor("applicant", "a-1"), p.Withdraw())
    as_lead = p.Command("w-2", case.id, country.officer(office), p.Examine("符合条件"))
    snapshot = evolve(
        case,
        state="dispatched",
        shipments=(p.Shipment(mine, office, (), "message", "", country.now[0]),),
    )
    return [
        ("forward", {"case": snapshot.to_dict(), "materials": []}),
        ("arrival", {"missing": []}),
        ("chase", {"awaited": "answer", "note": "", **request}),
        ("chase", {"awaited": "arrival", "note": ""}),
        ("request", request),
        ("confirmation", {"actor": officer, "text": "同意"}),
        ("refusal", {"actor": officer, "text": "不同意"}),
        ("cancellation", {"because": "撤回"}),
        ("result", {"number": f"{case.id}-1", "delivery": 1}),
        ("command", withdraw.to_dict()),
        ("command", as_lead.to_dict()),
        ("notice", back),
        ("notice", {"document": "准予决定书", "number": f"{case.id}-1"}),
        ("warning", {**late, "office": office_json}),
        ("urge", {**late, "office": office_json}),
        ("rating", {"grade": "不满意", "comment": ""}),
        ("alarm", {"code": "form", "reason": "x"}),
    ]


@pytest.mark.parametrize("named", [STRANGER, LEAD, ASKED, "system"])
def test_no_letter_of_a_stranger_is_taken(country: Country, accepted: str, named: str) -> None:
    kunming = country.places["kunming"]
    for name, receiver in (("chengdu", LEAD), ("xining", ASKED)):
        target = country.places[name]
        for kind, body in letters_of(country, country.places["chengdu"].case(accepted), "530100"):
            to = receiver.replace("public_security", "supervisor") if kind == "urge" else receiver
            said = country.letter(accepted, kind, body, named, to)
            before = target.everything()
            # At Xining, which has no more of the case than the request, some wait for the case.
            allowed = (
                (p.RejectedError,) if name == "chengdu" else (p.RejectedError, p.OutOfOrderError)
            )
            with pytest.raises(allowed):
                country.give(target, said, kunming)
            assert target.everything() == before, kind


def test_an_answer_is_taken_from_who_was_asked_alone(country: Country, accepted: str) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    actor = {"kind": "officer", "id": "x", "division": "630100", "department": "public_security"}
    said = country.letter(accepted, "confirmation", {"actor": actor, "text": ""}, ASKED, LEAD)
    assert country.refused(chengdu, said, country.places["kunming"]).code == "stranger"
    country.give(chengdu, evolve(said, id="e" * 32), xining)
    assert chengdu.case(accepted).completed_at is not None


def test_an_answer_does_not_reach_a_log_that_another_store_writes(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    xining = country.places["xining"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    country.carry()
    lead = country.officer(LEAD)
    chengdu = country.places["chengdu"]
    chengdu.do(case, lead, p.Arrive())
    chengdu.do(case, lead, p.Accept())
    country.carry()
    actor = {"kind": "officer", "id": "x", "division": "630100", "department": "public_security"}
    to = xining.case(case).plan.way[0].key
    said = country.letter(case, "confirmation", {"actor": actor, "text": ""}, ASKED, to)
    assert country.refused(xining, said, chengdu).code in ("stranger", "illegal")


PAPERS = (p.Document("申请表", "form"),)


def test_a_place_that_passed_a_case_on_no_longer_writes_it(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    country.carry()
    chengdu.do(case, country.officer(LEAD), p.Arrive())
    country.carry()
    here = chengdu.case(case)
    withdrawn = country.event(here, p.Withdrawn(""), p.Actor("applicant", "a-1"))
    said = country.letter(case, "progress", {"events": [withdrawn]}, here.plan.way[0].key, LEAD)
    rejected = country.refused(chengdu, said, xining)
    assert rejected.code == "stranger"


def test_the_next_office_has_no_case_before_it_was_sent(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    here = xining.case(case)
    first = here.plan.way[0].key
    lead = country.officer(LEAD)
    accepted = country.event(here, p.Accepted(here.plan.lead, country.now[0].date()), lead)
    said = country.letter(case, "progress", {"events": [accepted]}, LEAD, first)
    rejected = country.refused(xining, said, chengdu)
    assert rejected.code == "contradiction"
    assert "备份" in rejected.reason


def test_an_officer_of_this_store_acted_elsewhere_only_through_here(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    country.carry()
    lead = country.officer(LEAD)
    chengdu.do(case, lead, p.Arrive())
    chengdu.do(case, lead, p.Accept())
    country.carry()
    here = xining.case(case)
    other = country.officer(here.plan.others[0])
    confirmed = [
        country.event(here, p.CoHandlingConfirmed(here.plan.others[0], "同意"), other),
        country.event(here, p.CoHandlingCompleted(), other, seq=here.version + 2),
    ]
    said = country.letter(case, "progress", {"events": confirmed}, LEAD, here.plan.way[0].key)
    rejected = country.refused(xining, said, chengdu)
    assert rejected.code == "illegal"
    assert rejected.text.en == (
        f"event {here.version + 1} is not legal: no such command of {ASKED} went out here"
    )
    assert f"不合法:{ASKED} 未从本库发出此指令" in rejected.text.zh
    # The same through here.
    xining.do(case, other, p.Confirm("同意"))
    assert country.carry() == []
    assert xining.case(case).completed_at is not None


def test_a_node_above_does_not_speak_for_what_is_served_here(
    country: Country, accepted: str
) -> None:
    # Sichuan's node serves all of 510000; Chengdu has a node of its own.
    chengdu = country.places["chengdu"]
    sichuan = Sender("sichuan", lambda address: address.startswith("51"))
    case = chengdu.case(accepted)
    body = p.Terminated("撤销")
    event = country.event(case, body, country.officer(LEAD))
    said = country.letter(accepted, "progress", {"events": [event]}, LEAD, LEAD)
    with pytest.raises(p.RejectedError) as caught:
        chengdu.service.receive_message(said, None, sichuan)
    assert caught.value.code == "stranger"
    assert chengdu.case(accepted) == case
