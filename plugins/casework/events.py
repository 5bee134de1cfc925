"""What each event of a case says, in lines that people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tongban.kernel import Kernel, protocol
from tongban.kernel.model import FORMS, term
from tongban.plugins.casework import remedy_events
from tongban.plugins.casework.departures import ground_lines
from tongban.plugins.casework.naming import command_name, day_text, moment, office_name

Lines = Iterable[str]


def details(kernel: Kernel, event: protocol.Event) -> list[str]:
    """What there is to say of an event beside its name, its moment and its actor.

    Args:
        kernel: knows divisions and departments.
        event: of a case.
    """
    lines = [line for line in TELLERS[event.kind](kernel, event.body) if line]
    if event.clock:
        said = f"本机时钟 the clock said {moment(event.clock)}"
        lines.append(f"{said}, 取上一事件的时间 not before #{event.seq - 1}")
    return lines


def _nothing_more(kernel: Kernel, body: Any) -> Lines:
    """Of an event that says everything by its name."""
    return ()


def _papers(papers: Iterable[protocol.Document]) -> str:
    return "、".join(
        f"{one.name}({FORMS.get(one.form, one.form)} {one.copies} 份)" for one in papers
    )


def _submitted(kernel: Kernel, body: Any) -> Lines:
    yield f"规则版本 rules {body.rules[:12]}"
    if body.collaboration:
        yield f"业务协同编号 collaboration {body.collaboration}"
    if body.agent:
        yield "代办 by an agent, 凭授权委托书 with an authorisation"
        yield from mandate_lines(body.mandate)


def _received(kernel: Kernel, body: Any) -> Lines:
    yield f"收件凭证 receipt {body.receipt}"
    if body.materials:
        yield f"材料 materials: {_papers(body.materials)}"
    yield from (f"提示 note: {one.field}: {one.message}" for one in body.warnings)


def _returned(kernel: Kernel, body: Any) -> Lines:
    for one in body.defects:
        word = "提示 note" if one.warning else "缺陷 defect"
        yield f"{word}: {one.field}: {one.message}"
    yield from body.reasons


def _dispatched(kernel: Kernel, body: Any) -> Lines:
    by = term("way", body.by) + (f" {body.tracking}" if body.tracking else "")
    yield f"→ {office_name(kernel, body.target)}, {by}"
    yield f"清单 list: {_papers(body.materials)}"


def _arrived(kernel: Kernel, body: Any) -> Lines:
    yield office_name(kernel, body.office)
    if body.missing:
        yield f"缺 not there: {'、'.join(body.missing)}"


def _chased(kernel: Kernel, body: Any) -> Lines:
    yield "、".join(office_name(kernel, one) for one in body.awaited)
    yield body.note


def _accepted(kernel: Kernel, body: Any) -> Lines:
    silent = "逾期不告知,视为受理 by silence, " if body.silent else ""
    yield f"{silent}自 {body.on} 起 counts from {body.on}"


def _supplement(kernel: Kernel, body: Any) -> Lines:
    yield f"须补正 wanted: {'、'.join(body.wanted)}"
    if body.due:
        yield f"截止 last day {day_text(body.due, body.provisional)}"


def _supplied(kernel: Kernel, body: Any) -> Lines:
    yield f"已补 brought: {'、'.join(body.given)}"
    if body.outstanding:
        yield f"仍缺 still missing: {'、'.join(body.outstanding)}"


def _lapsed(kernel: Kernel, body: Any) -> Lines:
    yield f"截止 last day {body.due}; 仍缺 missing: {'、'.join(body.outstanding)}"


def _reasons(kernel: Kernel, body: Any) -> Lines:
    yield from (f"理由 reason: {one}" for one in body.reasons)


def _declined(kernel: Kernel, body: Any) -> Lines:
    yield from _reasons(kernel, body)
    yield f"依据 on {body.article}" if body.article else ""


def _refused_by_rule(kernel: Kernel, body: Any) -> Lines:
    for one in body.grounds:
        yield from ground_lines(one)


def _reason(kernel: Kernel, body: Any) -> Lines:
    yield f"理由 reason: {body.reason}" if body.reason else ""


def _examined(kernel: Kernel, body: Any) -> Lines:
    yield body.finding


def _requested(kernel: Kernel, body: Any) -> Lines:
    yield f"业务协同编号 collaboration {body.collaboration}"
    yield "→ " + "、".join(office_name(kernel, one) for one in body.offices)


def _confirmed(kernel: Kernel, body: Any) -> Lines:
    late = " (迟到,不影响结果 late, changes nothing)" if body.late else ""
    yield f"{office_name(kernel, body.office)}{late}"
    yield body.note


def _cohandler_refused(kernel: Kernel, body: Any) -> Lines:
    late = " (迟到,不影响结果 late, changes nothing)" if body.late else ""
    yield f"{office_name(kernel, body.office)}{late}"
    yield f"理由 reason: {body.reason}"


def _paused(kernel: Kernel, body: Any) -> Lines:
    days = f", 预计 expected {body.expected} 个工作日 working days" if body.expected else ""
    yield f"{term('procedure', body.procedure)}{days}; 停止计时 the clock stops"
    yield from _reason(kernel, body)


def _note(kernel: Kernel, body: Any) -> Lines:
    yield body.note


def _extended(kernel: Kernel, body: Any) -> Lines:
    step = term("step", body.step)
    yield f"{step} +{body.working_days} 个工作日 working days"
    yield from _reasons(kernel, body)


def _decided(kernel: Kernel, body: Any) -> Lines:
    word = "准予 granted" if body.granted else "不予 denied"
    yield f"{word}, 决定文号 number {body.number}"
    yield from _declined(kernel, body)
    yield f"文书 document {body.document}" if body.document else ""
    if body.validity:
        yield f"有效期至 valid until {validity_text(body.validity)}"


def _delivery(kernel: Kernel, body: Any) -> Lines:
    number = f", 单号 tracking {body.tracking}" if body.tracking else ""
    yield f"第 {body.delivery} 次 delivery {body.delivery}: {_by(body.by)}, {body.number}{number}"


def validity_text(held: protocol.Validity) -> str:
    """The last day of a result, and who says so.

    Args:
        held: of a case or a decision.
    """
    says = "依规则 by the rules" if held.basis == "rule" else "经办人载明 stated by the officer"
    return f"{day_text(held.until, held.provisional)} ({says})"


def _until(kernel: Kernel, body: Any) -> Lines:
    yield f"有效期至 valid until {body.until}"


def mandate_lines(said: protocol.Mandate | None) -> Lines:
    """What a letter of authorisation says beside its number.

    Args:
        said: None where that is not recorded.
    """
    said = said or protocol.Mandate()
    scope = "、".join(term("scope", one) for one in said.scope) or "未载明 not stated"
    yield f"授权范围 scope: {scope}"
    if said.since or said.until:
        days = f"{said.since or '未载明 not stated'} – {said.until or '未载明 not stated'}"
        yield f"授权期限 days: {days}"
    if said.kinship:
        yield f"与申请人关系 tie: {term('kinship', said.kinship)}"


def _authorised(kernel: Kernel, body: Any) -> Lines:
    if not body.agent:
        yield "撤销委托 nobody acts for the applicant any more"
        return
    yield "代办 by an agent, 凭授权委托书 with an authorisation"
    yield from mandate_lines(body.mandate)


def _by(by: str) -> str:
    return term("delivery", by)


def _delivery_reported(kernel: Kernel, body: Any) -> Lines:
    yield term("delivery_status", body.status)
    yield body.note


def _reissued(kernel: Kernel, body: Any) -> Lines:
    yield f"{body.void} 作废 void → {body.number}"


def _delivered(kernel: Kernel, body: Any) -> Lines:
    yield _by(body.by)


def _rated(kernel: Kernel, body: Any) -> Lines:
    yield f"{_side(kernel, body.side)}: {term('grade', body.grade)}"
    yield body.comment


def _side(kernel: Kernel, side: str) -> str:
    division, _, department = side.partition("/")
    place = None if division == "-" else division
    return office_name(kernel, protocol.Office("", place, department))


def _follow_up(kernel: Kernel, body: Any) -> Lines:
    due = day_text(body.due, body.provisional)
    yield f"{_side(kernel, body.side)}, 截止 last day {due}"


def _followed_up(kernel: Kernel, body: Any) -> Lines:
    yield f"{_side(kernel, body.side)}: {body.result}"


def _limit(kernel: Kernel, body: Any) -> Lines:
    step = term("step", body.step)
    due = day_text(body.due, body.provisional)
    yield f"{step}, 截止 last day {due}, {office_name(kernel, body.office)}"


def _stopped(kernel: Kernel, body: Any) -> Lines:
    yield f"本系统 ours: {'、'.join(body.ours) or '无 none'}"
    yield f"{body.engine}: {'、'.join(body.theirs) or '无 none'}"


def _settled(kernel: Kernel, body: Any) -> Lines:
    yield "继续办理 goes on" if body.goes_on else "终止 ends"
    yield from _reason(kernel, body)


def _attempt(kernel: Kernel, body: Any) -> Lines:
    yield f"{command_name(body.command)}: {protocol.REFUSALS.get(body.code, body.code)}"


def _taken_over(kernel: Kernel, body: Any) -> Lines:
    yield "由其他数据库转来 from another store"


def _recovered(kernel: Kernel, body: Any) -> Lines:
    yield "随备份丢失,由本库信件补录 lost with a backup, recovered from a letter of this store"


def _clock_checked(kernel: Kernel, body: Any) -> Lines:
    yield f"上一事件 the event before: {moment(body.last)}"
    yield from _reason(kernel, body)
    if body.reinstated:
        yield "撤销逾期,继续办理 the lapse is undone, the case goes on"


def _void_found(kernel: Kernel, body: Any) -> Lines:
    yield f"第 {body.delivery} 次送达 delivery {body.delivery}: {body.number} 已作废 is void"
    yield body.note


def _contact_changed(kernel: Kernel, body: Any) -> Lines:
    to = f" → {_by(body.delivery)}" if body.delivery else ""
    names = "、".join(protocol.CONTACTS[one] for one in body.changed)
    yield f"变更 changed: {names} {', '.join(body.changed)}{to}"
    yield body.note


def _recused(kernel: Kernel, body: Any) -> Lines:
    yield f"{_side(kernel, body.office)} {body.officer} 不再办理 is kept off"
    yield from _reason(kernel, body)
    yield f"依据 article: {body.article}" if body.article else ""
    yield f"改由 instead: {body.instead}" if body.instead else ""


def _readmitted(kernel: Kernel, body: Any) -> Lines:
    yield f"{_side(kernel, body.office)} {body.officer} 可以办理 may act again"
    yield from _reason(kernel, body)


def _claimed(kernel: Kernel, body: Any) -> Lines:
    yield _side(kernel, body.office)


def _released(kernel: Kernel, body: Any) -> Lines:
    yield f"{_side(kernel, body.office)}: {body.account}"
    yield from _reason(kernel, body)


TELLERS: Mapping[str, Callable[[Kernel, Any], Lines]] = {
    "submitted": _submitted,
    "ruled_ineligible": _refused_by_rule,
    "insisted": _reason,
    "received": _received,
    "returned": _returned,
    "dispatched": _dispatched,
    "arrived": _arrived,
    "chased": _chased,
    "accepted": _accepted,
    "supplement_requested": _supplement,
    "supplied": _supplied,
    "lapsed": _lapsed,
    "declined": _declined,
    "examined": _examined,
    "cohandling_requested": _requested,
    "cohandling_confirmed": _confirmed,
    "cohandling_refused": _cohandler_refused,
    "cohandling_completed": _nothing_more,
    "paused": _paused,
    "resumed": _note,
    "extended": _extended,
    "decided": _decided,
    "delivery_started": _delivery,
    "delivery_reported": _delivery_reported,
    "reissued": _reissued,
    "delivered": _delivered,
    "closed": _nothing_more,
    "withdrawn": _reason,
    "terminated": _reason,
    "amended": remedy_events.amended,
    "corrected": remedy_events.corrected,
    "decision_replaced": _reissued,
    "reopened": remedy_events.reopened,
    "remedy_lodged": remedy_events.lodged,
    "remedy_admitted": remedy_events.admitted,
    "remedy_resolved": remedy_events.resolved,
    "rated": _rated,
    "follow_up_opened": _follow_up,
    "followed_up": _followed_up,
    "stopped": _stopped,
    "settled": _settled,
    "authorised": _authorised,
    "expiring": _until,
    "expired": _until,
    "warned": _limit,
    "overdue": _limit,
    "attempt_refused": _attempt,
    "taken_over": _taken_over,
    "recovered": _recovered,
    "clock_checked": _clock_checked,
    "void_found": _void_found,
    "contact_changed": _contact_changed,
    "recused": _recused,
    "readmitted": _readmitted,
    "claimed": _claimed,
    "released": _released,
}
"""Every event by its kind."""
