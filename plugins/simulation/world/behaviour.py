"""What an office has to do next in a case, and what its officer then does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tongban.kernel import Defect, protocol
from tongban.kernel.model import Text
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.obligations import put_right
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import (
    WINDOW,
    Act,
    Task,
    officer_of,
    round_of,
    supervisor_of,
)

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_GIVE_UP_POST = 2
"""After this many letters that came back, the result waits at the window."""


def task_of(case: protocol.Case, record: Record) -> Task | None:
    """What the office that has a case must do next; None while it waits for somebody else.

    Args:
        case: as it stands in the store.
        record: which letters have come.
    """
    office, command = next(iter(protocol.awaited(case)), (None, ""))
    sent, at_window = len(case.shipments), case.holder.department == WINDOW
    if command not in _STEPS:
        return None
    if command == "receive":
        if case.plan.channel != "window":
            return Task(command, None, f"once{round_of(case)}")
        return Task(command, office, f"once{round_of(case)}", by_window=True)
    if command == "forward":
        return Task(command, office, f"{case.at} {sent}", by_window=at_window)
    if command == "arrive":
        if not record.parcels.get(sent):
            return None
        return Task(command, office, f"{sent}", by_window=at_window)
    supplied = bool(case.supplement and case.supplement.supplied_at)
    name = f"{len(case.pauses)} {len(case.deliveries)} {int(supplied)}{round_of(case)}"
    # A supervisor settles a disagreement for the office that has the case, among its work.
    return Task(command, case.holder if command == "settle" else office, name)


def act(
    ports: Ports, record: Record, case: protocol.Case | None, task: Task, cancelled: bool
) -> Act | None:
    """What an officer does about a task; None where it is no longer to be done.

    Args:
        ports: with draws and the choices of the scenario.
        record: of the case.
        case: as the store here has it; None where it has none.
        task: what is on the list.
        cancelled: whether a cancellation has come for a request to confirm.
    """
    if task.command == "confirm":
        return _confirm(ports, record, case, task, cancelled)
    if task.command == "follow_up":
        return _follow_up(record, case, task)
    if case is None:
        return None
    if task.command in ("correct", "reopen"):
        return put_right(record, case, task)
    if task.command == "extend":
        body = protocol.Extend(("情况复杂,需延长期限",), task.name)
        return (officer_of(case.plan.lead, record), body) if not case.over else None
    if task.name.startswith("again "):
        if case.state != "dispatched" or f"again {len(case.shipments)}" != task.name:
            return None
        return _forward(ports, record, case)
    now = task_of(case, record)
    if now is None or (now.command, now.name) != (task.command, task.name):
        return None
    return _STEPS[task.command](ports, record, case)


def _confirm(
    ports: Ports, record: Record, case: protocol.Case | None, task: Task, cancelled: bool
) -> Act | None:
    assert task.office is not None
    chance, number = ports.dice.chance, record.number
    answered = case is not None and task.office.key in case.answers
    late = cancelled and not chance.happens(0.2, number, "late answer", task.office.key)
    again = round_of(case) if case is not None else ""
    if answered or late:
        return None
    actor = officer_of(task.office, record)
    if chance.happens(ports.scenario.choices.refuse, number, f"refuse{again}", task.office.key):
        return actor, protocol.Refuse("不符合迁出(转出)条件")
    return actor, protocol.Confirm("同意")


def _follow_up(record: Record, case: protocol.Case | None, task: Task) -> Act | None:
    assert task.office is not None
    side = task.office.key
    if case is not None and not any(one.side == side and not one.result for one in case.follow_ups):
        return None
    if case is None:
        return officer_of(task.office, record), protocol.FollowUp(side, "已回访整改")
    office = next(one for one in case.plan.offices if one.key == side)
    return officer_of(office, record), protocol.FollowUp(side, "已回访整改")


def _receive(ports: Ports, record: Record, case: protocol.Case) -> Act:
    choices, chance = ports.scenario.choices, ports.dice.chance
    defects: tuple[Defect, ...] = ()
    if chance.happens(choices.defects, record.number, f"defects{round_of(case)}"):
        defects = (Defect("materials", Text("申请表未签名", "the form is not signed")),)
    papers = (protocol.Document("申请表", "form"), protocol.Document("证明材料", "original"))
    actor = protocol.SYSTEM
    if case.plan.channel == "window":
        actor = officer_of(protocol.Office("", case.plan.window, WINDOW), record)
    return actor, protocol.Receive(defects, True, papers)


def _forward(ports: Ports, record: Record, case: protocol.Case) -> Act:
    office = case.plan.way[case.at]
    by = "post" if ports.dice.chance.happens(0.7, record.number, "by", case.at) else "message"
    papers = case.materials or (protocol.Document("申请表", "form"),)
    return officer_of(office, record), protocol.Forward(papers, by, f"EMS{record.number:09d}")


def _arrive(ports: Ports, record: Record, case: protocol.Case) -> Act:
    return officer_of(case.holder, record), protocol.Arrive()


def _accept(ports: Ports, record: Record, case: protocol.Case) -> Act:
    choices, chance, number = ports.scenario.choices, ports.dice.chance, record.number
    officer = officer_of(case.accepting, record)
    if case.supplement is None and chance.happens(choices.supplement, number, "supplement"):
        wanted = ("身份证明", "关系证明")[: 1 + chance.below(2, number, "wanted")]
        return officer, protocol.RequestSupplement(wanted, choices.supplement_working_days)
    again = round_of(case)
    if case.decision["outcome"] == "ineligible":  # insisted upon, or amended since
        if chance.happens(choices.decline_refused, number, f"decline refused{again}"):
            return officer, protocol.Decline(("不符合申请条件",))
        return officer, protocol.Accept()
    if chance.happens(choices.decline, number, f"decline{again}"):
        return officer, protocol.Decline(("不属于本机关职权范围",), "《行政许可法》第三十二条")
    return officer, protocol.Accept()


def _examine(ports: Ports, record: Record, case: protocol.Case) -> Act:
    choices, chance, number = ports.scenario.choices, ports.dice.chance, record.number
    officer = officer_of(case.plan.lead, record)
    if not case.pauses and chance.happens(choices.pause, number, "pause"):
        kinds = tuple(protocol.PROCEDURES)
        procedure = chance.pick(kinds, number, "procedure")
        return officer, protocol.Pause(procedure, "依法需要", 20)
    if chance.happens(choices.terminate, number, f"terminate{round_of(case)}"):
        return officer, protocol.Terminate("申请事项依法不再存在")
    return officer, protocol.Examine("材料齐全,符合条件")


def _grant(ports: Ports, record: Record, case: protocol.Case) -> Act:
    """Mostly as the rules have it; who departs from them names an article."""
    officer, chance, number = officer_of(case.plan.lead, record), ports.dice.chance, record.number
    choices, again = ports.scenario.choices, round_of(case)
    if case.decision["outcome"] == "ineligible":
        if chance.happens(choices.grant_refused, number, f"grant refused{again}"):
            reasons = ("经核实符合法定条件",)
            article = "《行政许可法》第三十八条"
            return officer, protocol.Grant("符合条件", reasons=reasons, article=article)
        return officer, protocol.Deny(("不符合法定条件",))
    if chance.happens(choices.deny, number, f"deny{again}"):
        return officer, protocol.Deny(("不符合法定条件",), article="《行政许可法》第三十八条")
    return officer, protocol.Grant("符合条件", valid_until=_last_day(ports, record))


def _last_day(ports: Ports, record: Record) -> date | None:
    """The last day of a result, where the officer states one."""
    chance, choices, number = ports.dice.chance, ports.scenario.choices, record.number
    if not chance.happens(choices.state_validity, number, "valid"):
        return None
    days = chance.of(choices.valid_days, number, "valid days")
    return protocol.day_of(ports.agenda.moment) + timedelta(days=days)


def _deliver(ports: Ports, record: Record, case: protocol.Case) -> Act:
    tried = [one for one in case.deliveries if one.status in ("returned", "lost")]
    by = "pickup" if len(tried) >= _GIVE_UP_POST else ""
    nth = len(case.deliveries) + 1
    return officer_of(case.plan.lead, record), protocol.Deliver(by, f"EMS{record.number:09d}{nth}")


def _resume(ports: Ports, record: Record, case: protocol.Case) -> Act:
    return officer_of(case.plan.lead, record), protocol.Resume("程序结束")


def _settle(ports: Ports, record: Record, case: protocol.Case) -> Act:
    actor = supervisor_of(case.holder)
    goes_on = ports.dice.chance.happens(ports.scenario.choices.settle, record.number, "settle")
    return actor, protocol.Adjudicate(goes_on, "经人工核对")


_STEPS = {
    "receive": _receive,
    "forward": _forward,
    "arrive": _arrive,
    "accept": _accept,
    "examine": _examine,
    "grant": _grant,
    "deliver": _deliver,
    "resume": _resume,
    "settle": _settle,
}


def standstill(ports: Ports, record: Record, case: protocol.Case) -> int:
    """How many minutes are left of a special procedure."""
    began = ports.agenda.minute_of(case.pauses[-1].since)
    days = ports.dice.chance.of(ports.scenario.choices.pause_days, record.number, "standstill")
    return max(0, began + days * DAY - ports.agenda.now)
