"""A world in which one case lives: a clock, actors, and every check that holds at each step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version
from tongban.kernel.service import calendar_of, refused_way

NATIONAL = calendar_of(Kernel().ports.working_days("630100"))

PAPERS = (p.Document("申请表", "form"), p.Document("证明", "original"))


class World:
    """One case, its log, its messages and its clock."""

    def __init__(self, kernel: Kernel, raw: Mapping[str, Any], **options: Any) -> None:
        application = kernel.application(raw)
        program = kernel.program(application.item)
        decision = kernel.decide(application)
        if decision.outcome == "ineligible":
            options["way"] = refused_way(program, application)
        self.given = p.submit(
            decision,
            program.item,
            application,
            rules=rules_version(program),
            applicant="applicant-1",
            **options,
        )
        self.now = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)  # a Monday without holidays near
        self.calendars: p.Calendars = lambda division: NATIONAL
        self.case: p.Case | None = None
        self.events: list[p.Event] = []
        self.messages: list[p.Message] = []
        self.ids: Iterator[int] = count(1)
        self.applicant = p.Actor("applicant", "applicant-1")
        self.papers = PAPERS

    def copy(self) -> World:
        """Another world that has come as far; what has happened is frozen."""
        other = copy(self)
        other.events, other.messages = [*self.events], [*self.messages]
        return other

    @property
    def here(self) -> p.Case:
        """The case, which is there."""
        assert self.case is not None
        return self.case

    @property
    def plan(self) -> p.Plan:
        return self.here.plan

    @property
    def window(self) -> p.Actor:
        receiving = self.given.decision["receiving"]
        division = receiving["division"] if receiving else self.plan.window
        return p.Actor("window", "window-1", division)

    @property
    def lead(self) -> p.Actor:
        return self.officer(self.plan.lead)

    @property
    def accepting(self) -> p.Actor:
        return self.officer(self.here.accepting)

    @staticmethod
    def officer(office: p.Office) -> p.Actor:
        """An officer of an office, or the window that it is."""
        kind: p.ActorKind = "window" if office.department == "window" else "officer"
        return p.Actor(kind, f"{kind}-1", office.division, office.department)

    def context(self) -> p.Context:
        last = self.events[-1].at if self.events else None
        return p.Context(self.now, self.calendars, last)

    def attempt(
        self, actor: p.Actor, body: p.CommandBody, id: str | None = None
    ) -> p.Step | p.Refusal:
        """Gives a command, and keeps what it yields."""
        command = p.Command(id or f"command-{next(self.ids)}", "CASE-1", actor, body)
        assert p.Command.from_dict(_through_json(command.to_dict())) == command
        result = p.handle(self.case, command, self.context())
        assert result == p.handle(self.case, command, self.context()), "not pure"
        self.keep(result)
        return result

    def do(self, actor: p.Actor, body: p.CommandBody, id: str | None = None) -> p.Step:
        """Gives a command that must be taken."""
        result = self.attempt(actor, body, id)
        assert isinstance(result, p.Step), result
        return result

    def refused(self, actor: p.Actor, body: p.CommandBody) -> p.Refusal:
        """Gives a command that must be refused."""
        result = self.attempt(actor, body)
        assert isinstance(result, p.Refusal), result
        return result

    def tick(self) -> p.Step:
        """Lets time work; a second time it brings nothing."""
        step = p.tick(self.here, self.context())
        self.keep(step)
        assert p.tick(self.here, self.context()) == p.Step(repeated=True, doubt=step.doubt)
        return step

    def keep(self, result: p.Step | p.Refusal) -> None:
        """Adds events to the log, and checks everything that holds at each of them."""
        for event in result.events:
            assert p.Event.from_dict(_through_json(event.to_dict())) == event
            before, self.case = self.case, p.evolve(self.case, event)
            _check_legal(before, event, self.case)
            self.events.append(event)
        for message in result.messages:
            assert p.Message.from_dict(_through_json(message.to_dict())) == message
            assert message.kind in p.MESSAGES
        self.messages += result.messages
        assert len({one.id for one in self.messages}) == len(self.messages)
        if self.case is not None:
            assert p.replay(self.events) == self.case
            assert p.Case.from_dict(_through_json(self.case.to_dict())) == self.case

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def on(self, day: date, hour: int = 9) -> None:
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=p.CHINA)

    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [event.kind for event in self.events]

    def sent(self, kind: str) -> list[p.Message]:
        """The messages of a kind."""
        return [message for message in self.messages if message.kind == kind]

    def documents(self) -> list[str]:
        """The papers that the applicant got."""
        return [message.body["document"] for message in self.sent("notice")]

    def limit(self, step: str) -> p.Limit:
        found = [one for one in p.limits(self.here, self.calendars, self.now) if one.step == step]
        return found[-1]

    # The usual steps, up to a state.

    def opened(self) -> None:
        by_window = self.given.application["channel"] == "window"
        self.do(self.window if by_window else self.applicant, self.given)

    def received(self) -> None:
        self.opened()
        by_window = self.given.application["channel"] == "window"
        self.do(self.window if by_window else p.SYSTEM, p.Receive(materials=PAPERS))

    def forwarded(self) -> None:
        """On to the next office, and arrived there."""
        at = self.plan.way[self.here.at]
        self.do(self.officer(at), p.Forward(PAPERS, "post", "EMS 1"))
        self.do(self.officer(self.here.holder), p.Arrive())

    def arrived(self) -> None:
        self.received()
        while self.here.state == "received":
            self.forwarded()

    def accepted(self) -> None:
        """Accepted, and with the authority that decides; all others have confirmed."""
        self.arrived()
        self.do(self.accepting, p.Accept())
        if self.here.at < len(self.plan.way) - 1:
            self.forwarded()
        for office in self.plan.others:
            self.do(self.officer(office), p.Confirm())

    def decided(self) -> None:
        self.accepted()
        self.do(self.lead, p.Grant("符合条件"))

    def closed(self) -> None:
        self.decided()
        self.do(self.lead, p.Deliver())
        if self.here.state == "delivering":
            self.do(self.lead, p.Report("arrived"))
        self.do(self.lead, p.Close())


def _through_json(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False))


def _check_legal(before: p.Case | None, event: p.Event, after: p.Case) -> None:
    """The state changes as docs/protocol.md says, and no other way."""
    moves = p.EVENTS[event.kind].moves
    if before is None:
        assert (event.kind, moves) == ("submitted", {})
    else:
        assert after.state in moves.get(before.state, ()), (before.state, event.kind, after.state)


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return Kernel(clock=lambda: datetime(2026, 3, 2, tzinfo=p.CHINA))


@pytest.fixture(scope="session")
def make(kernel: Kernel, applications: Mapping[str, dict[str, Any]]) -> Callable[..., World]:
    """Makes a world for one of `applications`."""

    def world(name: str, **options: Any) -> World:
        return World(kernel, applications[name], **options)

    return world
