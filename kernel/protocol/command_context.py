"""What a handler is given besides the case and the command."""

from __future__ import annotations

from datetime import date, datetime

from attrs import frozen

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.command_bodies import CommandBody
from tongban.kernel.protocol.results import RefusedError
from tongban.kernel.protocol.transitions import COMMANDS

__all__ = ["CommandContext", "need", "not_yours", "refuse_unless"]


@frozen
class CommandContext:
    """Who gives a command, when, and by which calendars.

    Attributes:
        case: id of the case.
        given: when it was given, where that was in another store and counts.
        last: the moment of the last event of the case, where it is known.
        clock: what the clock says, where `now` is the moment of the last event instead.
    """

    case: str
    actor: Actor
    now: datetime
    calendars: Calendars
    given: datetime | None = None
    last: datetime | None = None
    clock: datetime | None = None

    @property
    def today(self) -> date:
        """The day in China."""
        return day_of(self.now)


_WHAT = {
    "理由": "reasons",
    "需补正的全部内容": "everything that is missing",
    "补正的内容": "what is supplied",
    "审查意见": "the finding of the examination",
    "处理结果": "what was done",
    "发送清单": "the list of what is sent",
}


def need(what: str, *texts: str) -> tuple[str, ...]:
    """Texts that must be there, and say something.

    Args:
        what: what they are, in Chinese.
        texts: as they were given.

    Raises:
        RefusedError: where there is none, or one is empty.
    """
    if not texts or not all(text.strip() for text in texts):
        raise RefusedError("bad_input", f"须写明{what} ({_WHAT[what]} must be given)")
    return texts


def refuse_unless(holds: bool, message: str) -> None:
    """Refuses bad input.

    Raises:
        RefusedError: where it does not hold.
    """
    if not holds:
        raise RefusedError("bad_input", message)


def not_yours(body: CommandBody, who: str, english: str) -> RefusedError:
    """The refusal for somebody whose part is another one."""
    official = COMMANDS[body.kind].official
    return RefusedError(
        "not_your_step", f"“{official}”应由{who}办理 ({body.kind} is for {english})"
    )
