"""A store that was put back, or changed: what contradicts is told by both, and taken by none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.service import Done

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD = "510100/public_security"
WINDOW = p.Actor("window", "w", "630100")
PAPERS = (p.Document("申请表", "form"),)


@pytest.fixture
def arrived(country: Country) -> str:
    """A case of Xining's window that has arrived in Chengdu; a backup of Chengdu's store."""
    case = country.handed_in("xining", country.FORWARDED)
    country.places["xining"].do(case, WINDOW, p.Forward(PAPERS, "message"))
    country.carry()
    country.places["chengdu"].do(case, country.officer(LEAD), p.Arrive())
    assert country.carry() == []
    country.places["chengdu"].store.backup(country.root / "night.db")
    return case


def sent(place: Any, kind: str) -> list[p.Message]:
    """What lies ready to be carried."""
    return [one.message for one in place.store.outgoing("pending") if one.message.kind == kind]


def put_back(country: Country) -> None:
    """Chengdu's store is lost; last night's is put in its place."""
    path = country.places["chengdu"].path
    country.places["chengdu"].store.close()
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    shutil.copy(country.root / "night.db", path)
    given_up(country.open("chengdu"))


def given_up(place: Any) -> None:
    """A store that was put back notices that; somebody says that nothing can be fetched."""
    with place.store.transaction() as writes:
        writes.recovered("没有可取回的")


def test_a_step_that_is_taken_twice_after_a_backup_is_no_repeat(
    country: Country, arrived: str
) -> None:
    lead = country.officer(LEAD)
    country.places["chengdu"].do(arrived, lead, p.RequestSupplement(("结婚证",)))
    assert country.carry() == []
    put_back(country)
    country.later(hours=1)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    assert isinstance(chengdu.do(arrived, lead, p.Accept()), Done)
    before = xining.case(arrived)
    (rejected,) = country.carry()
    assert rejected.code == "contradiction"
    assert "supplement_requested" in rejected.reason
    assert "accepted" in rejected.reason
    assert xining.case(arrived) == before
    # Both sides show it.
    (alarm,) = xining.alarms()
    assert (alarm.body["code"], alarm.receiver) == ("contradiction", "630100/supervisor")
    assert "contradiction" in xining.screen("doctor")
    assert "contradiction" in xining.screen("case", "next", "--as", "supervisor:630000")
    assert "contradiction" not in xining.screen("case", "next", "--as", f"officer:{LEAD}")
    assert "contradiction" in xining.screen("case", "show", arrived)
    (failed,) = chengdu.store.outgoing("failed")
    assert failed.message.kind == "progress"
    assert "supplement_requested" in chengdu.screen("doctor")
    # As often as it comes, until somebody has handled it.
    with pytest.raises(p.RejectedError):
        country.give(xining, failed.message, chengdu)
    assert len(xining.alarms()) == 1
    xining.screen("case", "handled", arrived, "--as", "supervisor:630000")
    assert xining.alarms() == []
    with pytest.raises(p.RejectedError):
        country.give(xining, failed.message, chengdu)
    assert len(xining.alarms()) == 1


def test_later_events_on_a_forked_log_are_not_taken_either(country: Country, arrived: str) -> None:
    lead = country.officer(LEAD)
    chengdu = country.places["chengdu"]
    chengdu.do(arrived, lead, p.Accept())  # two events in one letter
    assert country.carry() == []
    put_back(country)
    country.later(hours=1)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.do(arrived, lead, p.RequestSupplement(("结婚证",)))
    chengdu.do(arrived, p.Actor("applicant", "a-1"), p.Supply(("结婚证",)))
    chengdu.do(arrived, lead, p.Decline(("不符合条件",), article="第三十二条"))
    before = xining.everything()
    assert {one.code for one in country.carry()} == {"contradiction"}
    assert xining.everything() == before


def test_a_log_that_differs_far_back_is_found_by_its_hash(country: Country, arrived: str) -> None:
    lead = country.officer(LEAD)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.do(arrived, lead, p.RequestSupplement(("结婚证",)))
    (told,) = [
        one.message for one in chengdu.store.outgoing("pending") if one.message.kind == "progress"
    ]
    wrong = {**told.body, "before": {**told.body["before"], "log": "0" * 64}}
    assert country.refused(xining, evolve(told, body=wrong), chengdu).code == "contradiction"
    # A letter of an older version does not say what it follows on.
    old = {"events": told.body["events"]}
    country.give(xining, evolve(told, body=old), chengdu)
    assert xining.case(arrived).state == "supplementing"


def test_a_store_that_was_put_back_notices_that_a_case_went_on(country: Country) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    country.places["xining"].store.backup(country.root / "night.db")
    xining = country.places["xining"]
    xining.do(case, WINDOW, p.Forward(PAPERS, "message"))
    country.carry("xining", "chengdu", rounds=1)
    path = xining.path
    xining.store.close()
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    shutil.copy(country.root / "night.db", path)
    xining = country.open("xining")
    given_up(xining)
    country.places["chengdu"].do(case, country.officer(LEAD), p.Arrive())
    assert {one.code for one in country.carry("chengdu")} == {"contradiction"}
    assert "备份" in xining.screen("doctor")


def test_a_letter_of_a_known_id_with_other_content_is_no_repeat(country: Country) -> None:
    case = country.handed_in("chengdu", country.MOVE)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.do(case, country.officer(LEAD), p.Accept())
    (request,) = sent(chengdu, "request")
    country.give(xining, request, chengdu)
    assert country.give(xining, request, chengdu) is None
    other = evolve(
        request,
        body={**request.body, "limit": None, "item": {**request.body["item"], "name": "别的"}},
    )
    assert country.refused(xining, other, chengdu).code == "contradiction"
    assert len(xining.alarms()) == 1


def test_an_id_that_a_letter_of_another_case_took_keeps_nothing_out(country: Country) -> None:
    chengdu, xining, kunming = (country.places[name] for name in ("chengdu", "xining", "kunming"))
    case = country.handed_in("xining", country.FORWARDED)
    xining.do(case, WINDOW, p.Forward(PAPERS, "message"))
    country.carry()
    chengdu.do(case, country.officer(LEAD), p.Arrive())
    (told,) = [
        one.message for one in chengdu.store.outgoing("pending") if one.message.kind == "progress"
    ]
    # Ids follow from case and event: Kunming gives one to a request of its own.
    own = country.handed_in("kunming", {
        **country.MOVE, "received_at": "530100",
        "places": {"move_in": "530100", "move_out": "630100"},
    })  # fmt: skip
    kunming.do(own, country.officer("530100/public_security"), p.Accept())
    (request,) = sent(kunming, "request")
    country.give(xining, evolve(request, id=told.id), kunming)
    country.give(xining, told, chengdu)
    assert xining.case(case).state == "arrived"
    assert country.give(xining, told, chengdu) is None
    other = evolve(told, body={**told.body, "before": None})
    assert country.refused(xining, other, chengdu).code == "contradiction"
