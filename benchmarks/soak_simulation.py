"""A thousand seeds of two hundred cases with every fault: `python -m benchmarks.soak_simulation`.

Prints a line for every hundred seeds, and ends with status 1 at the first invariant
that does not hold, with the command that shows it. Arguments: how many seeds, cases.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter

from tongban.plugins.simulation.running import run_many
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import FAULTS, load_scenario

SCENARIO, DAYS, EACH = "storm", 40, 100


def soak(seeds: int, cases: int) -> bool:
    """Runs this many seeds; whether every invariant held in all of them.

    Args:
        seeds: from 0 on.
        cases: of each.
    """
    began = time.perf_counter()
    faults: Counter[str] = Counter()
    checks = events = over = left = 0
    jobs = os.cpu_count() or 1
    results = run_many(Options(0, cases, DAYS), load_scenario(SCENARIO), range(seeds), jobs)
    for number, result in enumerate(results, 1):
        if result.failed is not None:
            print(f"seed {result.options.seed}: {result.failed.name}: {result.failed.says}")
            print(result.options.command(SCENARIO))
            return False
        faults += result.metrics.faults
        checks += sum(result.checked.values())
        events += result.events
        over, left = over + result.metrics.over, left + result.metrics.left
        if number % EACH == 0 or number == seeds:
            spent = time.perf_counter() - began
            print(
                f"{number:5} seeds  {over:9,} cases over  {left:3} open  {events:11,} events"
                f"  {checks:12,} checks  {number * cases / spent:6.0f} cases/s",
                flush=True,
            )
    print(", ".join(f"{kind} {faults[kind]:,}" for kind in FAULTS if faults[kind]))
    return True


def main() -> None:
    """The command line."""
    numbers = [int(one) for one in sys.argv[1:]]
    seeds, cases = (*numbers, *(1_000, 200)[len(numbers) :])
    if not soak(seeds, cases):
        sys.exit(1)


if __name__ == "__main__":
    main()
