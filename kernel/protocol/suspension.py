"""A case that stands still: during a special procedure, or until a person settles a doubt."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from attrs import frozen

from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case, ClockStop
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.decision import check_with_lead, with_lead
from tongban.kernel.protocol.ending import Terminated
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.terms import MOST_DAYS, PROCEDURES, Procedure

__all__ = ["Adjudicate", "Pause", "Paused", "Resume", "Resumed", "Settled", "Stopped", "Suspend"]


@command("pause", needs={"reason": REASONS})
@frozen
class Pause(CommandBody):
    """Begins a special procedure; the clock stops.

    Attributes:
        expected: the working days that it will take, as the applicant is informed.
    """

    procedure: Procedure
    reason: str
    expected: int | None = None

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return with_lead(case)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """The clock stops; the applicant is told how long it will take."""
        check_with_lead(case)
        refuse_unless(
            self.expected is None or 0 < self.expected <= MOST_DAYS,
            f"所需时间须为1至{MOST_DAYS}个工作日",
            f"it may be expected to take 1 to {MOST_DAYS} days",
        )
        return [Paused(self.procedure, self.reason, self.expected)]


@event("paused")
@frozen
class Paused(EventBody):
    """特别程序开始: the clock stops."""

    procedure: Procedure
    reason: str
    expected: int | None = None

    def origin(self) -> Pause:
        return Pause(self.procedure, self.reason, self.expected)

    def changes(self, case: Case, event: Event) -> Changes:
        pause = ClockStop(self.procedure, self.reason, event.at, expected=self.expected)
        return {"state": "paused", "resumes": case.state, "pauses": (*case.pauses, pause)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        procedure = PROCEDURES[self.procedure]
        more = {"reason": self.reason, "expected": self.expected}
        yield notice("特别程序告知书", procedure=procedure, **more)


@command("resume")
@frozen
class Resume(CommandBody):
    """Ends the special procedure; the clock goes on."""

    note: str = ""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        return [Resumed(self.note)]


@event("resumed")
@frozen
class Resumed(EventBody):
    """特别程序结束: the clock goes on."""

    note: str = ""

    def origin(self) -> Resume:
        return Resume(self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        last = attrs.evolve(case.pauses[-1], until=event.at)
        return {"state": case.resumes, "resumes": None, "pauses": (*case.pauses[:-1], last)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("恢复办理告知书", note=self.note)


@command("stop")
@frozen
class Suspend(CommandBody):
    """Two engines disagree on which rules hold: the case stops.

    Attributes:
        engine: the second one.
        ours, theirs: ids of the rules that hold, by each.
    """

    engine: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        differ = set(self.ours) != set(self.theirs)
        refuse_unless(differ, "两个引擎的结论相同", "the two engines agree")
        return [Stopped(self.engine, self.ours, self.theirs)]


@event("stopped")
@frozen
class Stopped(EventBody):
    """Two engines disagree; both answers are kept."""

    engine: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def origin(self) -> Suspend:
        return Suspend(self.engine, self.ours, self.theirs)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"state": "stopped", "resumes": case.state}


@command("settle", needs={"reason": REASONS})
@frozen
class Adjudicate(CommandBody):
    """A person settles the disagreement: the case goes on, or ends."""

    goes_on: bool
    reason: str

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        settled = Settled(self.goes_on, self.reason)
        return [settled] if self.goes_on else [settled, Terminated(self.reason)]


@event("settled")
@frozen
class Settled(EventBody):
    """A person settled the disagreement."""

    goes_on: bool
    reason: str

    def origin(self) -> Adjudicate:
        return Adjudicate(self.goes_on, self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        # Where it does not go on, an event of its own ends it.
        return {"state": case.resumes, "resumes": None} if self.goes_on else {}
