"""What a command yields: a step, or a refusal with a sentence that says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from attrs import field, frozen

from tongban.kernel.model.moments import in_china
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message

__all__ = ["REFUSALS", "Context", "Refusal", "RefusalCode", "RefusedError", "Step"]

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
    "over": "the case is over; it can only be rated",
    "wrong_state": "not in this state",
    "once_only": "it may be done only once, and has been",
    "too_late": "the limit has passed",
    "not_open": "by the rules the application is not eligible, or facts are missing",
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
        message: a sentence for people.
        events: to be stored all the same: that somebody without a part tried, and
            what time had brought by then.
        messages: of these events.
    """

    code: RefusalCode
    message: str
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()


class RefusedError(Exception):
    """Raised inside the core where a command cannot have its effect; never leaves it."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        self.code = code
        super().__init__(message)
