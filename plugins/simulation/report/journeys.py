"""Journeys to authorities in other provinces: what going in person would have taken."""

from __future__ import annotations

from attrs import define

from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.scenario.places import CENTRAL, province_of


@define
class Journeys:
    """Journeys of applicants.

    Attributes:
        cases: for how many cases.
        in_person: out of the applicant's province, had every authority been visited.
        needed: out of the applicant's province, as the case went.
        nearby: to a window or a machine in the applicant's own province.
    """

    cases: int = 0
    in_person: int = 0
    needed: int = 0
    nearby: int = 0

    @property
    def saved(self) -> int:
        """Journeys out of the province that were not needed."""
        return self.in_person - self.needed

    def add(self, other: Journeys, times: int = 1) -> None:
        """Counts those of another case too; -1 times takes them back."""
        self.cases += times * other.cases
        self.in_person += times * other.in_person
        self.needed += times * other.needed
        self.nearby += times * other.nearby


def where(record: Record) -> str:
    """The province where the applicant is: that of the window, or the one that the draft says."""
    plan = record.case.plan
    if plan.channel == "window" and plan.window:
        return province_of(f"{plan.window}/")
    return record.draft.here


def journeys_of(record: Record, each: int) -> Journeys:
    """The journeys of one case that was closed.

    Args:
        record: of the case.
        each: how often the authorities of another province are visited in person.

    Returns:
        None to an authority without a division: where one would have gone is unknown.
    """
    plan, here = record.case.plan, where(record)
    far = {province_of(office.key) for office in plan.offices} - {here, CENTRAL}
    fetched = bool(record.case.deliveries) and record.case.deliveries[-1].by == "pickup"
    window = province_of(plan.way[0].key)
    in_person = each * len(far)
    return Journeys(
        cases=1,
        in_person=in_person,
        needed=min(in_person, int(fetched and window in far)),
        nearby=int(plan.channel in ("window", "kiosk")) + int(fetched and window == here),
    )
