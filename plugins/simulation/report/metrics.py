"""What a run comes to: counts and spreads; its size does not grow with the cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.model import Text
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.report.conduct import conduct_of
from tongban.plugins.simulation.report.journeys import Journeys, journeys_of, where
from tongban.plugins.simulation.scenario.places import HOUR, province_of

Times = Counter[int]
"""Hours to how many cases took so long."""

CAUSES = {
    "post_lost": Text("邮件丢失", "letter lost"),
    "post_returned": Text("邮件退回", "letter returned"),
    "cut_off": Text("断网", "province cut off"),
    "killed_before_commit": Text("节点宕机", "node down"),
    "killed_after_commit": Text("节点宕机", "node down"),
    "killed_before_acknowledgement": Text("节点宕机", "node down"),
    "message_delayed": Text("消息延迟", "message delayed"),
    "message_lost": Text("消息丢失", "message lost"),
}
"""What a case that is late is put down to, the first that touched it."""

ELSEWHERE, FOLLOW_UP, BACKLOG, APPLICANT = (
    Text("协同机关答复迟", "late answer of an authority"),
    Text("差评回访迟", "late follow-up"),
    Text("窗口和经办积压", "backlog"),
    Text("申请人未补正", "applicant sent nothing"),
)


def median(times: Times, part: float = 0.5) -> int:
    """The hours in which a part of the cases were done; 0 without cases."""
    total, seen = sum(times.values()), 0
    for hours in sorted(times):
        seen += times[hours]
        if seen >= total * part:
            return hours
    return 0


def _times() -> dict[str, Times]:
    return {}


def _journeys() -> dict[str, Journeys]:
    return {}


@define(eq=False)
class Metrics:
    """Counts of one run.

    Args:
        journeys_each: how often an authority far away is visited in person for one case.

    Attributes:
        closed: how long the cases took that were decided, delivered and closed; `modes`,
            `provinces` and `departments` are the same, by what they say.
        corridors: from where applicants are to every authority that acts.
        journeys: of the cases that were closed.
    """

    journeys_each: int
    opened: int = 0
    over: int = 0
    left: int = 0
    states: Counter[str] = field(factory=Counter)
    granted: Counter[bool] = field(factory=Counter)
    events: Counter[str] = field(factory=Counter)
    conduct: Counter[str] = field(factory=Counter)
    messages: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)
    noticed: Counter[str] = field(factory=Counter)
    lost: int = 0
    lost_events: int = 0
    refusals: Counter[str] = field(factory=Counter)
    turned_away: Counter[str] = field(factory=Counter)
    closed: Times = field(factory=Counter)
    modes: dict[str, Times] = field(factory=_times)
    provinces: dict[str, Times] = field(factory=_times)
    departments: dict[str, Times] = field(factory=_times)
    channels: Counter[str] = field(factory=Counter)
    items: Counter[str] = field(factory=Counter)
    corridors: Counter[tuple[str, str]] = field(factory=Counter)
    overdue: Counter[tuple[str, Text]] = field(factory=Counter)
    late_cases: int = 0
    open_on: dict[int, int] = field(factory=dict)
    journeys: Journeys = field(factory=Journeys)
    journeys_by_mode: dict[str, Journeys] = field(factory=_journeys)
    journeys_by_province: dict[str, Journeys] = field(factory=_journeys)
    rated: Counter[str] = field(factory=Counter)
    most_open: int = 0
    last_end: date | None = None

    def happened(self, record: Record, fresh: Iterable[protocol.Event]) -> None:
        """Events that are new."""
        for event in fresh:
            self.events[event.kind] += 1
            self.conduct.update(conduct_of(record.case, event))
            body: Any = event.body
            if event.kind == "submitted":
                self._opened(record)
            elif event.kind == "overdue":
                self.overdue[body.step, _cause(record, body.step)] += 1
                self.late_cases += len(record.overdue) == 1
            elif event.kind == "rated":
                self.rated[body.grade] += 1

    def _opened(self, record: Record) -> None:
        self.opened += 1
        case = record.case
        self.channels[case.plan.channel] += 1
        self.items[case.item["id"]] += 1
        start = where(record)
        for end in {province_of(office.key) for office in case.plan.offices} - {start}:
            self.corridors[start, end] += 1

    def ended(self, record: Record) -> None:
        """A case that is over."""
        case = record.case
        self.over += 1
        self.states[case.state] += 1
        day = protocol.day_of(case.ended_at or case.submitted_at)
        self.last_end = max(day, self.last_end or day)
        if case.state == "closed":
            self._closed(record, case, 1)

    def goes_on(self, record: Record, before: protocol.Case) -> None:
        """A case that was over and goes on: what it counted for is taken back.

        Args:
            record: of the case.
            before: as it was over.
        """
        self.over -= 1
        self.states[before.state] -= 1
        if before.state == "closed":
            self._closed(record, before, -1)

    def _closed(self, record: Record, case: protocol.Case, times: int) -> None:
        assert case.ended_at is not None
        if case.granted is not None:
            self.granted[case.granted] += times
        hours = max(0, int((case.ended_at - case.submitted_at).total_seconds()) // (60 * HOUR))
        journeys = journeys_of(record, self.journeys_each)
        lead, here = province_of(case.plan.lead.key), where(record)
        spread = [(self.provinces, lead), (self.departments, case.item["department"])]
        spread += [(self.modes, mode) for mode in case.plan.modes]
        for counts in (self.closed, *(table.setdefault(key, Counter()) for table, key in spread)):
            counts[hours] += times
            if not counts[hours]:
                del counts[hours]
        travelled = [(self.journeys_by_province, here)]
        travelled += [(self.journeys_by_mode, mode) for mode in case.plan.modes]
        self.journeys.add(journeys, times)
        for by, key in travelled:
            by.setdefault(key, Journeys()).add(journeys, times)

    def left_over(self, record: Record) -> None:
        """A case that is not over when the run ends, or about which something is under way."""
        if not record.case.over:
            self.left += 1
            self.states[record.case.state] += 1

    def day(self, day: int, count: int) -> None:
        """How many cases are open on a day."""
        self.open_on[day] = count
        self.most_open = max(self.most_open, count)


def _cause(record: Record, step: str) -> Text:
    if step == "supply":
        return APPLICANT
    found = next((says for kind, says in CAUSES.items() if record.incidents.get(kind)), None)
    if found:
        return found
    if step == "follow_up":
        return FOLLOW_UP
    return ELSEWHERE if step == "confirm" else BACKLOG
