"""The legal next steps of a case: who may do what now, so that the protocol takes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import fields

from tongban.kernel import DELIVERIES, Application, Kernel, protocol
from tongban.kernel.engine import rules_version
from tongban.kernel.service import refused_way

APPLICANT = "applicant-1"
PAPERS = (protocol.Document("申请表", "form"), protocol.Document("证明", "original"))


def opening(kernel: Kernel, application: Application, case: str = "CASE-1") -> protocol.Command:
    """The command that opens a case.

    Args:
        kernel: it decides the application.
        application: one that says all; else the protocol refuses the command.
        case: the id of the case.
    """
    program, decision = kernel.program(application.item), kernel.decide(application)
    refused = decision.outcome == "ineligible"
    body = protocol.submit(
        decision,
        program.item,
        application,
        rules=rules_version(program),
        applicant=APPLICANT,
        way=refused_way(program, application) if refused else (),
    )
    actor = protocol.Actor("applicant", APPLICANT)
    if application.channel == "window":
        actor = protocol.Actor("window", "window-1", application.received_at)
    return protocol.Command(f"{case}/1", case, actor, body)


def actors(case: protocol.Case) -> tuple[protocol.Actor, ...]:
    """Everyone who has a part in a case, the machine itself last.

    Args:
        case: as it stands.
    """
    found = [protocol.Actor("applicant", case.applicant)]
    if case.agent:
        found.append(protocol.Actor("agent", case.agent, None, "", case.authorisation))
    if case.plan.window:
        found.append(protocol.Actor("window", "window-1", case.plan.window))
    for office in case.plan.offices:
        if office.department == "window":
            found.append(protocol.Actor("window", "window-1", office.division))
        else:
            found.append(protocol.Actor("officer", "officer-1", office.division, office.department))
    provinces = [f"{o.division[:2]}0000" for o in case.plan.offices if o.division]
    found += [protocol.Actor("supervisor", "supervisor-1", one) for one in provinces]
    return (*dict.fromkeys(found), protocol.SYSTEM)


def legal(
    case: protocol.Case, context: protocol.Context, kinds: Collection[str] = protocol.COMMANDS
) -> tuple[protocol.Command, ...]:
    """Every command of a fixed choice that would now have an effect, by everyone who may give it.

    Args:
        case: as it stands.
        context: the moment and the calendars.
        kinds: those that are wanted; all, where left out.

    Returns:
        In the order of the protocol; none where nothing is left to do.
    """
    number = f"{case.id}/{case.version + 1}"
    order = list(protocol.COMMANDS)
    given = [
        (order.index(kind), protocol.Command(number, case.id, actor, body))
        for actor in actors(case)
        for kind in protocol.allowed(case, actor)
        if kind in kinds
        for body in bodies(case, kind)
    ]
    given.sort(key=lambda one: one[0])
    return tuple(command for _, command in given if _works(case, command, context))


def _works(case: protocol.Case, command: protocol.Command, context: protocol.Context) -> bool:
    answer = protocol.handle(case, command, context)
    return isinstance(answer, protocol.Step) and not answer.repeated


def latest(case: protocol.Case) -> datetime:
    """The last moment that a case knows of.

    Args:
        case: as it stands.
    """
    moments = [case.submitted_at]
    parts: list[Any] = [case, *case.shipments, *case.pauses, *case.deliveries, *case.ratings]
    parts += [*case.contact_changes, *case.recusals, *case.claims, *case.void_found]
    parts += [
        *case.answers.values(),
        *case.follow_ups,
        *([case.supplement] * bool(case.supplement)),
    ]
    for part in parts:
        values = (getattr(part, one.name) for one in fields(type(part)))
        moments += [value for value in values if isinstance(value, datetime)]
    return max(moments)


def bodies(case: protocol.Case, kind: str) -> Iterator[protocol.CommandBody]:
    """Commands of a kind that make sense in a case, the usual one first.

    Args:
        case: as it stands.
        kind: of the command, as `protocol.COMMANDS` names it.

    Raises:
        KeyError: where the kind is among neither `BODIES` nor `DEPENDING`.
    """
    yield from DEPENDING[kind](case) if kind in DEPENDING else BODIES[kind]


BODIES: Mapping[str, tuple[protocol.CommandBody, ...]] = {
    "receive": (
        protocol.Receive(materials=PAPERS),
        protocol.Receive((protocol.Defect("materials", "缺少证明", warning=True),)),
        protocol.Receive((protocol.Defect("materials", "缺少证明"),)),
        protocol.Receive(identified=False),
    ),
    "forward": (
        protocol.Forward(PAPERS, "post", "EMS 1"),
        protocol.Forward(PAPERS, "message"),
    ),
    "chase": (protocol.Chase(),),
    "accept": (protocol.Accept(),),
    "supplement": (
        protocol.RequestSupplement(("证明", "章程"), 15),
        protocol.RequestSupplement(("证明",)),
    ),
    "decline": (protocol.Decline(("不符合受理条件",), article="第三十二条"),),
    "examine": (protocol.Examine("符合条件"),),
    "confirm": (protocol.Confirm(),),
    "refuse": (protocol.Refuse("不符合迁出条件"),),
    "pause": tuple(protocol.Pause(one, "依法须进行", 10) for one in protocol.PROCEDURES),
    "resume": (protocol.Resume(),),
    "deny": (protocol.Deny(("不符合条件",), article="第三十八条"),),
    "deliver": (protocol.Deliver(), *(protocol.Deliver(by) for by in DELIVERIES)),
    "report": tuple(
        protocol.Report(one)
        for one in sorted(protocol.DELIVERY_STATUSES, key=lambda status: status != "arrived")
    ),
    "close": (protocol.Close(),),
    "insist": (protocol.Insist(), protocol.Insist("事实有误")),
    "withdraw": (protocol.Withdraw(),),
    "terminate": (protocol.Terminate("申请人已死亡"),),
    "stop": (protocol.Suspend("second", ("a",), ("b",)),),
    "settle": (protocol.Adjudicate(True, "以规则为准"), protocol.Adjudicate(False, "须重新申请")),
    "authorise": (protocol.Authorise("agent-2", "委2026-2"),),
    "check_clock": (protocol.CheckClock("时钟已校准"),),
    # These leave the course of a case as it is.
    **dict.fromkeys(("amend", "change_contact", "recuse", "readmit", "claim", "release"), ()),
    # These open a case, or come from another store: nobody gives them in a case.
    "submit": (),
    "take_over": (),
    "mirror": (),
}
"""Every command that is the same in each case, by its kind."""


def _grant(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    if case.decision["outcome"] == "eligible":
        yield protocol.Grant("符合条件")
    else:
        yield protocol.Grant("复核", "", ("事实与规则所称不符",), "《行政许可法》第三十八条")


def _arrive(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    yield protocol.Arrive()
    if case.shipments:
        yield protocol.Arrive((case.shipments[-1].materials[0].name,))


def _supply(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    if case.supplement:
        wanted = case.supplement.outstanding
        yield protocol.Supply(wanted)
        if len(wanted) > 1:
            yield protocol.Supply(wanted[:1])


def _extend(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    for rule in case.plan.limits:
        if rule.extension:
            yield protocol.Extend(("情况复杂",), rule.step)


def _remedy(case: protocol.Case) -> int:
    """The remedy that a correction or a reopening has to name."""
    waiting = protocol.owed(case)
    return waiting[0].number if waiting else 0


def _correct(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    article = "《行政许可法》第六十九条"
    yield protocol.Correct(not case.granted, ("原决定认定事实有误",), article, _remedy(case))


def _reopen(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    article = "《行政许可法》第三十二条"
    yield protocol.Reopen("原不予受理决定有误", article, _remedy(case))


def _lodge(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    for one in protocol.REMEDIES:
        yield protocol.Lodge(one, "某市人民政府", "不服该决定")


def _admit(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    if protocol.pending(case):
        yield protocol.Admit(True)
        yield protocol.Admit(False)


def _resolve(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    if protocol.pending(case):
        for one in protocol.REMEDY_OUTCOMES:
            yield protocol.Resolve(one, document="府复决字〔2026〕1号")


def _rate(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    for grade in protocol.GRADES:
        yield from (protocol.Rate(office.key, grade) for office in case.reached)


def _follow_up(case: protocol.Case) -> Iterator[protocol.CommandBody]:
    yield from (protocol.FollowUp(one.side, "已整改") for one in case.follow_ups)


DEPENDING: Mapping[str, Callable[[protocol.Case], Iterator[protocol.CommandBody]]] = {
    "grant": _grant,
    "arrive": _arrive,
    "supply": _supply,
    "extend": _extend,
    "correct": _correct,
    "reopen": _reopen,
    "lodge": _lodge,
    "admit": _admit,
    "resolve": _resolve,
    "rate": _rate,
    "follow_up": _follow_up,
}
"""Every command that follows from what a case holds, by its kind."""
