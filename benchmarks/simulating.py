"""How a run of the simulation grows with its cases: `python -m benchmarks.simulating`.

Prints cases in each second of processor time and the most memory, from 1,000 cases on;
arguments: other numbers of cases. The days grow with the cases, so that as many are open.
"""

from __future__ import annotations

import resource
import sys
import time

from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import load_scenario

EACH_DAY = 56
"""Applications a day, as of 10,000 in 180 days."""


def main() -> None:
    """The command line."""
    numbers = [int(one) for one in sys.argv[1:]] or [1_000, 3_000, 10_000]
    scenario = load_scenario("standard")
    catalogue = Catalogue(scenario)
    for province in scenario.provinces:
        _ = catalogue.kernel(province, 0).rulebook
    print("  cases    days  cases/s (processor)   events  most open  memory MiB")
    for cases in numbers:
        days = max(1, cases // EACH_DAY)
        began = time.process_time()
        result = run(Options(7, cases, days), scenario, catalogue)
        spent = time.process_time() - began
        assert result.failed is None, result.failed
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{cases:7,} {days:7,} {cases / spent:20.0f} {result.events:8,}"
            f" {result.metrics.most_open:10,} {memory:11,}",
            flush=True,
        )


if __name__ == "__main__":
    main()
