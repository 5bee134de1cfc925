"""Results whose last day (有效期) is near: which cases, and how many each office has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from attrs import frozen

from tongban.kernel import Kernel, protocol
from tongban.plugins.casework.naming import key_name

SOON = 30
"""A report counts results that lapse within so many days."""


def expiring(
    cases: Iterable[protocol.Case], today: date, days: int
) -> Iterator[tuple[protocol.Case, date]]:
    """Cases with a result that lapses soon, each with the last day.

    Args:
        cases: all of them.
        today: in China; a result whose last day is today is among them.
        days: so many days ahead.
    """
    for case in cases:
        held = case.validity
        if held and case.granted and today <= held.until <= today + timedelta(days=days):
            yield case, held.until


@frozen
class Expiring:
    """How many results of an office lapse soon.

    Attributes:
        office: key of the office that decided.
    """

    office: str
    cases: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"office": self.office, "cases": self.cases}

    def line(self, kernel: Kernel) -> str:
        """`四川省成都市公安局 …: 2 件 cases`."""
        return f"{key_name(kernel, self.office)}: {self.cases} 件 cases"


def by_office(cases: Iterable[protocol.Case], today: date) -> list[Expiring]:
    """Counts results that lapse within `SOON` days, by the office that decided.

    Args:
        cases: all of them.
        today: in China.
    """
    found = Counter(case.plan.lead.key for case, _ in expiring(cases, today, SOON))
    return [Expiring(office, number) for office, number in sorted(found.items())]
