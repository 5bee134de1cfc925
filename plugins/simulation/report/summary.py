"""What a run came to, in one stable form: the table, the report and `--json` all show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tongban.kernel import Kernel, protocol
from tongban.kernel.model import TERMS, Text
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.conduct import CONDUCT, counted
from tongban.plugins.simulation.report.journeys import Journeys
from tongban.plugins.simulation.report.metrics import Metrics, Times, median
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.report.terms import PROVINCES
from tongban.plugins.simulation.scenario.faults import FAULTS, NOTICED
from tongban.plugins.simulation.scenario.places import CENTRAL
from tongban.plugins.simulation.scenario.scenario import Change, Scenario

_DAY = 24
_SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


class Names:
    """How provinces and departments are called.

    Args:
        kernel: with the table of divisions and the departments.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._divisions = kernel.base.divisions
        self._departments = {one.id: one for one in kernel.rulebook.departments}

    def province(self, code: str) -> Text:
        """`四川 Sichuan`; the central authorities are 中央."""
        if code == CENTRAL:
            return Text("中央", "central")
        name = self._divisions[code].name if code in self._divisions else code
        suffix = next((one for one in _SUFFIXES if name.endswith(one)), "")
        return Text(name.removesuffix(suffix), PROVINCES.get(code, ""))

    def department(self, id: str) -> Text:
        """`公安厅 Public Security`."""
        known = self._departments.get(id)
        return Text(known.name.removeprefix("省"), known.title) if known else Text(id)


def summary_of(result: Result, scenario: Scenario, names: Names) -> dict[str, Any]:
    """What a run came to, as JSON.

    Args:
        result: of the run.
        scenario: that it ran in.
        names: of places and departments.
    """
    metrics, options = result.metrics, result.options
    # After it come results that lapse, and what people do about cases that are over.
    last = max((day for day, count in metrics.open_on.items() if count), default=0)
    if metrics.last_end is not None:
        last = max(last, min((metrics.last_end - scenario.start).days, max(metrics.open_on)))
    return {
        "scenario": {
            "name": scenario.name,
            "title": scenario.title,
            "says": scenario.says,
            "zh": scenario.zh,
            "changes": [_change(one, names) for one in (*scenario.variations, *scenario.changes)],
        },
        "seed": options.seed,
        "cases": options.cases,
        "days": options.days,
        "digest": result.digest,
        "events": result.events,
        "last_day": last,
        "invariants": {
            "hold": result.failed is None,
            "checked": {name: result.checked.get(name, 0) for name in INVARIANTS},
        },
        "opened": metrics.opened,
        "turned_away": sum(metrics.turned_away.values()),
        "over": metrics.over,
        "left": metrics.left,
        "most_open": metrics.most_open,
        "states": _counted(metrics.states, TERMS["state"].__getitem__),
        "granted": metrics.granted[True],
        "denied": metrics.granted[False],
        "days_to_close": {
            "all": _spread(metrics.closed),
            "modes": _spreads(metrics.modes, _mode),
            "provinces": _spreads(metrics.provinces, names.province),
            "departments": _spreads(metrics.departments, names.department),
        },
        "conduct": [
            {"id": name, **_named(CONDUCT[name]), "count": count}
            for name, count in counted(metrics.conduct).items()
        ],
        "late": {
            "cases": metrics.late_cases,
            "limits": [
                {
                    "step": step,
                    **_named(TERMS["step"][step]),
                    "cause": cause.zh,
                    "cause_english": cause.en,
                    "count": count,
                }
                for (step, cause), count in sorted(
                    metrics.overdue.items(), key=lambda one: (-one[1], one[0][0], one[0][1].zh)
                )
            ],
        },
        "journeys": {
            "each": scenario.journeys,
            **_travelled(metrics.journeys),
            "modes": _travels(metrics.journeys_by_mode, _mode),
            "provinces": _travels(metrics.journeys_by_province, names.province),
        },
        "corridors": _corridors(metrics, names),
        "faults": [
            one | ({"noticed": metrics.noticed[one["id"]]} if one["id"] in NOTICED else {})
            for one in _counted(metrics.faults, FAULTS.__getitem__)
        ],
        "lost_with_backups": {"cases": metrics.lost, "events": metrics.lost_events},
        "messages": dict(sorted(metrics.messages.items())),
        "refused": dict(sorted(metrics.refusals.items())),
        "ratings": {grade: metrics.rated[grade] for grade in protocol.GRADES},
        "channels": dict(sorted(metrics.channels.items())),
        "items": dict(sorted(metrics.items.items(), key=lambda one: (-one[1], one[0]))),
        "open_on": [metrics.open_on[day] for day in sorted(metrics.open_on) if day <= last],
    }


def _mode(name: str) -> Text:
    return TERMS["mode"].get(name, Text(name))


def _named(name: Text, of: str = "") -> dict[str, str]:
    return {f"{of}name": name.zh, f"{of}english": name.en}


def _change(one: Change, names: Names) -> dict[str, Any]:
    return {
        "day": one.day,
        "provinces": [names.province(code).zh for code in one.provinces],
        "what": [*one.kinds, *one.items],
        "limits": {protocol.LIMIT_STEPS.get(step, step): n for step, n in one.limits.items()},
        "from": one.from_date,
        "because": one.because,
    }


def _counted(counts: Counter[str], named: Callable[[str], Text]) -> list[dict[str, Any]]:
    some = sorted((+counts).items(), key=lambda one: (-one[1], one[0]))
    return [{"id": name, **_named(named(name)), "count": count} for name, count in some]


def _spreads(times: Mapping[str, Times], named: Callable[[str], Text]) -> list[dict[str, Any]]:
    """By what they say, most cases first."""
    rows = [
        {"id": name, **_named(named(name)), **_spread(some)} for name, some in times.items() if some
    ]
    return sorted(rows, key=lambda row: (-int(row["cases"]), str(row["id"])))


def _spread(times: Times) -> dict[str, Any]:
    """Cases, and the days in which half, nine of ten and all of them were closed."""
    return {
        "cases": sum(times.values()),
        "median": _days(median(times)),
        "p90": _days(median(times, 0.9)),
        "most": _days(max(times, default=0)),
    }


def _travels(
    journeys: Mapping[str, Journeys], named: Callable[[str], Text]
) -> list[dict[str, Any]]:
    """By what they say, most saved first."""
    rows = [
        {"id": name, **_named(named(name)), **_travelled(some)}
        for name, some in journeys.items()
        if some.cases
    ]
    return sorted(rows, key=lambda row: (-row["saved"], row["id"]))


def _travelled(some: Journeys) -> dict[str, int]:
    return {
        "cases": some.cases,
        "in_person": some.in_person,
        "needed": some.needed,
        "saved": some.saved,
        "nearby": some.nearby,
    }


def _days(hours: int) -> float:
    return round(hours / _DAY, 1)


def _corridors(metrics: Metrics, names: Names) -> list[dict[str, Any]]:
    some = sorted(metrics.corridors.items(), key=lambda one: (-one[1], one[0]))
    return [
        {
            "from": start,
            **_named(names.province(start), "from_"),
            "to": end,
            **_named(names.province(end), "to_"),
            "cases": count,
        }
        for (start, end), count in some
    ]
