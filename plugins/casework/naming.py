"""How offices, people, moments and limits of a case read."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from tongban.kernel import Kernel, protocol
from tongban.kernel.model import TERMS, term
from tongban.kernel.ports import store
from tongban.plugins.console.terms import cited, inferred

LIMIT_STATES = {
    "running": "进行中",
    "stopped": "中止计时",
    "met": "按时完成",
    "late": "超期完成",
    "overdue": "逾期",
    "ended": "已终结",
}


def moment(at: datetime) -> str:
    """`2026-03-02 09:00`, in China's time."""
    return at.astimezone(protocol.CHINA).strftime("%Y-%m-%d %H:%M")


def day_text(day: date | None, provisional: bool = False) -> str:
    """A last day; one beyond the published calendar says so. "" for none."""
    if day is None:
        return ""
    return f"{day}{' [暂定 provisional]' if provisional else ''}"


def department_name(kernel: Kernel, department: str) -> str:
    """`公安部门`: a department of whatever place, in the annex's way of naming it."""
    if department in ("window", "supervisor"):
        return TERMS["actor"][department].zh
    for item in kernel.items:
        for one in item.authorities:
            if one.id == department:
                return one.name
    name = next((d.name for d in kernel.rulebook.departments if d.id == department), "")
    short = re.fullmatch("省(.+)(?:厅|局|委)", name)
    return f"{short[1]}部门" if short else name.removeprefix("省") or department


def key_name(kernel: Kernel, key: str, *, code: bool = True) -> str:
    """`四川省成都市公安部门 510100/public_security`, from an address of a message.

    Args:
        kernel: knows divisions and departments.
        key: the address; "" is the applicant's.
        code: whether the address itself stands behind.
    """
    if key in ("", protocol.APPLICANT):
        return "申请人 applicant"
    if key == "system":
        return "系统 system"
    division, _, department = key.partition("/")
    place = "" if division == "-" else division
    if place in kernel.base.divisions:
        place = kernel.base.divisions.full_name(place)
    name = place + department_name(kernel, department)
    return f"{name} {key}" if code else name


def office_name(kernel: Kernel, office: protocol.Office, *, code: bool = True) -> str:
    """The same for an office of a case."""
    return key_name(kernel, office.key, code=code)


def actor_name(kernel: Kernel, actor: protocol.Actor) -> str:
    """Who did something; people by their part alone."""
    official = protocol.ACTORS[actor.kind]
    if actor.kind in ("applicant", "agent", "system"):
        return official
    division = actor.division or ""
    known = kernel.base.divisions
    place = known.full_name(division) if division in known else division
    name = f" {actor.id}" if actor.id else ""
    if actor.kind == "officer":
        return f"{place}{department_name(kernel, actor.department)}{name}"
    return f"{place}{official}{name}"


def state_name(state: str) -> str:
    """`已受理 accepted`."""
    return term("state", state)


def command_name(kind: str) -> str:
    """`受理 accept`, as it is typed."""
    return f"{protocol.COMMANDS[kind].official} {kind.replace('_', '-')}"


_OTHERWISE = {"grant": "deny", "confirm": "refuse"}
"""The other way of a task that is a decision."""


def task_name(kind: str) -> str:
    """`准予 grant、不予 deny`: what is to be done, both ways where it is to be decided."""
    ways = (kind, _OTHERWISE[kind]) if kind in _OTHERWISE else (kind,)
    return "、".join(map(command_name, ways))


def limit_line(kernel: Kernel, one: protocol.Limit) -> list[str]:
    """One limit of a case: who, how long, until when, how it stands, by which words."""
    days = f"{one.working_days} 个工作日 working days"
    if one.extended:
        days += f" (已延长 {one.extended} extended)"
    who = (
        "申请人 applicant" if one.step == "supply" else office_name(kernel, one.office, code=False)
    )
    lines = [f"{one.official} {one.step}: {days}, {who}", f"    {_standing(one)}"]
    cite = cited(kernel, _text(one.cite)) if one.cite else ""
    if cite:
        lines.append(f"    {cite}{inferred(one.basis)}")
    return lines


def _text(cite: Any) -> dict[str, str]:
    return {name: str(value) for name, value in cite.items() if value}


def _standing(one: protocol.Limit) -> str:
    word = f"{LIMIT_STATES[one.state]} {one.state}"
    due = day_text(one.due, one.provisional)
    if one.state == "stopped":
        return f"{word}, 恢复后还剩 {one.left} left when it goes on"
    if one.state == "running":
        return f"{word}, 截止 last day {due}, 还剩 {one.left} left"
    if one.done:
        return f"{word}, {one.done} done (截止 last day {due})"
    return f"{word}, 截止 last day {due}"


def who_types(case: protocol.Case, office: str) -> str:
    """How somebody of an office says who they are: the value of `--as`."""
    if not office:
        return f"applicant:{case.applicant}"
    division, _, department = office.partition("/")
    if department in ("window", "supervisor"):
        return f"{department}:{division}"
    return f"officer:{office}"


def task_json(task: store.Task) -> dict[str, Any]:
    """A task, for machines."""
    return {
        "case": task.case,
        "item": task.item,
        "name": task.name,
        "office": task.office or protocol.APPLICANT,
        "command": task.command.replace("_", "-"),
        "official": protocol.COMMANDS[task.command].official,
        "state": task.state,
        "since": task.since.isoformat(),
        "due": task.due.isoformat() if task.due else None,
        "provisional": task.provisional,
        **(
            {"taken_by": task.taken_by, "taken_at": task.taken_at.isoformat()}
            if task.taken_at
            else {}
        ),
    }
