"""Clocks that are wrong: what is done is never dated before what was done, nor lapses by a leap.

The clock of a machine may jump: a dead battery, a wrong time server, a mistyped `--at`. A
command at a moment before the last event of its case is refused. What time alone would end
waits where the clock has leapt. `check_clock` goes on from there, on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    Context,
    RefusedError,
    command,
    need,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, last_day, notice

__all__ = ["LEAP", "TOLERANCE", "CheckClock", "ClockChecked", "clock_doubt"]

TOLERANCE = timedelta(minutes=5)
"""By so much the clocks of several machines may differ. Practice, no rule of law."""

LEAP = timedelta(days=180)
"""After so long without an event time alone changes nothing in a case, until a person says
that the clock is right. Practice, no rule of law."""

Doubt: TypeAlias = Literal["clock_back", "clock_ahead"]


def clock_doubt(case: Case, last: datetime | None, now: datetime) -> Doubt | None:
    """What is wrong with the clock, as far as a case tells.

    Args:
        case: as it stands.
        last: the moment of its last event; None where it is not known.
        now: what the clock says.

    Returns:
        `clock_back`: it is behind the last event by more than `TOLERANCE`; `clock_ahead`:
        it is more than `LEAP` after the last event of a case that is not over.
    """
    if last is None:
        return None
    if now < last - TOLERANCE:
        return "clock_back"
    return "clock_ahead" if now > last + LEAP and not case.over else None


def settled(case: Case, context: Context) -> datetime:
    """The moment at which a command has its effect: now, never before the last event.

    Args:
        case: as it stands.
        context: with what the clock says, and the moment of the last event.

    Raises:
        RefusedError: where the clock is behind the last event by more than `TOLERANCE`.
    """
    now, last = context.now, context.last
    if clock_doubt(case, last, now) == "clock_back":
        assert last is not None
        raise _wrong("clock_back", last, last - now)
    return max(now, last) if last is not None else now


def ahead(last: datetime, now: datetime) -> RefusedError:
    """The refusal of what would be done after an end that a leap of the clock has brought."""
    return _wrong("clock_ahead", last, now - last)


def _wrong(doubt: Doubt, last: datetime, gap: timedelta) -> RefusedError:
    parts = {"last": f"{last:%Y-%m-%d %H:%M}", **_gap(gap)}
    says = _DOUBTS[doubt]
    return RefusedError(doubt, says.zh.format(**parts), says.en.format(**parts))


def _gap(gap: timedelta) -> dict[str, str]:
    if gap.days:
        return {"gap": f"{gap.days}天", "english": f"{gap.days} days"}
    minutes = int(gap.total_seconds()) // 60
    return {"gap": f"{minutes}分钟", "english": f"{minutes} minutes"}


_DOUBTS: Mapping[Doubt, Text] = {
    "clock_back": Text(
        "时钟比本办件最近一次记录({last})早{gap},请检查本机时钟;时钟无误的,经核对时钟后再办",
        "the clock is {english} before the last event of the case, {last}: check the clock of this"
        " machine, or --at; where it is right, and was ahead then: `tongban case check-clock`",
    ),
    "clock_ahead": Text(
        "时钟比本办件最近一次记录({last})晚{gap},期限是否届满须先核对时钟",
        "the clock is {english} after the last event of the case, {last}, and a time limit would"
        " end it: check the clock; where it is right: `tongban case check-clock`",
    ),
}


@command("check_clock")
@frozen
class CheckClock(CommandBody):
    """核对时钟: the clock was looked at, and is right; the case goes on by it.

    Attributes:
        reason: what was wrong with the clock, or why nothing happened for so long.
    """

    reason: str

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Goes on by a clock that a person has looked at, whatever the last event says."""
        doubt = clock_doubt(case, context.last, context.now)
        if doubt is None or context.last is None:
            raise RefusedError(
                "wrong_state",
                "时钟与本办件的记录无矛盾,无须核对",
                "the clock is not in doubt here",
            )
        (reason,) = need(REASONS, self.reason)
        ended = case.ended_at if case.state == "lapsed" else None
        return [ClockChecked(context.last, reason, ended is not None and ended > context.now)]


@event("clock_checked")
@frozen
class ClockChecked(EventBody):
    """核对时钟: from here on the moments are those of a clock that a person has looked at.

    Its own moment may lie before that of the event before it.

    Attributes:
        last: the moment of the event before it.
        reinstated: whether the case goes on that had lapsed by a clock that was ahead.
    """

    last: datetime
    reason: str
    reinstated: bool = False

    def origin(self) -> CheckClock:
        return CheckClock(self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        goes_on = {"state": "supplementing", "ended_at": None} if self.reinstated else {}
        return _fields_not_after(case, event.at) | goes_on

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        """The notice of a lapse that a wrong clock has brought is taken back."""
        asked = after.supplement
        if self.reinstated and asked:
            outstanding = list(asked.outstanding)
            due = last_day(asked.due, asked.provisional)
            yield notice("更正告知书", outstanding=outstanding, **due)


def _fields_not_after(case: Case, at: datetime) -> Changes:
    """The fields of a case that lie after a moment, brought back to it.

    Days that were announced, such as the last day of a limit, stay as they were.

    Args:
        case: with moments of a clock that was ahead.
        at: the moment by the clock that is right.
    """
    changed = {
        name: now
        for name in (field.name for field in attrs.fields(Case))
        if (now := _not_after(was := getattr(case, name), at)) is not was
    }
    if case.accepted_on is not None and case.accepted_on > day_of(at):
        changed["accepted_on"] = day_of(at)
    return changed


def _not_after(value: Any, at: datetime) -> Any:
    """`value` itself where nothing in it lies after `at`."""
    if isinstance(value, datetime):
        return min(value, at)
    if isinstance(value, tuple):
        parts = tuple(_not_after(one, at) for one in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    if isinstance(value, Mapping):
        entries = {key: _not_after(one, at) for key, one in value.items()}
        return value if all(entries[key] is value[key] for key in entries) else entries
    if attrs.has(type(value)):
        new = {f.name: _not_after(getattr(value, f.name), at) for f in attrs.fields(type(value))}
        same = all(new[name] is getattr(value, name) for name in new)
        return value if same else attrs.evolve(value, **new)
    return value
