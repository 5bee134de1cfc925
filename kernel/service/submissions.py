"""From an application to a case, received or not, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import protocol
from tongban.kernel.engine.program import Program
from tongban.kernel.engine.routing import competent
from tongban.kernel.engine.rules_version import rules_version
from tongban.kernel.errors import ApplicationError
from tongban.kernel.kernel import Kernel
from tongban.kernel.model.application import Application, Party
from tongban.kernel.ports.store import CommandNote, ConflictError, Store, Transaction
from tongban.kernel.protocol import Actor, Case, Command, Office, Receive, Refusal
from tongban.kernel.protocol.actors import WINDOW
from tongban.kernel.protocol.personal_data import personal_part
from tongban.kernel.service import repeats
from tongban.kernel.service.results import Done

Handle: TypeAlias = Callable[
    [Transaction, Case | None, Command, Iterable[protocol.Suspend]], Done | Refusal
]
_LOOKED_BACK = 31
"""At most this many days a command is looked for whose id was kept in the case alone."""


@frozen
class Submission:
    """An application that is handed in.

    Attributes:
        raw: as JSON gives it, personal data included.
        actor: who hands it in.
        applicant: the applicant's opaque id.
        agent, authorisation: the agent's, with the number of the letter that lets them act.
        id: of the command; "" for a new one.
        expected: the version that the author of the command saw: 0 for no case.
        received: how it is received at once; None where it is not.
        receiver: by whom; None for `actor`.
        mandate: what the letter of authorisation says beside its number.
    """

    raw: Mapping[str, Any] = field(repr=False)
    actor: Actor
    applicant: str
    agent: str = ""
    authorisation: str = ""
    id: str = ""
    expected: int | None = None
    received: Receive | None = None
    receiver: Actor | None = None
    mandate: protocol.Mandate | None = None

    @property
    def parties(self) -> tuple[str, str, str]:
        """Who applies, and who acts for them."""
        return self.applicant, self.agent, self.authorisation

    @property
    def fingerprint(self) -> str:
        """What it says, without personal data."""
        said = (self.parties, self.received, self.mandate)
        return repeats.of_submission(self.raw, self.actor, *said)


class _UndoneError(Exception):
    """The case was opened and could not be received: neither is kept."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


@frozen(eq=False)
class Submissions:
    """Opens cases for a service.

    Args:
        kernel, store, calendars: of the service.
        handle: carries a command out in a transaction.
    """

    kernel: Kernel
    store: Store
    calendars: protocol.Calendars
    handle: Handle = field(repr=False)

    def open(self, given: Submission) -> Done | Refusal:
        """Opens a case, and receives it where that is wanted: both or neither.

        Returns:
            A refusal where facts are missing, an actor may not do that, or the id is another
            command's. What the rules refuse is a case that is over at once.

        Raises:
            ApplicationError: where the application is wrong.
            ConflictError: where a version is expected.
            StoreError: where it cannot be kept.
        """
        id = given.id or self.kernel.ids()
        known = self._known(self.store, given, id)
        if known is not None:
            return known
        application = self.kernel.application(given.raw)
        command, received = self._command(given, id, application)
        now = protocol.Context(self.kernel.clock(), self.calendars)
        refused = protocol.handle(None, command, now)
        if isinstance(refused, Refusal):
            return refused
        stops = disagreements(self.kernel, application)
        try:
            with self.store.transaction() as writes:
                return self._kept(writes, given, command, received, stops)
        except _UndoneError as undone:
            return undone.refusal

    def _command(
        self, given: Submission, id: str, application: Application
    ) -> tuple[Command, Receive | None]:
        program = self.kernel.program(application.item)
        decision = self.kernel.decide(with_agent(application) if given.agent else application)
        refused = decision.outcome == "ineligible"
        body = protocol.submit(
            decision,
            program.item,
            application,
            rules=rules_version(program),
            applicant=given.applicant,
            agent=given.agent,
            authorisation=given.authorisation,
            mandate=given.mandate,
            way=refused_way(program, application) if refused else (),
        )
        received = given.received
        if received is not None:
            found = self.kernel.ports.examine(application)
            received = evolve(received, defects=tuple(dict.fromkeys((*received.defects, *found))))
        command = Command(id, self._case_of(id), given.actor, body)
        return command, received

    def _kept(
        self,
        writes: Transaction,
        given: Submission,
        command: Command,
        received: Receive | None,
        stops: tuple[protocol.Suspend, ...],
    ) -> Done | Refusal:
        known = self._known(writes, given, command.id)
        if known is not None:
            return known  # another program was faster
        if given.expected:
            raise ConflictError(command.case, given.expected, 0)
        assert isinstance(command.do, protocol.Submit)
        personal = writes.keep_personal(personal_part(given.raw))
        opened = evolve(command, do=evolve(command.do, personal=personal, doubted=bool(stops)))
        answer = self.handle(writes, None, opened, stops)
        if isinstance(answer, Refusal):
            raise _UndoneError(answer)
        # Where engines disagree the case stands still, and a person decides; what the rules
        # refuse is received when somebody insists.
        if received is not None and answer.case.state == "submitted":
            actor = given.receiver or given.actor
            by_window = Command(f"{command.id}/receive", command.case, actor, received)
            more = self.handle(writes, answer.case, by_window, ())
            if isinstance(more, Refusal):
                raise _UndoneError(more)
            events, messages = answer.events + more.events, answer.messages + more.messages
            answer = Done(more.case, events, messages)
        if given.id:
            writes.note_command(given.id, CommandNote(command.case, given.fingerprint))
        return answer

    def _case_of(self, command: str, days_ago: int = 0) -> str:
        """The id of the case that a command opens; its day is that of the first attempt."""
        day = protocol.day_of(self.kernel.clock()) - timedelta(days=days_ago)
        return f"BJ{day:%Y%m%d}{protocol.derived_id('case', command)[:10].upper()}"

    def _known(
        self, store: Store | Transaction, given: Submission, id: str
    ) -> Done | Refusal | None:
        """What the same command came to before; a refusal where the id is another command's."""
        if not given.id:
            return None
        note = store.command(id)
        case = store.case(note.case) if note else self._opened_before(store, id)
        if case is None:
            return repeats.reused(id, note.case) if note else None
        same = (
            note.fingerprint == given.fingerprint
            if note
            else repeats.same_submission(case, self._item(given.raw), given.parties)
        )
        if not same or store.same_personal(case.personal, personal_part(given.raw)) is False:
            return repeats.reused(id, case.id)
        return Done(case)

    def _opened_before(self, store: Store | Transaction, id: str) -> Case | None:
        """The case of a command whose fingerprint was not kept."""
        for days in range(_LOOKED_BACK + 1):
            case = store.case(self._case_of(id, days))
            if case is not None and id in case.seen:
                return case
        return None

    def _item(self, raw: Mapping[str, Any]) -> str:
        """The key of the item that is applied for; "" where it is wrong or gone."""
        try:
            return self.kernel.application(raw).item
        except ApplicationError:
            return ""


