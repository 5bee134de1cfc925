"""Cases are carried in one transaction for each command, by the rules that they came under."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from tongban.kernel import Application, Defect, Kernel, hookimpl
from tongban.kernel import protocol as p
from tongban.kernel.engine import Program
from tongban.kernel.ports.store import ConflictError, NotAllowedError, StoreError
from tongban.kernel.service import Answer, Done, OutOfOrderError, Relayed, Service
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
Applications = Mapping[str, dict[str, Any]]

PAPERS = (p.Document("申请表", "form"),)
WINDOW = p.Actor("window", "w", "510100")
APPLICANT = p.Actor("applicant", "a-1")


def officer(office: p.Office) -> p.Actor:
    return p.Actor("officer", "o", office.division, office.department)


@define
class Desk:
    """A service with its effects at hand."""

    service: Service
    store: SqliteStore
    kernel: Kernel
    now: list[datetime]
    applications: Applications

    def submit(self, name: str = "hukou") -> p.Case:
        done = self.service.submit(self.applications[name], WINDOW, applicant="a-1")
        assert isinstance(done, Done), done
        return done.case

    def do(self, case: p.Case | str, actor: p.Actor, body: p.CommandBody, **how: Any) -> Answer:
        return self.service.do(case if isinstance(case, str) else case.id, actor, body, **how)

    def done(self, case: p.Case, actor: p.Actor, body: p.CommandBody, **how: Any) -> p.Case:
        answer = self.do(case, actor, body, **how)
        assert isinstance(answer, Done), answer
        return answer.case

    def later(self, **span: float) -> None:
        self.now[0] += timedelta(**span)

    def log(self, case: p.Case) -> list[str]:
        return [event.kind for event in self.store.events(case.id)]


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path, applications: Applications) -> Iterator[MakeDesk]:
    """Makes services, each with a store of its own; `plugins` are added to the installed ones."""
    numbers, opened = count(1), []

    def make(name: str = "cases", plugins: tuple[object, ...] = (), serves: Any = None) -> Desk:
        now = [MONDAY]
        kernel = Kernel(clock=lambda: now[0], ids=lambda: f"{next(numbers):032x}"[::-1])
        for plugin in plugins:
            kernel._plugins.register(plugin)
        store = open_store(
            tmp_path / f"{name}.db", clock=lambda: now[0], entropy=lambda n: bytes(n)
        )
        opened.append(store)
        service = Service(kernel, store, serves) if serves else Service(kernel, store)
        return Desk(service, store, kernel, now, applications)

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def test_an_application_becomes_a_case_without_personal_data_in_its_log(desk: Desk) -> None:
    case = desk.submit()
    assert case.id.startswith("BJ20260302")
    assert case.state == "submitted"
    assert case.collaboration.startswith("XT510100")
    log = str([event.to_dict() for event in desk.store.events(case.id)])
    assert not any(
        str(value) in log
        for key, value in desk.applications["hukou"]["applicant"].items()
        if key != "kind"
    )
    assert desk.store.masked(case.id)["id_number"] == "6301********1231"


def test_what_the_rules_refuse_is_a_case_and_is_received_when_somebody_insists(
    desk: Desk,
) -> None:
    receive = p.Receive(materials=(p.Document("申请表", "form"),))
    refused = desk.applications["refused"]
    answer = desk.service.submit(refused, WINDOW, applicant="a-1", received=receive)
    assert isinstance(answer, Done)
    assert [one.kind for one in answer.events] == ["submitted", "ruled_ineligible"]
    case = answer.case
    assert (case.state, case.reasons) == ("ineligible", (case.decision["reasons"][0]["because"],))
    desk.done(case, WINDOW, p.Insist())
    assert desk.done(case, WINDOW, receive).state == "arrived"


@pytest.mark.parametrize("received_at", [None, "440100"])
def test_a_refusal_without_the_place_that_decides_has_an_authority(
    desk: Desk, received_at: str | None
) -> None:
    """The rules refuse it whatever the place: the authority is at the window, or the province."""
    raw = {**desk.applications["refused_online"], "places": {}}
    raw |= {"received_at": received_at, "channel": "window"} if received_at else {}
    actor = p.Actor("window", "w", received_at) if received_at else p.Actor("applicant", "a-1")
    answer = desk.service.submit(raw, actor, applicant="a-1")
    assert isinstance(answer, Done)
    assert answer.case.state == "ineligible"
    (office,) = answer.case.plan.way
    assert office == p.Office("received", received_at or "630000", "postal")


def test_what_is_refused_leaves_nothing_behind(desk: Desk) -> None:
    open_facts = {**desk.applications["hukou"], "facts": {}}
    answer = desk.service.submit(open_facts, WINDOW, applicant="a-1")
    assert isinstance(answer, p.Refusal)
    assert answer.code == "not_open"
    assert "因何" in answer.message
    stranger = p.Actor("window", "w", "440100")
    refused = desk.service.submit(desk.applications["hukou"], stranger, applicant="a-1")
    assert isinstance(refused, p.Refusal)
    assert refused.code == "not_a_party"
    assert desk.store.cases() == ()


class Photograph:
    """Asks for a photograph, and sees whom it is asked about."""

    def __init__(self) -> None:
        self.seen: list[str | None] = []

    @hookimpl
    def receive(self, application: Application, item: str) -> list[Defect]:
        self.seen.append(application.applicant.name)
        return [Defect("materials", "缺少照片")]


def test_every_defect_is_named_at_once_those_of_plugins_too(make_desk: MakeDesk) -> None:
    plugin = Photograph()
    desk = make_desk(plugins=(plugin,))
    case = desk.submit()
    after = desk.done(case, WINDOW, p.Receive((Defect("applicant", "签名不清"),)))
    assert after.state == "returned"
    assert [one for one in after.defects if "签名" in one or "照片" in one] == list(after.defects)
    assert len(after.defects) == 2
    assert plugin.seen == ["金丝雀"]


class Contrary:
    """An engine that says that no rule holds."""

    @hookimpl
    def second_opinion(self, item: Program) -> list[str]:
        return []


def test_a_case_on_which_engines_disagree_stops_with_both_answers(make_desk: MakeDesk) -> None:
    desk = make_desk(plugins=(Contrary(),))
    case = desk.submit()
    assert case.state == "stopped"
    (stopped,) = [e for e in desk.store.events(case.id) if e.kind == "stopped"]
    said = stopped.to_dict()["data"]
    assert said["engine"] == "Contrary"
    assert said["theirs"] == []
    assert "common.joint" in said["ours"]
    assert isinstance(desk.do(case, WINDOW, p.Receive()), p.Refusal)


class Watcher:
    """Is told what happens."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    @hookimpl
    def observe(self, event: Mapping[str, Any]) -> None:
        self.kinds.append(event["kind"])
        raise RuntimeError("not your business")


