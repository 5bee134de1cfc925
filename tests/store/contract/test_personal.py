"""Personal data: apart from the log, masked, for parties only, erased; no ID number in the log."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tongban.kernel import Kernel, service
from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store
from tongban.kernel.protocol import personal_data

Open = Callable[..., Store]
LATER = date(2027, 1, 1)


CANARIES = ("金丝雀", "黄莺", "630102199003071231", "13897654321", "13912345678", "金丝路")


LEAD = p.Actor("officer", "o", "510100", "public_security")


def traces(text: str) -> list[str]:
    """What of the personal data stands in a text."""
    return [one for one in CANARIES if one in text]


def readings(store: Store) -> int:
    """How many readings are on record, in the log itself."""
    return sum(len(json.loads(one.body)["data"].get("read", {})) for one in store.entries(""))


def test_parties_read_it_and_each_reading_is_on_record(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    for actor in (
        LEAD,
        p.Actor("applicant", "applicant-1"),
        p.Actor("window", "w", "510100"),
        p.Actor("officer", "o", "630100", "public_security"),
        p.SYSTEM,
    ):
        kept = store.personal("CASE-1", actor, "核对身份")
        assert kept is not None
        assert kept.data["name"] == "金丝雀"
        assert kept.data["agent"]["phone"] == "13912345678"
    assert readings(store) == 5


@pytest.mark.parametrize(
    "actor",
    [
        p.Actor("applicant", "somebody"),
        p.Actor("agent", "somebody"),
        p.Actor("window", "w", "110100"),
        p.Actor("officer", "o", "510100", "health"),
        p.Actor("officer", "o", "610100", "public_security"),
        p.Actor("supervisor", "s", "510000"),
    ],
    ids=str,
)
def test_others_do_not_and_that_is_on_record_too(desk: Any, store: Store, actor: p.Actor) -> None:
    desk.submit("hukou")
    with pytest.raises(contract.NotAllowedError) as caught:
        store.personal("CASE-1", actor, "好奇")
    assert traces("".join(traceback.format_exception(caught.value))) == []
    assert readings(store) == 1


def test_readings_are_given_back_as_they_were_noted(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.submit("licence", "CASE-2")
    stranger = p.Actor("officer", "o", "610100", "public_security")
    store.personal("CASE-1", LEAD, "核对身份")
    store.personal("CASE-2", p.SYSTEM, "随办件转交")
    with pytest.raises(contract.NotAllowedError):
        store.personal("CASE-1", stranger, "好奇")
    found = list(store.readings())
    assert [(one.case, one.reader, one.purpose, one.allowed) for one in found] == [
        ("CASE-1", LEAD, "核对身份", True),
        ("CASE-2", p.SYSTEM, "随办件转交", True),
        ("CASE-1", stranger, "好奇", False),
    ]
    assert list(store.readings("CASE-1")) == [found[0], found[2]]
    assert list(store.readings("CASE-9")) == []
    case = store.case("CASE-1")
    assert case is not None
    assert found[0].ref == case.personal
    assert traces(repr(found)) == []


def test_a_reading_needs_a_purpose_without_personal_data(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    for purpose in ("", "  ", "核对 630102199003071231"):
        with pytest.raises(contract.StoreError) as caught:
            store.personal("CASE-1", LEAD, purpose)
        assert traces(str(caught.value)) == []


def test_what_is_shown_is_masked(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    assert store.masked("CASE-1") == {
        "kind": "person",
        "name": "金**",
        "id_number": "6301********1231",
        "phone": "138****4321",
        "address": "青海省西宁市城东区****",
        "agent": {"kind": "person", "name": "黄**", "phone": "139****5678"},
    }


def test_it_is_erased_after_its_time_and_the_chain_stays_whole(
    desk: Any, store: Store, clock: Any
) -> None:
    desk.submit("hukou", "OLD")
    desk.carry("OLD", "receive", "accept", "refuse")
    clock.pass_days(10)
    desk.submit("hukou", "NEW")
    desk.carry("NEW", "receive", "accept", "refuse")
    desk.submit("hukou", "OPEN")
    log = list(store.entries())
    assert store.erase_personal(date(2026, 3, 2)) == ()
    assert store.erase_personal(date(2026, 3, 3)) == ("OLD",)
    assert store.erase_personal(date(2026, 3, 3)) == ()
    assert store.personal("OLD", LEAD, "查档") is None
    assert store.masked("OLD") == {}
    assert store.masked("NEW")["name"] == "金**"
    assert store.erase_personal(date(2030, 1, 1)) == ("NEW",)
    assert store.masked("OPEN")["name"] == "金**"
    assert list(store.entries())[: len(log)] == log
    assert not [*store.verify(), *store.differences()]


def test_it_travels_to_another_store_under_its_reference(
    desk: Any, store: Store, open_store: Open
) -> None:
    desk.submit("hukou")
    kept = store.personal("CASE-1", p.SYSTEM, "转办")
    assert kept is not None
    there = open_store("there.db")
    with there.transaction() as tx:
        tx.adopt_personal(kept)
        tx.adopt_personal(kept)
    forged = personal_data.Personal(kept.ref, {**kept.data, "name": "孔雀"}, kept.salt)
    with pytest.raises(contract.StoreError), there.transaction() as tx:
        tx.adopt_personal(forged)


@pytest.mark.parametrize(
    "body",
    [
        p.Decline(("申请人 630102199003071231 不符",), article="第三十二条"),
        p.RequestSupplement(
            ("身份证", "号码:630102199003071231"),
        ),
    ],
    ids=["decline", "supplement"],
)
def test_an_id_number_typed_into_a_reason_does_not_get_into_the_log(
    desk: Any, store: Store, body: p.CommandBody
) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    with pytest.raises(contract.StoreError, match="resident ID number") as caught:
        desk.do("CASE-1", LEAD, body)
    assert traces(str(caught.value)) == []
    assert traces(repr(list(store.entries()))) == []


def test_a_case_may_be_numbered_by_division_day_and_number(desk: Any) -> None:
    case = desk.submit("hukou", "510100-20260302-0001")
    assert desk.carry(case.id, "receive", "accept").state == "cohandling"


def test_data_that_no_case_has_any_more_goes_when_it_is_old(
    desk: Any, store: Store, clock: Any
) -> None:
    desk.submit("hukou", "OPEN")
    with store.transaction() as tx:
        ref = tx.keep_personal({"kind": "person", "name": "孤儿"})
    store.erase_personal(date(2026, 3, 2))
    assert store.same_personal(ref, {"kind": "person", "name": "孤儿"}) is True
    store.erase_personal(date(2026, 3, 3))
    assert store.same_personal(ref, {"kind": "person", "name": "孤儿"}) is None
    assert store.masked("OPEN")


@pytest.mark.parametrize("answered", [True, False])
def test_of_a_case_of_another_store_the_end_of_the_request_counts(
    desk: Any, store: Store, clock: Any, open_store: Open, answered: bool
) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    request = next(one.message for one in store.outgoing() if one.message.kind == "request")
    kept = store.personal("CASE-1", p.SYSTEM, "随办件转交")
    assert kept is not None
    other = open_store("other.db")
    with other.transaction() as tx:
        tx.receive(request, "chengdu")
        tx.adopt_personal(personal_data.Personal(kept.ref, kept.data, kept.salt))
    clock.pass_days(10)
    if answered:
        with other.transaction() as tx:
            tx.handled(request.id)
    assert other.erase_personal(date(2026, 3, 2)) == ()
    days = {True: (date(2026, 3, 12), date(2026, 3, 13)), False: (date(2026, 3, 2), LATER)}
    early, late = days[answered]
    assert other.erase_personal(early) == ()
    assert other.erase_personal(late) == ("CASE-1",)
    assert other.erased("CASE-1")


WINDOW = p.Actor("window", "w", "510100")
ASKED = p.Actor("officer", "o", "630100", "public_security")
NO_PART = (
    p.Actor("officer", "o", "630100", "health"),
    p.Actor("officer", "o", "440100", "public_security"),
    p.Actor("supervisor", "s", "630000"),
    p.Actor("applicant", "somebody"),
)


def test_who_is_asked_reads_it_without_the_case_and_nobody_else(
    open_store: Open, clock: Any, applications: Any
) -> None:
    here, there = open_store("here.db"), open_store("there.db")
    kernel = Kernel(clock=clock, ids=lambda: "id")
    lead = service.Service(kernel, here, lambda address: address.startswith("51"))
    done = lead.submit(applications["hukou"], WINDOW, applicant="a-1")
    assert isinstance(done, service.Done)
    case = done.case.id
    lead.do(case, WINDOW, p.Receive(), id="receive")
    lead.do(case, LEAD, p.Accept(), id="accept")
    (request,) = [one.message for one in here.outgoing() if one.message.kind == "request"]
    data = here.personal(case, LEAD, "办理")
    asked = service.Service(kernel, there, lambda address: address.startswith("63"))
    with pytest.raises(contract.StoreError, match=case):
        there.personal(case, ASKED, "核对")
    with pytest.raises(contract.StoreError, match=case):
        there.masked(case)
    asked.receive_message(request, data)
    assert there.case(case) is None
    found = there.personal(case, ASKED, "核对")
    assert isinstance(found, personal_data.Personal)
    assert found.data["name"] == applications["hukou"]["applicant"]["name"]
    assert there.masked(case)["name"] == found.masked()["name"]
    for actor in NO_PART:
        for kept in (here, there):
            with pytest.raises(contract.NotAllowedError):
                kept.personal(case, actor, "好奇")


def test_an_agent_reads_it_while_the_authorisation_holds(
    desk: Any, store: Store, clock: Any
) -> None:
    desk.submit("hukou")
    applicant = p.Actor("applicant", "applicant-1")
    desk.do("CASE-1", applicant, p.Authorise("g-2", "A-2", until=p.day_of(clock.now)))
    agent = p.Actor("agent", "g-2", authorisation="A-2")
    assert store.personal("CASE-1", agent, "核对身份") is not None
    clock.pass_days(1)
    with pytest.raises(contract.NotAllowedError, match=r"A-2已于2026-03-02届满.*that is on record"):
        store.personal("CASE-1", agent, "核对身份")
    assert [one.allowed for one in store.readings("CASE-1")] == [True, False]


def test_it_is_kept_until_the_result_has_lapsed(desk: Any, store: Store, clock: Any) -> None:
    case = desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept", "confirm")
    lead = p.Actor("officer", "o", case.plan.lead.division, case.plan.lead.department)
    desk.do("CASE-1", lead, p.Grant("符合条件", valid_until=date(2026, 6, 30)))
    desk.do("CASE-1", lead, p.Deliver("electronic"))
    desk.do("CASE-1", lead, p.Close())
    assert store.erase_personal(date(2026, 6, 30)) == ()
    assert store.erase_personal(date(2026, 7, 1)) == ("CASE-1",)


def test_a_store_wakes_a_case_that_is_over_for_its_last_day(
    desk: Any, store: Store, clock: Any
) -> None:
    case = desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept", "confirm")
    lead = p.Actor("officer", "o", case.plan.lead.division, case.plan.lead.department)
    desk.do("CASE-1", lead, p.Grant("符合条件", valid_until=date(2026, 6, 30)))
    desk.do("CASE-1", lead, p.Deliver("electronic"))
    desk.do("CASE-1", lead, p.Close())
    assert store.awake() == ()
    clock.pass_days((date(2026, 7, 1) - p.day_of(clock.now)).days)
    assert [one.case for one in store.awake()] == ["CASE-1"]
    desk.tick("CASE-1")
    assert store.awake() == ()
    assert not [*store.differences()]
