"""Clocks that are wrong: what is done is never dated before what was done, nor lapses by a leap.

The clock of a machine may jump: a dead battery, a wrong time server, a mistyped `--at`. A
command at a moment before the last event of its case is refused. What time alone would end
waits where the clock has leapt. `check_clock` goes on from there, on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import attrs

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import CheckClock
from tongban.kernel.protocol.command_context import CommandContext, need
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import ClockChecked
from tongban.kernel.protocol.results import Context, RefusedError

__all__ = [
    "LEAP",
    "TOLERANCE",
    "Doubt",
    "ahead",
    "check_clock",
    "clock_doubt",
    "not_after",
    "settled",
]

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
        raise RefusedError(
            "clock_back", _BACK.format(last=f"{last:%Y-%m-%d %H:%M}", **_gap(last - now))
        )
    return max(now, last) if last is not None else now


def ahead(last: datetime, now: datetime) -> RefusedError:
    """The refusal of what would be done after an end that a leap of the clock has brought."""
    return RefusedError(
        "clock_ahead", _AHEAD.format(last=f"{last:%Y-%m-%d %H:%M}", **_gap(now - last))
    )


def _gap(gap: timedelta) -> dict[str, str]:
    if gap.days:
        return {"gap": f"{gap.days}天", "english": f"{gap.days} days"}
    minutes = int(gap.total_seconds()) // 60
    return {"gap": f"{minutes}分钟", "english": f"{minutes} minutes"}


_BACK = (
    "时钟比本办件最近一次记录({last})早{gap},请检查本机时钟;时钟无误的,经核对时钟后再办"
    " (the clock is {english} before the last event of the case, {last}: check the clock of this"
    " machine, or --at; where it is right, and was ahead then: `tongban case check-clock`)"
)
_AHEAD = (
    "时钟比本办件最近一次记录({last})晚{gap},期限是否届满须先核对时钟"
    " (the clock is {english} after the last event of the case, {last}, and a time limit would"
    " end it: check the clock; where it is right: `tongban case check-clock`)"
)


def check_clock(case: Case, body: CheckClock, context: CommandContext) -> list[EventBody]:
    """Goes on by a clock that a person has looked at, whatever the last event says.

    Args:
        case: as it stands.
        body: with the reason.
        context: with what the clock says, and the moment of the last event.

    Raises:
        RefusedError: where the clock is not in doubt, or no reason is given.
    """
    doubt = clock_doubt(case, context.last, context.now)
    if doubt is None or context.last is None:
        raise RefusedError(
            "wrong_state", "时钟与本办件的记录无矛盾,无须核对 (the clock is not in doubt here)"
        )
    (reason,) = need("理由", body.reason)
    ended = case.ended_at if case.state == "lapsed" else None
    return [ClockChecked(context.last, reason, ended is not None and ended > context.now)]


def not_after(case: Case, at: datetime) -> dict[str, Any]:
    """The fields of a case that lie after a moment, brought back to it.

    Days that were told to somebody, the last day of a limit, stay as they were told.

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
