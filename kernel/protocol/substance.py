"""What must hold of a letter besides where it comes from, kind by kind."""

from __future__ import annotations

from tongban.kernel.protocol.actors import supervisor_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.events import replay
from tongban.kernel.protocol.letters import (
    Here,
    Letter,
    OutOfOrderError,
    RejectedError,
    address_of,
    holds,
    reject_unless,
)
from tongban.kernel.protocol.messages import personal_of
from tongban.kernel.protocol.mirroring import lawful
from tongban.kernel.protocol.receipt import Submit
from tongban.kernel.protocol.snapshot import (
    is_limit,
    is_materials,
    is_office,
    is_reference,
    sensible,
    shaped,
)
from tongban.kernel.protocol.terms import GRADES, LIMIT_STEPS
from tongban.kernel.protocol.transfer import Mirror, TakeOver

_MOST_EVENTS = 1_000


def brings_its_data(letter: Letter, here: Here) -> None:
    """The personal data beside a letter is what its reference stands for."""
    named = personal_of(letter.message)
    reject_unless(is_reference(named), "form", "个人信息引用有误", "no reference of personal data")
    reject_unless(
        here.brings in ("", named),
        "personal",
        "所附个人信息与引用不符",
        "the personal data that came is not what the letter refers to",
    )
    # A reference that came alone could be that of somebody else's data, which lies here.
    known = letter.message.kind != "command" or here.known is not None or not letter.sender.node
    reject_unless(
        known or here.brings == named,
        "personal",
        "转交的事项未附其所引用的个人信息",
        "a command that refers to personal data must bring it",
    )


def case_is_sound(letter: Letter, here: Here) -> None:
    """Each field of a case that is forwarded can be, and all of them together."""
    case, sent = letter.body.case, letter.body
    reject_unless(
        case.id == letter.message.case, "form", "办件编号与信件不符", "a letter of another case"
    )
    sensible(case, here)
    reject_unless(
        is_materials(sent.materials) and is_name(sent.tracking, least=0),
        "illegal",
        "发送清单有误",
        "the list of what is sent is none",
    )


def case_is_the_one_here(letter: Letter, here: Here) -> None:
    """What is here of a case that is forwarded says the same."""
    case: Case = letter.body.case
    if here.case is None:
        passed = any(here.serves(office.key) for office in case.plan.way[: case.at + 1])
        reject_unless(
            not passed,
            "contradiction",
            f"办件 {case.id} 称曾经本库办理,而本库没有;本库或曾由旧备份恢复",
            "it says that it passed this store, which does not have it: was it restored from a"
            " backup?",
        )
        return
    if case.version > here.case.version:
        raise OutOfOrderError(
            f"办件 {case.id} 的进度尚未到达", "news of the case has to come first"
        )
    mine = _as_of(here, case.version)
    reject_unless(
        mine is None or mine == case,
        "contradiction",
        f"办件 {case.id} 与本库第 {case.version} 个事件后的办件不符",
        f"not the case of event {case.version} here",
    )


def _as_of(here: Here, version: int) -> Case | None:
    """The case as it was after an event; None where the log here begins later."""
    assert here.case is not None
    if version == here.case.version:
        return here.case
    log = here.log()
    first = log[0]
    if first.kind == "taken_over" and version == first.seq - 1:
        return Case.from_dict(first.to_dict()["data"]["snapshot"])
    return replay(event for event in log if event.seq <= version)


def events_are_numbered(letter: Letter, here: Here) -> None:
    """Events are of the letter's case, numbered without gaps."""
    events, before = letter.body.events, letter.body.before
    first = events[0].seq if events else 0
    fits = 0 < len(events) <= _MOST_EVENTS and all(
        event.case == letter.message.case and event.seq == first + n
        for n, event in enumerate(events)
    )
    reject_unless(fits, "form", "事件编号不连续", "the events are not numbered one by one")
    reject_unless(
        before is None or before.version == first - 1,
        "form",
        "所接日志与事件不符",
        "the events do not follow on the log that the letter names",
    )


def log_is_the_one_here(letter: Letter, here: Here) -> None:
    """Events that are here already are the same, and the log before the new ones is too."""
    assert here.case is not None
    case, events, before = here.case, letter.body.events, letter.body.before
    first = events[0].seq if events else 0
    if first > case.version + 1:
        holds(letter.sender, case, here)
        raise OutOfOrderError("进度尚不连续,须等待", f"waits for event {case.version + 1}")
    if first <= case.version:
        mine = {event.seq: event for event in here.log()}
        other = next((one for one in events if one.seq in mine and mine[one.seq] != one), None)
        if other is not None:
            raise RejectedError(
                "contradiction",
                f"办件 {case.id} 第 {other.seq} 个事件:本库为 {mine[other.seq].kind},对方为 "
                f"{other.kind},内容不同",
                f"event {other.seq} is another one here: one of the two stores lost events or was"
                " changed",
            )
    elif before is not None and events[0].kind != "taken_over":
        reject_unless(
            here.mark(case.version) == before.log,
            "contradiction",
            f"办件 {case.id} 至第 {case.version} 个事件的日志与对方不同",
            f"the log up to event {case.version} is another one here: one of the two stores lost"
            " events or was changed",
        )


