"""A command that is given again has no effect; another one under its id is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve
from tests.service.test_service import APPLICANT, PAPERS, WINDOW, Desk, MakeDesk, officer

from tongban.kernel import Defect, hookimpl
from tongban.kernel import protocol as p
from tongban.kernel.ports.store import ConflictError
from tongban.kernel.service import Done, Relayed

pytest_plugins = ("tests.service.test_service",)
RECEIVE = p.Receive(materials=PAPERS)
OTHER_WINDOW = p.Actor("window", "w", "630100")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def opened(desk: Desk, raw: Mapping[str, Any] | None = None, **how: Any) -> Any:
    given = {"actor": WINDOW, "applicant": "a-1", "id": "K1", **how}
    return desk.service.submit(raw or desk.applications["hukou"], **given)


def test_one_id_is_one_case_whatever_the_day(desk: Desk) -> None:
    desk.now[0] = datetime(2026, 3, 2, 23, 59, 50, tzinfo=p.CHINA)
    first = opened(desk)
    assert opened(desk) == Done(first.case)
    desk.now[0] = datetime(2026, 3, 3, 0, 0, 5, tzinfo=p.CHINA)
    assert opened(desk).case.id == first.case.id
    desk.later(days=400)
    assert opened(desk).case.id == first.case.id
    assert len(desk.store.cases()) == 1


def test_a_case_is_opened_and_received_in_one_transaction(desk: Desk) -> None:
    done = opened(desk, received=RECEIVE)
    assert desk.log(done.case) == ["submitted", "received", "arrived"]
    assert [one.kind for one in done.events] == desk.log(done.case)
    assert opened(desk, received=RECEIVE) == Done(done.case)
    assert desk.log(done.case) == ["submitted", "received", "arrived"]


def test_where_it_cannot_be_received_no_case_is_opened(desk: Desk) -> None:
    answer = opened(desk, received=RECEIVE, receiver=OTHER_WINDOW)
    assert isinstance(answer, p.Refusal)
    assert desk.store.cases() == ()
    assert desk.store.outgoing() == ()
    assert desk.store.head().position == 0
    assert isinstance(opened(desk, received=RECEIVE), Done), "the id is free"


def test_what_plugins_find_wrong_with_it_returns_it_at_once(make_desk: MakeDesk) -> None:
    class Strict:
        @hookimpl
        def receive(self, application: Any, item: str) -> list[Defect]:
            return [Defect("applicant.phone", "电话缺位 (a digit is missing)")]

    desk = make_desk(plugins=(Strict(),))
    done = opened(desk, received=RECEIVE)
    assert done.case.state == "returned"


OTHERS: dict[str, dict[str, Any]] = {
    "another applicant": {"applicant": "b-2"},
    "an agent": {"agent": "g-1", "authorisation": "委1"},
    "another window": {"actor": OTHER_WINDOW},
    "received at once": {"received": RECEIVE},
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_submission_under_the_same_id_is_refused(desk: Desk, what: str) -> None:
    first = opened(desk)
    answer = opened(desk, **OTHERS[what])
    assert isinstance(answer, p.Refusal)
    assert answer.code == "id_reused"
    assert first.case.id in answer.message
    assert [row.id for row in desk.store.cases()] == [first.case.id]


def test_another_application_under_the_same_id_is_refused(desk: Desk) -> None:
    opened(desk)
    hukou = desk.applications["hukou"]
    for other in (
        desk.applications["licence"],
        {**hukou, "deliver_by": "pickup"},
        {**hukou, "applicant": {**hukou["applicant"], "phone": "13800000001"}},
        {**hukou, "applicant": {"kind": "person"}},
    ):
        answer = opened(desk, other)
        assert isinstance(answer, p.Refusal), other
        assert answer.code == "id_reused"
    assert len(desk.store.cases()) == 1


def test_no_personal_data_is_kept_for_it(desk: Desk) -> None:
    opened(desk)
    kept = desk.store._conn.execute("SELECT * FROM commands").fetchall()
    assert len(kept) == 1
    person = desk.applications["hukou"]["applicant"]
    bare = {**desk.applications["hukou"], "applicant": {"kind": person["kind"]}}
    note = desk.store.command("K1")
    assert note is not None
    opened(desk, bare, id="K2")
    other = desk.store.command("K2")
    assert other is not None
    assert other.fingerprint == note.fingerprint


def test_another_command_under_the_same_id_is_refused(desk: Desk) -> None:
    case = opened(desk, received=RECEIVE).case
    other = opened(desk, desk.applications["hukou"], id="K2", received=RECEIVE).case
    lead = officer(case.plan.lead)
    accepted = desk.done(case, lead, p.Accept(), id="C1")
    assert desk.do(case, lead, p.Accept(), id="C1") == Done(accepted)
    for where, actor, body in (
        (case, lead, p.Terminate("误操作")),
        (other, lead, p.Accept()),
        (case, evolve(lead, id="another"), p.Accept()),
        (case, APPLICANT, p.Withdraw("x")),
    ):
        answer = desk.do(where, actor, body, id="C1")
        assert isinstance(answer, p.Refusal)
        assert answer.code == "id_reused"
    assert isinstance(opened(desk, id="C1"), p.Refusal)
    assert isinstance(desk.do(case, lead, p.Accept(), id="K2"), p.Refusal)
    assert desk.store.case(case.id) == accepted


def test_the_same_step_with_other_words_is_another_command(desk: Desk) -> None:
    case = opened(desk, received=RECEIVE).case
    desk.done(case, officer(case.plan.lead), p.RequestSupplement(("证明",)), id="C1")
    answer = desk.do(case, officer(case.plan.lead), p.RequestSupplement(("护照",)), id="C1")
    assert isinstance(answer, p.Refusal)
    assert answer.code == "id_reused"


def test_what_was_refused_has_used_no_id(desk: Desk) -> None:
    case = opened(desk).case
    lead = officer(case.plan.lead)
    assert isinstance(desk.do(case, lead, p.Grant("符合条件"), id="C1"), p.Refusal)
    desk.done(case, WINDOW, RECEIVE, id="C1")


def test_a_command_on_its_way_to_another_store_has_its_id(make_desk: MakeDesk) -> None:
    here = make_desk("here", serves=lambda address: address.startswith("51"))
    case = opened(here, here.applications["licence"], received=RECEIVE).case
    papers = p.Forward(PAPERS, "message")
    here.done(case, WINDOW, papers, id="C1")
    sent = here.do(case, APPLICANT, p.Withdraw("不办了"), id="C2")
    assert isinstance(sent, Relayed)
    again = here.do(case, APPLICANT, p.Withdraw("不办了"), id="C2")
    assert isinstance(again, Relayed)
    assert again.message.id == sent.message.id
    answer = here.do(case, APPLICANT, p.Withdraw("改主意"), id="C2")
    assert isinstance(answer, p.Refusal)
    assert answer.code == "id_reused"
    assert len([one for one in here.store.outgoing() if one.message.kind == "command"]) == 1


def test_a_version_that_is_expected_of_no_case_is_a_conflict(desk: Desk) -> None:
    with pytest.raises(ConflictError):
        opened(desk, expected=99)
    assert desk.store.cases() == ()
    first = opened(desk, expected=0)
    assert opened(desk, expected=0) == Done(first.case)


def test_a_repeat_does_not_ask_for_the_version_again(desk: Desk) -> None:
    case = opened(desk, received=RECEIVE).case
    lead = officer(case.plan.lead)
    desk.done(case, lead, p.Accept(), id="C1", expected=case.version)
    again = desk.do(case, lead, p.Accept(), id="C1", expected=case.version)
    assert isinstance(again, Done)
    with pytest.raises(ConflictError):
        desk.do(case, lead, p.Examine("齐全"), id="C2", expected=case.version)


def test_a_repeat_of_before_ids_were_kept_goes_on_as_far_as_the_case_tells(desk: Desk) -> None:
    case = opened(desk, received=RECEIVE).case
    lead = officer(case.plan.lead)
    desk.done(case, lead, p.Accept(), id="C1")
    desk.store._conn.execute("DELETE FROM commands")
    desk.later(days=2)
    assert opened(desk, received=RECEIVE).case.id == case.id
    assert isinstance(opened(desk, applicant="b-2"), p.Refusal)
    assert isinstance(opened(desk, desk.applications["licence"]), p.Refusal)
    assert isinstance(desk.do(case, lead, p.Accept(), id="C1"), Done)
    for actor, body in (
        (lead, p.Terminate("误操作")),
        (evolve(lead, id="another"), p.Accept()),
    ):
        answer = desk.do(case, actor, body, id="C1")
        assert isinstance(answer, p.Refusal)
        assert answer.code == "id_reused"
