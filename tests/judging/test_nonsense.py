"""What cannot be is put aside before it is kept, and every screen goes on working."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD = "510100/public_security"
Change: TypeAlias = Callable[[dict[str, Any]], object]
PAPERS = (p.Document("申请表", "form"),)


@pytest.fixture
def sent(country: Country) -> tuple[str, p.Message]:
    """A case of Xining's window on its way to Chengdu, and the letter that brings it."""
    case = country.handed_in("xining", country.FORWARDED)
    xining = country.places["xining"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    (forward,) = [one.message for one in xining.store.outgoing() if one.message.kind == "forward"]
    return case, forward


def _plan(**fields: Any) -> Change:
    return lambda case: case["plan"].update(fields)


def _set(**fields: Any) -> Change:
    return lambda case: case.update(fields)


def _sent(at: str) -> Change:
    return lambda case: case["shipments"][0].update(sent_at=at)


AT = "2026-03-02T09:00:00+08:00"
YEARS = ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59+08:00", "1999-12-31T00:00:00+08:00")
LONG = {"step": "accept", "working_days": 10**9, "extension": 0, "cite": {}, "basis": "stated"}
OFFICE = {"place": "x", "division": "990000", "department": "nobody"}

LETTER: dict[str, Any] = {"scope": ["apply"], "since": None, "until": "2026-03-05", "kinship": None}


def _both(case: dict[str, Any], **plan: Any) -> None:
    case.update(agent="g-1", authorisation="A-1")
    case["plan"].update(plan)


NONSENSE: dict[str, Change] = {
    "no way": _plan(way=[]),
    "accepted at no office": _plan(accepting=99),
    "accepted at office -1": _plan(accepting=-1),
    "at no office": _set(at=99),
    "at office -5": _set(at=-5),
    "at the last office": _set(at=1),
    "no shipment": _set(shipments=[]),
    "another state": _set(state="closed"),
    "a shipment to nowhere": lambda case: case["shipments"][0].update(target=OFFICE),
    "a shipment that has arrived": lambda case: case["shipments"][0].update(arrived_at=AT),
    "no item": _set(item={}),
    "an item with more": lambda case: case["item"].update(more="x"),
    "another item": lambda case: case["item"].update(name="别的事项"),
    "an item with escapes": lambda case: case["item"].update(name="红\x1b[31m"),
    "an item written from the right": lambda case: case["item"].update(name="\u202e名"),
    "no decision": _set(decision={}),
    "a decision that is not a decision": _set(decision={"item": 1, "handling": [1], "legs": 7}),
    "not eligible": lambda case: case["decision"].update(outcome="ineligible"),
    "another authority than decided": lambda case: case["plan"]["way"][-1].update(
        department="postal"
    ),
    "a department that leads out": lambda case: case["plan"]["way"][-1].update(
        department="../../etc"
    ),
    "another mode": _plan(modes=["teleport"]),
    "no mode": _plan(modes=[]),
    "another channel": _plan(channel="pigeon"),
    "another delivery": _plan(delivery="pigeon"),
    "a window that is not a division": _plan(window="长安"),
    "everyone is asked": _plan(others=[OFFICE] * 3),
    "a limit of a billion days": _plan(limits=[LONG]),
    "a limit for nothing": _plan(limits=[{**LONG, "step": "sleep", "working_days": 1}]),
    "a limit of -1 days": _plan(limits=[{**LONG, "working_days": -1}]),
    "version -7": _set(version=-7),
    "version 0": _set(version=0),
    "a version beyond any": _set(version=10**19),
    "a version that is a text": _set(version="3"),
    "no rules": _set(rules=""),
    "no applicant": _set(applicant=""),
    "an applicant of two lines": _set(applicant="a\n已办结"),
    "half an agent": _set(agent="b-1"),
    "a mandate of nobody": _set(mandate=LETTER),
    "a mandate that ends before it begins": _set(
        agent="g-1", authorisation="A-1", mandate={**LETTER, "since": "2026-03-09"}
    ),
    "a mandate for everything": _set(
        agent="g-1", authorisation="A-1", mandate={**LETTER, "scope": ["everything"]}
    ),
    "an agent where none is taken": lambda case: _both(case, in_person=True),
    "a validity of another decision": _plan(
        valid_for={"period": {"unit": "years", "count": 5}, "cite": {}, "basis": "stated"}
    ),
    "granted until": _set(
        validity={"since": "2026-03-02", "until": "2026-06-30", "basis": "officer",
                  "provisional": False, "reminded_at": None, "expired_at": None}
    ),
    "a period of no unit": lambda case: case["decision"].update(valid_for={"weeks": 2}),
    "no receipt": _set(receipt=""),
    "not received": _set(received_at=None),
    "accepted too soon": _set(accepted_at=AT, accepted_on="2026-03-02"),
    "decided already": _set(granted=True, result="1", decided_at=AT),
    "answers of nobody": _set(answers={"x": {"confirmed": True, "text": "", "at": AT}}),
    "asked already": _set(requested_at=AT),
    "paused for ever": _set(
        pauses=[{"procedure": "test", "reason": "", "since": AT, "until": None, "expected": None}]
    ),
    "extended without a limit": _set(extensions={"decide": 10**6}),
    "rated": _set(ratings=[{"side": "x", "grade": "satisfied", "comment": "", "at": AT}]),
    "a follow-up of nobody": _set(
        follow_ups=[{
            "side": "x", "due": "2026-03-09", "opened_at": AT, "provisional": False,
            "result": "", "followed_at": None,
        }]
    ),
    "a delivery before a decision": _set(
        deliveries=[{"number": "1", "by": "post", "tracking": "", "started_at": AT, "status": None}]
    ),
    "a supplement that nobody asked for": _set(
        supplement={"wanted": ["x"], "outstanding": ["x"], "asked_at": AT, "due": "9999-12-31",
                    "provisional": False, "supplied_at": None, "given_at": None}
    ),
    "warned of nothing": _set(signalled=["warned"]),
    "warned of nobody": _set(signalled=["warned accept x/y 2026-03-02"]),
    "a hundred thousand commands": _set(seen=["x"] * 100_000),
    "a command without an id": _set(seen=[""]),
    "copies of minus one": lambda case: case["materials"][0].update(copies=-1),
    "a material with a bell": lambda case: case["materials"][0].update(name="\x07"),
    "a reference that is a path": _set(personal="../../cases.db"),
    "a collaboration of no one": _set(collaboration=""),
    "an application with a name": lambda case: case["application"].update(
        applicant={"kind": "person", "name": "金示例"}
    ),
    "facts in facts": lambda case: case["application"]["facts"].update(move_reason={"a": [1]}),
    "a fact without end": lambda case: case["application"]["facts"].update(x=float("inf")),
    "a fact that is half a character": lambda case: case["application"]["facts"].update(x="\ud800"),
    "a text of a million": lambda case: case["application"]["facts"].update(x="长" * 10**6),
    "too deep": lambda case: case["decision"].update(advice=[_deep(200)]),
    "another field": _set(another=1),
    "a field less": lambda case: case.pop("plan"),
    **{f"handed in in {at[:4]}": _set(submitted_at=at) for at in YEARS},
    **{f"received in {at[:4]}": _set(received_at=at) for at in YEARS},
    **{f"sent in {at[:4]}": _sent(at) for at in YEARS},
}  # fmt: skip


def _deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"x": found}
    return found


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_a_case_that_cannot_be_is_not_taken_over(
    country: Country, sent: tuple[str, p.Message], change: Change
) -> None:
    case, forward = sent
    body = copy.deepcopy(dict(forward.body))
    change(body["case"])
    country.handed_in("chengdu", country.MOVE)  # the others go on
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    said = country.letter(case, "forward", body, forward.sender, forward.receiver)
    before = chengdu.everything()
    with pytest.raises(p.RejectedError) as caught:
        chengdu.service.receive_message(said, None, xining.sender)
    assert caught.value.code in ("form", "illegal", "future")
    assert caught.value.reason
    assert chengdu.everything() == before
    country.give(chengdu, forward, xining)  # the right one is
    assert chengdu.case(case).state == "dispatched"


