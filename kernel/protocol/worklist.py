"""The work list: who must act next in a case, on what, and by when. Pure.

Every store, the commands of `tongban case` and the simulation ask it. A store may keep
what it says as rows; the answer is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from attrs import field, frozen

from tongban.kernel.model.addresses import oversees
from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.awaiting import awaited
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import COMMAND_BODIES
from tongban.kernel.protocol.guards import allowed, barred
from tongban.kernel.protocol.limits import Limit, limits
from tongban.kernel.protocol.terms import State
from tongban.kernel.protocol.transitions import COMMANDS


@frozen
class TaskKey:
    """The place of a task in the work list: a cursor that stays good while the list changes.

    Attributes:
        due: last day; a task without one comes after those that have one.
        office: its key; "" for the applicant.
    """

    due: date | None
    case: str
    command: str
    office: str

    @property
    def order(self) -> tuple[bool, str, str, str, str]:
        """Sorts: by last day, case, command, office."""
        day = self.due.isoformat() if self.due else ""
        return self.due is None, day, self.case, self.command, self.office

    def __str__(self) -> str:
        return f"{self.due or '-'}/{self.case}/{self.command}/{self.office}"

    @classmethod
    def parse(cls, text: str) -> TaskKey:
        """The key that `str` wrote.

        Raises:
            ValueError: where the text is not a key.
        """
        due, case, command, office = text.split("/", 3)
        command = command.replace("-", "_")
        if not case or command not in COMMANDS:
            raise ValueError("not the key of a task")
        return cls(None if due == "-" else date.fromisoformat(due), case, command, office)


@frozen
class Task:
    """What somebody must do next in a case.

    Attributes:
        office: key of the office; "" where it is the applicant's turn.
        command: kind of the command that is awaited; its official term is in `COMMANDS`.
        state: why: the state of the case, which this command ends.
        item, name: key and name of the item.
        since: the moment of the last event.
        due: the last day for it, where a limit is set and runs.
        provisional: whether `due` lies beyond the published calendar.
        taken_by, taken_at: the account that has taken it (领办), and when; "" for nobody.
        kept_off: who stands back from the case (回避): key of the office and account.
    """

    case: str
    office: str
    division: str | None
    department: str
    command: str
    state: State
    item: str
    name: str
    since: datetime
    due: date | None = None
    provisional: bool = False
    taken_by: str = ""
    taken_at: datetime | None = None
    kept_off: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> TaskKey:
        """Its place in the work list."""
        return TaskKey(self.due, self.case, self.command, self.office)


@frozen
class TaskPage:
    """A part of the work list.

    Attributes:
        tasks: the most urgent first.
        count: how many there are in the whole list.
        after: where the next part begins; None where this is the last.
    """

    tasks: tuple[Task, ...]
    count: int = field(kw_only=True)
    after: TaskKey | None = field(default=None, kw_only=True)


def tasks(
    case: Case, calendars: Calendars, since: datetime, running: Iterable[Limit] | None = None
) -> tuple[Task, ...]:
    """What must be done next in a case, by whom and by when.

    Args:
        case: as it stands.
        calendars: the calendar of each place.
        since: the moment of its last event.
        running: `limits` of the case at that moment, where they are counted already.

    Returns:
        In the order of the protocol; `task_page` sorts by urgency.
    """
    counted = limits(case, calendars, since) if running is None else running
    under_way = [one for one in counted if not one.done and one.state not in ("stopped", "ended")]
    return tuple(_task(case, since, under_way, *one) for one in awaited(case))


def _task(
    case: Case, since: datetime, under_way: Iterable[Limit], office: Office | None, command: str
) -> Task:
    under = _limit_of(under_way, office, command)
    taken = next((one for one in case.claims if office and one.office == office.key), None)
    return Task(
        case=case.id,
        office=office.key if office else "",
        division=office.division if office else None,
        department=office.department if office else "",
        command=command,
        state=case.state,
        item=f"{case.item.get('jurisdiction', '')}/{case.item.get('id', '')}",
        name=case.item.get("name", ""),
        since=since,
        due=under.due if under else None,
        provisional=under.provisional if under else False,
        taken_by=taken.account if taken else "",
        taken_at=taken.at if taken else None,
        kept_off=tuple((one.office, one.officer) for one in case.recusals if one.lifted_at is None),
    )


def _limit_of(under_way: Iterable[Limit], office: Office | None, command: str) -> Limit | None:
    for step in COMMAND_BODIES[command].limits:
        for one in under_way:
            if one.step == step and (office is None or one.office.key == office.key):
                return one
    return None


def is_turn(task: Task, case: Case, actor: Actor) -> bool:
    """Whether a task is on the list of an actor.

    Args:
        task: of the case.
        case: as it stands.
        actor: whose list it is; a supervisor's has the tasks of all whom they oversee.
    """
    if barred(case, actor):
        return False
    if actor.kind == "applicant":
        return not task.office and case.applicant == actor.id
    if actor.kind == "agent":
        return not task.office and case.agent == actor.id
    if actor.kind == "window":
        own = task.department == "window" and task.division == actor.division
        # The window at which it was handed in examines its form, whichever office decides.
        return own or (task.command == "receive" and case.plan.window == actor.division)
    if actor.kind == "officer":
        return task.division == actor.division and task.department == actor.department
    if actor.kind == "supervisor":
        return oversees(actor.division, task.division)
    return True


def task_page(
    found: Iterable[Task], limit: int | None = None, after: TaskKey | None = None
) -> TaskPage:
    """A part of the work list.

    Args:
        found: all tasks of the list, in any order.
        limit: at most this many.
        after: only those behind this place.
    """
    whole = sorted(found, key=lambda task: task.key.order)
    left = [one for one in whole if after is None or one.key.order > after.order]
    page = tuple(left if limit is None else left[:limit])
    more = page[-1].key if page and len(left) > len(page) else None
    return TaskPage(page, count=len(whole), after=more)


def possible(case: Case, actor: Actor, day: date | None = None) -> tuple[str, ...]:
    """The commands that an actor may give now and that the protocol would not refuse anyway.

    Args:
        case: as it stands.
        actor: who asks.
        day: as in `allowed`.

    Returns:
        Kinds of commands, in the order of the protocol.
    """
    return tuple(
        kind
        for kind in allowed(case, actor, day)
        if kind not in ("stop", "take_over") and COMMAND_BODIES[kind].can_work(case, actor)
    )