def events_are_legal(letter: Letter, here: Here) -> None:
    """Each new event is what the protocol gives for a command of somebody with that part."""
    assert here.case is not None
    new = [event for event in letter.body.events if event.seq > here.case.version]
    lawful(here.case, new, letter.sender, here)


def missing_was_listed(letter: Letter, here: Here) -> None:
    """What is said to be missing was in the list."""
    assert here.case is not None
    sent = [one for one in here.case.shipments if one.source.key == letter.message.receiver]
    reject_unless(bool(sent), "contradiction", "本库尚未转出", "nothing was sent on from here")
    listed = {document.name for one in sent for document in one.materials}
    reject_unless(
        set(letter.body.missing) <= listed,
        "illegal",
        "清单中没有",
        "not in the list of what was sent",
    )


def asks(letter: Letter, here: Here) -> None:
    """A request says for which item and application, in the form of the kernel."""
    body, receiver = letter.body, letter.message.receiver
    reject_unless(
        shaped(body.item, body.application), "form", "事项或申请有误", "no item, or no application"
    )
    sound = is_office(body.lead) and (body.limit is None or is_limit(body.limit))
    reject_unless(sound, "form", "办理机关或时限有误", "no authority, or no limit")
    reject_unless(
        receiver != body.lead.key and "/" in receiver,
        "illegal",
        "不应由该机关答复",
        "it asks no other authority",
    )


def waits_for(letter: Letter, here: Here) -> None:
    """A request that is repeated is one; an arrival needs nothing else."""
    if letter.body.awaited == "answer":
        asks(letter, here)


def answers(letter: Letter, here: Here) -> None:
    """An officer of the authority answers a request that went out from here."""
    assert here.case is not None
    case, body, message = here.case, letter.body, letter.message
    reject_unless(
        body.actor.kind == "officer" and address_of(body.actor) == message.sender,
        "form",
        f"不是 {message.sender} 的答复",
        f"not an answer of {message.sender}",
    )
    reject_unless(
        here.serves(case.holder.key),
        "illegal",
        f"办件 {case.id} 由 {case.holder.key} 持有",
        "another office has the case",
    )
    asked = any(one.kind == "request" for one in here.sent())
    if case.requested_at is None and asked and not case.over:
        # The request came back to a store that was put back, and is made again.
        raise OutOfOrderError(
            f"办件 {case.id} 尚未再次请求协同", "the request has to be made again first"
        )
    reject_unless(
        case.requested_at is not None or asked,  # a case that ended first needs no answer
        "contradiction",
        "本库尚未请求协同;本库或曾由旧备份恢复",
        f"no request of {case.id} went out from here: was this store restored from a backup?",
    )


def passed_on(letter: Letter, here: Here) -> None:
    """A command is of the letter's case, and one that offices pass on."""
    command = letter.body
    kinds = not isinstance(command.do, Submit | TakeOver | Mirror)
    reject_unless(
        kinds and command.actor.kind != "system",
        "illegal",
        "此指令不得转交",
        "this is nothing that one office passes on to another",
    )
    reject_unless(
        command.case == letter.message.case
        and is_name(command.id)
        and is_name(command.actor.id, 0),
        "form",
        "指令与信件不符",
        "the command is of another case, or its id is none",
    )


def result_is_of_the_case(letter: Letter, here: Here) -> None:
    """The number of a result is one of the case's."""
    body, case = letter.body, letter.message.case
    number = body.number.removeprefix(f"{case}-")
    reject_unless(
        number != body.number and number.isdigit() and is_name(body.number) and body.delivery > 0,
        "illegal",
        "决定文号不属于本办件",
        "not a number of a result of this case",
    )


def says_why(letter: Letter, here: Here) -> None:
    """A command that comes back is the one that went out."""
    sent = next((one for one in here.sent() if one.id == letter.body.message), None)
    reject_unless(
        sent is not None and sent.body.get("kind") == letter.body.command,
        "illegal",
        "与转交的事项不符",
        "not the command that was passed on",
    )


def limited(letter: Letter, here: Here) -> None:
    """A warning names a limit and the office that must act; it, or its supervisor, is told."""
    body, receiver = letter.body, letter.message.receiver
    reject_unless(
        LIMIT_STEPS.get(body.step) == body.official and is_office(body.office),
        "form",
        "时限或机关有误",
        "no limit, or no office",
    )
    told = supervisor_of(body.office.division) if letter.message.kind == "urge" else body.office.key
    reject_unless(receiver == told, "illegal", f"应告知 {told}", "that is for another to know")
    _has_a_part(body.office.key, here)


def graded(letter: Letter, here: Here) -> None:
    """A rating has one of the five grades and goes to a side of the case."""
    reject_unless(letter.body.grade in GRADES.values(), "form", "等级有误", "no such grade")
    _has_a_part(letter.message.receiver, here)


def _has_a_part(address: str, here: Here) -> None:
    case = here.case
    offices = {one.key for one in case.plan.offices} if case else set()
    asked = {one.receiver for one in here.came() if one.kind == "request"}
    reject_unless(
        address in offices | asked,
        "illegal",
        f"{address} 与本办件无关",
        "that office has no part in the case",
    )
