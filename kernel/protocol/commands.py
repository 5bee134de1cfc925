"""Commands, and what one yields: a step, or a refusal. Incoming messages are commands too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar

from attrs import field, frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import CHINA, day_of, in_china
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.events import Event, EventBody
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.registry import register
from tongban.kernel.protocol.transitions import COMMANDS

RefusalCode: TypeAlias = Literal[
    "unknown_case",
    "exists",
    "not_a_party",
    "not_your_step",
    "over",
    "wrong_state",
    "once_only",
    "too_late",
    "not_open",
    "bad_input",
    "early",
    "clock_back",
    "clock_ahead",
    "restored",
    "id_reused",
]

REFUSALS: Mapping[RefusalCode, str] = {
    "unknown_case": "there is no such case",
    "exists": "there is a case of this id already",
    "not_a_party": "the actor has no part in the case; recorded",
    "not_your_step": "the actor's part is another one; recorded",
    "over": "the case is over; late answers, ratings, follow-ups, void letters that are found, a"
    " check of the clock are left",
    "wrong_state": "not in this state",
    "once_only": "it may be done only once, and has been",
    "too_late": "the limit has passed",
    "not_open": "facts are missing on which the rules depend",
    "bad_input": "something is missing or wrong in the command",
    "early": "what comes before it has not arrived yet; it has to come again",
    "clock_back": "the clock is before the last event of the case; it has to be checked",
    "clock_ahead": "the clock has leapt, and a time limit would end the case; it has to be checked",
    "restored": "the store was put back to an older state; that must be settled first",
    "id_reused": "the id of the command was used for another one",
}
"""Why a command has no effect."""


@frozen
class Context:
    """What the decider is given from outside.

    Attributes:
        now: the moment, with its offset; kept in China's time.
        calendars: the calendar of each place.
        last: the moment of the last event of the case; None where there is none, or where
            it is not known, and the clock is believed.
    """

    now: datetime = field(converter=in_china)
    calendars: Calendars
    last: datetime | None = None


@frozen
class CommandContext:
    """Who gives a command, when, and by which calendars: what `CommandBody.handle` is given.

    Attributes:
        case: id of the case.
        given: when it was given, where that was in another store and counts.
        last: the moment of the last event of the case, where it is known.
        clock: what the clock says, where `now` is the moment of the last event instead.
        elsewhere: whether it had its effect in another store, perhaps of a former version, and
            is tried again here: what only a later version asks for may be missing.
    """

    case: str
    actor: Actor
    now: datetime
    calendars: Calendars
    given: datetime | None = None
    last: datetime | None = None
    clock: datetime | None = None
    elsewhere: bool = False

    @property
    def today(self) -> date:
        """The day in China."""
        return day_of(self.now)


@frozen
class Step:
    """What happens: events to store, messages to send. Both are empty where nothing changes.

    Attributes:
        repeated: whether the command had its effect before, or can have none any more.
        doubt: why time changed nothing: what is wrong with the clock, one of `REFUSALS`.
    """

    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    repeated: bool = False
    doubt: RefusalCode | None = None


@frozen
class Refusal:
    """Why a command has no effect.

    Attributes:
        code: for machines.
        text: a sentence for people.
        events: to be stored all the same: that somebody without a part tried, and
            what time had brought by then.
        messages: of these events.
    """

    code: RefusalCode
    text: Text
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def message(self) -> str:
        """The sentence as a terminal prints it and as messages carry it."""
        return self.text.bracketed


class RefusedError(Exception):
    """Raised inside the core where a command cannot have its effect; never leaves it."""

    def __init__(self, code: RefusalCode, zh: str, en: str) -> None:
        self.code, self.text = code, Text(zh, en)
        super().__init__(self.text.bracketed)


class CommandBody:
    """What somebody wants to do, without who and where. `command` registers each.

    Attributes:
        kind: its name in JSON and on the command line.
        limits: steps whose limits it is under: the first that runs.
        needs: fields that must say something, by name, with what they are.
    """

    __slots__ = ()
    kind: ClassVar[str]
    limits: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[Mapping[str, Text]] = {}

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        """Whether it would not be refused anyway, by what state and part do not tell.

        Args:
            case: as it stands, in a state in which the command may be given.
            actor: with a part that may give it.
        """
        return True

    @classmethod
    def not_now(cls, case: Case) -> Text | None:
        """What may be done instead, where the state of a case does not allow it.

        Args:
            case: as it stands, in a state in which the command may not be given.
        """
        return None

    def check(self, day: date) -> None:
        """Check what it says itself, whatever the case is: also where the case is not.

        Args:
            day: on which it is given.

        Raises:
            RefusedError: where it cannot have its effect in any case.
        """
        for name, what in self.needs.items():
            value = getattr(self, name)
            need(what, *(value if isinstance(value, tuple) else (value,)))

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """What it brings in a case.

        Args:
            case: as it stands; its state, the actor's part and what it says were checked.
            context: by whom and when.

        Raises:
            RefusedError: where it cannot have its effect.
        """
        raise NotImplementedError

    def open(self, context: CommandContext) -> list[EventBody]:
        """What it brings where there is no case yet.

        Raises:
            RefusedError: where it cannot have its effect.
            FormatError: where something in it is not what it should be.
        """
        raise RefusedError("unknown_case", "没有此办件", "there is no such case")

    def asked_since(self, case: Case) -> datetime | None:
        """Since when somebody has waited for it; None where it meets no limit."""
        return None

    def as_given(self, case: Case, day: date) -> CommandBody:
        """The same, saying what it means where and when it is given: the day, an act, a number.

        What is passed on to another store may come there on a later day, to a case that is
        another one meanwhile. What it says already stays.

        Args:
            case: as it is known where it is given.
            day: on which it is given.
        """
        return self


_BODIES: dict[str, type[CommandBody]] = {}
COMMAND_BODIES: Mapping[str, type[CommandBody]] = _BODIES
"""Every command by its kind."""

_Body = TypeVar("_Body", bound=CommandBody)
_NONE: Mapping[str, Text] = {}


def command(
    kind: str, limits: tuple[str, ...] = (), needs: Mapping[str, Text] = _NONE
) -> Callable[[type[_Body]], type[_Body]]:
    """Registers the class of a command. Its row in `transitions.COMMANDS` says the rest.

    Args:
        kind: its name. One that yields events must say which: in `handle`, or in `open`
            where it is given in no state.
        limits, needs: as in `CommandBody`.
    """
    step = COMMANDS.get(kind)
    method = ("handle" if step.states else "open",) if step and step.yields else ()
    return register(_BODIES, COMMANDS, kind, *method, limits=limits, needs=needs)


@frozen
class Command:
    """What somebody wants to do in a case.

    Attributes:
        id: unique; the same command twice has the effect of one. Of a message: its id.
        case: id of the case.
        actor: who wants it.
        do: what.
        given_at: when it was given, where it came from another store; not in the JSON form:
            the message that brings it says so.
    """

    id: str
    case: str
    actor: Actor
    do: CommandBody
    given_at: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "id": self.id,
            "case": self.case,
            "actor": dump(self.actor),
            "kind": self.do.kind,
            "data": dump(self.do),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Command:
        """The command that `to_dict` wrote.

        Raises:
            FormatError: where it is anything else.
        """
        wanted = {"id", "case", "actor", "kind", "data"}
        if not isinstance(raw, Mapping) or set(raw) != wanted:
            raise FormatError(f"command: must have exactly the fields {', '.join(sorted(wanted))}")
        body = COMMAND_BODIES.get(raw["kind"]) if isinstance(raw["kind"], str) else None
        if body is None:
            raise FormatError("command: unknown kind")
        if not isinstance(raw["id"], str) or not isinstance(raw["case"], str):
            raise FormatError("command: id and case must be text")
        actor = load(Actor, raw["actor"], "command.actor")
        return cls(raw["id"], raw["case"], actor, load(body, raw["data"], f"command.{raw['kind']}"))


def flaw(command: Command, now: datetime) -> Refusal | None:
    """Why a command cannot have its effect in any case; None where it may have it in one.

    Args:
        command: what came from another store is judged where the case is, which tells its author.
        now: the moment.
    """
    if command.given_at is not None:
        return None
    try:
        command.do.check(day_of(now))
    except RefusedError as refused:
        return Refusal(refused.code, refused.text)
    return None


def effective_time(case: Case | None, command: Command, now: datetime) -> datetime | None:
    """The moment by which a limit counts what was given in another store.

    Args:
        case: as it stands.
        command: with the moment at which the other store took it.
        now: the moment here.

    Returns:
        None where that is `now`: it was given here, no limit is met by it, or the moment
        cannot be: after `now`, or before anybody was asked.
    """
    if case is None or command.given_at is None:
        return None
    asked = command.do.asked_since(case)
    if asked is None or not asked <= command.given_at < now:
        return None
    return command.given_at.astimezone(CHINA)


REASONS = Text("理由", "reasons")
"""What most commands need that take something from somebody."""


def need(what: Text, *texts: str) -> tuple[str, ...]:
    """Texts that must be there, and say something.

    Args:
        what: what they are.
        texts: as they were given.

    Raises:
        RefusedError: where there is none, or one is empty.
    """
    if not texts or not all(text.strip() for text in texts):
        raise RefusedError("bad_input", f"须写明{what.zh}", f"{what.en} must be given")
    return texts


def refuse_unless(holds: bool, zh: str, en: str) -> None:
    """Refuses bad input.

    Raises:
        RefusedError: where it does not hold.
    """
    if not holds:
        raise RefusedError("bad_input", zh, en)


def not_yours(body: CommandBody, zh: str, en: str) -> RefusedError:
    """The refusal for somebody whose part is another one."""
    official = COMMANDS[body.kind].official
    return RefusedError("not_your_step", f"“{official}”应由{zh}办理", f"{body.kind} is for {en}")
