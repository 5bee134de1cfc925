"""Hypothesis strategies for cases: legal commands and events; see `strategies`, which is public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache, reduce
from typing import Any

from hypothesis import strategies as st

from tongban.kernel import Item, Kernel, protocol
from tongban.plugins.kit.examples import run_example
from tongban.plugins.kit.testing.application_strategies import (
    applications,
    choices_of,
    installed,
)
from tongban.plugins.kit.testing.case_steps import latest, legal, opening
from tongban.plugins.kit.testing.value_pool import Choices

_WAIT = st.sampled_from((None, *(timedelta(days=n) for n in (0, 1, 7, 30, 200) * 3)))
"""The time before the next step: within every limit, past some, past all; None: no next one."""

_KIND = st.sampled_from(tuple(protocol.COMMANDS))
_ENDING = ("withdraw", "terminate", "decline", "refuse", "stop")
_PUT_RIGHT = ("correct", "reopen", "lodge", "admit", "resolve")


def commands(
    case: protocol.Case,
    *,
    now: datetime | None = None,
    calendars: protocol.Calendars | None = None,
) -> st.SearchStrategy[protocol.Command]:
    """Commands that would have an effect now, by everyone who may give them.

    Args:
        case: as it stands.
        now: the moment; left out, the last one that the case knows of.
        calendars: of each place; left out, weekends alone are free.

    Returns:
        Nothing can be drawn from it where nothing is left to do in the case.
    """
    found = legal(case, _context(case, now, calendars))
    return st.sampled_from(found) if found else st.nothing()


def events(
    case: protocol.Case,
    *,
    now: datetime | None = None,
    calendars: protocol.Calendars | None = None,
) -> st.SearchStrategy[tuple[protocol.Event, ...]]:
    """What may happen next in a case: the events that one legal command brings.

    Args:
        case: as it stands.
        now, calendars: as of `commands`.
    """
    context = _context(case, now, calendars)

    def happening(command: protocol.Command) -> tuple[protocol.Event, ...]:
        return protocol.handle(case, command, context).events

    return commands(case, now=context.now, calendars=calendars).map(happening)


def histories(
    item: Item | str | None = None,
    *,
    kernel: Kernel | None = None,
    max_steps: int = 12,
    application: Mapping[str, Any] | None = None,
) -> st.SearchStrategy[tuple[protocol.Event, ...]]:
    """Everything that happened to a case since it was handed in, by legal steps only.

    Time passes between the steps, and brings what it brings: silence, lapses, delay.
    `protocol.replay(events)` gives the case.

    Args:
        item: an id, an exact name or an item; None for any.
        kernel: that has loaded it; the installed one by default.
        max_steps: how many commands are given at most after the first.
        application: the one that opens the case, raw; left out, one of the item's own
            cases that is eligible.
    """
    found = kernel or installed()
    if application is not None:
        return _histories(found, st.just(dict(application)), max_steps)
    starts = choices_of(item, found).flatmap(_starts)
    return _histories(found, starts, max_steps)


@st.composite
def _histories(
    draw: st.DrawFn, kernel: Kernel, starts: st.SearchStrategy[dict[str, Any]], max_steps: int
) -> tuple[protocol.Event, ...]:
    application = kernel.application(draw(starts))
    now = datetime.combine(application.as_of, time(9), protocol.CHINA)
    first = protocol.handle(None, opening(kernel, application), protocol.Context(now, _weekends))
    log, case = _then((), None, first.events)
    for _ in range(max_steps):
        wait = draw(_WAIT)
        if wait is None:
            break
        context = protocol.Context(now := now + wait, _weekends)
        log, case = _then(log, case, protocol.tick(case, context).events)
        command = draw(_step(legal(case, context)))
        if command is not None:
            log, case = _then(log, case, protocol.handle(case, command, context).events)
    return log


@st.composite
def _step(draw: st.DrawFn, may: tuple[protocol.Command, ...]) -> protocol.Command | None:
    """One of the commands that have an effect; None where there is none.

    A number that is drawn names the same kind of command whatever the case has come to: when
    hypothesis leaves out a step, those after it keep their meaning, so that they can be kept.
    """
    by_kind: dict[tuple[bool, str], list[protocol.Command]] = {}
    for command in may:
        by_kind.setdefault((_seldom(command), command.do.kind), []).append(command)
    seldom = draw(st.sampled_from((False, False, False, True))) and any(one for one, _ in by_kind)
    kinds = [kind for rare, kind in by_kind if rare is seldom]
    if not kinds:
        return None
    kind = draw(_KIND.filter(kinds.__contains__))
    return draw(st.sampled_from(by_kind[seldom, kind]))


def _then(
    log: tuple[protocol.Event, ...], case: protocol.Case | None, events: Iterable[protocol.Event]
) -> tuple[tuple[protocol.Event, ...], protocol.Case]:
    """A log with more events, and the case that it then tells."""
    after = reduce(protocol.evolve, events, case)
    assert after is not None
    return (*log, *events), after


def _seldom(command: protocol.Command) -> bool:
    """Whether a command would end most cases early, or turn them back, were it drawn as often."""
    if isinstance(command.do, protocol.Receive):
        return not command.do.identified or any(not one.warning for one in command.do.defects)
    return command.do.kind in _ENDING + _PUT_RIGHT


def _starts(choices: Choices) -> st.SearchStrategy[dict[str, Any]]:
    """Applications for an item that open a case."""
    kernel, item = choices.kernel, choices.item
    found = _eligible(kernel, item.key)
    if found:
        return st.integers(0, len(found) - 1).map(lambda n: dict(found[n]))
    drawn = applications(item, kernel=kernel)
    return drawn.filter(lambda raw: kernel.decide(raw).outcome == "eligible")


@lru_cache(maxsize=1_000)
def _eligible(kernel: Kernel, key: str) -> tuple[Mapping[str, Any], ...]:
    """What the item's own cases give, where it is eligible."""
    item = kernel.rulebook.items[key]
    usual = {"as_of": "2026-01-01", "applicant": {"kind": item.applicant.value[0]}, "item": key}
    results = (run_example(kernel, item, case) for case in item.cases)
    return tuple(
        {**usual, **one.example.given}
        for one in results
        if one.decision is not None and one.decision.outcome == "eligible"
    )


def _weekends(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


def _context(
    case: protocol.Case, now: datetime | None, calendars: protocol.Calendars | None
) -> protocol.Context:
    return protocol.Context(now or latest(case), calendars or _weekends)
