"""What comes from other stores: judged first, then kept and carried out in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import field, frozen

from tongban.kernel import protocol
from tongban.kernel.kernel import Kernel
from tongban.kernel.outcomes import Answer, Done, Early, Relayed
from tongban.kernel.personal import Personal
from tongban.kernel.protocol import Case, Command, Message, Refusal, Rejected, Sender
from tongban.kernel.store import Store, Transaction

__all__ = ["Inbound"]

_TASKS = ("request", "chase", "urge")
"""Messages that somebody has to act on; the others only tell."""

_TOO_EARLY = ("early", "unknown_case", "clock_back", "clock_ahead")
"""Refusals of a message that has to come again: later, or when the clock is right."""

Handle: TypeAlias = Callable[[Transaction, Case | None, Command], Done | Refusal]
PassOn: TypeAlias = Callable[[Transaction, Case | None, Command], Relayed | Refusal | None]


@frozen(eq=False)
class Inbound:
    """Takes letters in for a service.

    Args:
        kernel, store: of the service.
        handle: carries a command out in a transaction.
        pass_on: sends a command on to the store that has the case; None where that is this one.
    """

    kernel: Kernel
    store: Store
    handle: Handle = field(repr=False)
    pass_on: PassOn = field(repr=False)

    def take(
        self, message: Message, personal: Personal | None, sender: Sender | None
    ) -> Answer | None:
        """As `Service.take`."""
        try:
            command = protocol.command_of(message)
        except protocol.FormatError as error:
            raise Rejected("form", str(error)) from None
        with self.store.transaction() as writes:
            _judge(writes.case(message.case), message, sender)
            if not writes.receive(message):
                return None
            if personal is not None:
                writes.adopt_personal(personal)
            if command is None:
                if protocol.came_back(message):
                    self._came_back(writes, message)
                elif message.kind not in _TASKS:
                    writes.handled(message.id)
                return None
            current = writes.case(message.case)
            if message.kind == "command" and (onward := self.pass_on(writes, current, command)):
                # The case has moved on since whoever passed this on last heard of it.
                writes.handled(message.id)
                return onward
            answer = self.handle(writes, current, command)
            if isinstance(answer, Refusal) and answer.code in _TOO_EARLY:
                raise Early(answer.message)
            if isinstance(answer, Refusal) and message.kind == "command":
                now = self.kernel.clock()
                writes.send([protocol.send_back(message, answer.code, answer.message, now)])
            writes.handled(message.id)
        return answer

    def _came_back(self, writes: Transaction, refusal: Message) -> None:
        """A command that was passed on from here was refused: whoever gave it has to know.

        It stays open for the office that passed it on, until somebody has handled it.
        """
        now, id = self.kernel.clock(), refusal.body.get("message")
        sent = [one.message for one in writes.outgoing(case=refusal.case)]
        mine = next((one for one in sent if (one.id, one.kind) == (id, "command")), None)
        if mine is None:
            return
        writes.delivered(mine.id)
        came = [one.message for one in writes.incoming(case=refusal.case, kind="command")]
        before = next((one for one in came if one.id == id), None)
        if before is not None:
            code, reason = str(refusal.body.get("code")), str(refusal.body.get("reason"))
            writes.send([protocol.send_back(before, code, reason, now)])
            writes.handled(refusal.id)
        elif Command.from_dict(mine.body).actor.kind in ("applicant", "agent"):
            writes.send([protocol.tell_applicant(refusal, now)])


def _judge(case: Case | None, message: Message, sender: Sender | None) -> None:
    """Lets a letter pass whose sender has the part that it claims.

    Raises:
        Rejected: where it has not.
    """
    if sender is None:
        return
    if message.sender != "system" and not sender.serves(message.sender):
        says = f"{sender.node} 无权代表 {message.sender} (not an address of that node)"
        raise Rejected("stranger", says)
    if message.kind == "progress" and case is not None:
        way = [office.key for office in case.plan.way]
        if not any(sender.serves(address) for address in way):
            says = f"{sender.node} 与办件 {case.id} 无关 (no office of that node has this case)"
            raise Rejected("stranger", says)
