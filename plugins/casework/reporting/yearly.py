"""The yearly progress report of the annex's second note (清单注2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel import Item, Kernel, protocol
from tongban.plugins.casework.reporting.figures import Tally, within

LIST = "3"
"""The annex's list of the items that were to follow after 2021."""

NOTE = "对2021年以后实现“跨省通办”的事项,请相关部门于每年12月底前将工作进展情况报送省政务服务监管局"
"""The note itself, verbatim."""


@define
class Progress:
    """How one item of the third list stands at the end of a year.

    Attributes:
        opens: the first day on which it is available, as the rules say; None where they say none.
        tally: of its cases of that year.
        modes, provinces: how often each; a case counts in every province that took part.
    """

    item: Item
    department: str
    opens: date | None
    realised: bool
    tally: Tally
    modes: Counter[str] = field(factory=Counter)
    provinces: Counter[str] = field(factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "item": self.item.key,
            "name": self.item.name,
            "department": self.department,
            "opens": self.opens.isoformat() if self.opens else None,
            "realised": self.realised,
            "modes": dict(self.modes.most_common()),
            "provinces": dict(self.provinces.most_common()),
            **{name: one for name, one in self.tally.to_dict().items() if name not in _OWN},
        }


_OWN = ("key", "name")


def progress(
    kernel: Kernel,
    cases: Iterable[protocol.Case],
    limits: Callable[[protocol.Case], tuple[protocol.Limit, ...]],
    year: int,
) -> list[Progress]:
    """Every item of the third list, with its cases of one year, by department.

    Args:
        kernel: whose items they are.
        cases: all of them.
        limits: the limits of a case.
        year: in which they were handed in.
    """
    last = date(year, 12, 31)
    found = {
        item.key: Progress(
            item,
            kernel.rulebook.department(item).name,
            item.opens,
            item.opens is None or item.opens <= last,
            Tally(item.key, item.name),
        )
        for item in kernel.items
        if item.batch == LIST
    }
    for case in within(cases, date(year, 1, 1), last):
        one = found.get(f"{case.item['jurisdiction']}/{case.item['id']}")
        if one is None:
            continue
        one.tally.add(case, limits(case), lambda side: True)
        one.modes.update(case.plan.modes)
        one.provinces.update(
            {
                f"{office.division[:2]}0000"
                for office in case.plan.offices
                if office.division is not None
            }
        )
    return sorted(found.values(), key=lambda one: (one.department, one.item.key))
