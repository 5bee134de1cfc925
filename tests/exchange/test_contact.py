"""A change of contact between nodes: the command and the data that it brings, sealed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol, service

APPLICANT = protocol.Actor("applicant", "applicant-1")
PHONE = "13900000000"
FIRST = "陕西省西安市碑林区南大街1号"
SECOND = "四川省成都市武侯区人民南路四段1号"


@pytest.fixture
def away(country: Callable[..., Any]) -> tuple[Any, str]:
    """A case that was handed in at Xi'an and is with Chengdu."""
    here = country("xian", "chengdu", "xining")
    case = here.submit("pension", "xian")
    for _ in range(3):
        for place in here.places.values():
            found = place.store.case(case)
            if found and found.state in ("submitted", "received", "dispatched"):
                place.work()
        here.run()
    assert here.places["chengdu"].store.case(case).state == "arrived"
    return here, case


def address(place: Any, case: str) -> Any:
    found = place.store.personal(case, protocol.SYSTEM, "核对")
    return found and found.data.get("address")


def test_a_window_elsewhere_passes_the_change_on_with_the_data(away: tuple[Any, str]) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    seen: list[bytes] = []
    write = here.spool.write

    def look(path: Path, content: bytes, own: int = 2) -> None:
        seen.append(content)
        write(path, content, own)

    here.spool.write = look
    window = protocol.Actor("window", "window-1", xian.store.case(case).plan.window)
    details = service.ContactDetails(address=FIRST)
    answer = xian.service.change_contact(case, window, details, id="move-1")
    assert isinstance(answer, service.Relayed)
    again = xian.service.change_contact(case, window, details, id="move-1")
    assert not isinstance(again, protocol.Refusal)
    other = service.ContactDetails(address=SECOND)
    refused = xian.service.change_contact(case, window, other, id="move-1")
    assert isinstance(refused, protocol.Refusal)
    assert refused.code == "id_reused"
    here.run()
    here.run()
    assert address(chengdu, case) == address(xian, case) == FIRST
    assert xian.store.case(case).contact_changes == chengdu.store.case(case).contact_changes
    assert len(chengdu.store.case(case).contact_changes) == 1
    assert not [one for one in seen if FIRST.encode() in one]


def test_a_second_change_waits_for_the_first_and_undoes_nothing(away: tuple[Any, str]) -> None:
    """Each brings the whole data: what was changed a moment before must be known here first."""
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    change = xian.service.change_contact
    assert isinstance(change(case, APPLICANT, service.ContactDetails(phone=PHONE)), service.Relayed)
    moved = service.ContactDetails(address=FIRST)
    refused = change(case, APPLICANT, moved)
    assert isinstance(refused, protocol.Refusal)
    assert refused.code == "early"
    assert "尚未收到结果" in refused.message
    papers = (protocol.Document("身份证", "copy"),)
    named = service.Corrections({"applicant.name": "金二示例"}, papers, "填写有误")
    amended = xian.service.amend(case, APPLICANT, named)
    assert isinstance(amended, protocol.Refusal)
    assert amended.code == "early"
    way = change(case, APPLICANT, service.ContactDetails(delivery="pickup"))
    assert isinstance(way, service.Relayed), "that brings no data"
    here.run()
    here.run()
    assert isinstance(change(case, APPLICANT, moved), service.Relayed)
    here.run()
    here.run()
    found = chengdu.store.personal(case, protocol.SYSTEM, "核对")
    assert (found.data["phone"], found.data["address"]) == (PHONE, FIRST)


def test_a_change_that_was_refused_keeps_no_other_waiting(away: tuple[Any, str]) -> None:
    here, case = away
    xian = here.places["xian"]
    data = {**xian.store.personal(case, protocol.SYSTEM, "核对").data, "phone": PHONE}
    wrong = protocol.ChangeContact(("phone", "delivery"))
    assert isinstance(xian.service.do(case, APPLICANT, wrong, personal=data), service.Relayed)
    moved = service.ContactDetails(address=FIRST)
    assert isinstance(xian.service.change_contact(case, APPLICANT, moved), protocol.Refusal)
    here.run()
    here.run()
    assert xian.store.incoming(kind="notice")
    assert isinstance(xian.service.change_contact(case, APPLICANT, moved), service.Relayed)


