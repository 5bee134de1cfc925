"""Whether a case that another store sends can be one: each of its fields, and all together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from attrs import field, frozen

from tongban.kernel.model.moments import day_of
from tongban.kernel.model.rules import CHANNELS, DELIVERIES, MODES, RULE_STEPS
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, is_name, load
from tongban.kernel.protocol.grounds import grounds_of
from tongban.kernel.protocol.letters import AHEAD, Here, dated, reject_unless
from tongban.kernel.protocol.plan import Document, LimitRule, is_public, plan_of, plan_of_refused
from tongban.kernel.protocol.snapshot_acts import lodged, reopened
from tongban.kernel.protocol.snapshot_people import kept_off, rated, reached, taken
from tongban.kernel.protocol.terms import LIMIT_STEPS, MOST_DAYS

_DIVISION = re.compile(r"\d{6}", re.ASCII)
_DEPARTMENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REFERENCE = re.compile("(?:[0-9a-f]{64})?")
_MOST_EVENTS, _MOST_COPIES = 100_000, 10_000

_NOT_YET: Mapping[str, Any] = {
    **dict.fromkeys(("resumes", "chased_at", "led_at", "examined_at", "requested_at"), None),
    **dict.fromkeys(("completed_at", "granted", "decided_at", "delivered_at", "ended_at"), None),
    **dict.fromkeys(("finding", "result", "article"), ""),
    **dict.fromkeys(("answers", "extensions"), {}),
    **dict.fromkeys(("defects", "reasons", "pauses", "voided", "deliveries"), ()),
    "corrections": (),
    "validity": None,
    "void_found": (),
}
"""What a case has not while it is on its way to an office."""


@frozen
class _Decision:
    """The fields of `Decision.to_dict()`; `plan_of` and `plan_of_refused` look into them."""

    item: Mapping[str, str]
    as_of: date
    outcome: Literal["eligible", "ineligible"]
    modes: tuple[str, ...]
    crossing: str | None
    receiving: Mapping[str, Any]
    handling: tuple[Mapping[str, Any], ...]
    legs: tuple[Mapping[str, str], ...]
    delivery: tuple[str, ...]
    time_limit: tuple[Mapping[str, Any], ...]
    reasons: tuple[Mapping[str, Any], ...]
    overridden: tuple[Mapping[str, Any], ...]
    missing: tuple[Mapping[str, Any], ...]
    advice: tuple[Mapping[str, Any], ...]
    valid_for: Mapping[str, int] | None = None


@frozen
class _Application:
    """The fields of an application without personal data."""

    item: str
    channel: str = "online"
    received_at: str | None = None
    as_of: date | None = None
    places: Mapping[str, str] = field(factory=dict)
    facts: Mapping[str, Any] = field(factory=dict)
    deliver_by: str | None = None
    applicant: Mapping[str, str] = field(factory=dict)


def is_office(office: Office) -> bool:
    """Whether an office has an address."""
    fits = office.division is None or bool(_DIVISION.fullmatch(office.division))
    return fits and bool(_DEPARTMENT.fullmatch(office.department)) and is_name(office.place)


def is_limit(rule: LimitRule) -> bool:
    """Whether a limit can be counted."""
    fits = rule.step in RULE_STEPS and rule.basis in ("stated", "inferred")
    return fits and 0 < rule.working_days <= MOST_DAYS and 0 <= rule.extension <= MOST_DAYS


def is_materials(materials: tuple[Document, ...]) -> bool:
    """Whether a list of materials is one."""
    return all(
        is_name(one.name) and is_name(one.form) and 0 < one.copies <= _MOST_COPIES
        for one in materials
    )


def is_reference(text: str) -> bool:
    """Whether a text can stand for personal data; "" for none."""
    return bool(_REFERENCE.fullmatch(text))


def shaped(item: Mapping[str, Any], application: Mapping[str, Any]) -> bool:
    """Whether item and application are what the kernel writes, without personal data."""
    try:
        found = load(_Application, application, "application")
    except FormatError:
        return False
    scalars = all(
        value is None or isinstance(value, str | int | float | bool)
        for value in found.facts.values()
    )
    plain = all(is_name(value) for value in (found.item, *found.places.values()))
    wanted = {"id", "name", "department", "jurisdiction"}
    named = set(item) == wanted and all(is_name(value) for value in item.values())
    return named and scalars and plain and is_public(application) and found.channel in CHANNELS


def _identity(case: Case) -> bool:
    texts = (case.rules, case.applicant, case.receipt)
    more = (case.agent, case.authorisation, case.collaboration)
    return (
        all(is_name(text) for text in texts)
        and all(is_name(text, least=0) for text in more)
        and bool(case.agent) <= bool(case.authorisation)
        and bool(case.collaboration) == (len(case.plan.offices) > 1)
        and is_reference(case.personal)
    )


def _authorised(case: Case) -> bool:
    fits = case.mandate is None or (bool(case.agent) and case.mandate.flaw is None)
    alone = case.plan.in_person and case.decision.get("outcome") == "eligible"
    return fits and not (alone and case.agent)


def _numbered(case: Case) -> bool:
    return 1 + len(case.shipments) <= case.version <= _MOST_EVENTS


def _remembered(case: Case) -> bool:
    ids = (*case.seen, *case.attempts)
    return len(ids) <= _MOST_EVENTS and all(is_name(one) for one in ids)


def _refused(case: Case) -> bool:
    """Whether the rules refuse it: it goes on because somebody insisted, or settled a doubt."""
    return case.decision.get("outcome") == "ineligible"


def _planned(case: Case) -> bool:
    plan = case.plan
    return (
        len(plan.modes) == len(set(plan.modes) & set(MODES))
        and bool(plan.modes) == (not _refused(case) or case.planned_on is not None)
        and plan.channel in CHANNELS
        and plan.delivery in DELIVERIES
        and (plan.window is None or bool(_DIVISION.fullmatch(plan.window)))
        and all(map(is_office, plan.offices))
        and len({one.key for one in plan.way}) == len(plan.way) > 1
        and len({one.key for one in plan.others}) == len(plan.others)
        and 0 <= plan.accepting < len(plan.way)
        and all(map(is_limit, plan.limits))
    )


def _decided_so(case: Case) -> bool:
    """The plan is the one that follows from the decision; the decision is of this item."""
    try:
        load(_Decision, case.decision, "decision")
        grounds_of(case.decision)
        decision, application = case.decision, case.application
        if case.planned_on is not None:  # corrected since, and refused by the rules
            if not _refused(case) or not case.amendments or case.insisted_at is not None:
                return False
            decision, application = case.planned_on.decision, case.planned_on.application
            load(_Decision, decision, "decision")
            if not shaped(decision["item"], application):
                return False
        refused = decision.get("outcome") == "ineligible"
        known = (case.plan.licence, case.plan.on_refusal, case.plan.in_person)
        of_it = (decision, application, *known)
        plan = plan_of_refused(*of_it, way=case.plan.way) if refused else plan_of(*of_it)
    except FormatError:
        return False
    return plan == case.plan and decision["item"] == case.decision["item"] == case.item


def _on_its_way(case: Case) -> bool:
    """The shipments lead from office to office up to where it is under way now."""
    way, sent = case.plan.way, case.shipments
    if case.state != "dispatched" or not sent or not 0 <= case.at < len(way) - 1:
        return False
    legs = list(zip(way, way[1:], strict=False))
    passed = [legs.index(leg) for one in sent if (leg := (one.source, one.target)) in legs]
    if len(passed) < len(sent) or passed != sorted(passed) or {*passed} != {*range(case.at + 1)}:
        return False
    # Sent once more where it was lost: of each leg the last arrived, but for the one under way.
    following = [*passed[1:], case.at]
    return all(
        (one.arrived_at is not None) == (now != then)
        for one, now, then in zip(sent, passed, following, strict=True)
    )


def _listed(case: Case) -> bool:
    lists = (case.materials, *(one.materials for one in case.shipments))
    texts = [text for one in case.shipments for text in (one.by, *one.missing)]
    tracked = all(is_name(one.tracking, least=0) for one in case.shipments)
    return all(map(is_materials, lists)) and tracked and all(is_name(text) for text in texts)


def _accepted(case: Case) -> bool:
    """It is accepted where it passed the authority that accepts, and not before."""
    passed = case.at >= case.plan.accepting
    if case.received_at is None:
        return False
    marks = (case.accepted_at, case.accepted_on, case.arrived_at)
    if not passed:
        return not any((*marks, case.supplement, case.accepted_silently))
    return None not in marks and _supplied(case)


def _supplied(case: Case) -> bool:
    """What was missing, if anything was, has come."""
    asked = case.supplement
    if asked is None:
        return True
    if case.reopenings and asked.asked_at < case.reopenings[-1].at:
        return True  # it lapsed, and the case was reopened
    last = day_of(asked.asked_at) + timedelta(days=3 * MOST_DAYS)
    due = asked.due is None or day_of(asked.asked_at) <= asked.due <= last
    named = bool(asked.wanted) and all(is_name(one) for one in asked.wanted)
    return due and named and not asked.outstanding and asked.supplied_at is not None


def _nothing_later(case: Case) -> bool:
    if case.insisted_at is not None and not _refused(case):
        return False
    if case.insisted_why and case.insisted_at is None:
        return False
    if case.ruled_at is not None and not _goes_on_after_refusal(case):
        return False
    blanks = {**_NOT_YET}
    if case.reopenings and is_name(case.article, least=0):
        del blanks["article"]  # of its former ending: a former version kept it
    return all(getattr(case, name) == blank for name, blank in blanks.items())


def _goes_on_after_refusal(case: Case) -> bool:
    """What the rules refused goes on where the applicant insists or amends, or it is reopened."""
    if not _refused(case):
        return bool(case.amendments)
    return case.insisted_at is not None or bool(case.reopenings)


def _put_right(case: Case) -> bool:
    """What was lodged, reopened and amended says of what, why and with which evidence."""
    amended = all(
        bool(one.changed)
        and all(map(is_name, one.changed))
        and bool(one.evidence)
        and is_materials(one.evidence)
        and bool(one.reason.strip())
        and one.outcome in ("eligible", "ineligible")
        for one in case.amendments
    )
    return lodged(case) and reopened(case) and amended


def _signals(case: Case) -> bool:
    offices = {one.key for one in case.plan.offices}
    for one in case.signalled:
        parts = one.split(" ")
        if len(parts) != 4 or parts[0] not in ("warned", "overdue"):
            return False
        if parts[1] not in LIMIT_STEPS or parts[2] not in offices:
            return False
        try:
            date.fromisoformat(parts[3])
        except ValueError:
            return False
    return True


@frozen
class Sense:
    """Something that must hold of a case that is forwarded.

    Attributes:
        official: what is wrong where it does not hold, in Chinese.
        says: what must hold.
    """

    official: str
    says: str
    holds: Callable[[Case], bool]


SENSE: tuple[Sense, ...] = (
    Sense("状态和转办记录不符", "it is under way from one office of its way to the next",
          _on_its_way),
    Sense("办理计划有误", "its plan has known modes and offices, indexes within its way", _planned),
    Sense("标识有误", "applicant, rules, receipt and numbers are there and fit", _identity),
    Sense("授权委托有误", "an authorisation is of an agent, its days in order, where one is taken",
          _authorised),
    Sense("事件编号有误", "its version is a count of events", _numbered),
    Sense("指令编号有误", "ids of commands are names", _remembered),
    Sense("事项或申请有误", "item and application hold what the kernel writes, no personal data",
          lambda case: shaped(case.item, case.application)),
    Sense("计划与决定不符", "the plan follows from the decision, and the decision is of the item",
          _decided_so),
    Sense("材料清单有误", "materials have names and numbers of copies", _listed),
    Sense("受理记录有误", "it was received, and is accepted where it passed the authority that"
          " accepts", _accepted),
    Sense("含尚未发生的内容", "nothing is in it that happens only later", _nothing_later),
    Sense("联系方式变更记录有误", "changes of contact say what changed, by whom", reached),
    Sense("回避记录有误", "recusals are of officers of its offices, with a reason", kept_off),
    Sense("领办记录有误", "a task is taken at most once, at an office that has one", taken),
    Sense("复议诉讼、重新办理或更正记录有误", "remedies, reopenings and amendments say of what, and"
          " why", _put_right),
    Sense("评价记录有误", "ratings are of its offices, each once, and before it was reopened",
          rated),
    Sense("提示记录有误", "warnings are of its own limits and offices", _signals),
)  # fmt: skip
"""What must hold of a case that is forwarded."""


def sensible(case: Case, here: Here) -> None:
    """Check that a case of another store holds together.

    Args:
        case: as it left another store.
        here: the clock.

    Raises:
        RejectedError: where it cannot be one; the reason names what does not fit.
    """
    for one in SENSE:
        reject_unless(
            one.holds(case),
            "illegal",
            f"转来的办件{one.official}",
            f"of a case that is forwarded must hold: {one.says}",
        )
    for name, moment in _moments(case):
        dated(moment, here, f"转来的办件 {name} ")
        reject_unless(
            moment >= case.submitted_at - AHEAD,
            "illegal",
            f"转来的办件 {name} 早于申请",
            f"{name} is before the application",
        )
    latest = day_of(here.now + AHEAD)
    on = case.accepted_on
    reject_unless(
        on is None or day_of(case.submitted_at - AHEAD) <= on <= latest,
        "illegal",
        "转来的办件受理日期有误",
        "the day of acceptance cannot be",
    )


def _moments(case: Case) -> Iterator[tuple[str, datetime]]:
    for name in (
        "submitted_at",
        "ruled_at",
        "insisted_at",
        "received_at",
        "arrived_at",
        "accepted_at",
    ):
        if getattr(case, name) is not None:
            yield name, getattr(case, name)
    asked = case.supplement
    some = [asked.asked_at, asked.supplied_at, asked.given_at] if asked else []
    some += [one.at for one in case.contact_changes] + [one.at for one in case.claims]
    some += [moment for one in case.recusals for moment in (one.at, one.lifted_at)]
    some += [one.lodged_at for one in case.remedies]
    some += [one.at for one in case.ratings]
    some += [one.at for one in case.reopenings] + [one.at for one in case.amendments]
    some += [moment for one in case.shipments for moment in (one.sent_at, one.arrived_at)]
    for moment in some:
        if moment is not None:
            yield "shipments/supplement/contact_changes/recusals/claims/remedies", moment