def with_agent(application: Application) -> Application:
    """The application as one that an agent hands in, whether or not it says who that is."""
    if application.applicant.agent is not None:
        return application
    return evolve(application, applicant=evolve(application.applicant, agent=Party()))


def refused_way(program: Program, application: Application) -> tuple[Office, ...]:
    """The offices of an application that the rules refuse, should somebody insist on it.

    Args:
        program: the item's.
        application: what was put in.

    Returns:
        The authority that would decide, after the window where it was handed in if that is at
        another place: `way` of `protocol.submit`.
    """
    receiving, lead = competent(program, application)
    windows = [Office(receiving.place, receiving.division, WINDOW)] if receiving else []
    return (*windows, Office(lead.place, lead.division, lead.department))


def examined(kernel: Kernel, store: Store, case: Case, body: Receive) -> Receive:
    """A receipt with the formal defects that plugins find in what was handed in.

    Args:
        kernel, store: of the service.
        case: as it stands.
        body: as it was given.
    """
    try:
        found = kernel.ports.examine(_application(kernel, store, case))
    except ApplicationError:
        # The item has left the catalogue since; the case goes on by its own rules.
        return body
    return evolve(body, defects=tuple(dict.fromkeys((*body.defects, *found))))


def _application(kernel: Kernel, store: Store, case: Case) -> Application:
    """What was handed in, personal data included where it is still kept."""
    personal = store.personal(case.id, protocol.SYSTEM, "收件形式审查 formal examination")
    applicant = {**case.application.get("applicant", {}), **(personal.data if personal else {})}
    return kernel.application({**case.application, "applicant": applicant})


def disagreements_of(kernel: Kernel, case: Case) -> tuple[protocol.Suspend, ...]:
    """`disagreements` for a case, where it is still handled by the rules that are installed."""
    try:
        application = kernel.application(case.as_decided)
    except ApplicationError:
        return ()
    program = kernel.program(application.item)
    if rules_version(program) != case.rules:
        return ()
    return disagreements(kernel, application)


def disagreements(kernel: Kernel, application: Application) -> tuple[protocol.Suspend, ...]:
    """What stops a case: where second engines say otherwise than the kernel's own."""
    return tuple(
        protocol.Suspend(engine, ours, theirs)
        for engine, ours, theirs in kernel.engines.disagreements(application)
    )