def test_the_screens_go_on_after_all_of_it(country: Country, sent: tuple[str, p.Message]) -> None:
    case, forward = sent
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    for change in NONSENSE.values():
        body = copy.deepcopy(dict(forward.body))
        change(body["case"])
        said = country.letter(case, "forward", body, forward.sender, forward.receiver)
        with pytest.raises(p.RejectedError):
            chengdu.service.receive_message(said, None, xining.sender)
    country.give(chengdu, forward, xining)
    assert chengdu.broken_screens(case) == []


IDS = {
    "terminal escapes": "BJ\x1b]0;OWNED\x07\x1b[2J\n日志完整 the log is whole",
    "a path": "BJ/../../x",
    "a formula": '=HYPERLINK("http://x")',
    "a resident ID number": "630102199003071231",
    "the same in a name": "BJ630102199003071231",
    "the same with an X": "CASE-63010219900307123X",
    "five thousand characters": f"BJ{'9' * 5000}",
    "nothing": "",
    "a blank": "BJ 1",
    "full width": "ＢＪ1",
    "a dot": ".",
    "an option": "--db",
    "written from the right": "BJ\u202e1",
}


@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_an_id_that_is_none_opens_no_case(
    country: Country, sent: tuple[str, p.Message], id: str
) -> None:
    _, forward = sent
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    body = copy.deepcopy(dict(forward.body))
    body["case"]["id"] = id
    said = country.letter(id, "forward", body, forward.sender, forward.receiver)
    with pytest.raises(p.RejectedError) as caught:
        chengdu.service.receive_message(said, None, xining.sender)
    assert caught.value.code == "form"
    assert chengdu.store.cases() == ()
    assert chengdu.alarms() == []  # what strangers write leaves nothing in the store
    assert chengdu.broken_screens() == []


