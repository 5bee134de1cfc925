"""What is sent on: the messages of a step, and between stores what comes in and goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from tongban.kernel.audit.hash_chain import Entry, shared_hash
from tongban.kernel.errors import Text
from tongban.kernel.model.moments import day_of, in_china
from tongban.kernel.protocol.actors import APPLICANT, SYSTEM, Actor, supervisor_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, dump, load, printable
from tongban.kernel.protocol.cohandling import Confirm, Refuse
from tongban.kernel.protocol.commands import Command, Refusal, flaw
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.letters import RejectedError
from tongban.kernel.protocol.messages import MESSAGES, Draft, Message, derived_id
from tongban.kernel.protocol.plan import LogMark
from tongban.kernel.protocol.receipt import Submit
from tongban.kernel.protocol.transfer import Mirror, TakeOver

NOT_DONE = "转交事项未予办理告知书"
"""The document of a notice that says why a command that was passed on was refused."""

NO_CASE = "LETTERS"
"""Where a letter that was put aside is of no case that is here."""

_ANSWERS = {"confirm": "confirmation", "refuse": "refusal"}


def messages_of(before: Case | None, event: Event, after: Case) -> list[Message]:
    """What one event sends.

    Args:
        before: the case before the event.
        event: what happened.
        after: the case after it.
    """
    before = before or after
    sender = "system" if event.body.by_machine else before.holder.key
    drafts = event.body.messages(before, after)
    return [_message(after, event, sender, draft) for draft in drafts]


def progress_of(before: Case | None, events: Sequence[Event], after: Case) -> list[Message]:
    """The events of a step, for the offices that the case passed before.

    Args:
        before: the case before the step.
        events: of the step.
        after: the case after it.
    """
    if not events:
        return []
    # A refused case that is amended gets another way: it has passed no office on that yet.
    writer, way = (before or after).holder, (before or after).plan.way
    told = {one.key: one for one in way[: way.index(writer)] if one.key != writer.key}
    body = {"events": [event.to_dict() for event in events]}
    return [_message(after, events[0], writer.key, (office, "progress", body)) for office in told]


def _message(case: Case, event: Event, sender: str, draft: Draft) -> Message:
    receiver, kind, body = draft
    return Message(
        id=derived_id(case.id, event.seq, receiver, kind),
        collaboration=case.collaboration,
        case=case.id,
        sender=sender,
        receiver=receiver,
        kind=kind,
        sent_at=event.at,
        rules=case.rules,
        body=body,
    )


def answer(
    request: Message, actor: Actor, body: Confirm | Refuse, now: datetime
) -> Message | Refusal:
    """The answer of a co-handling authority, made where it is, without the case.

    Args:
        request: the message of the kind `request`, or the `chase` that repeats it.
        actor: an officer of the authority that was asked.
        body: what is answered.
        now: the moment.

    Returns:
        The message to the lead, or a refusal where the answer is not this officer's to give.
    """
    if request.kind not in ("request", "chase") or "lead" not in request.body:
        return Refusal("bad_input", Text("不是协同办理请求", "this is not a request to confirm"))
    if actor.kind != "officer" or _address(actor) != request.receiver:
        says = Text(f"应由{request.receiver}答复", f"this is for {request.receiver} to answer")
        return Refusal("not_your_step", says)
    text = body.note if isinstance(body, Confirm) else body.reason
    if isinstance(body, Refuse) and not text.strip():
        return Refusal("bad_input", Text("须写明理由", "reasons must be given"))
    kind = _ANSWERS[body.kind]
    again = [request.body["round"]] if request.body.get("round") else []
    parts = (request.case, request.collaboration, request.receiver, kind, *again)
    id = derived_id("answer", *parts)
    return _back(request, id, kind, {"actor": dump(actor), "text": text}, now)


def _back(message: Message, id: str, kind: str, body: Mapping[str, Any], now: datetime) -> Message:
    """What goes back to the sender of `message`, about the same case."""
    return attrs.evolve(
        message,
        id=id,
        sender=message.receiver,
        receiver=message.sender,
        kind=kind,
        sent_at=in_china(now),
        body=body,
        signature="",
    )


def _address(actor: Actor) -> str:
    return f"{actor.division or '-'}/{actor.department}"


def relay(case: Case, command: Command, sender: str, now: datetime) -> Message:
    """A command that is given where the case is not, for the office that has it.

    Args:
        case: as it is known here.
        command: as it was given.
        sender: the address of the office where it was given.
        now: the moment at which it was given; of one that came from elsewhere, when that was.
    """
    command = attrs.evolve(command, do=command.do.as_given(case, day_of(now)))
    return Message(
        id=derived_id("relay", command.id),
        collaboration=case.collaboration,
        case=case.id,
        sender=sender,
        receiver=case.holder.key,
        kind="command",
        sent_at=in_china(now),
        rules=case.rules,
        body=command.to_dict(),
    )


def pass_on(request: Message, command: Command, now: datetime) -> Message | Refusal:
    """What an authority that was asked sends to the lead: its answer, or another command.

    Args:
        request: that it got; the case is not there.
        command: as it was given.
        now: the moment.

    Returns:
        As `answer`.
    """
    if isinstance(command.do, Confirm | Refuse):
        return answer(request, command.actor, command.do, now)
    sent = _back(request, derived_id("relay", command.id), "command", command.to_dict(), now)
    return flaw(command, now) or sent


def send_back(passed_on: Message, code: str, reason: str, now: datetime) -> Message:
    """The answer to a command that was passed on and is refused: why, for who passed it on.

    Args:
        passed_on: the message of the kind `command`.
        code: one of `REFUSALS`.
        reason: the sentence of the refusal.
        now: the moment.
    """
    body = {
        "document": NOT_DONE,
        "message": passed_on.id,
        "command": passed_on.body["kind"],
        "given_at": passed_on.sent_at.isoformat(),
        "code": code,
        "reason": reason,
    }
    id = derived_id("refused", passed_on.id, passed_on.sender)
    return _back(passed_on, id, "notice", body, now)


def came_back(message: Message) -> bool:
    """Whether a message tells an office that what it passed on was refused.

    Args:
        message: of any kind.
    """
    return (
        message.kind == "notice"
        and message.receiver != APPLICANT
        and message.body.get("document") == NOT_DONE
    )


def tell_applicant(refusal: Message, now: datetime) -> Message:
    """The same for the applicant, who gave the command where the case is not.

    Args:
        refusal: as it came to the office that had passed the command on.
        now: the moment.
    """
    return attrs.evolve(
        refusal,
        id=derived_id(refusal.id, APPLICANT),
        sender=refusal.receiver,
        receiver=APPLICANT,
        sent_at=in_china(now),
        signature="",
    )


def command_of(message: Message) -> Command | None:
    """The command that an incoming message is; None for one that only people read.

    Args:
        message: its signature was verified by the carrier.

    Raises:
        FormatError: where the body is not what its kind promises.
    """
    body = message.body
    if message.kind == "command":
        passed_on = Command.from_dict(body)
        if isinstance(passed_on.do, Submit | TakeOver | Mirror):
            raise FormatError("command: this is nothing that one office passes on to another")
        return attrs.evolve(passed_on, given_at=message.sent_at)
    if message.kind == "forward":
        return Command(message.id, message.case, SYSTEM, TakeOver(_mapping(body, "case")))
    if message.kind == "progress":
        return Command(message.id, message.case, SYSTEM, load(Mirror, body, "progress"))
    if message.kind in _ANSWERS.values():
        actor = load(Actor, body.get("actor"), f"{message.kind}.actor")
        text = body.get("text")
        if not isinstance(text, str) or _address(actor) != message.sender:
            raise FormatError(f"{message.kind}: not an answer of {message.sender}")
        do = Confirm(text) if message.kind == "confirmation" else Refuse(text)
        return Command(message.id, message.case, actor, do, message.sent_at)
    return None


def following(message: Message, entries: Iterable[Entry]) -> Message:
    """News of a case, with the log that it follows on.

    Args:
        message: of the kind `progress`.
        entries: of its case, in the store that sends it.
    """
    events = message.body["events"]
    if not events:
        return message
    version = events[0]["seq"] - 1
    mark = LogMark(version, shared_hash(message.case, entries, version))
    return attrs.evolve(message, body={**message.body, "before": dump(mark)})


def alarm(
    message: Message, case: str, node: str, rejected: RejectedError, now: datetime, handled: int = 0
) -> Message:
    """The notice to the supervisor of the receiver about a letter that contradicts what is here.

    One for each node, case, kind and code until it is handled, however many letters there are.

    Args:
        message: the letter.
        case: its case where that is here; else `NO_CASE`: what strangers write is not repeated.
        node: that signed it.
        rejected: why it was put aside.
        now: the moment.
        handled: how many alarms of the case were handled before.
    """
    place = message.receiver.partition("/")[0]
    kind = message.kind if message.kind in MESSAGES else "-"
    id = derived_id("alarm", node, case, kind, rejected.code, handled)
    body = {
        "code": rejected.code,
        "reason": rejected.reason,
        "node": printable(node),
        "kind": kind,
        "letter": printable(message.id, 64),
    }
    receiver = supervisor_of(place if re.fullmatch("[0-9]{6}", place) else None)
    return Message(id, "", case, "system", receiver, "alarm", in_china(now), "", body)


def review(case: Case, says: str, now: datetime) -> Message:
    """The notice to the office that gets a case, of how the rules of its store decide it.

    Args:
        case: as it was taken over.
        says: the sentence.
        now: the moment.
    """
    id, body = derived_id("review", case.id, case.version), {"says": says}
    receiver = case.holder.key
    return Message(
        id, case.collaboration, case.id, "system", receiver, "review", in_china(now), "", body
    )


def _mapping(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    if not isinstance(found, Mapping):
        raise FormatError(f"message: the field {name!r} is missing")
    return found
