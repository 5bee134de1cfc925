"""The decider: a case and a command in, events and messages out, or a refusal. Nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from attrs import frozen

import tongban.kernel.protocol.clock as clock
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import SYSTEM, Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import (
    FormatError,
    check_case_id,
    check_content,
    dump,
    is_name,
)
from tongban.kernel.protocol.commands import (
    Command,
    CommandContext,
    Context,
    Refusal,
    RefusedError,
    Step,
    effective_time,
)
from tongban.kernel.protocol.events import Event, EventBody, OrderError, evolve
from tongban.kernel.protocol.guards import RECORDED, AttemptRefused, check
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.receipt import Submit
from tongban.kernel.protocol.relay import messages_of, progress_of
from tongban.kernel.protocol.ticking import changes_of_time, signals_of_time
from tongban.kernel.protocol.transfer import Mirror, TakenOver, TakeOver, by_system


@frozen
class _Log:
    """A case and what has been added to it so far."""

    start: Case | None
    case: Case | None
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()

    def add(
        self, bodies: Iterable[EventBody], command_context: CommandContext, actor: Actor, cause: str
    ) -> _Log:
        case, events, messages = self.case, list(self.events), list(self.messages)
        for body in bodies:
            seq = case.version + 1 if case else _first(body)
            given_at = command_context.given if cause else None
            event = Event(
                command_context.case,
                seq,
                command_context.now,
                actor,
                cause,
                body,
                given_at,
                command_context.clock,
            )
            before, case = case, evolve(case, event)
            events.append(event)
            messages += messages_of(before, event, case)
        return _Log(self.start, case, tuple(events), tuple(messages))

    def sent(self) -> tuple[Message, ...]:
        if self.case is None:
            return ()
        return (*self.messages, *progress_of(self.start, self.events, self.case))


def _first(body: EventBody) -> int:
    """The number of the first event here; a case that was taken over goes on counting."""
    return body.snapshot["version"] + 1 if isinstance(body, TakenOver) else 1


def handle(case: Case | None, command: Command, context: Context) -> Step | Refusal:
    """What a command does.

    What time has brought by now (acceptance by silence, a lapse) comes first, so
    that nothing depends on when `tick` was last called.

    Args:
        case: as it stands; None where there is none of this id.
        command: what somebody wants; twice the same id has the effect of one.
        context: the moment and the calendars.

    Returns:
        A step with events to store and messages to send, in one transaction; or
        a refusal with a sentence. A refusal too may have events that must be stored.
    """
    since = effective_time(case, command, context.now)
    command_context = CommandContext(
        command.case, command.actor, context.now, context.calendars, since, context.last
    )
    log = _Log(case, case)
    try:
        _well_formed(case, command)
        done = _repeated(case, command)
        if done:
            return done
        if case is None:
            return _opened(command, command_context)
        if isinstance(command.do, Mirror):
            return _mirrored(case, command, command.do)
        if not isinstance(command.do, clock.CheckClock):
            command_context = _by_the_clock(command_context, case, context)
            log = _in_time(log, command_context)
        assert log.case is not None
        given = command_context.given or command_context.now
        check(log.case, command.actor, command.do.kind, day_of(given))
        command.do.check(command_context.today)
        bodies = command.do.handle(log.case, command_context)
    except RefusedError as refused:
        # By a clock that is in doubt nothing is recorded but that it was checked.
        recorded = refused.code in RECORDED and not isinstance(command.do, clock.CheckClock)
        if recorded and case is not None and command.id not in case.attempts:
            tried = AttemptRefused(command.do.kind, refused.code)
            log = log.add([tried], command_context, command.actor, command.id)
        return Refusal(refused.code, refused.text, log.events, log.sent())
    except FormatError as wrong:
        return Refusal("bad_input", wrong.text)
    log = log.add(bodies, command_context, command.actor, command.id)
    return Step(log.events, log.sent(), repeated=not bodies)


def tick(case: Case, context: Context) -> Step:
    """What time itself has brought: silence, lapses, warnings, delay, closing.

    Args:
        case: as it stands.
        context: the moment and the calendars.

    Returns:
        Events to store and messages to send; nothing where it was called before
        at the same moment, or where the clock is in doubt, with why.
    """
    command_context = CommandContext(
        case.id, SYSTEM, context.now, context.calendars, last=context.last
    )
    doubt = clock.clock_doubt(case, context.last, context.now)
    if doubt:  # until a person has looked at the clock
        idle = doubt == "clock_ahead" and not _due(case, command_context)
        return Step(repeated=True, doubt=None if idle else doubt)
    command_context = _by_the_clock(command_context, case, context)
    log = _in_time(_Log(case, case), command_context)
    while log.case is not None and (bodies := signals_of_time(log.case, command_context)):
        log = log.add(bodies, command_context, SYSTEM, "")
    return Step(log.events, log.sent(), repeated=not log.events)


def _due(case: Case, command_context: CommandContext) -> bool:
    """Whether time would bring anything."""
    return bool(changes_of_time(case, command_context) or signals_of_time(case, command_context))


def _by_the_clock(command_context: CommandContext, case: Case, context: Context) -> CommandContext:
    now = clock.settled(case, context)
    return attrs.evolve(command_context, now=now, clock=None if now == context.now else context.now)


def _in_time(log: _Log, command_context: CommandContext) -> _Log:
    while log.case is not None and (bodies := changes_of_time(log.case, command_context)):
        if command_context.last and clock.clock_doubt(
            log.case, command_context.last, command_context.now
        ):
            raise clock.ahead(command_context.last, command_context.now)
        log = log.add(bodies, command_context, SYSTEM, "")
    return log


def _well_formed(case: Case | None, command: Command) -> None:
    if not command.id or not command.case:
        raise RefusedError("bad_input", "缺少编号", "the command or the case has no id")
    if case is not None and case.id != command.case:
        raise RefusedError("bad_input", "办件编号不符", "the command is for another case")
    if not is_name(command.id) or not is_name(command.actor.id, least=0):
        raise RefusedError("bad_input", "编号有误", "the id of the command or of its actor is none")
    if case is None:
        check_case_id(command.case)
    if not isinstance(command.do, Mirror | TakeOver):  # of these the letter was judged
        check_content(dump(command.do), command.do.kind)


def _repeated(case: Case | None, command: Command) -> Step | None:
    """A step without events where the command had its effect before; None where it had not.

    Raises:
        RefusedError: where it would open a case of an id that there is.
    """
    if case is None:
        return None
    if command.id in case.seen or isinstance(command.do, TakeOver):
        return Step(repeated=True)
    if isinstance(command.do, Submit):
        raise RefusedError("exists", "办件编号已存在", "there is a case of this id")
    return None


def _opened(command: Command, command_context: CommandContext) -> Step:
    bodies = command.do.open(command_context)
    log = _Log(None, None).add(bodies, command_context, command.actor, command.id)
    return Step(log.events, log.sent())


def _mirrored(case: Case, command: Command, body: Mirror) -> Step:
    """The events of another store, as they are; those that are here already are left out.

    Raises:
        RefusedError: where some before them have not come yet; the message has to wait.
    """
    by_system(command.actor)
    events = [Event.from_dict(raw) for raw in body.events]
    new = tuple(event for event in events if event.seq > case.version)
    for event in new:
        try:
            case = evolve(case, event)
        except OrderError as error:
            raise RefusedError("early", "进度尚不连续,须等待", str(error)) from None
    return Step(new, (), repeated=not new)
