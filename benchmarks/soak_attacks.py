"""Two hundred seeds of harm to nodes and their stores: `python -m benchmarks.soak_attacks`.

The scenario `attacked` over live stores and real folders. Prints each seed in which an
invariant does not hold, and a sum; ends with status 1 where there is one. Arguments: the
first seed, how many, cases, days.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

from tongban.plugins.simulation.running import run_many
from tongban.plugins.simulation.scenario.faults import FAULTS, NOTICED
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import load_scenario

SCENARIO = "attacked"


def soak(first: int, seeds: int, cases: int, days: int) -> bool:
    """Runs this many seeds; whether every invariant held in all of them.

    Args:
        first: seed.
        seeds: how many.
        cases: of each.
        days: over which they come.
    """
    faults: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    options = Options(0, cases, days, store="sqlite")
    numbers = range(first, first + seeds)
    for result in run_many(options, load_scenario(SCENARIO), numbers, os.cpu_count() or 1):
        metrics = result.metrics
        if result.failed is not None:
            print(f"seed {result.options.seed}: {result.failed.name}: {result.failed.says}")
            print(result.options.command(SCENARIO), flush=True)
        faults += metrics.faults
        noticed += metrics.noticed
        sums += Counter(
            failed=int(result.failed is not None), seeds=1, over=metrics.over, open=metrics.left,
            lost_cases=metrics.lost, lost_events=metrics.lost_events, events=result.events,
            checks=sum(result.checked.values()),
        )  # fmt: skip
        if sums["seeds"] % 20 == 0 or sums["seeds"] == seeds:
            print(", ".join(f"{name} {count:,}" for name, count in sums.items()), flush=True)
    for kind in FAULTS:
        known = f" ({noticed[kind]:,} noticed)" if kind in NOTICED else ""
        print(f"{kind} {faults[kind]:,}{known}")
    return not sums["failed"]


def main() -> None:
    """The command line."""
    given = [int(one) for one in sys.argv[1:]]
    first, seeds, cases, days = (*given, *(0, 200, 4, 8)[len(given) :])
    if not soak(first, seeds, cases, days):
        sys.exit(1)


if __name__ == "__main__":
    main()
