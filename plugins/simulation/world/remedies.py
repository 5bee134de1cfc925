"""Remedies (复议、诉讼): applicants lodge them, in time, late or twice; organs decide on them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import define, frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.scenario.random_streams import Spread, Weighted
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import round_of, supervisor_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_REFUSED = (
    *("不予受理决定书", "不予办理告知书", "退件通知书"),
    *("逾期未补正告知书", "终止办理通知书", "不予决定书"),
)
"""Papers that refuse something."""

_UNCHANGED = ("upheld", "dismissed")
_SUE_DAYS, _SUE_LATE = Spread(1, 8, 13), Spread(26, 30, 40)
_ADMIT_DAYS = Spread(0, 3, 7)
_OFFICE_HOURS = 600


@frozen
class _Planned:
    """A remedy that somebody is going to lodge."""

    kind: protocol.RemedyKind
    name: str
    wait: int


@define(eq=False)
class Remedies:
    """What applicants do who do not accept an act, and the organs that decide on it.

    Args:
        ports: what all parts of a run share.
        people: by whom it is recorded.
    """

    ports: Ports
    people: People

    def begins(self, record: Record) -> None:
        """Nothing: there is no act yet."""

    def told(self, record: Record, message: protocol.Message) -> None:
        """Somebody reads that something was refused, and may challenge it."""
        document, chance = message.body["document"], self.ports.dice.chance
        choices, number = self.ports.scenario.choices, record.number
        if document not in _REFUSED:
            return
        act = f"{document}{round_of(record.case)}"
        if not chance.happens(choices.remedy, number, "remedy", act):
            return
        court = chance.happens(choices.litigation, number, "litigation", act)
        late = chance.happens(choices.remedy_late, number, "remedy late", act)
        spread = choices.remedy_late_days if late else choices.remedy_days
        wait = DAY * chance.of(spread, number, "remedy days", act) + _OFFICE_HOURS
        kind: protocol.RemedyKind = "litigation" if court else "reconsideration"
        self._lodge(record, _Planned(kind, act, wait))

    def _lodge(self, record: Record, planned: _Planned) -> None:
        ports, chance, number = self.ports, self.ports.dice.chance, record.number
        if not ports.in_time(planned.wait):
            return
        day = (ports.agenda.moment + timedelta(minutes=planned.wait)).date()
        name = f"{planned.kind} {planned.name}"
        # Some offices hear of it days after; the day on which it was lodged counts.
        known_late = chance.happens(0.3, number, "heard late", name)
        organ = "市人民政府" if planned.kind == "reconsideration" else "人民法院"
        on = day if known_late else None
        body = protocol.Lodge(planned.kind, organ, "对处理结果不服", on)
        wait = planned.wait + (3 * DAY if known_late else 0)
        self.people.does(record, record.applicant, body, name, wait)
        if chance.happens(ports.scenario.choices.remedy_twice, number, "remedy twice", name):
            again = protocol.Lodge(planned.kind, organ, "再次提起")
            self.people.does(record, record.applicant, again, f"{name} twice", wait + 2 * DAY)

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """The organ hears of a remedy, decides on it, and the office records that."""
        if not node.serves(record.case.holder.key):
            return
        body: Any = event.body
        if event.kind == "remedy_lodged":
            self._admitted(record, body.number)
        elif event.kind == "remedy_admitted" and body.admitted:
            self._resolved(record, body.number)
        elif event.kind == "remedy_resolved":
            self._sues(record, record.case.remedies[body.number - 1], body.outcome)

    def _admitted(self, record: Record, number: int) -> None:
        chance, name = self.ports.dice.chance, (record.number, f"remedy {number}")
        if chance.happens(0.1, *name, "unheard"):
            self._resolved(record, number)  # what was decided is the first that the office hears
            return
        refused = chance.happens(self.ports.scenario.choices.not_admitted, *name, "admitted")
        wait = DAY * chance.of(_ADMIT_DAYS, *name, "admit days") + _OFFICE_HOURS
        self._by_supervisor(record, protocol.Admit(not refused, number), f"{number}", wait)

    def _resolved(self, record: Record, number: int) -> None:
        chance, name = self.ports.dice.chance, (record.number, f"remedy {number}")
        weights = self.ports.scenario.choices.outcomes
        outcome: Any = chance.choose(
            Weighted(tuple(weights), tuple(weights.values())), *name, "outcome"
        )
        days = chance.of(self.ports.scenario.choices.resolve_days, *name, "resolve days")
        body = protocol.Resolve(outcome, number, None, f"复决〔2026〕{record.number + 1}号")
        self._by_supervisor(record, body, f"{number}", DAY * days + _OFFICE_HOURS)

    def _by_supervisor(
        self, record: Record, body: protocol.CommandBody, name: str, wait: int
    ) -> None:
        """Recorded with the office that has the case; what would come too late is not heard of."""
        if not self.ports.in_time(wait):
            return

        def now() -> None:
            case = record.case
            actor, at = supervisor_of(case.holder), province_of(case.holder.key)
            self.people.does(record, actor, body, name, 0, at)

        self.ports.agenda.later(wait, now, record)

    def _sues(self, record: Record, one: protocol.Remedy, outcome: str) -> None:
        """Goes to court where a reconsideration changed nothing."""
        chance, choices = self.ports.dice.chance, self.ports.scenario.choices
        name = (record.number, f"remedy {one.number}")
        if one.kind != "reconsideration" or outcome not in _UNCHANGED:
            return
        if chance.happens(choices.sue, *name, "sue"):
            late = chance.happens(choices.remedy_late, *name, "sue late")
            wait = DAY * chance.of(_SUE_LATE if late else _SUE_DAYS, *name, "sue days")
            self._lodge(record, _Planned("litigation", f"after {one.number}", wait))
