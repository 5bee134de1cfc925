"""What a store once sent and does not know any more: taken back after a backup was put in place.

Other stores hand back the very messages that this one signed. They say what had happened in
its cases: news of a case holds the events themselves, and a case that was passed on holds
itself. Anybody who carries the messages has checked that this store signed them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from tongban.kernel.ports.store import MismatchError, Store, StoreError, Transaction
from tongban.kernel.ports.stored import content
from tongban.kernel.protocol import SYSTEM, Case, Event, Message, OutOfOrderError, Recovered, replay
from tongban.kernel.protocol.events import OrderError
from tongban.kernel.protocol.events import evolve as step
from tongban.kernel.protocol.letters import Forwarded, Progress, body_of
from tongban.kernel.protocol.personal_data import Personal
from tongban.kernel.protocol.relay import messages_of, progress_of

__all__ = ["answered", "is_known", "take_back"]


def is_known(store: Store, message: Message) -> bool:
    """Whether a message of this store is in its outbox.

    Raises:
        MismatchError: where one of its id is, and says something else: the log forked.
    """
    mine = (one.message for one in store.outgoing(case=message.case))
    known = next((one for one in mine if one.id == message.id), None)
    if known is None:
        return False
    if known is not message and content(known) != content(message):
        raise MismatchError(
            f"本库曾以同一编号 {message.id} 发出另一内容 (this store sent something else under this"
            " id before it was put back: its log forked)",
            content(known),
        )
    return True


def take_back(store: Store, message: Message, personal: Personal | None = None) -> int:
    """Takes back a message that this store signed and does not know any more.

    It goes into the outbox as delivered, so that nothing else is sent in its place, and what
    it says of its case into the log. What the events send besides goes out once more, since
    it may never have arrived: its id follows from the event, so that it counts once.

    Args:
        store: which was put back.
        message: as it was sent.
        personal: what comes back with a case that was passed on.

    Returns:
        How many events came back.

    Raises:
        OutOfOrderError: where what comes before it is not here yet.
        MismatchError: where the log says something else since.
        FormatError: where it is not a message of its kind.
        StoreError: where it cannot be kept.
    """
    bare = evolve(message, signature="")
    with store.transaction() as writes:
        body = body_of(message) if message.kind in ("forward", "progress") else None
        events: tuple[Event, ...] = ()
        if isinstance(body, Progress):
            events = _news(writes, message.case, body.events)
        elif isinstance(body, Forwarded):
            events = _passed_on(writes, body.case, message.sent_at)
        case = writes.case(message.case)
        sent: list[Message] = []
        if events:
            try:
                if isinstance(body, Progress):
                    sent = _sent(case, events)
                writes.append(message.case, case.version if case else 0, events)
            except OrderError as error:
                raise StoreError(f"{message.id}: {error}") from None
        wanted = body.case.personal if isinstance(body, Forwarded) else ""
        if personal is not None and personal.ref == wanted:
            writes.adopt_personal(personal)
        writes.send([bare, *sent])
        writes.delivered(message.id)
    return len(events)


def _news(writes: Transaction, id: str, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events of a case that are not here."""
    case = writes.case(id)
    first = events[0].seq if events else 0
    begins = bool(events) and (first == 1 or events[0].kind == "taken_over")
    if first > (case.version if case else 0) + 1 and not (case is None and begins):
        raise OutOfOrderError(
            f"办件 {id} 此前的事件尚未取回", "the events before have to come first"
        )
    _same(id, events, writes.events(id))
    return tuple(one for one in events if case is None or one.seq > case.version)


def _sent(before: Case | None, events: tuple[Event, ...]) -> list[Message]:
    """What the events of a step send."""
    case, sent = before, list[Message]()
    for event in events:
        last, case = case, step(case, event)
        sent += messages_of(last, event, case)
    return [*sent, *progress_of(before, events, case)] if case else []


def _same(id: str, events: Iterable[Event], log: Iterable[Event]) -> None:
    mine = {one.seq: one for one in log}
    other = next((one for one in events if mine.get(one.seq, one) != one), None)
    if other is not None:
        raise MismatchError(
            f"办件 {id} 第 {other.seq} 个事件:本库现为 {mine[other.seq].kind},此前发出的为"
            f" {other.kind} (event {other.seq} of {id} is another one since this store was put"
            " back: its log forked)"
        )


def _passed_on(writes: Transaction, left: Case, at: datetime) -> tuple[Event, ...]:
    """Stands for the events of which nothing is left but the case as it went on."""
    case = writes.case(left.id)
    here = case.version if case else 0
    if left.version <= here:
        log = writes.events(left.id)
        known = log[0].seq <= left.version
        if known and replay(one for one in log if one.seq <= left.version) != left:
            raise MismatchError(
                f"办件 {left.id} 转出时与本库不符 (the case that was passed on is not the one of"
                f" event {left.version} here: the log forked)"
            )
        return ()
    first = here + 1 if case else left.version
    return tuple(
        Event(
            left.id,
            seq,
            at,
            SYSTEM,
            "",
            Recovered(left.to_dict() if seq == left.version else None),
        )
        for seq in range(first, left.version + 1)
    )


def answered(store: Store) -> None:
    """Notes that requests were answered whose answers came back.

    Args:
        store: which was put back; the requests came again meanwhile.
    """
    with store.transaction() as writes:
        for one in writes.incoming(kind="request", open_only=True):
            request = one.message
            sent = (each.message for each in writes.outgoing(case=request.case))
            if any(m.sender == request.receiver and m.kind in _ANSWERS for m in sent):
                writes.handled(request.id)


_ANSWERS = ("confirmation", "refusal")
