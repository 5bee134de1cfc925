"""One run from its options to its results; several in parallel over the processor's cores."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve

from tongban.kernel import TongbanError, protocol
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.report.event_sink import Line, Lines, Sink, line
from tongban.plugins.simulation.report.result import Failed, Result
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import Scenario
from tongban.plugins.simulation.store import stores
from tongban.plugins.simulation.store.stores import MemoryStores, Stores
from tongban.plugins.simulation.world.world import World

_QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files need not reach a disk: in a run nothing but its own faults takes them away."""


def run(
    options: Options,
    scenario: Scenario,
    catalogue: Catalogue | None = None,
    lines: Lines | None = None,
    keeping: Stores | None = None,
    folder: Path | None = None,
    daily: Callable[[int], None] | None = None,
) -> Result:
    """Runs a simulated country.

    Args:
        options: what is asked for.
        scenario: what the world is like.
        catalogue: of the scenario, where it was made before.
        lines: takes every event as a JSON line.
        keeping: opens the store of a node; None for what the options say.
        folder: where messages are carried through folders; None for one of this run alone,
            where the scenario has faults that need it.
        daily: called with each day of the run.
    """
    if folder is None and scenario.faults.folders:
        with TemporaryDirectory(prefix="tongban-", dir=_QUICK) as made:
            return run(options, scenario, catalogue, lines, keeping, Path(made), daily)
    if keeping is None and options.store == "sqlite":
        with (
            TemporaryDirectory(prefix="tongban-", dir=_QUICK) as made,
            stores.sqlite_stores(Path(made)) as opens,
        ):
            return run(options, scenario, catalogue, lines, opens, folder, daily)
    sink = Sink(lines, options.keep)
    rules = catalogue or Catalogue(scenario)
    world = World(options, scenario, rules, sink, keeping or MemoryStores(), folder, daily)
    failed = None
    try:
        world.run()
    except ViolationError as violation:
        failed = Failed(
            violation.name, violation.case, violation.number, violation.says,
            world.ports.agenda.now, dict(world.ports.dice.fired),
        )  # fmt: skip
        if not options.keep:
            sink.kept[:0] = _as_stored(world, failed, {one["seq"] for one in sink.kept})
    days = world.ports.agenda.now // (24 * 60)
    checked = dict(sorted(world.ports.watch.checked.items()))
    return Result(
        options, world.ports.metrics, sink.digest, sink.count, days, failed, checked, sink.kept,
        rules.failures, frozenset(world.ports.dice.fired),
    )  # fmt: skip


def _as_stored(world: World, failed: Failed, known: set[int]) -> list[Line]:
    """The events of a case as the store has them that has most, but for those known."""
    found: list[Line] = []
    for province, node in sorted(world.nodes.items()):
        shown: list[Line] = []
        case: protocol.Case | None = None
        try:
            for entry in node.inner.entries(failed.case) if failed.case else ():
                raw = json.loads(entry.body)
                event = protocol.Event.from_dict(raw)
                case = protocol.evolve(case, event)
                shown.append(line(province, failed.number, case, event, raw, mirrored=False))
        except TongbanError:
            pass  # a log that is broken is shown as far as it can be read
        found = max(found, shown, key=len)
    return [one for one in found if one["seq"] not in known]


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
