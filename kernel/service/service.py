"""Carrying cases: the protocol's pure steps, tied to a kernel's rules and a store.

Whatever one command does is written in one transaction: events, tables, messages.
Observers are called afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, field, frozen

from tongban.kernel import protocol
from tongban.kernel.errors import Text
from tongban.kernel.former import former_member
from tongban.kernel.kernel import Kernel
from tongban.kernel.ports.logs import logger
from tongban.kernel.ports.store import CommandNote, ConflictError, Store, Transaction
from tongban.kernel.protocol import (
    Actor,
    Case,
    Command,
    CommandBody,
    Message,
    Refusal,
    RejectedError,
    Sender,
)
from tongban.kernel.protocol.personal_data import Personal
from tongban.kernel.service import repeats
from tongban.kernel.service.amendments import Amendments, Corrections
from tongban.kernel.service.calendars import calendars
from tongban.kernel.service.contact import ContactChanges, ContactDetails
from tongban.kernel.service.inbound import Inbound
from tongban.kernel.service.passed_on import not_spoken_for
from tongban.kernel.service.results import (
    Answer,
    Done,
    OutOfOrderError,
    Relayed,
    conflicts_logged,
)
from tongban.kernel.service.submissions import Submission, Submissions, disagreements_of, examined

__all__ = [
    "Answer",
    "Done",
    "OutOfOrderError",
    "RejectedError",
    "Relayed",
    "Sender",
    "Service",
]


_Told = TypeVar("_Told", Done, Refusal, Done | Refusal)


@frozen(eq=False)
class Service:
    """Carries the cases of one store.

    Args:
        kernel: rules, plugins, clock and ids; its plugins know the working days.
        store: where cases are kept.
        serves: whether the store is that of an address, `630100/public_security`.
    """

    kernel: Kernel
    store: Store
    serves: Callable[[str], bool] = field(default=lambda address: True)
    calendar: protocol.Calendars = field(init=False, repr=False)

    @calendar.default
    def _calendar(self) -> protocol.Calendars:
        return calendars(self.kernel)

    def submit(
        self,
        raw: Mapping[str, Any],
        actor: Actor,
        *,
        applicant: str,
        agent: str = "",
        authorisation: str = "",
        mandate: protocol.Mandate | None = None,
        id: str = "",
        expected: int | None = None,
        received: protocol.Receive | None = None,
        receiver: Actor | None = None,
    ) -> Done | Refusal:
        """Opens a case from an application, by the rules that are installed now.

        Args:
            raw: the application, as JSON gives it, personal data included.
            actor: who hands it in.
            applicant: the applicant's opaque id.
            agent: the agent's; with the number of the letter that lets them act.
            authorisation: that number.
            mandate: what that letter says beside its number; None where that is not known.
            id: of the command: the same one twice opens one case, whatever the day; another
                one under the same id is refused. "" for a new one.
            expected: 0 for no case: with an id that has one any other version is a conflict.
            received: how it is received at once, in the same transaction; where that is
                refused no case is opened. Formal defects that plugins find are added.
            receiver: who receives it; left out, `actor`.

        Returns:
            A refusal where facts are missing, or somebody may not do that. An application that
            the rules refuse is a case that is over at once, until somebody insists.

        Raises:
            ApplicationError: where the application is wrong.
            ConflictError: where another version is expected.
            StoreError: where it cannot be kept.
        """
        put_back = self._put_back()
        if put_back is not None:
            return put_back
        opening = Submissions(self.kernel, self.store, self.calendar, self._handled)
        parties = (applicant, agent, authorisation)
        given = Submission(raw, actor, *parties, id, expected, received, receiver, mandate)
        with conflicts_logged("submit"):
            return self._told(opening.open(given))

    def do(
        self,
        case: str,
        actor: Actor,
        body: CommandBody,
        *,
        id: str = "",
        expected: int | None = None,
        personal: Mapping[str, Any] | None = None,
    ) -> Answer:
        """What a command does in a case.

        Args:
            case: its id.
            actor: who wants it.
            body: what is wanted. Formal defects that plugins find are added to `Receive`.
            id: the command's; the same one twice has the effect of one, another one under
                the same id is refused. "" for a new one.
            expected: the version of the case that the actor saw; not of a command that had
                its effect before.
            personal: the applicant's data as it is from now on, in the form of
                `personal_data.personal_part`: it is kept apart, the field `personal` of
                `body` gets its reference, and a letter to the store that has the case brings it.

        Raises:
            ConflictError: where the case is not as the actor saw it.
            FormatError: where `body` is not what its kind promises.
            StoreError: where it cannot be kept.
        """
        put_back = self._put_back()
        if put_back is not None:
            return put_back
        command = Command(id or self.kernel.ids(), case, actor, body)
        print = repeats.fingerprint(command)
        stops: Iterable[protocol.Suspend] = ()
        before = self.store.case(case) if isinstance(body, protocol.Receive) else None
        if before is not None and isinstance(body, protocol.Receive):
            command = evolve(command, do=examined(self.kernel, self.store, before, body))
            stops = disagreements_of(self.kernel, before)
        Command.from_dict(command.to_dict())  # what cannot be read again is never written
        with conflicts_logged(body.kind), self.store.transaction() as writes:
            current = writes.case(case)
            repeated = repeats.repeated(writes, current, command, print) if id else False
            if isinstance(repeated, Refusal):
                return repeated
            if not repeated and current is not None and expected not in (None, current.version):
                raise ConflictError(case, expected or 0, current.version)
            if personal is not None and not repeated:
                changed: Any = command.do
                command = evolve(
                    command, do=evolve(changed, personal=writes.keep_personal(personal))
                )
            elsewhere = self._elsewhere(writes, current, command, repeated)
            answer: Answer = elsewhere or self._handled(writes, current, command, stops)
            if id and not isinstance(answer, Refusal):
                writes.note_command(id, CommandNote(case, print))
        return answer if isinstance(answer, Relayed) else self._told(answer)

    def change_contact(
        self,
        case: str,
        actor: Actor,
        details: ContactDetails,
        *,
        id: str = "",
        expected: int | None = None,
    ) -> Answer:
        """Changes how an applicant is reached: phone, address, way of delivery.

        Args:
            case: its id.
            actor: the applicant, the agent, or the window at which it was handed in.
            details: what changes. What is so already is left out; where that is all of it,
                nothing happens.
            id, expected: as in `do`.

        Raises:
            As `do`.
        """
        given = (case, actor, details, id, expected)
        return self._put_back() or ContactChanges(self.kernel, self.store, self.do).change(*given)

    def amend(
        self,
        case: str,
        actor: Actor,
        corrections: Corrections,
        *,
        id: str = "",
        expected: int | None = None,
    ) -> Answer:
        """Corrects what was applied with, and decides again by the rules of the case.

        Args:
            case: its id.
            actor: the applicant, the agent, or the window at which it was handed in.
            corrections: what is corrected, with evidence.
            id, expected: as in `do`, which also says what is raised.

        Raises:
            ApplicationError: where the corrected application is wrong.
        """
        given = (case, actor, corrections, id, expected)
        return self._put_back() or Amendments(self.kernel, self.store, self.do).amend(*given)

    def receive_message(
        self, message: Message, personal: Personal | None = None, sender: Sender | None = None
    ) -> Answer | None:
        """Takes in a message whose signature was verified; the same one twice has no effect.

        Args:
            message: for an address that is served here.
            personal: what comes with a case from another store.
            sender: the node that signed it; None where it is delivered inside this store.

        Returns:
            What it did; None where it came before, or is for people to read.

        Raises:
            OutOfOrderError: where others must come first; nothing is kept, it has to come again.
            RejectedError: where its sender may not say it, or it cannot be: nothing is kept, it
                is to be put aside, and the sender told the reason.
            StoreError: where it cannot be kept.
        """
        inbound = Inbound(
            self.kernel, self.store, self.serves, self.calendar, self._handled, self._elsewhere
        )
        try:
            answer = inbound.receive_message(message, personal, sender)
        except RejectedError as error:  # what a stranger wrote in it goes into no record
            logger("service").warning(
                "a letter was rejected, nothing of it is kept: %s", error.code
            )
            raise
        return answer if answer is None or isinstance(answer, Relayed) else self._told(answer)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Members of the version before."""
            return former_member(self, name)

    def tick(self) -> tuple[Done, ...]:
        """What time has brought in every case; nothing where it was asked at this moment before.

        Nothing in a store that was put back to an older state, until that is settled.

        Returns:
            The cases in which something happened, and those in which the clock is in doubt.
        """
        if self._put_back() is not None:
            return ()
        self.store.follow_calendar()
        done = []
        for case in (one.case for one in self.store.awake() if self.serves(one.holder)):
            with self.store.transaction() as writes:
                current = writes.case(case)
                if current is None:
                    continue
                step = protocol.tick(current, self._context(writes.last_moment(case)))
                if step.doubt:
                    done.append(Done(current, doubt=step.doubt))
                if not step.events:
                    continue
                after = writes.append(case, current.version, step.events)
                self._send(writes, step.messages)
            assert after is not None
            done.append(self._told(Done(after, step.events, step.messages)))
        return tuple(done)

    def _put_back(self) -> Refusal | None:
        """Why nothing is decided here now: others may know of more than this store does."""
        found = self.store.restored
        if found is None:
            return None
        return Refusal(
            "restored",
            Text(
                f"本库已恢复至日志第 {found.head.position} 位,须先与其他节点核对,暂不办理",
                "this store was put back to an older state, and others may know of more: `tongban"
                " case exchange` compares with them; without other nodes a supervisor goes on with"
                " `tongban case recovered`",
            ),
        )

    def _context(self, last: datetime | None = None) -> protocol.Context:
        return protocol.Context(self.kernel.clock(), self.calendar, last)

    def _elsewhere(
        self, writes: Transaction, case: Case | None, command: Command, repeated: bool = False
    ) -> Relayed | Refusal | None:
        """Where the case is in another store: an answer to its request, or the command itself."""
        now = command.given_at or self.kernel.clock()
        mine = f"{command.actor.division or '-'}/{command.actor.department}"
        asked = writes.incoming(mine, command.case, "request")
        if asked and (case is None or not self.serves(case.plan.lead.key)):
            request = asked[-1].message
            sent = protocol.pass_on(request, command, now)
            if isinstance(sent, Refusal):
                return sent
            if isinstance(command.do, protocol.Confirm | protocol.Refuse):
                if asked[-1].handled_at is not None and writes.message(sent.id) is None:
                    says = Text("已作答复,不得更改", "this authority has given its answer")
                    return Refusal("once_only", says)
                writes.handled(request.id)
        elif case is None or self.serves(case.holder.key):
            return None
        elif command.id in case.seen or isinstance(command.do, protocol.Submit):
            return None  # what was done, or can never be done, need not travel
        elif not repeated and (wrong := protocol.flaw(command, now)):
            return wrong
        elif command.actor.kind == "system":
            says = Text(
                f"办件现由 {case.holder.key} 持有", "the machine of the store that has it does this"
            )
            return Refusal("wrong_state", says)
        else:
            sender = next((one.key for one in case.plan.way if self.serves(one.key)), "system")
            # What another store passed on goes on to who has the case, even back to that store.
            typed = command.given_at is None
            if typed and (told := not_spoken_for(case, command.actor, self.serves, sender)):
                return told
            sent = protocol.relay(case, command, sender, now)
        writes.send([sent])
        return Relayed(sent)

    def _handled(
        self,
        writes: Transaction,
        case: Case | None,
        command: Command,
        disagreements: Iterable[protocol.Suspend] = (),
    ) -> Done | Refusal:
        step = protocol.handle(case, command, self._context(writes.last_moment(command.case)))
        if isinstance(step, Refusal):
            if step.code != "early" and case is not None:
                writes.append(command.case, case.version, step.events)
                self._send(writes, step.messages)
            return step
        return self._kept(writes, case, command, step, disagreements)

    def _kept(
        self,
        writes: Transaction,
        case: Case | None,
        command: Command,
        step: protocol.Step,
        disagreements: Iterable[protocol.Suspend] = (),
    ) -> Done:
        """Writes a step, and stops the case where engines disagree on it."""
        after = writes.append(command.case, case.version if case else 0, step.events)
        self._send(writes, step.messages)
        assert after is not None
        done = Done(after, step.events, step.messages)
        for number, stop in enumerate(disagreements):
            by_engine = Command(f"{command.id}/stop/{number}", after.id, protocol.SYSTEM, stop)
            stopped = protocol.handle(done.case, by_engine, self._context())
            if isinstance(stopped, protocol.Step):
                says = "case %s stopped: the engine %s disagrees on which rules hold"
                logger("service").error(says, after.id, stop.engine)
                now = writes.append(after.id, done.case.version, stopped.events)
                self._send(writes, stopped.messages)
                assert now is not None
                events, messages = done.events + stopped.events, done.messages + stopped.messages
                done = Done(now, events, messages)
        return done

    def _send(self, writes: Transaction, messages: Iterable[Message]) -> None:
        """Puts messages into the outbox; news of a case says which log it follows on."""
        writes.send(
            protocol.following(one, writes.entries(one.case)) if one.kind == "progress" else one
            for one in messages
        )

    def _told(self, answer: _Told) -> _Told:
        """Tells observers what happened, now that it is kept."""
        for event in answer.events:
            self.kernel.ports.observed(event.to_dict())
        return answer
