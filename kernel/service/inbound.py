"""What comes from other stores: judged first, then kept and carried out in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.kernel import Kernel
from tongban.kernel.ports.store import MismatchError, Store, Transaction
from tongban.kernel.protocol import Case, Command, Message, Refusal, RejectedError, Sender
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.judgement import judge, readable
from tongban.kernel.protocol.letters import Here
from tongban.kernel.protocol.personal_data import Personal
from tongban.kernel.service.results import Answer, Done, OutOfOrderError, Relayed
from tongban.kernel.service.review import Review, reviewed

_TASKS = ("request", "chase", "urge")
"""Messages that somebody has to act on; the others only tell."""

_TOO_EARLY = ("early", "unknown_case", "clock_back", "clock_ahead")
"""Refusals of a message that has to come again: later, or when the clock is right."""

_OURSELVES = Sender("", lambda address: True)
"""Who sends what is delivered inside a store."""

Handle: TypeAlias = Callable[
    [Transaction, Case | None, Command, Iterable[protocol.Suspend]], Done | Refusal
]
PassOn: TypeAlias = Callable[[Transaction, Case | None, Command], Relayed | Refusal | None]


@frozen(eq=False)
class Inbound:
    """Takes letters in for a service.

    Args:
        kernel, store, serves, calendars: of the service.
        handle: carries a command out in a transaction.
        pass_on: sends a command on to the store that has the case; None where that is this one.
    """

    kernel: Kernel
    store: Store
    serves: Callable[[str], bool]
    calendars: protocol.Calendars
    handle: Handle = field(repr=False)
    pass_on: PassOn = field(repr=False)

    def receive_message(
        self, message: Message, personal: Personal | None, sender: Sender | None
    ) -> Answer | None:
        """As `Service.receive_message`."""
        source = self._elsewhere(sender) if sender is not None else _OURSELVES
        try:
            readable(message)
            with self.store.transaction() as writes:
                here = self._here(writes, message, personal)
                judge(message, source, here)
                return self._taken(writes, message, here.case, personal, source)
        except RejectedError as rejected:
            if sender is not None and rejected.code == "contradiction":
                self._noted(message, sender, rejected)
            raise

    def _elsewhere(self, sender: Sender) -> Sender:
        """Another node: it speaks for no address that is served here, whatever else it serves."""
        return evolve(sender, serves=lambda one: sender.serves(one) and not self.serves(one))

    def _here(self, writes: Transaction, message: Message, personal: Personal | None) -> Here:
        """What the store knows that bears on a letter."""
        case = message.case
        ids = (message.id, _own_id(message))
        # Most letters are new: one look at the index says so.
        known = any(writes.message(id) is not None for id in ids)
        come = writes.incoming(case=case) if known else ()
        return Here(
            case=writes.case(case),
            known=next((one.message for one in come if one.message.id in ids), None),
            serves=self.serves,
            now=self.kernel.clock(),
            calendars=self.calendars,
            log=lambda: writes.events(case),
            mark=lambda version: hash_chain.shared_hash(case, writes.entries(case), version),
            sent=lambda: tuple(one.message for one in writes.outgoing(case=case)),
            came=lambda: tuple(one.message for one in writes.incoming(case=case)),
            brings=personal.ref if personal is not None else "",
        )

    def _taken(
        self,
        writes: Transaction,
        message: Message,
        case: Case | None,
        personal: Personal | None,
        source: Sender,
    ) -> Answer | None:
        """Keeps a letter that was judged, and does what it asks for."""
        try:
            new = writes.receive(message, source.node, source.seal)
        except MismatchError:
            # Somebody gave a letter of another case this id; that takes nothing from this one.
            message = evolve(message, id=_own_id(message))
            new = writes.receive(message, source.node, source.seal)
        if not new:
            return None
        if personal is not None:
            writes.adopt_personal(personal)
        command = protocol.command_of(message)
        if command is None:
            if protocol.came_back(message):
                self._came_back(writes, message)
            elif message.kind not in _TASKS:
                writes.handled(message.id)
            return None
        if message.kind == "command" and (onward := self.pass_on(writes, case, command)):
            # The case has moved on since the office that passed this on last heard of it.
            writes.handled(message.id)
            return onward
        came = message.kind == "forward" and case is None
        own = self._reviewed(message, personal) if came else Review()
        answer = self.handle(writes, case, command, own.stops)
        if isinstance(answer, Refusal) and answer.code in _TOO_EARLY:
            raise OutOfOrderError(answer.text.zh, answer.text.en)
        if isinstance(answer, Refusal) and message.kind == "command":
            now = self.kernel.clock()
            writes.send([protocol.send_back(message, answer.code, answer.message, now)])
        writes.handled(message.id)
        if own.says and isinstance(answer, Done):
            told = protocol.review(answer.case, own.says, self.kernel.clock())
            if writes.receive(told) and not own.open:
                writes.handled(told.id)
        return answer

    def _reviewed(self, forward: Message, personal: Personal | None) -> Review:
        """What the rules here say of a case that comes from another store."""
        case = Case.from_dict(forward.body["case"])
        return reviewed(self.kernel, case, personal.data if personal else {})

    def _noted(self, message: Message, sender: Sender, rejected: RejectedError) -> None:
        """Keeps that two stores contradict each other, where a supervisor sees it."""
        with self.store.transaction() as writes:
            case = message.case if self._knows(writes, message.case) else protocol.NO_CASE
            before = writes.incoming(case=case, kind="alarm")
            handled = sum(one.handled_at is not None for one in before)
            now = self.kernel.clock()
            alarm = protocol.alarm(message, case, sender.node, rejected, now, handled)
            with suppress(MismatchError):  # the supervisor was told, and has not handled it yet
                writes.receive(alarm)

    def _knows(self, writes: Transaction, case: str) -> bool:
        """Whether a case, or a request about it, is here."""
        if not is_name(case):
            return False
        asked = writes.incoming(case=case, kind="request")
        return bool(asked) or writes.case(case) is not None

    def _came_back(self, writes: Transaction, refusal: Message) -> None:
        """A command that was passed on from here was refused: its author has to know.

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


def _own_id(message: Message) -> str:
    """The id under which a letter is kept whose own id a letter of another case has."""
    return protocol.derived_id(message.case, message.kind, message.sender, message.id)