@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_nor_does_a_command(country: Country, id: str) -> None:
    chengdu = country.places["chengdu"]
    application = chengdu.kernel.application(country.MOVE)
    program = chengdu.kernel.program(application.item)
    body = p.submit(
        chengdu.kernel.decide(application),
        program.item,
        application,
        rules=rules_version(program),
        applicant="a-1",
    )
    command = p.Command("c-1", id, p.Actor("applicant", "a-1"), body)
    context = p.Context(country.now[0], chengdu.service.calendar)
    refused = p.handle(None, command, context)
    assert isinstance(refused, p.Refusal)
    assert refused.code == "bad_input"


@pytest.mark.parametrize("id", ["BJ20260302ABCDEF0123", "CASE-1", "C", "a.b_c-1"])
def test_ids_that_were_made_so_far_fit(id: str) -> None:
    assert p.is_case_id(id)


def test_every_id_that_a_store_makes_fits() -> None:
    # Ten digits of a hash may be numbers alone, and the day before them makes eighteen.
    for day in ("20260319", "20261230", "20991231"):
        for tail in ("1990123456", "0123456789", "ABCDEF0123"):
            assert p.is_case_id(f"BJ{day}{tail}")


HOSTILE = {
    "an escape": "\x1b[2J",
    "half a character": "\ud800",
    "written from the right": "\u202e同意",
    "too long": "长" * 10_001,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_texts_are_bounded_for_officers_too(country: Country, text: str) -> None:
    case = country.handed_in("chengdu", country.MOVE)
    chengdu = country.places["chengdu"]
    refused = chengdu.do(case, country.officer(LEAD), p.Decline((text,), article="第三十二条"))
    assert isinstance(refused, p.Refusal)
    assert refused.code == "bad_input"
    chengdu.do(case, country.officer(LEAD), p.Decline(("材料不全\n见附件",), article="第三十二条"))
    assert chengdu.case(case).state == "declined"


def test_what_is_dated_ahead_is_put_aside_and_a_clock_a_little_ahead_is_not(
    country: Country, sent: tuple[str, p.Message]
) -> None:
    _, forward = sent
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    country.later(days=-2)  # Chengdu's clock is behind
    assert country.refused(chengdu, forward, xining).code == "future"
    country.later(days=1.5)
    country.give(chengdu, forward, xining)
    assert chengdu.case(forward.case).submitted_at - country.now[0] < timedelta(days=1)
