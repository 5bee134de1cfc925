"""Personal data opens to the place that brought it; a reference alone does nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.ports.store import UNSEALED
from tongban.kernel.protocol import personal_data
from tongban.kernel.service import Sender

if TYPE_CHECKING:
    from tests.judging.conftest import Country, Province

LEAD, ASKED = "510100/public_security", "630100/public_security"
PAPERS = (p.Document("申请表", "form"),)
OTHER = personal_data.Personal(
    personal_data.reference(bytes(16), {"kind": "person", "name": "钱示例"}),
    {"kind": "person", "name": "钱示例"},
    bytes(16),
)


def bare(place: Province) -> Sender:
    """A node whose letters bring nothing sealed."""
    return evolve(place.sender, seal=UNSEALED)


def sealed(place: Province) -> Sender:
    return evolve(place.sender, seal="1" * 64)


def sent(place: Province, kind: str) -> p.Message:
    (found,) = [one.message for one in place.store.outgoing() if one.message.kind == kind]
    return found


def naming(message: p.Message, ref: str) -> p.Message:
    """The letter, with the reference of other data in it."""
    body: dict[str, Any] = dict(message.body)
    if message.kind == "forward":
        body["case"] = {**body["case"], "personal": ref}
    else:
        body["personal"] = ref
    return evolve(message, body=body)


@pytest.fixture
def secret(country: Country) -> tuple[str, str]:
    """An open case of Chengdu, and the reference of who applied."""
    case = country.handed_in("chengdu", country.MOVE)
    return case, country.places["chengdu"].case(case).personal


@pytest.fixture
def own(country: Country) -> p.Message:
    """A letter that brings a case of Xining's window to Chengdu."""
    case = country.handed_in("xining", country.FORWARDED)
    xining = country.places["xining"]
    xining.do(case, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    return sent(xining, "forward")


def test_who_brings_the_data_lets_the_next_authority_read_it(
    country: Country, own: p.Message
) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    data = xining.store.personal(own.case, p.SYSTEM, "随办件转交")
    assert data is not None
    chengdu.service.receive_message(own, data, sealed(xining))
    found = chengdu.store.personal(own.case, country.officer(LEAD), "核对身份")
    assert found == data


def test_naming_the_data_of_another_case_does_not_open_it(
    country: Country, secret: tuple[str, str], own: p.Message
) -> None:
    case, ref = secret
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.service.receive_message(naming(own, ref), None, bare(xining))
    assert chengdu.store.personal(own.case, country.officer(LEAD), "核对身份") is None
    assert chengdu.store.personal(own.case, p.SYSTEM, "随办件转交") is None  # nor is it sent on
    assert chengdu.store.masked(own.case) == {}
    assert chengdu.store.personal(case, country.officer(LEAD), "核对身份") is not None
    assert chengdu.broken_screens(own.case, case) == []


def test_nor_does_it_where_the_data_comes_later(country: Country, own: p.Message) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.service.receive_message(naming(own, OTHER.ref), None, bare(xining))
    with chengdu.store.transaction() as writes:
        writes.adopt_personal(OTHER)
    assert chengdu.store.personal(own.case, country.officer(LEAD), "核对身份") is None


def test_nor_does_a_request(country: Country, secret: tuple[str, str]) -> None:
    xining, chengdu = country.places["xining"], country.places["chengdu"]
    kept = country.handed_in("xining", {**country.FORWARDED, "places": {
        "move_in": "510100", "move_out": "630100",
    }})  # fmt: skip
    ref = xining.case(kept).personal
    chengdu.do(secret[0], country.officer(LEAD), p.Accept())
    request = naming(sent(chengdu, "request"), ref)
    xining.service.receive_message(request, None, bare(chengdu))
    assert xining.store.personal(secret[0], country.officer(ASKED), "核对身份") is None
    assert xining.store.masked(secret[0]) == {}


@pytest.mark.parametrize("kind", ["forward", "request"])
def test_other_data_than_is_named_is_put_aside(
    country: Country, secret: tuple[str, str], own: p.Message, kind: str
) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    source, target, message = xining, chengdu, own
    if kind == "request":
        chengdu.do(secret[0], country.officer(LEAD), p.Accept())
        source, target, message = chengdu, xining, sent(chengdu, "request")
    with pytest.raises(p.RejectedError) as caught:
        target.service.receive_message(message, OTHER, sealed(source))
    assert caught.value.code == "personal"


def test_a_case_that_only_names_data_neither_erases_nor_keeps_it(
    country: Country, secret: tuple[str, str], own: p.Message
) -> None:
    case, ref = secret
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    lead = country.officer(LEAD)
    chengdu.service.receive_message(naming(own, ref), None, bare(xining))
    later = (country.now[0] + timedelta(days=400)).date()
    # It is over, and the case whose data it is is open.
    chengdu.do(own.case, lead, p.Arrive())
    chengdu.do(own.case, lead, p.Decline(("不符合条件",), article="第三十二条"))
    assert chengdu.store.erase_personal(later) == ()
    assert chengdu.store.personal(case, lead, "核对身份") is not None
    # The other way round.
    chengdu.do(case, lead, p.Decline(("不符合条件",), article="第三十二条"))
    second = country.handed_in("xining", country.FORWARDED)
    xining.do(second, p.Actor("window", "w", "630100"), p.Forward(PAPERS, "message"))
    again = [one.message for one in xining.store.outgoing() if one.message.kind == "forward"][-1]
    chengdu.service.receive_message(naming(again, ref), None, bare(xining))
    assert chengdu.store.erase_personal(later) == (case,)
    assert chengdu.store.personal(case, lead, "核对身份") is None


def test_a_request_that_was_answered_erases_nothing_that_an_open_case_needs(
    country: Country, secret: tuple[str, str]
) -> None:
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    kept = country.handed_in("xining", country.FORWARDED)
    ref = xining.case(kept).personal
    data = xining.store.personal(kept, p.SYSTEM, "核对")
    chengdu.do(secret[0], country.officer(LEAD), p.Accept())
    # A place that brings the data itself has it anyway; it stays for the case that is open.
    xining.service.receive_message(naming(sent(chengdu, "request"), ref), data, sealed(chengdu))
    xining.do(secret[0], country.officer(ASKED), p.Confirm("同意"))
    later = (country.now[0] + timedelta(days=400)).date()
    assert xining.store.erase_personal(later) == ()
    assert xining.store.personal(kept, p.SYSTEM, "核对") is not None
