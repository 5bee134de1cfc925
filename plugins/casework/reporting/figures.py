"""Figures over cases: counted once for all, and by state, place, department, item and mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel import MODES, Kernel, protocol
from tongban.plugins.casework.naming import department_name

DIMENSIONS: Mapping[str, str] = {
    "state": "状态",
    "place": "地区",
    "department": "部门",
    "item": "事项",
    "mode": "方式",
}

_NOT_TAKEN = ("returned", "declined", "lapsed")
_APART = ("supply", "follow_up")
"""Limits of no handling: the applicant's own, and those after a bad rating, counted apart."""


@define
class Tally:
    """What is counted of some cases.

    Attributes:
        key, name: of what they have in common.
        open: not over; `refused`: returned, not accepted, lapsed; `ended`: withdrawn, terminated.
        undecided: over without a decision of a person.
        ineligible: refused by the rules when it was handed in, before anybody looked at it,
            whatever followed; `insisted`: of these, where the applicant insisted, so that a
            person decides.
        departures: decided otherwise than by the rules, of the office that did; also where that
            was corrected or reopened since.
        running: a limit runs and none was missed; `unlimited`: no rule gives one.
        on_time: every limit was met; `late`: one was met too late; `overdue`: one is past.
        grades: ratings, by grade.
        follow_ups: bad ratings without a follow-up yet.
        remedies: lodged against acts; `remedies_late` of them after their term; `remedies_pending`
            without an outcome; `outcomes` of the others.
        corrections: decisions that were corrected.
    """

    key: str
    name: str
    cases: int = 0
    open: int = 0
    granted: int = 0
    denied: int = 0
    refused: int = 0
    ended: int = 0
    undecided: int = 0
    ineligible: int = 0
    insisted: int = 0
    departures: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0
    unlimited: int = 0
    grades: Counter[str] = field(factory=Counter)
    follow_ups: int = 0
    remedies: int = 0
    remedies_late: int = 0
    remedies_pending: int = 0
    outcomes: Counter[str] = field(factory=Counter)
    corrections: int = 0

    @property
    def rated(self) -> int:
        """How many ratings there are."""
        return self.grades.total()

    @property
    def punctuality(self) -> float | None:
        """按时办结率: on time, of all whose limits were met or missed; None for none."""
        known = self.on_time + self.late + self.overdue
        return self.on_time / known if known else None

    @property
    def satisfaction(self) -> float | None:
        """满意率: the first three grades, of all; None without ratings."""
        bad = sum(self.grades[grade] for grade in protocol.LOW_GRADES)
        return (self.rated - bad) / self.rated if self.rated else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON; rates are parts of one, rounded to four places."""
        return {
            "key": self.key,
            "name": self.name,
            "cases": self.cases,
            "open": self.open,
            "granted": self.granted,
            "denied": self.denied,
            "refused": self.refused,
            "ended": self.ended,
            "ineligible": self.ineligible,
            "insisted": self.insisted,
            "departures": self.departures,
            "on_time": self.on_time,
            "late": self.late,
            "overdue": self.overdue,
            "running": self.running,
            "unlimited": self.unlimited,
            "punctuality": _rounded(self.punctuality),
            "ratings": {grade: self.grades[grade] for grade in protocol.GRADES},
            "satisfaction": _rounded(self.satisfaction),
            "follow_ups": self.follow_ups,
            "remedies": {
                "lodged": self.remedies,
                "late": self.remedies_late,
                "pending": self.remedies_pending,
                "outcomes": {one: self.outcomes[one] for one in protocol.REMEDY_OUTCOMES},
            },
            "corrections": self.corrections,
        }

    def add(
        self,
        case: protocol.Case,
        limits: Iterable[protocol.Limit],
        mine: Callable[[str], bool],
    ) -> None:
        """Counts one case.

        Args:
            case: as it stands.
            limits: of the case.
            mine: whether the limits, ratings and acts of an office count here.
        """
        self.cases += 1
        self.open += not case.over
        self.granted += case.granted is True
        self.denied += case.granted is False
        self.refused += case.state in _NOT_TAKEN
        self.ended += case.state in ("withdrawn", "terminated")
        self.undecided += case.over and case.granted is None
        self.ineligible += case.refused_by_rule
        self.insisted += case.insisted_at is not None
        self.departures += protocol.departs(case) is not None and mine(_decider(case).key)
        self.departures += sum(one.departed for one in case.corrections if mine(case.plan.lead.key))
        self.departures += sum(one.departed for one in case.reopenings if mine(case.accepting.key))
        own = [one for one in limits if one.step not in _APART and mine(one.office.key)]
        states = {one.state for one in own} - {"ended"}
        if "overdue" in states:
            self.overdue += 1
        elif "late" in states:
            self.late += 1
        elif states & {"running", "stopped"}:
            self.running += 1
        elif "met" in states:
            self.on_time += 1
        elif not protocol.has_limit(case):
            self.unlimited += 1
        self.grades.update(one.grade for one in case.ratings if mine(one.side))
        self.follow_ups += sum(not one.result for one in case.follow_ups if mine(one.side))
        lodged = [one for one in case.remedies if mine(one.office)]
        self.remedies += len(lodged)
        self.remedies_late += sum(one.late for one in lodged)
        self.remedies_pending += sum(one.pending for one in lodged)
        self.outcomes.update(one.outcome for one in lodged if one.outcome)
        self.corrections += len(case.corrections) if mine(case.plan.lead.key) else 0


def _decider(case: protocol.Case) -> protocol.Office:
    """Whose decision it is: to decline is the accepting authority's, all else the lead's."""
    return case.accepting if case.state == "declined" else case.plan.lead


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


@define
class Figures:
    """All figures of a report.

    Attributes:
        total: over all cases, each once.
        by: for each dimension its tallies, the largest first.
    """

    since: date | None
    until: date | None
    total: Tally
    by: dict[str, list[Tally]]


def within(
    cases: Iterable[protocol.Case], since: date | None, until: date | None
) -> Iterator[protocol.Case]:
    """The cases that were handed in between two days, both included."""
    for case in cases:
        day = protocol.day_of(case.submitted_at)
        if (since is None or day >= since) and (until is None or day <= until):
            yield case


def count(
    kernel: Kernel,
    cases: Iterable[protocol.Case],
    limits: Callable[[protocol.Case], tuple[protocol.Limit, ...]],
    dimensions: Iterable[str],
    since: date | None,
    until: date | None,
) -> Figures:
    """Counts cases, each once, and once for each place, department and mode that it has.

    A place and a department answer for their own limits, ratings and acts, not for others'.

    Args:
        kernel: knows names.
        cases: all of them.
        limits: the limits of a case.
        dimensions: of `DIMENSIONS`.
        since, until: handed in between these days; None is open.
    """
    total = Tally("", "合计 total")
    found: dict[str, dict[str, Tally]] = {dimension: {} for dimension in dimensions}
    for case in within(cases, since, until):
        own = limits(case)
        total.add(case, own, lambda side: True)
        for dimension, tallies in found.items():
            for key, name, mine in _keys(kernel, case, dimension):
                if key not in tallies:
                    tallies[key] = Tally(key, name())
                tallies[key].add(case, own, mine)
    by = {
        dimension: sorted(tallies.values(), key=lambda one: (-one.cases, one.key))
        for dimension, tallies in found.items()
    }
    return Figures(since, until, total, by)


Key = tuple[str, Callable[[], str], Callable[[str], bool]]


def _keys(kernel: Kernel, case: protocol.Case, dimension: str) -> Iterator[Key]:
    """Under what a case counts: key, name, and whose limits, ratings and acts count with it."""
    if dimension == "state":
        state = case.state
        yield state, lambda: protocol.STATES[state].official, _anybody
    elif dimension == "item":
        item = case.item
        key = f"{item['jurisdiction']}/{item['id']}"
        yield key, lambda: str(item["name"]), _anybody
    elif dimension == "mode":
        for mode in case.plan.modes:
            yield mode, lambda mode=mode: MODES[mode], _anybody  # type: ignore[misc]
    else:
        yield from _offices(kernel, case, 0 if dimension == "place" else 1)


def _offices(kernel: Kernel, case: protocol.Case, part: int) -> Iterator[Key]:
    # A remedy may be against an office of the way that a refused case had before it was amended.
    keys = [office.key for office in case.plan.offices] + [one.office for one in case.remedies]
    parts = dict.fromkeys(key.split("/")[part] for key in keys)
    for one in parts:
        yield (
            one,
            lambda one=one: _named(kernel, one, part),  # type: ignore[misc]
            lambda key, one=one: key.split("/")[part] == one,  # type: ignore[misc]
        )


def _named(kernel: Kernel, one: str, part: int) -> str:
    if part:
        return department_name(kernel, one)
    return kernel.base.divisions.full_name(one) if one in kernel.base.divisions else "无区划代码"


def _anybody(side: str) -> bool:
    return True
