"""An amendment (更正申请信息) between nodes: the command and the data that it brings, sealed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import ApplicationError, protocol, service

EVIDENCE = (protocol.Document("户口簿", "copy"),)


def corrections(**personal: str) -> service.Corrections:
    values = {f"applicant.{name}": value for name, value in personal.items()}
    return service.Corrections(values, EVIDENCE, "姓名有误")


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


def name(place: Any, case: str) -> Any:
    found = place.store.personal(case, protocol.SYSTEM, "核对")
    return found and found.data.get("name")


def test_a_window_elsewhere_passes_it_on_with_the_data(away: tuple[Any, str]) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    seen: list[bytes] = []
    write = here.spool.write

    def look(path: Path, content: bytes, own: int = 2) -> None:
        seen.append(content)
        write(path, content, own)

    here.spool.write = look
    window = protocol.Actor("window", "window-1", xian.store.case(case).plan.window)
    given = corrections(name="金改名")
    assert isinstance(xian.service.amend(case, window, given, id="amend-1"), service.Relayed)
    again = xian.service.amend(case, window, given, id="amend-1")
    assert not isinstance(again, protocol.Refusal)
    refused = xian.service.amend(case, window, corrections(name="金又改"), id="amend-1")
    assert isinstance(refused, protocol.Refusal)
    assert refused.code == "id_reused"
    here.run()
    here.run()
    assert name(chengdu, case) == name(xian, case) == "金改名"
    (one,) = chengdu.store.case(case).amendments
    assert one.changed == ("applicant.name",)
    assert xian.store.case(case).amendments == (one,)
    assert not [one for one in seen if "金改名".encode() in one]
    assert not chengdu.store.verify()
    assert not xian.store.verify()


def test_the_offices_before_hear_of_it_with_the_data(away: tuple[Any, str]) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    applicant = protocol.Actor("applicant", "applicant-1")
    assert isinstance(
        chengdu.service.amend(case, applicant, corrections(name="金改名")), service.Done
    )
    here.run()
    here.run()
    assert name(xian, case) == "金改名"
    here.settle()
    assert xian.store.case(case).state == "closed"
    assert xian.store.case(case) == chengdu.store.case(case)


def test_one_that_names_data_and_does_not_bring_it_is_put_aside(away: tuple[Any, str]) -> None:
    here, case = away
    xian, chengdu = here.places["xian"], here.places["chengdu"]
    other = chengdu.store.case(here.submit("hukou", "chengdu"))
    found = xian.store.case(case)
    body = protocol.Amend(
        found.application, found.decision, EVIDENCE, "x", other.personal, ("applicant.name",)
    )
    xian.service.do(case, protocol.Actor("applicant", "applicant-1"), body)
    here.run()
    here.run()
    assert chengdu.store.case(case).personal == found.personal
    assert chengdu.store.case(case).amendments == ()


_FIELDS = ("applicant.name",)


@pytest.mark.parametrize(
    ("values", "evidence", "reason"),
    [
        ({"applicant.name": "金改名"}, False, "填写有误"),
        ({"applicant.name": "金改名"}, True, " "),
        ({"item": "3-01"}, True, "填写有误"),
        ({"applicant.phone": "13800000000"}, True, "填写有误"),
    ],
)
def test_what_cannot_be_corrected_so_is_refused_at_the_window(
    away: tuple[Any, str], values: Any, evidence: bool, reason: str
) -> None:
    here, case = away
    xian = here.places["xian"]
    papers = (protocol.Document("户口簿", "copy"),) if evidence else ()
    window = protocol.Actor("window", "window-1", xian.store.case(case).plan.window)
    given = service.Corrections(values, papers, reason)
    if all(field in _FIELDS for field in values):
        answer = xian.service.amend(case, window, given)
        assert isinstance(answer, protocol.Refusal)
        assert answer.code == "bad_input"
    else:
        with pytest.raises(ApplicationError, match="不能更正此项"):
            xian.service.amend(case, window, given)
    assert [one for one in xian.store.outgoing(case=case) if one.message.kind == "command"] == []