def test_the_offices_before_hear_of_a_change_with_the_data(away: tuple[Any, str]) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    details = service.ContactDetails(phone="138 0000 0000", address=SECOND, delivery="pickup")
    done = chengdu.service.change_contact(case, APPLICANT, details)
    assert isinstance(done, service.Done)
    same = chengdu.service.change_contact(case, APPLICANT, details)
    assert isinstance(same, service.Done)
    assert same.events == ()
    here.run()
    here.run()
    assert address(chengdu, case) == address(xian, case) == SECOND
    assert xian.store.case(case).delivery == "pickup"
    here.settle()
    assert xian.store.case(case).state == "closed"
    late = here.clock.now.date().replace(year=here.clock.now.year + 30)
    for place in (xian, chengdu):
        place.store.erase_personal(late)
        assert address(place, case) is None
        assert not place.store.verify()


def test_a_command_that_names_data_and_does_not_bring_it_is_put_aside(
    away: tuple[Any, str],
) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    other = here.places["chengdu"].store.case(here.submit("hukou", "chengdu"))
    body = protocol.ChangeContact(("phone",), personal=other.personal)
    xian.service.do(case, APPLICANT, body)
    here.run()
    here.run()
    assert chengdu.store.case(case).personal != other.personal
    assert chengdu.store.case(case).contact_changes == ()
    (sent,) = [one for one in xian.store.outgoing() if one.message.kind == "command"]
    assert "personal" in sent.reason


@pytest.mark.parametrize(
    ("details", "says"),
    [
        (service.ContactDetails(), "没有变更内容"),
        (service.ContactDetails(phone="13800O00000"), "电话有误"),
        (service.ContactDetails(phone="电话不变"), "电话有误"),
        (service.ContactDetails(address="四川省不存在市人民路1号"), "不存在市"),
        (service.ContactDetails(address="四川省成都市武候区一环路1号"), "是否为四川省成都市武侯区"),
        (service.ContactDetails(address="朝阳区建国路1号"), "有多处"),
        (service.ContactDetails(address="人民路1号"), "未写明"),
        (service.ContactDetails(address=SECOND + "\n"), None),
        (service.ContactDetails(address="四川省\n成都市"), "地址有误"),
    ],
)
def test_what_is_wrong_with_a_change_is_said(
    away: tuple[Any, str], details: service.ContactDetails, says: str | None
) -> None:
    here, case = away
    chengdu = here.places["chengdu"]
    answer = chengdu.service.change_contact(case, APPLICANT, details)
    if says is None:
        assert isinstance(answer, service.Done)
        return
    assert isinstance(answer, protocol.Refusal)
    assert says in answer.text.zh
    assert answer.text.en
    assert chengdu.store.case(case).contact_changes == ()


def test_post_needs_an_address_and_an_officer_changes_nothing(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    raw = here.applications["licence"]
    applicant = {name: one for name, one in raw["applicant"].items() if name != "address"}
    here.applications = {"licence": {**raw, "applicant": applicant}}
    case, chengdu = here.submit("licence", "chengdu"), here.places["chengdu"]
    post = service.ContactDetails(delivery="post")
    none = chengdu.service.change_contact(case, APPLICANT, post)
    assert isinstance(none, protocol.Refusal)
    assert "邮寄送达须有地址" in none.text.zh
    plan = chengdu.store.case(case).plan
    officer = protocol.Actor("officer", "officer-1", plan.lead.division, plan.lead.department)
    refused = chengdu.service.change_contact(case, officer, post)
    assert isinstance(refused, protocol.Refusal)
    assert refused.code == "not_your_step"


def test_what_is_given_one_after_the_other_is_done_in_that_order(away: tuple[Any, str]) -> None:
    """Whatever the letters are called in the folder of the other node."""
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    ways = ("pickup", "electronic", "post", "electronic", "pickup", "post")
    for way in ways:
        body = protocol.ChangeContact(("delivery",), way)
        assert isinstance(xian.service.do(case, APPLICANT, body), service.Relayed)
        here.clock.wait(minutes=1)
    here.run()
    here.run()
    found = [
        event.body.delivery
        for event in chengdu.store.events(case)
        if isinstance(event.body, protocol.ContactChanged)
    ]
    assert found == [*ways]


def test_who_belongs_to_another_store_is_told_at_once(away: tuple[Any, str]) -> None:
    """Nothing is sent that the other store would put aside as a stranger's."""
    here, case = away
    xian = here.places["xian"]
    officer = protocol.Actor("officer", "li.na", "510100", "public_security")
    before = len(xian.store.outgoing(case=case))
    for actor in (officer, protocol.Actor("supervisor", "s", "510000")):
        answer = xian.service.do(case, actor, protocol.Recuse("系近亲属", officer="li.na"))
        assert isinstance(answer, protocol.Refusal)
        assert answer.code == "not_your_step"
        assert "本节点不代表" in answer.text.zh
    assert len(xian.store.outgoing(case=case)) == before