def test_observers_are_told_after_it_is_kept_and_change_nothing(make_desk: MakeDesk) -> None:
    watcher = Watcher()
    desk = make_desk(plugins=(watcher,))
    case = desk.submit()
    desk.done(case, WINDOW, p.Receive(materials=PAPERS))
    assert watcher.kinds == desk.log(case)


def test_a_failure_on_the_way_keeps_nothing_of_a_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = desk.done(desk.submit(), WINDOW, p.Receive(materials=PAPERS))
    before = (desk.log(case), desk.store.case(case.id), desk.store.outgoing())
    with desk.store.transaction() as writes:
        kind = type(writes)

    def broken(self: object, messages: object) -> int:
        raise StoreError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(kind, "send", broken)
        with pytest.raises(StoreError, match="no space left"):
            desk.do(case, officer(case.plan.lead), p.Accept())
    assert (desk.log(case), desk.store.case(case.id), desk.store.outgoing()) == before
    desk.done(case, officer(case.plan.lead), p.Accept())


def test_two_officers_at_once_get_one_success_and_one_conflict(desk: Desk) -> None:
    case = desk.done(desk.submit(), WINDOW, p.Receive(materials=PAPERS))
    lead = officer(case.plan.lead)
    desk.done(case, lead, p.Accept(), expected=case.version)
    with pytest.raises(ConflictError, match=f"version {case.version}"):
        desk.do(case, lead, p.Decline(("材料不全",), article="第三十二条"), expected=case.version)
    assert desk.log(case).count("accepted") == 1
    assert "declined" not in desk.log(case)


