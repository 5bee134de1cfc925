"""`tongban case show`: one case with everything that happened, its limits, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from tongban.kernel import Kernel, TongbanError, protocol
from tongban.kernel.model import term
from tongban.kernel.ports import store
from tongban.plugins.casework.alarms import (
    alarm_json,
    alarm_lines,
    alarms,
    review_json,
    review_lines,
    reviews,
)
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.departures import departure_json, departure_lines
from tongban.plugins.casework.events import details, mandate_lines, validity_text
from tongban.plugins.casework.fields import options_of
from tongban.plugins.casework.in_transit import (
    came_back,
    came_back_json,
    came_back_lines,
    silent,
)
from tongban.plugins.casework.naming import (
    actor_name,
    command_name,
    day_text,
    key_name,
    limit_line,
    moment,
    office_name,
    task_json,
    who_types,
)
from tongban.plugins.casework.refusals import refusal_json, refusal_lines
from tongban.plugins.casework.remedies import put_right_lines, remedy_lines
from tongban.plugins.casework.restoring import warn_of_restore
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings
from tongban.plugins.console.options import write_json
from tongban.plugins.console.tables import View
from tongban.plugins.console.tables import show as show_view

_HIDDEN = ("agent", "authorisation", "mandate", "seen", "attempts", "signalled")
_LABELS = {
    "name": "姓名/名称 name",
    "id_number": "证件号码 id",
    "credit_code": "统一社会信用代码 credit code",
    "phone": "电话 phone",
    "address": "地址 address",
}


@click.command("show", short_help="Show a case: timeline, limits, who has to act next.")
@case_argument
@click.option(
    "--personal",
    "purpose",
    metavar="PURPOSE",
    default="",
    help="Show personal data unmasked, to a party to the case; who, when and what for is recorded.",
)
@with_settings
def show(kernel: Kernel, settings: Settings, *, case: str, purpose: str) -> None:
    """Show a case: each step with its official term, limits, who has to act next.

    Personal data is masked.

    \b
    Examples:
      tongban case show BJ20261122ABCDEF0123
      tongban case show BJ20261122ABCDEF0123 --json
      tongban case show BJ20261122ABCDEF0123 --personal 核验身份 --as window:510100
    """
    with open_session(kernel, settings, writes=bool(purpose)) as session:
        warn_of_restore(session)
        id = session.case_id(case)
        found = session.store.case(id)
        if found is None:
            _show_messages(session, id)
            return
        data = _personal(session, id, purpose)
        if session.as_json:
            write_json(_json(session, found, data))
        else:
            show_view(_view(session, found, data))


def _personal(session: Session, case: str, purpose: str) -> dict[str, Any]:
    if purpose:
        kept = session.store.personal(case, session.acting, purpose)
        return dict(kept.data) if kept else {}
    try:
        return session.store.masked(case)
    except TongbanError as error:  # sealed, and this run has no key: the rest can be read
        return {"name": str(error)}


def _view(session: Session, case: protocol.Case, data: dict[str, Any]) -> View:
    kernel, plan = session.kernel, case.plan
    word = protocol.STATES[case.state]
    item = case.item
    view = View(f"{case.id} {item['id']} {item['name']}")
    view.add("状态 state", f"{word.official} {case.state}: {word.meaning}", _style(case))
    view.add("方式 modes", [term("mode", mode) for mode in plan.modes], "green")
    view.add("协同编号", case.collaboration or [])
    view.add("收件凭证 receipt", case.receipt or [])
    view.add("申请人 applicant", _applicant(case, data))
    view.add("机关 offices", [_office(kernel, plan, office) for office in plan.offices])
    view.add("回避 recusals", list(_kept_off(kernel, case)))
    view.add("决定 decision", _decision(case))
    view.add("按规则 by the rules", list(refusal_lines(kernel, case)), "yellow")
    view.add("复议诉讼 remedies", list(remedy_lines(case)), "bold yellow")
    view.add("更正 put right", list(put_right_lines(case)))
    view.add("偏离规则 departs", departure_lines(case), "bold yellow")
    view.add("时限 limits", _limits(session, case), "yellow")
    view.add("下一步 next", _next(session, case), "bold")
    view.add("退回 came back", _came_back(session, case.id), "bold yellow")
    view.add("复核 reviewed", review_lines(session, case.id), "bold yellow")
    view.add("抵触 contradiction", _alarms(session, case.id), "bold red")
    view.add("未获回执 silent", _silent(session, case.id), "bold yellow")
    view.add("经过 timeline", timeline(kernel, session.store.events(case.id)))
    view.add("版本 version", f"{case.version}, 规则 rules {case.rules[:12]}", "dim")
    return view


def _style(case: protocol.Case) -> str:
    if not case.over:
        return "bold cyan"
    return "bold green" if case.state == "closed" and case.granted else "bold red"


def _applicant(case: protocol.Case, data: dict[str, Any]) -> list[str]:
    lines = [case.applicant, *_party(data)]
    if case.agent:
        lines += [f"代办人 agent {case.agent}", *_party(data.get("agent") or {})]
        lines += [f"    {line}" for line in mandate_lines(case.mandate)]
    return lines


def _party(data: dict[str, Any]) -> list[str]:
    return [f"    {label}: {data[name]}" for name, label in _LABELS.items() if name in data]


def _office(kernel: Kernel, plan: protocol.Plan, office: protocol.Office) -> str:
    parts = []
    if office == plan.way[0] and office.department == "window":
        parts.append("收件 receives")
    if office == plan.way[plan.accepting]:
        parts.append("受理 accepts")
    if office == plan.lead:
        parts.append("办理 decides")
    if office in plan.others:
        parts.append("协同 confirms")
    return f"{office_name(kernel, office)} ({', '.join(parts)})"


def _decision(case: protocol.Case) -> list[str]:
    lines = []
    if case.granted is not None:
        word = "准予 granted" if case.granted else "不予 denied"
        lines.append(f"{word}, 决定文号 number {case.result}")
        lines += [f"    作废 void: {number}" for number in case.voided]
        if case.validity:
            lines.append(f"    有效期至 valid until {validity_text(case.validity)}")
        lines += [f"    {line}" for line in _letters(case)]
    lines += [f"    {reason}" for reason in case.reasons]
    lines += [f"    依据 on {case.article}"] if case.article else []
    return lines


def _letters(case: protocol.Case) -> Iterator[str]:
    """What is to be known of letters: sent to the former address, or found when void."""
    for nth, one in enumerate(case.deliveries, 1):
        if case.sent_before_move(nth):
            yield f"第 {nth} 次送达寄往变更前地址 delivery {nth} went to the former address"
        if any(found.delivery == nth for found in case.void_found):
            yield f"第 {nth} 次送达 {one.number} 已寻获,作废 found, and void"


def _kept_off(kernel: Kernel, case: protocol.Case) -> Iterator[str]:
    for one in case.recusals:
        lifted = f", 已解除 lifted {moment(one.lifted_at)}" if one.lifted_at else ""
        instead = f", 改由 instead {one.instead}" if one.instead else ""
        who = f"{key_name(kernel, one.office)} {one.officer}"
        yield f"{who}: {one.reason} ({moment(one.at)}{instead}{lifted})"


def _limits(session: Session, case: protocol.Case) -> list[str]:
    found = protocol.limits(case, session.service.calendar, session.now)
    lines = [line for one in found for line in limit_line(session.kernel, one)]
    if not protocol.has_limit(case):
        lines.append(protocol.NO_LIMIT)
    elif not lines:
        lines.append("尚未起算 none has begun")
    return lines


def _next(session: Session, case: protocol.Case) -> Iterator[str]:
    kernel = session.kernel
    tasks = session.tasks_of(case.id)
    for task in tasks:
        due = f", 截止 by {day_text(task.due, task.provisional)}" if task.due else ""
        taken = f", 已领办 taken by {task.taken_by}" if task.taken_by else ""
        yield f"{key_name(kernel, task.office)}: {command_name(task.command)}{due}{taken}"
        typed = task.command.replace("_", "-")
        words = " ".join((f"--as {who_types(case, task.office)}", *_needed(case, task.command)))
        yield f"    tongban case {typed} {case.id} {words}"
        others = [kind for kind in _may(case, task.office) if kind != task.command]
        if others:
            yield f"    也可 or: {'、'.join(map(command_name, others))}"
    if tasks:
        return
    if "rate" not in _may(case, ""):
        yield "无 nothing"
        return
    side = next(office.key for office in case.reached if not _rated(case, office))
    yield f"{key_name(kernel, '')}: {command_name('rate')}"
    who = who_types(case, "")
    yield f"    tongban case rate {case.id} --side {side} --grade … --as {who}"


def _needed(case: protocol.Case, command: str) -> Iterator[str]:
    """The options that a command cannot do without, to be filled in."""
    for option in options_of(command):
        if option.required:
            either = "|".join((*option.opts, *option.secondary_opts))
            yield either if option.is_flag else f"{either} …"
    waiting = protocol.owed(case)
    if waiting and command in ("correct", "reopen"):
        yield f"--remedy {waiting[0].number}"


def _came_back(session: Session, case: str) -> list[str]:
    return [line for one in came_back(session, case) for line in came_back_lines(session, one)]


def _alarms(session: Session, case: str) -> list[str]:
    return [line for one in alarms(session, case) for line in alarm_lines(session, one)]


def _silent(session: Session, case: str) -> list[str]:
    return [one.line(session) for one in silent(session, case)]


def _rated(case: protocol.Case, office: protocol.Office) -> bool:
    return any(one.side == office.key for one in case.ratings)


def _may(case: protocol.Case, office: str) -> tuple[str, ...]:
    if not office:
        return protocol.possible(case, protocol.Actor("applicant", case.applicant))
    division, _, department = office.partition("/")
    place = None if division == "-" else division
    if department == "supervisor":
        return protocol.possible(case, protocol.Actor("supervisor", "", place))
    if department == "window":
        return protocol.possible(case, protocol.Actor("window", "", place))
    return protocol.possible(case, protocol.Actor("officer", "", place, department))


def timeline(kernel: Kernel, events: tuple[protocol.Event, ...]) -> list[str]:
    """Every event in two lines or more: when, what, who; then what it says.

    Args:
        kernel: knows divisions and departments.
        events: of one case, in order.
    """
    lines = []
    for event in events:
        word = protocol.EVENTS[event.kind].official
        who = actor_name(kernel, event.actor)
        lines.append(f"{moment(event.at)}  {event.seq:>2}. {word} {event.kind} · {who}")
        lines += [f"    {line}" for line in details(kernel, event)]
    return lines


def _json(session: Session, case: protocol.Case, data: dict[str, Any]) -> dict[str, Any]:
    limits = protocol.limits(case, session.service.calendar, session.now)
    shown = {name: value for name, value in case.to_dict().items() if name not in _HIDDEN}
    return {
        "case": shown,
        "over": case.over,
        "ruled_ineligible": refusal_json(session.kernel, case),
        "departure": departure_json(case),
        "remedies_owed": [one.number for one in protocol.owed(case)],
        "official": protocol.STATES[case.state].official,
        "personal": data,
        "limits": [_limit_json(one) for one in limits],
        "has_limit": protocol.has_limit(case),
        "next": [task_json(task) for task in session.tasks_of(case.id)],
        "came_back": [came_back_json(one) for one in came_back(session, case.id)],
        "reviews": [review_json(one) for one in reviews(session, case.id, open_only=False)],
        "alarms": [alarm_json(one) for one in alarms(session, case.id)],
        "silent": [one.to_dict() for one in silent(session, case.id)],
        "timeline": [
            {
                "seq": event.seq,
                "at": event.at.isoformat(),
                "kind": event.kind,
                "official": protocol.EVENTS[event.kind].official,
                "who": actor_name(session.kernel, event.actor),
                "says": details(session.kernel, event),
            }
            for event in session.store.events(case.id)
        ],
    }


def _limit_json(one: protocol.Limit) -> dict[str, Any]:
    return {
        "step": one.step,
        "official": one.official,
        "office": one.office.key,
        "started": one.started.isoformat(),
        "working_days": one.working_days,
        "extended": one.extended,
        "due": one.due.isoformat() if one.due else None,
        "provisional": one.provisional,
        "left": one.left,
        "done": one.done.isoformat() if one.done else None,
        "state": one.state,
        "cite": dict(one.cite),
        "basis": one.basis,
    }


def _show_messages(session: Session, case: str) -> None:
    """A case that another store has: what came of it here."""
    came = session.store.incoming(case=case)
    if session.as_json:
        write_json({"case": None, "messages": [message_json(one) for one in came]})
        return
    view = View(f"{case} 由其他数据库办理 (another store has this case)")
    view.add("消息 messages", [line for one in came for line in message_lines(session, one)])
    view.add("退回 came back", _came_back(session, case), "bold yellow")
    view.add("未获回执 silent", _silent(session, case), "bold yellow")
    show_view(view)


def message_json(one: store.Incoming) -> dict[str, Any]:
    """An incoming message, for machines."""
    sent = one.message
    return {
        "id": sent.id,
        "kind": sent.kind,
        "case": sent.case,
        "collaboration": sent.collaboration,
        "sender": sent.sender,
        "receiver": sent.receiver,
        "sent_at": sent.sent_at.isoformat(),
        "handled_at": one.handled_at.isoformat() if one.handled_at else None,
    }


def message_lines(session: Session, one: store.Incoming) -> list[str]:
    """An incoming message, in lines."""
    sent = one.message
    word = protocol.MESSAGES[sent.kind].official
    sender = key_name(session.kernel, sent.sender)
    state = "已处理 done" if one.handled_at else "待处理 open"
    lines = [f"{moment(sent.sent_at)}  {word} {sent.kind} · {sender} → {sent.receiver} ({state})"]
    item = sent.body.get("item")
    if isinstance(item, dict):
        lines.append(f"    {item.get('id')} {item.get('name')}, 协同编号 {sent.collaboration}")
    return lines
