"""What must hold of refusals, decisions, remedies and recusals; from the log alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.breach import Breach
from tongban.plugins.simulation.explorer.oracle import last_day_of_remedy
from tongban.plugins.simulation.explorer.site_state import SiteState

_WHILE_REFUSED = (
    "insisted", "amended", "reopened", "authorised", "attempt_refused", "clock_checked",
    "remedy_lodged", "remedy_admitted", "remedy_resolved",
)  # fmt: skip
"""What may happen to a case that the rules refuse."""

_ENDS = ("ruled_ineligible", "returned", "declined", "lapsed", "terminated")
_CARRIED_OUT = ("changed", "revoked", "ordered")
_DECIDED_ON = ("upheld", "dismissed", *_CARRIED_OUT)


@define
class _Said:
    """What a log has said so far.

    Attributes:
        outcome: what the rules come to.
        refused: whether they refuse the case, and nobody has insisted.
        result: number of the decision that holds.
        used: every number of a decision.
        letters: number of the decision in each letter.
        act: what a remedy challenges: the number of the decision, or how the case ended.
        known: the day on which the applicant learned of the act; None where that is not known.
        lodged: what was said of each remedy, with its outcome where there is one.
        done: numbers of the remedies that were carried out.
        off: offices and accounts that stand back.
    """

    outcome: str
    refused: bool = False
    result: str = ""
    granted: bool | None = None
    used: list[str] = field(factory=list)
    letters: list[str] = field(factory=list)
    act: str = ""
    known: date | None = None
    lodged: dict[int, Any] = field(factory=dict)
    results: dict[int, tuple[str, date]] = field(factory=dict)
    done: set[int] = field(factory=set)
    off: set[tuple[str, str]] = field(factory=set)


def of_log(kept: SiteState, calendars: p.Calendars) -> Iterator[Breach]:
    """What must hold of each event, held against those before it.

    Args:
        kept: by one node. Where it was put back and lost events, nothing is looked at.
        calendars: of each place.
    """
    log = kept.log
    if not log or any(event.kind == "recovered" for event in log):
        return
    said = _begun(log[0].body)
    for event in log:
        yield from _recused(said, event)
        yield from _ruled(said, event)
        yield from _departs(said, event)
        yield from _valid(said, event)
        yield from _remedies(said, event, calendars)
    case = kept.case
    if case and (case.result, case.granted) != (said.result, said.granted):
        yield Breach("valid", f"the case says {case.result}; {said.result} holds")


def dated(kept: SiteState, all_kept: Sequence[SiteState]) -> Iterator[Breach]:
    """A remedy is of the day on which it was lodged, wherever that was said.

    Args:
        kept: by the node that knows the most of the case.
        all_kept: what each node keeps.
    """
    given = {
        one.message.body["id"]: p.day_of(one.message.sent_at)
        for other in all_kept
        for one in other.outbox
        if one.message.kind == "command" and one.message.body["kind"] == "lodge"
    }
    for event in kept.log:
        if event.cause in given and isinstance(event.body, p.RemedyLodged):
            body: Any = event.body
            if body.on > given[event.cause]:
                yield Breach("in_time", f"lodged on {given[event.cause]}, on record as {body.on}")


def _begun(first: Any) -> _Said:
    """What is known before the first event: of a case that was taken over, what it brought."""
    if not isinstance(first, p.TakenOver):
        return _Said(str(first.decision["outcome"]))
    brought = first.snapshot
    said = _Said(str(brought["decision"]["outcome"]))
    for one in brought.get("remedies", ()):
        said.lodged[one["number"]] = (one["kind"], one["act"])
        if one.get("outcome"):
            said.results[one["number"]] = (one["outcome"], date.fromisoformat(one["resolved_on"]))
    return said


def _recused(said: _Said, event: p.Event) -> Iterator[Breach]:
    actor, body = event.actor, event.body
    if (actor.office, actor.id) in said.off and event.kind != "attempt_refused":
        yield Breach("recused", f"{actor.id} of {actor.office} stands back, and {event.kind}")
    if isinstance(body, p.Recused):
        said.off.add((body.office, body.officer))
    elif isinstance(body, p.Readmitted):
        said.off.discard((body.office, body.officer))


def _ruled(said: _Said, event: p.Event) -> Iterator[Breach]:
    body: Any = event.body
    if said.refused and event.kind not in _WHILE_REFUSED:
        yield Breach("ruled", f"{event.kind} of what the rules refuse")
    if event.kind == "amended":
        said.outcome = body.decision["outcome"]
    goes_on = event.kind in ("insisted", "reopened")
    goes_on |= event.kind == "amended" and said.outcome == "eligible"
    said.refused = event.kind == "ruled_ineligible" or (said.refused and not goes_on)


def _departs(said: _Said, event: p.Event) -> Iterator[Breach]:
    body: Any = event.body
    if event.kind not in ("decided", "corrected", "declined"):
        return
    granted = event.kind != "declined" and body.granted
    if granted != (said.outcome == "eligible") and not (body.article and body.reasons):
        yield Breach("departs", f"{event.kind}; the rules say {said.outcome}, no article says why")


def _valid(said: _Said, event: p.Event) -> Iterator[Breach]:
    body: Any = event.body
    if event.kind in ("reissued", "corrected") and body.void != said.result:
        yield Breach("valid", f"{body.void} is void; {said.result} was the one that held")
    if event.kind == "decided" and said.result:
        yield Breach("valid", f"decided, while {said.result} holds")
    if event.kind in ("decided", "reissued", "corrected"):
        if body.number in said.used:
            yield Breach("valid", f"the number {body.number} is used twice")
        said.used.append(body.number)
        said.result = body.number
        said.granted = getattr(body, "granted", said.granted)
    elif event.kind == "delivery_started":
        said.letters.append(body.number)
        if body.number != said.result:
            yield Breach("valid", f"{body.number} is sent; {said.result} holds")
    elif event.kind == "delivered" and said.letters[body.delivery - 1] != said.result:
        yield Breach("valid", f"a letter with {said.letters[body.delivery - 1]} counts; it is void")


def _remedies(said: _Said, event: p.Event, calendars: p.Calendars) -> Iterator[Breach]:
    body: Any = event.body
    if event.kind == "remedy_lodged":
        yield from _lodged(said, body, calendars)
    elif event.kind == "remedy_resolved" or (event.kind == "remedy_admitted" and not body.admitted):
        if body.number in said.results or body.number not in said.lodged:
            yield Breach("remedies", f"remedy {body.number} is resolved twice, or is not there")
        said.results[body.number] = (getattr(body, "outcome", "not_admitted"), body.on)
    elif event.kind in ("corrected", "reopened") and body.remedy:
        outcome = said.results.get(body.remedy, ("",))[0]
        if outcome not in _CARRIED_OUT or body.remedy in said.done:
            yield Breach("remedies", f"remedy {body.remedy} is carried out; its outcome: {outcome}")
        said.done.add(body.remedy)
    if event.kind in ("decided", "corrected"):
        said.act, said.known = body.number, None
    elif event.kind in _ENDS:
        said.act, said.known = f"{event.kind} {event.seq}", p.day_of(event.at)
    elif event.kind == "delivered" and said.known is None:
        said.known = p.day_of(event.met_at)


def _lodged(said: _Said, body: Any, calendars: p.Calendars) -> Iterator[Breach]:
    one = (body.remedy, body.act)
    if said.result and body.act != said.act:
        yield Breach("remedies", f"remedy {body.number} is against {body.act}, not {said.act}")
    before = [n for n, known in said.lodged.items() if known == one]
    if any(said.results.get(n, ("",))[0] != "not_admitted" for n in before):
        yield Breach("remedies", f"{body.remedy} against {body.act} is on record twice")
    said.lodged[body.number] = one
    division = body.office.partition("/")[0]
    calendar = calendars(None if division == "-" else division)
    decided = [
        on
        for n, (outcome, on) in said.results.items()
        if said.lodged[n] == ("reconsideration", body.act) and outcome in _DECIDED_ON
    ]
    due = last_day_of_remedy(body.remedy, said.known, decided[-1] if decided else None, calendar)
    if (body.due, body.late) != (due, due is not None and body.on > due):
        says = "late" if body.late else "in time"
        yield Breach("remedies", f"lodged on {body.on}, {says}; its last day is {due}")