def test_the_same_command_twice_has_the_effect_of_one(desk: Desk) -> None:
    case = desk.submit()
    first = desk.do(case, WINDOW, p.Receive(materials=PAPERS), id="c-1")
    log = desk.log(case)
    again = desk.do(case, WINDOW, p.Receive(materials=PAPERS), id="c-1")
    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert again.events == ()
    assert desk.log(case) == log


def test_an_attempt_by_a_stranger_is_refused_and_on_record(desk: Desk) -> None:
    case = desk.submit()
    stranger = p.Actor("officer", "x", "440100", "health")
    answer = desk.do(case, stranger, p.Accept())
    assert isinstance(answer, p.Refusal)
    assert answer.code == "not_a_party"
    assert desk.log(case)[-1] == "attempt_refused"


def test_time_brings_acceptance_by_silence_once(desk: Desk) -> None:
    case = desk.submit("licence")
    desk.done(case, WINDOW, p.Receive(materials=PAPERS))
    desk.done(case, WINDOW, p.Forward(PAPERS, "post", "EMS 1"))
    desk.done(case, officer(case.plan.lead), p.Arrive())
    desk.later(days=30)
    (silent,) = desk.service.tick()
    assert silent.case.accepted_silently
    assert desk.service.tick() == ()


def two_stores(make_desk: MakeDesk) -> tuple[Desk, Desk]:
    """Chengdu and Xining, each with the addresses of its own province."""
    here = make_desk("chengdu", serves=lambda address: address.startswith("51"))
    there = make_desk("xining", serves=lambda address: address.startswith("63"))
    return here, there


def carry(source: Desk, target: Desk, prefix: str) -> list[Answer | None]:
    """Brings what is pending for the addresses of `target`, each message twice."""
    answers = []
    for one in source.store.outgoing("pending"):
        if one.message.receiver.startswith(prefix):
            answers.append(target.service.receive_message(one.message))
            assert target.service.receive_message(one.message) is None
            with source.store.transaction() as writes:
                writes.delivered(one.message.id)
    return answers


def test_a_joint_case_is_confirmed_in_another_store(make_desk: MakeDesk) -> None:
    here, there = two_stores(make_desk)
    case = here.done(here.submit(), WINDOW, p.Receive(materials=PAPERS))
    lead = officer(case.plan.lead)
    case = here.done(case, lead, p.Accept())
    carry(here, there, "63")
    assert there.store.case(case.id) is None
    other = officer(case.plan.others[0])
    answer = there.do(case, other, p.Confirm("同意迁出"))
    assert isinstance(answer, Relayed)
    carry(there, here, "51")
    after = here.store.case(case.id)
    assert after is not None
    assert after.unanswered == ()
    granted = here.done(after, lead, p.Grant("符合条件"))
    assert granted.granted


def test_a_case_moves_to_the_store_of_its_authority_and_reports_back(make_desk: MakeDesk) -> None:
    here, there = two_stores(make_desk)
    case = here.done(here.submit("licence"), WINDOW, p.Receive(materials=PAPERS))
    case = here.done(case, WINDOW, p.Forward(PAPERS, "post", "EMS 1"))
    carry(here, there, "63")
    lead = officer(case.plan.lead)
    there.done(case, lead, p.Arrive())
    there.done(case, lead, p.Accept())
    progress = [
        one.message for one in there.store.outgoing("pending") if one.message.kind == "progress"
    ]
    with pytest.raises(OutOfOrderError):
        here.service.receive_message(progress[-1])
    carry(there, here, "51")
    mine, theirs = here.store.case(case.id), there.store.case(case.id)
    assert mine is not None
    assert theirs is not None
    assert mine.state == theirs.state == "accepted"
    withdrawn = here.do(case, APPLICANT, p.Withdraw("不办了"))
    assert isinstance(withdrawn, Relayed)
    carry(here, there, "63")
    carry(there, here, "51")
    assert here.log(case)[-1] == there.log(case)[-1]
    assert "withdrawn" in here.log(case)


