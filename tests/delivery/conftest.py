"""Cases that have come to each document, and a key that signs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel, protocol
from tongban.kernel.audit import signing
from tongban.kernel.engine import rules_version
from tongban.kernel.service import refused_way
from tongban.plugins.casework.papers import explained
from tongban.plugins.delivery.documents import Document, Particulars, document
from tongban.plugins.delivery.documents.wording import LAW

MONDAY = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
AGENT = {"kind": "person", "name": "黄莺", "id_number": "510105198512120016"}
PAPERS = (protocol.Document("申请表", "form"), protocol.Document("营业执照副本", "copy", 2))


def calendar(division: str | None) -> protocol.Calendar:
    """Weekends alone, published for a year."""
    span = (MONDAY.date().replace(month=1, day=1), MONDAY.date().replace(month=12, day=31))
    return protocol.Calendar(published=span)


class Desk:
    """One case, and those who act in it."""

    def __init__(self, kernel: Kernel, raw: dict[str, Any]) -> None:
        self.kernel, self.raw, self.now = kernel, raw, MONDAY
        self.ids: Iterator[int] = count(1)
        self.events: list[protocol.Event] = []
        self.kept: protocol.Case | None = None
        application = kernel.application(self.raw)
        program = kernel.program(application.item)
        decision = kernel.decide(application)
        refused = decision.outcome == "ineligible"
        self.given = protocol.submit(
            decision,
            program.item,
            application,
            rules=rules_version(program),
            applicant="applicant-1",
            agent="agent-1",
            authorisation="WT-7",
            way=refused_way(program, application) if refused else (),
        )

    @property
    def case(self) -> protocol.Case:
        assert self.kept is not None
        return self.kept

    def do(self, actor: protocol.Actor, body: protocol.CommandBody) -> None:
        """Gives a command that must be taken."""
        command = protocol.Command(f"c{next(self.ids)}", "BJ20260302A1", actor, body)
        last = self.events[-1].at if self.events else None
        step = protocol.handle(self.kept, command, protocol.Context(self.now, calendar, last))
        assert isinstance(step, protocol.Step), step
        for event in step.events:
            self.kept = protocol.evolve(self.kept, event)
            self.events.append(event)

    def tick(self) -> None:
        step = protocol.tick(self.case, protocol.Context(self.now, calendar))
        for event in step.events:
            self.kept = protocol.evolve(self.kept, event)
            self.events.append(event)

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @property
    def applicant(self) -> protocol.Actor:
        return protocol.Actor("applicant", "applicant-1")

    @staticmethod
    def of(office: protocol.Office) -> protocol.Actor:
        kind: protocol.ActorKind = "window" if office.department == "window" else "officer"
        return protocol.Actor(kind, "1", office.division, office.department)

    @property
    def lead(self) -> protocol.Actor:
        return self.of(self.case.plan.lead)

    def opened(self) -> Desk:
        window = protocol.Actor("window", "1", self.raw.get("received_at"))
        self.do(window if self.raw["channel"] == "window" else self.applicant, self.given)
        return self

    def received(self) -> Desk:
        self.opened()
        window = protocol.Actor("window", "1", self.raw.get("received_at"))
        by_window = self.raw["channel"] == "window"
        self.do(window if by_window else protocol.SYSTEM, protocol.Receive(materials=PAPERS))
        return self

    def arrived(self) -> Desk:
        self.received()
        while self.case.state == "received":
            here = self.of(self.case.plan.way[self.case.at])
            self.do(here, protocol.Forward(PAPERS, "post", "EMS 1"))
            self.do(self.of(self.case.holder), protocol.Arrive())
        return self

    def accepted(self) -> Desk:
        self.arrived()
        self.do(self.of(self.case.accepting), protocol.Accept())
        for office in self.case.plan.others:
            self.do(self.of(office), protocol.Confirm())
        return self

    def decided(self, granted: bool = True) -> Desk:
        self.accepted()
        no = protocol.Deny(
            ("申请人不具备经营快递业务的能力",),
            "不符合条件",
            article=f"{LAW}第三十八条",
        )
        self.do(self.lead, protocol.Grant("符合条件") if granted else no)
        return self

    def sent(self, by: str = "", tracking: str = "") -> Desk:
        self.decided()
        self.do(self.lead, protocol.Deliver(by, tracking))
        return self

    def lost(self) -> Desk:
        self.sent("post", "EA123456785CN")
        self.do(self.lead, protocol.Report("lost"))
        self.wait(7)
        self.do(self.lead, protocol.Deliver("post", "EA473124829CN"))
        return self

    @property
    def particulars(self) -> Particulars:
        case = self.case
        item = f"{case.item['jurisdiction']}/{case.item['id']}"
        names = {
            one.key: self.kernel.rulebook.office_name(item, one.division, one.department)
            for one in case.plan.offices
        }
        more = explained(self.kernel, case)
        return Particulars(
            self.raw["applicant"],
            names,
            calendar,
            tuple(self.events),
            more["sources"],
            tuple(more["stated"]),
            more["divisions"],
        )

    def document(self, kind: str) -> Document:
        return document(self.case, kind, self.particulars)

    def request(self, **more: Any) -> dict[str, Any]:
        """The `result` of the `deliver` hook."""
        known = self.particulars
        given = {"personal": known.personal, "offices": known.offices, "calendars": calendar}
        return {**given, **more}


def _came_to(desk: Callable[[str], Desk]) -> dict[str, Desk]:
    """A case for each kind of document."""
    found: dict[str, Desk] = {
        "receipt": desk("licence").received(),
        "acceptance": desk("licence").accepted(),
        "transfer": desk("licence").arrived(),
        "grant": desk("hukou").decided(),
        "denial": desk("licence").decided(granted=False),
        "sending": desk("hukou").sent("post", "EA123456785CN"),
        "reissue": desk("hukou").lost(),
        "delivery_receipt": desk("hukou").sent("pickup"),
    }
    found["delivery_receipt"].do(found["delivery_receipt"].lead, protocol.Report("arrived"))

    found["ineligible"] = desk("refused").opened()
    insisted = found["insistence"] = desk("refused").opened()
    insisted.do(insisted.applicant, protocol.Insist("户口簿由他人保管,无法取得"))

    wrong_denial = found["decision_correction"] = desk("licence").decided(granted=False)
    wrong_denial.do(wrong_denial.lead, protocol.Deliver("electronic"))
    wrong_denial.do(
        wrong_denial.applicant,
        protocol.Lodge("reconsideration", "西宁市人民政府", "事实认定有误"),
    )
    found["remedy_notice"] = desk("licence").decided(granted=False)
    found["remedy_notice"].do(found["remedy_notice"].lead, protocol.Deliver("electronic"))
    outcome = protocol.Resolve("changed", document="宁政复决〔2026〕7")
    wrong_denial.do(wrong_denial.lead, outcome)
    why = ("申请人已具备相应能力",)
    wrong_denial.do(wrong_denial.lead, protocol.Correct(True, why, f"{LAW}第六十九条", 1))
    again = found["reopening"] = desk("licence").arrived()
    again.do(again.of(again.case.accepting), protocol.Decline(("材料不全",), f"{LAW}第三十二条"))
    again.do(again.of(again.case.accepting), protocol.Reopen("材料已齐全", f"{LAW}第三十二条"))
    put_right = found["amendment"] = desk("refused").opened()
    right = {**put_right.raw, "facts": {"booklet_unobtainable": True}}
    application = put_right.kernel.application(right)
    put_right.do(
        put_right.applicant,
        protocol.Amend(
            protocol.public_part(application),
            put_right.kernel.decide(application).to_dict(),
            (protocol.Document("派出所证明", "original"),),
            "户口簿由他人保管",
        ),
    )

    def then(kind: str, start: Desk, body: protocol.CommandBody, actor: Any = None) -> Desk:
        start.do(actor or start.of(start.case.holder), body)
        found[kind] = start
        return start

    void = then("void_notice", desk("hukou").lost(), protocol.Report("arrived", 1))
    assert void.case.void_found
    window = protocol.Actor("window", "1", "510100")
    wrong = (
        protocol.Defect("applicant.agent.id_number", "校验码不符 (the last character is wrong)"),
        protocol.Defect("materials", "申请表未签名"),
    )
    then("return", desk("hukou").opened(), protocol.Receive(wrong), window)
    asked = protocol.RequestSupplement(("营业执照副本", "经办人授权委托书"), 10)
    then("supplement", desk("licence").arrived(), asked)
    lapsed = then("lapse", desk("licence").arrived(), asked)
    lapsed.wait(30)
    lapsed.tick()
    undone = then("correction", desk("licence").arrived(), asked)
    undone.wait(100)
    undone.tick()
    undone.wait(-98)
    undone.do(undone.lead, protocol.CheckClock("时钟曾快100天"))
    then(
        "decline",
        desk("licence").arrived(),
        protocol.Decline(("不属于本机关职权范围",), article=f"{LAW}第三十二条"),
    )
    pause = protocol.Pause("expert_review", "涉及专业技术问题", 10)
    then("procedure", desk("licence").accepted(), pause)
    resumed = then("resumption", desk("licence").accepted(), pause)
    resumed.wait(14)
    resumed.do(resumed.lead, protocol.Resume())
    then("extension", desk("licence").accepted(), protocol.Extend(("需要向有关部门核实情况",)))
    then("withdrawal", desk("hukou").arrived(), protocol.Withdraw(), desk("hukou").applicant)
    letter = protocol.Authorise("g-2", "委2026-18", ("receive",), until=date(2026, 6, 30))
    then("authorisation", desk("hukou").accepted(), letter, desk("hukou").applicant)
    short = then("expiry", desk("hukou").accepted(), protocol.Grant(valid_until=date(2026, 4, 1)))
    for body in (protocol.Deliver("electronic"), protocol.Close()):
        short.do(short.lead, body)
    short.wait(40)
    short.tick()
    refused = then("termination", desk("hukou").arrived(), protocol.Accept())
    (other,) = refused.case.plan.others
    refused.do(refused.of(other), protocol.Refuse("户口已被冻结"))
    return found


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return Kernel(clock=lambda: MONDAY)


@pytest.fixture(scope="session")
def people(applications: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A person with an agent."""
    return {**applications["hukou"]["applicant"], "agent": AGENT}


@pytest.fixture(scope="session")
def desk(
    kernel: Kernel, applications: Mapping[str, dict[str, Any]], people: dict[str, Any]
) -> Callable[[str], Desk]:
    refused = {
        "item": "2-02",
        "channel": "window",
        "received_at": "510100",
        "as_of": "2026-03-02",
        "applicant": people,
        "places": {"hukou": "630102"},
        "facts": {"booklet_unobtainable": False},
    }
    hukou = {**applications["hukou"], "applicant": people}
    given = {**applications, "hukou": hukou, "refused": refused}
    return lambda name: Desk(kernel, given[name])


@pytest.fixture(scope="session")
def came_to(desk: Callable[[str], Desk]) -> dict[str, Desk]:
    """A case that has come to the document, by its kind."""
    return _came_to(desk)


@pytest.fixture(scope="session")
def key() -> signing.SigningKey:
    return signing.SigningKey(b"k" * 32)


@pytest.fixture
def tongban(kernel: Kernel) -> Callable[..., Any]:
    """Runs the program."""
    runner = CliRunner()
    return lambda *words: runner.invoke(cli, [str(word) for word in words], obj=kernel)
