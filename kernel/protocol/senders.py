"""Who may send which letter: each test lets it pass, or says why it may not come from there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, load
from tongban.kernel.protocol.letters import (
    Here,
    Late,
    Letter,
    OutOfOrderError,
    RejectedError,
    address_of,
    holds,
    reject_unless,
)
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.ticking import signal


def _stranger(letter: Letter, says: str) -> RejectedError:
    node = letter.sender.node or "发件节点"
    return RejectedError("stranger", f"{node} 无权发出此{letter.message.kind}", says)


def _needed(letter: Letter, here: Here) -> Case:
    """The case of a letter that follows on the case itself."""
    if here.case is None:
        raise OutOfOrderError(f"办件 {letter.message.case} 尚未到达", "the case has not come yet")
    return here.case


def asked_here(here: Here) -> tuple[Message, ...]:
    """The requests about the case that offices here were sent."""
    return tuple(one for one in here.came() if one.kind == "request")


def _any(letter: Letter, offices: Iterable[Office]) -> bool:
    return any(letter.speaks_for(office) for office in offices)


def from_way(letter: Letter, here: Here) -> None:
    """The node has an office on the way of the case; which event may come of it is asked later."""
    case = _needed(letter, here)
    if not _any(letter, case.plan.way):
        raise _stranger(letter, "no office of that node is on the way of the case")


def from_office_before(letter: Letter, here: Here) -> None:
    """A case is sent by the office that has it to the next on its way."""
    case = letter.body.case
    way, at = case.plan.way, case.at
    reject_unless(0 <= at < len(way) - 1, "illegal", "办件不在转办途中", "it is at no such office")
    if not letter.speaks_for(way[at]):
        raise _stranger(letter, f"the case is with {way[at].key}")
    reject_unless(
        letter.message.receiver == way[at + 1].key,
        "illegal",
        f"下一机关为 {way[at + 1].key}",
        "the next office is another one",
    )


def from_next(letter: Letter, here: Here) -> None:
    """The receipt of a case comes from the office to which the receiver sent it."""
    case = _needed(letter, here)
    way = case.plan.way
    nexts = [
        then for now, then in zip(way, way[1:], strict=False) if now.key == letter.message.receiver
    ]
    if not _any(letter, nexts):
        raise _stranger(letter, "it is not the office to which that one sent the case")


def from_lead_of_request(letter: Letter, here: Here) -> None:
    """Only the authority that leads asks others to confirm."""
    lead = letter.body.lead
    if lead is None or not letter.speaks_for(lead):
        raise _stranger(letter, "only the authority that leads asks others")
    case, receiver = here.case, letter.message.receiver
    if case is not None and (
        lead != case.plan.lead or receiver not in {one.key for one in case.plan.others}
    ):
        raise _stranger(letter, "another authority leads that case, or others are to confirm")
    # One that was refused from here is out of the world.
    refused = {one.receiver for one in here.sent() if one.kind == "refusal"}
    if any(_lead_of(one) not in ("", lead.key, *refused) for one in asked_here(here)):
        raise RejectedError(
            "contradiction",
            f"办件 {letter.message.case} 已由另一机关请求协同",
            "another authority asked already",
        )


def _lead_of(request: Message) -> str:
    """The address of who asked; "" where an older version kept what is not a request."""
    try:
        return load(Office, request.body.get("lead"), "request.lead").key
    except FormatError:
        return ""


def _asked_by(letter: Letter, requests: Iterable[Message]) -> bool:
    return any(letter.sender.serves(lead) for one in requests if (lead := _lead_of(one)))


def from_who_waits(letter: Letter, here: Here) -> None:
    """Who waits for an answer leads; who waits for an arrival is on the way."""
    if letter.body.awaited == "answer":
        from_lead_of_request(letter, here)
    else:
        from_way(letter, here)


def from_cohandler(letter: Letter, here: Here) -> None:
    """An answer comes from an authority that was asked."""
    case = _needed(letter, here)
    if letter.message.sender not in {one.key for one in case.plan.others}:
        raise _stranger(letter, "that authority was not asked")


def from_lead(letter: Letter, here: Here) -> None:
    """The authority that decides speaks."""
    case = _needed(letter, here)
    if not letter.speaks_for(case.plan.lead):
        raise _stranger(letter, f"{case.plan.lead.key} decides")
    holds(letter.sender, case, here)


def from_who_asked(letter: Letter, here: Here) -> None:
    """A request is taken back by who made it."""
    if here.case is not None:
        if not letter.speaks_for(here.case.plan.lead):
            raise _stranger(letter, "another authority leads that case")
        return
    mine = [one for one in asked_here(here) if one.receiver == letter.message.receiver]
    if not mine:
        raise OutOfOrderError("请求尚未到达", "the request has not come yet")
    if not _asked_by(letter, mine):
        raise _stranger(letter, "another authority asked")


def from_holder(letter: Letter, here: Here) -> None:
    """The store that has the case speaks, or had it then; without the case here, who asked."""
    if here.case is not None:
        if not _in_the_log(letter, here.case):
            holds(letter.sender, here.case, here)
        return
    asked = asked_here(here)
    if not asked:
        raise OutOfOrderError(
            f"办件 {letter.message.case} 尚未到达", "neither case nor request has come yet"
        )
    if not _asked_by(letter, asked):
        raise _stranger(letter, "another authority has that case")


def _in_the_log(letter: Letter, case: Case) -> bool:
    """Whether the log here tells of a warning, by an office that has passed the case on since.

    It may come after the case itself, whose office gets it.
    """
    body: Any = letter.body
    if not isinstance(body, Late):
        return False
    said = {signal(kind, body.step, body.office.key, body.due) for kind in ("warned", "overdue")}
    passed = case.plan.way[: case.plan.way.index(case.holder)]
    return bool(said & {*case.signalled}) and any(letter.sender.serves(one.key) for one in passed)


def from_part(letter: Letter, here: Here) -> None:
    """What is passed on comes from an office with a part, of its people or an applicant."""
    case = _needed(letter, here)
    if letter.message.sender not in {one.key for one in case.plan.offices}:
        raise _stranger(letter, "that office has no part in the case")
    address = address_of(letter.body.actor)
    if not address or letter.sender.serves(address):
        return
    if here.serves(address):
        # It comes back to a store that passed it on and got the case since.
        known = any(one.kind == "command" and one.body == letter.message.body
                    for one in here.sent())  # fmt: skip
    else:
        known = letter.body.actor.kind == "window" and _came_by(letter, case, address)
    if not known:
        raise _stranger(letter, f"it does not speak for {address}")


def _came_by(letter: Letter, case: Case, address: str) -> bool:
    """Whether the case came to the sender by an office; what it passes on comes the same way."""
    keys = [one.key for one in case.plan.way]
    sender = letter.message.sender
    return sender in keys and address in keys[: keys.index(sender)]


def from_who_has_the_command(letter: Letter, here: Here) -> None:
    """A command is sent back by whom it was sent to."""
    sent = next((one for one in here.sent() if one.id == letter.body.message), None)
    fits = sent is not None and sent.kind == "command" and sent.sender == letter.message.receiver
    reject_unless(fits, "illegal", "本库未转交过该事项", "no such command was passed on from here")
    assert sent is not None
    if not letter.sender.serves(sent.receiver):
        raise _stranger(letter, f"it was passed on to {sent.receiver}")