def test_a_command_that_overtakes_its_case_comes_again(make_desk: MakeDesk) -> None:
    here, there = two_stores(make_desk)
    case = here.done(here.submit("licence"), WINDOW, p.Receive(materials=PAPERS))
    case = here.done(case, WINDOW, p.Forward(PAPERS, "post", "EMS 1"))
    assert isinstance(here.do(case, APPLICANT, p.Withdraw("不办了")), Relayed)
    sent = [one.message for one in here.store.outgoing("pending")]
    forward = next(one for one in sent if one.kind == "forward")
    command = next(one for one in sent if one.kind == "command")
    with pytest.raises(OutOfOrderError):
        there.service.receive_message(command)
    there.service.receive_message(forward)
    there.service.receive_message(command)
    assert there.log(case)[-1] == "withdrawn"


def test_who_is_asked_to_confirm_reads_whom_it_is_about(make_desk: MakeDesk) -> None:
    here, there = two_stores(make_desk)
    case = here.done(here.submit(), WINDOW, p.Receive(materials=PAPERS))
    here.done(case, officer(case.plan.lead), p.Accept())
    (request,) = [o.message for o in here.store.outgoing("pending") if o.message.kind == "request"]
    personal = here.store.personal(case.id, p.SYSTEM, "协同办理")
    there.service.receive_message(request, personal)
    asked = officer(case.plan.others[0])
    found = there.store.personal(case.id, asked, "核对身份")
    assert found is not None
    assert found.data["name"] == here.applications["hukou"]["applicant"]["name"]
    assert there.store.masked(case.id)["id_number"].startswith("6301****")
    with pytest.raises(NotAllowedError):
        there.store.personal(case.id, p.Actor("officer", "x", "630100", "health"), "好奇")
    there.do(case, asked, p.Confirm("同意迁出"))
    assert there.store.erase_personal(MONDAY.date()) == ()
    assert there.store.erase_personal((MONDAY + timedelta(days=1)).date()) == (case.id,)
    assert there.store.personal(case.id, asked, "核对身份") is None


def test_who_was_asked_answers_a_bad_rating_through_the_lead(make_desk: MakeDesk) -> None:
    here, there = two_stores(make_desk)
    case = here.done(here.submit(), WINDOW, p.Receive(materials=PAPERS))
    lead, other = officer(case.plan.lead), officer(case.plan.others[0])
    here.done(case, lead, p.Accept())
    carry(here, there, "63")
    there.do(case, other, p.Confirm("同意迁出"))
    carry(there, here, "51")
    for body in (p.Examine("符合条件"), p.Grant(), p.Deliver(tracking="EMS 1")):
        here.done(case, lead, body)
    here.done(case, APPLICANT, p.Report("arrived"))
    side = case.plan.others[0].key
    here.done(case, APPLICANT, p.Rate(side, "very_dissatisfied", "跑了三趟"))
    carry(here, there, "63")
    open_kinds = [one.message.kind for one in there.store.incoming(open_only=True)]
    assert "rating" not in open_kinds
    assert isinstance(there.do(case, other, p.FollowUp(side, "已致歉并改进")), Relayed)
    carry(there, here, "51")
    after = here.store.case(case.id)
    assert after is not None
    assert [one.result for one in after.follow_ups] == ["已致歉并改进"]


def test_the_same_submission_twice_opens_one_case(desk: Desk) -> None:
    first = desk.service.submit(desk.applications["hukou"], WINDOW, applicant="a-1", id="s-1")
    again = desk.service.submit(desk.applications["hukou"], WINDOW, applicant="a-1", id="s-1")
    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert again.case == first.case
    assert again.events == ()
    assert len(desk.store.cases()) == 1
