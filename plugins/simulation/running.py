"""One run from its options to its results; several in parallel over the processor's cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import IO

from attrs import evolve, field, frozen

from tongban.kernel import store
from tongban.plugins.simulation.catalogue import Catalogue
from tongban.plugins.simulation.invariants import Violation
from tongban.plugins.simulation.metrics import Metrics
from tongban.plugins.simulation.node import Node
from tongban.plugins.simulation.options import Options
from tongban.plugins.simulation.scenario import Scenario
from tongban.plugins.simulation.sink import Line, Sink
from tongban.plugins.simulation.world import World

__all__ = ["Failed", "Result", "run", "run_many"]


@frozen
class Failed:
    """An invariant that did not hold.

    Attributes:
        fired: ids of the faults that happened, with what they were.
    """

    name: str
    case: str
    number: int
    says: str
    minute: int
    fired: dict[str, str] = field(factory=dict)


@frozen(eq=False)
class Result:
    """What a run came to.

    Attributes:
        digest: hash of every event: equal runs have equal ones.
        failed: the invariant that did not hold; None where all did.
        checked: how often each invariant was checked.
        history: the lines of a run that keeps them.
    """

    options: Options
    metrics: Metrics
    digest: str
    events: int
    days: int
    failed: Failed | None
    checked: dict[str, int]
    history: list[Line]


def run(
    options: Options,
    scenario: Scenario,
    catalogue: Catalogue | None = None,
    lines: IO[str] | None = None,
    stores: Callable[[Node], store.Store] | None = None,
    daily: Callable[[int], None] | None = None,
) -> Result:
    """Runs a simulated country.

    Args:
        options: what is asked for.
        scenario: what the world is like.
        catalogue: of the scenario, where it was made before.
        lines: takes every event as a JSON line.
        stores: opens the store of a node; in memory where None.
        daily: told each day of the run.
    """
    sink = Sink(lines, options.keep)
    world = World(options, scenario, catalogue or Catalogue(scenario), sink, stores, daily)
    failed = None
    try:
        world.run()
    except Violation as violation:
        failed = Failed(
            violation.name, violation.case, violation.number, violation.says, world.now,
            dict(world.fired),
        )  # fmt: skip
    days = world.now // (24 * 60)
    checked = dict(sorted(world.watch.checked.items()))
    return Result(options, world.metrics, sink.digest, sink.count, days, failed, checked, sink.kept)


_HERE: dict[str, Catalogue] = {}
"""The catalogue of a worker process: read once."""


def _one(task: tuple[Options, Scenario]) -> Result:
    options, scenario = task
    key = repr(scenario)
    if key not in _HERE:
        _HERE.clear()
        _HERE[key] = Catalogue(scenario)
    return run(options, scenario, _HERE[key])


def run_many(
    options: Options, scenario: Scenario, seeds: Sequence[int], jobs: int
) -> Iterator[Result]:
    """The same run from many seeds, in the order of the seeds.

    Args:
        options: of each, but for the seed.
        scenario: what the world is like.
        seeds: which.
        jobs: how many processes.
    """
    tasks = [(evolve(options, seed=seed), scenario) for seed in seeds]
    if jobs == 1 or len(tasks) == 1:
        yield from map(_one, tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_one, tasks, chunksize=max(1, min(8, len(tasks) // (4 * jobs))))
