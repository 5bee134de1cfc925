"""What must hold in every state. Written against the promises, not against the code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from tongban.kernel import protocol as p
from tongban.plugins.simulation.checks.papers import papers_of
from tongban.plugins.simulation.explorer import acts, lapses, letters
from tongban.plugins.simulation.explorer.breach import Breach
from tongban.plugins.simulation.explorer.oracle import passed, standstills
from tongban.plugins.simulation.explorer.site_state import SiteState
from tongban.plugins.simulation.store.contents import Same

_ANSWERS = ("confirmation", "refusal")
_ON_THE_WAY = 5
"""Working days for the message that brings what a window took in time."""


def of_node(
    kept: SiteState, calendars: p.Calendars, chosen: Collection[str] = ()
) -> Iterator[Breach]:
    """What must hold of what one node keeps.

    Args:
        kept: by the node.
        calendars: of each place.
        chosen: ids of the commands in which an officer names the way of a letter.
    """
    yield from _legal(kept)
    yield from _once(kept)
    yield from _answered(kept)
    yield from _pauses(kept)
    yield from acts.of_log(kept, calendars)
    yield from letters.of_log(kept, chosen)
    yield from lapses.of_log(kept)
    for message, code in kept.answered:
        if code == "unknown_case":
            yield Breach("commands", f"message {message[:8]} was taken and dropped: {code}")


def _legal(kept: SiteState) -> Iterator[Breach]:
    case, wrong = _replayed(tuple(map(Same, kept.log)))
    yield from wrong
    if not wrong and case != kept.case:
        yield Breach("replay", "the stored case is not what its log says")


@lru_cache(maxsize=50_000)
def _replayed(log: tuple[Same[p.Event], ...]) -> tuple[p.Case | None, tuple[Breach, ...]]:
    """The case that a log says, and what is wrong with it first.

    Worked out once: nearly every log is one event longer than another that was looked at.
    """
    if not log:
        return None, ()
    case, wrong = _replayed(log[:-1])
    event = log[-1].value
    if wrong:
        return case, wrong
    try:
        after = p.evolve(case, event)
    except p.OrderError as error:
        return case, (Breach("replay", str(error)),)
    if case is not None and after.state not in p.EVENTS[event.kind].moves.get(case.state, ()):
        says = f"{event.kind} led from {case.state} to {after.state}"
        return after, (Breach("steps", says),)
    return after, ()


def _once(kept: SiteState) -> Iterator[Breach]:
    seen: set[tuple[str, str]] = set()
    for event in kept.log:
        if event.cause and (event.cause, event.kind) in seen:
            yield Breach("once", f"the command {event.cause!r} yielded {event.kind} twice")
        seen.add((event.cause, event.kind))
    if sum(event.kind == "decided" for event in kept.log) > 1:
        yield Breach("once", "decided twice")


def _answered(kept: SiteState) -> Iterator[Breach]:
    case = kept.case
    if case is None:
        return
    refused = [key for key, one in case.answers.items() if not one.confirmed]
    if refused and not case.over:
        yield Breach("refusal", f"{refused[0]} refused, and the case is {case.state}")
    missing = [one.key for one in case.plan.others if one.key not in case.answers]
    if case.granted and (missing or refused):
        yield Breach("refusal", f"granted without {', '.join(missing or refused)}")


def _pauses(kept: SiteState) -> Iterator[Breach]:
    """While the clock stands, nobody is warned of a limit, or called late for one that was open."""
    since: date | None = None
    for event in kept.log:
        if event.kind == "paused":
            since = p.day_of(event.at)
        elif event.kind == "resumed":
            since = None
        body: Any = event.body
        if since is None or event.kind not in ("overdue", "warned"):
            continue
        if body.step not in ("supply", "follow_up") and body.due >= since:
            yield Breach("pause", f"{event.kind} {body.step} while the clock stood")


def of_world(
    all_kept: Sequence[SiteState],
    serving: Sequence[Any],
    calendars: p.Calendars,
    today: date,
    now: Any,
    *,
    still: bool,
    quiet: bool,
    all_told: bool = True,
    under_way: Collection[str] = (),
) -> Iterator[Breach]:
    """What must hold of all nodes together.

    Args:
        all_kept: what each node keeps.
        serving: the places of the nodes.
        calendars: of each place.
        today, now: the moment.
        still: whether time has brought all that it brings by now.
        quiet: whether every message was acknowledged.
        under_way: kinds of the messages that lie with others, whether or not their sender
            owes them still.
        all_told: whether no store was put back: with it go notices that nobody else has.
    """
    yield from _same(all_kept)
    cases = [(kept.case, kept) for kept in all_kept if kept.case is not None]
    if not cases:
        return
    case, kept = max(cases, key=lambda one: one[0].version)
    if "forward" not in under_way:
        yield from _somewhere(case, all_kept, serving)
    yield from _parts(case, all_kept, serving)
    notices = {
        (one.message.sent_at, one.message.body.get("document"))
        for other in all_kept
        for one in other.outbox
        if one.message.kind == "notice" and one.message.receiver == p.APPLICANT
    }
    for event in kept.log:
        if all_told and any(
            (event.at, paper) not in notices for paper in papers_of(event, case.plan.licence)
        ):
            yield Breach("told", f"nobody told the applicant: {event.kind}")
    yield from _one_answer(case, all_kept)
    yield from _in_time(case, kept, all_kept, calendars)
    yield from acts.dated(kept, all_kept)
    if still:
        yield from lapses.in_silence(case, kept, today)
    if quiet:
        yield from _all_answered(all_kept)
    yield from _limits(case, kept, all_kept, calendars, today, now, still)


def _same(all_kept: Sequence[SiteState]) -> Iterator[Breach]:
    by_number: dict[int, str] = {}
    for kept in all_kept:
        for event, text in zip(kept.log, kept.texts, strict=True):
            if event.kind == "recovered":
                continue  # it stands for what this store lost, and others have
            if by_number.setdefault(event.seq, text) != text:
                yield Breach("same_log", f"two nodes have another event {event.seq}")
                return


def _somewhere(
    case: p.Case, all_kept: Sequence[SiteState], serving: Sequence[Any]
) -> Iterator[Breach]:
    holder = case.holder.key
    here = [kept for kept, place in zip(all_kept, serving, strict=True) if place.serves(holder)]
    if any(kept.case is not None for kept in here):
        return
    coming = any(
        one.message.kind == "forward" and one.status != "delivered"
        for kept in all_kept
        for one in kept.outbox
    )
    if here and not coming:
        yield Breach("kept", f"{holder} should have the case; nobody sends it")


def _parts(case: p.Case, all_kept: Sequence[SiteState], serving: Sequence[Any]) -> Iterator[Breach]:
    offices = case.plan.offices
    known = {one.key for one in offices} | {p.APPLICANT, "system"}
    known |= {p.supervisor_of(one.division) for one in offices}
    for kept, place in zip(all_kept, serving, strict=True):
        if kept.case is not None and not any(place.serves(one.key) for one in case.plan.way):
            yield Breach("parts", f"{place.name} holds a case that never passes it")
        for one in kept.outbox:
            if one.message.receiver not in known:
                yield Breach("parts", f"{one.message.kind} to {one.message.receiver}")
            # A command that is passed on names its case; only `forward` may carry one.
            if one.message.kind not in ("forward", "command") and "case" in one.message.body:
                yield Breach("parts", f"{one.message.kind} shows the whole case")


def _all_answered(all_kept: Sequence[SiteState]) -> Iterator[Breach]:
    """Where nothing is on its way any more, a store has decided on what was passed on."""
    answered = {message for kept in all_kept for message, _ in kept.answered}
    refused = {one for kept in all_kept for one, code in kept.answered if code != "done"}
    for kept in all_kept:
        heard = {one.message.body.get("message") for one in kept.inbox}
        told = {one.message.body.get("message") for one in kept.outbox}
        for one in kept.outbox:
            body: Any = one.message.body
            if one.message.kind == "command" and one.message.id not in answered:
                yield Breach("commands", f"{body['id']} was passed on; nobody decided on it")
            if one.message.kind == "command" and one.message.id in refused - heard:
                yield Breach("commands", f"{body['id']} was refused; who passed it on is not told")
            given = one.message.kind == "command" and body["actor"]["kind"] == "applicant"
            if given and one.message.id in refused - told:
                yield Breach("commands", f"{body['id']} was refused; the applicant is not told")


def _in_time(
    case: p.Case, kept: SiteState, all_kept: Sequence[SiteState], calendars: p.Calendars
) -> Iterator[Breach]:
    """A supply that was given when it was asked for is waited for, and not called late."""
    asked = case.supplement
    if asked is None or asked.due is None:
        return
    in_time = {
        one.message.id
        for other in all_kept
        for one in other.outbox
        if one.message.kind == "command"
        and one.message.body["kind"] == "supply"
        and asked.asked_at <= one.message.sent_at
        and p.day_of(one.message.sent_at) <= asked.due
    }
    late = {one for other in all_kept for one, code in other.answered if code == "too_late"}
    if in_time & late:
        yield Breach("in_time", "what was supplied in time is refused as too late")
    lapsed = next((p.day_of(one.at) for one in kept.log if one.kind == "lapsed"), None)
    calendar = calendars(case.accepting.division)
    if in_time and lapsed and not passed(calendar, asked.due, _ON_THE_WAY, lapsed, ()):
        yield Breach("in_time", "the case lapsed while what was supplied in time was on its way")


def _one_answer(case: p.Case, all_kept: Sequence[SiteState]) -> Iterator[Breach]:
    first: dict[str, str] = {}
    for kept in all_kept:
        for one in kept.outbox:
            message = one.message
            if message.kind not in _ANSWERS:
                continue
            if first.setdefault(message.sender, message.kind) != message.kind:
                yield Breach("answers", f"{message.sender} confirmed and refused")
    for sender, kind in first.items():
        counted = case.answers.get(sender)
        if counted is not None and counted.confirmed != (kind == "confirmation"):
            yield Breach("answers", f"the answer of {sender} is not what it said")


def _limits(
    case: p.Case,
    kept: SiteState,
    all_kept: Sequence[SiteState],
    calendars: p.Calendars,
    today: date,
    now: Any,
    still: bool,
) -> Iterator[Breach]:
    spans = standstills(kept.log)
    stands = bool(spans) and spans[-1][1] is None
    reported = {
        (event.body.step, event.body.office.key)
        for event in kept.log
        if isinstance(event.body, p.Overdue)
    }
    urged = {
        (one.message.body.get("step"), one.message.receiver)
        for other in all_kept
        for one in other.outbox
        if one.message.kind == "urge"
    }
    for limit in p.limits(case, calendars, now):
        if limit.done is not None or limit.step in ("supply", "follow_up"):
            continue
        calendar = calendars(limit.office.division)
        late = passed(calendar, limit.started, limit.working_days, today, spans)
        if stands and limit.state == "running":
            yield Breach("pause", f"the limit for {limit.step} runs while the clock stands")
        if case.over or not still:
            continue
        if late and (limit.step, limit.office.key) not in reported:
            yield Breach("limits", f"{limit.step} of {limit.office.key} passed; no report")
        if late and (limit.step, p.supervisor_of(limit.office.division)) not in urged:
            yield Breach("limits", f"{limit.step}: the supervisor was not told")
        if limit.state == "overdue" and not late:
            yield Breach("pause", f"{limit.step} is called late before its last day is over")
