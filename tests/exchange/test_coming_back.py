"""What was passed on to another store and is refused there comes back to its author."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tongban.kernel import protocol, service

WINDOW = protocol.Actor("window", "window-1", "510100")
APPLICANT = protocol.Actor("applicant", "applicant-1")
POSTAL = protocol.Actor("officer", "officer-1", "630100", "postal")
PAPERS = (protocol.Document("申请表", "form"),)


@pytest.fixture
def asked(country: Callable[..., Any]) -> tuple[Any, str]:
    """A case of Chengdu's window, for which Xining asked for a paper until Thursday."""
    here = country("chengdu", "xining")
    case = here.submit("licence", "chengdu")
    chengdu, xining = here.places["chengdu"].service, here.places["xining"].service
    chengdu.do(case, WINDOW, protocol.Receive(materials=PAPERS))
    chengdu.do(case, WINDOW, protocol.Forward(PAPERS, "message"))
    twice(here)
    xining.do(case, POSTAL, protocol.Arrive())
    xining.do(case, POSTAL, protocol.RequestSupplement(("证明",), 3))
    twice(here)
    return here, case


def twice(here: Any) -> None:
    for _ in range(3):
        here.run()


def back(here: Any, name: str) -> list[protocol.Message]:
    """What lies open at a place because it came back."""
    open_ones = here.places[name].store.incoming(kind="notice", open_only=True)
    return [one.message for one in open_ones if protocol.came_back(one.message)]


def told(here: Any, name: str) -> list[str]:
    """Why the applicant was told at a place that something was not done."""
    notices = here.places[name].store.incoming("applicant", kind="notice")
    return [
        one.message.body["reason"]
        for one in notices
        if one.message.body["document"] == protocol.NOT_DONE
    ]


def test_the_window_learns_why_and_the_case_goes_on(asked: tuple[Any, str]) -> None:
    here, case = asked
    chengdu = here.places["chengdu"]
    relayed = chengdu.service.do(case, WINDOW, protocol.Supply(("照片",)))
    assert isinstance(relayed, service.Relayed)
    twice(here)
    (notice,) = back(here, "chengdu")
    assert "未要求补正:照片" in notice.body["reason"]
    assert (notice.body["command"], notice.receiver) == ("supply", "510100/window")
    assert told(here, "chengdu") == [], "the window gave it, and tells the applicant itself"
    assert chengdu.store.outgoing("failed") == (), "it arrived: nothing is to be sent again"
    assert chengdu.run()["refused"] == []
    chengdu.service.do(case, WINDOW, protocol.Supply(("证明",)))
    twice(here)
    assert here.places["xining"].store.case(case).state == "arrived"


def test_who_applied_is_told_where_they_gave_it(asked: tuple[Any, str]) -> None:
    here, case = asked
    here.places["chengdu"].service.do(case, APPLICANT, protocol.Supply(("照片",)))
    twice(here)
    assert len(back(here, "chengdu")) == 1
    (reason,) = told(here, "chengdu")
    assert "未要求补正:照片" in reason
    assert told(here, "xining") == []


def test_doubled_and_lost_receipts_change_nothing(asked: tuple[Any, str]) -> None:
    """The refusal is written with the message's being taken: a second time brings it once more."""
    here, case = asked
    chengdu, xining = here.places["chengdu"], here.places["xining"]
    relayed = chengdu.service.do(case, APPLICANT, protocol.Supply(("照片",)))
    # Taken, and dead before the receipt.
    assert isinstance(xining.service.receive_message(relayed.message), protocol.Refusal)
    assert xining.service.receive_message(relayed.message) is None
    twice(here)
    assert len(back(here, "chengdu")) == len(told(here, "chengdu")) == 1
    (notice,) = back(here, "chengdu")
    assert chengdu.service.receive_message(notice) is None
    twice(here)
    assert len(back(here, "chengdu")) == len(told(here, "chengdu")) == 1


def test_through_a_store_that_had_the_case_it_comes_back_to_the_first(
    country: Callable[..., Any],
) -> None:
    here = country("xian", "chengdu", "xining")
    xian, chengdu, xining = (here.places[name] for name in ("xian", "chengdu", "xining"))
    case = here.submit("newborn_elsewhere", "xian")
    window = protocol.Actor("window", "window-1", "610100")
    xian.service.do(case, window, protocol.Receive(materials=PAPERS))
    xian.service.do(case, window, protocol.Forward(PAPERS, "message"))
    twice(here)
    accepts = protocol.Actor("officer", "o", "510100", "public_security")
    for body in (protocol.Arrive(), protocol.Accept(), protocol.Forward(PAPERS, "message")):
        assert isinstance(chengdu.service.do(case, accepts, body), service.Done)
    for _ in range(3):
        chengdu.run()
        xining.run()
    decides = protocol.Actor("officer", "o", "630100", "public_security")
    for step in (protocol.Arrive(), protocol.Grant("符合条件")):
        assert isinstance(xining.service.do(case, decides, step), service.Done)
    # Xi'an has not heard of any of it.
    given = here.clock()
    assert isinstance(xian.service.do(case, APPLICANT, protocol.Withdraw()), service.Relayed)
    here.clock.wait(hours=1)
    twice(here)
    twice(here)
    assert "不能撤回" in told(here, "xian")[0]
    (notice,) = back(here, "xian")
    assert notice.body["given_at"] == given.isoformat()
    assert (back(here, "chengdu"), told(here, "chengdu")) == ([], [])


def test_what_a_window_took_in_time_is_not_late_by_the_posts_fault(
    asked: tuple[Any, str],
) -> None:
    here, case = asked
    chengdu, xining = here.places["chengdu"], here.places["xining"]
    here.clock.now = datetime(2026, 3, 5, 17, tzinfo=protocol.CHINA)
    chengdu.service.do(case, WINDOW, protocol.Supply(("证明",)))
    here.clock.wait(days=5)
    xining.service.tick()
    twice(here)
    for place in (chengdu, xining):
        event = place.store.events(case)[-1]
        assert (event.kind, event.at.day, event.given_at.day) == ("supplied", 10, 5)
        assert place.store.differences() == place.store.verify() == ()
    assert chengdu.store.case(case) == xining.store.case(case)
