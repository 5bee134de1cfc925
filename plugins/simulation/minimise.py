"""Makes a run that breaks an invariant smaller: fewer cases, fewer faults, fewer days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import define, evolve

from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import FAULTS, Scenario

T = TypeVar("T")

_TRIALS = 120


@define(eq=False)
class _Shrinker:
    scenario: Scenario
    catalogue: Catalogue
    best: Result
    daily: Callable[[int], None] | None
    left: int = _TRIALS

    def tries(self, options: Options) -> bool:
        """Runs once more with less; whether the same invariant still breaks."""
        if self.left <= 0:
            return False
        self.left -= 1
        wanted = self.best.failed
        assert wanted is not None
        result = run(evolve(options, keep=True), self.scenario, self.catalogue)
        if self.daily is not None:
            self.daily(_TRIALS - self.left)
        if result.failed is None or result.failed.name != wanted.name:
            return False
        self.best = result
        return True

    @property
    def options(self) -> Options:
        return self.best.options


def shrink(
    result: Result,
    scenario: Scenario,
    catalogue: Catalogue,
    daily: Callable[[int], None] | None = None,
) -> Result:
    """The smallest run found that breaks the same invariant.

    Args:
        result: of a run that failed.
        scenario: that it ran in.
        catalogue: of the scenario.
        daily: called with the number of each trial.

    Returns:
        Its result, with the history kept; by bisection, within a bounded number of trials.
        `result` itself where the same run does not fail again.
    """
    work = _Shrinker(scenario, catalogue, result, daily)
    if not (_days(work) or work.tries(work.options)):
        return result
    _cases(work)
    _kinds(work)
    _faults(work)
    _days(work)
    if work.options.faults is None:
        return work.best
    # What never happened in it need not be asked for.
    return evolve(work.best, options=evolve(work.options, faults=work.best.fired))


def _days(work: _Shrinker) -> bool:
    """Broken off on the day on which it shows; at the end of a run nothing can be left out."""
    failed = work.best.failed
    assert failed is not None
    day = failed.minute // (24 * 60) + 1
    fewer = day < work.options.horizon(work.scenario.drain_days)
    return fewer and work.tries(evolve(work.options, until=day))


def _cases(work: _Shrinker) -> None:
    failed = work.best.failed
    assert failed is not None
    if failed.number >= 0 and work.tries(evolve(work.options, only=(failed.number,))):
        return
    numbers = work.options.only or tuple(range(work.options.cases))
    found = _fewest(numbers, lambda some: work.tries(evolve(work.options, only=tuple(some))))
    if len(found) < len(numbers):
        work.tries(evolve(work.options, only=tuple(found)))


def _kinds(work: _Shrinker) -> None:
    if work.tries(evolve(work.options, kinds=frozenset())):
        return
    for kind in FAULTS:
        kinds = work.options.kinds if work.options.kinds is not None else frozenset(FAULTS)
        if kind in kinds:
            work.tries(evolve(work.options, kinds=kinds - {kind}))


def _faults(work: _Shrinker) -> None:
    failed = work.best.failed
    assert failed is not None
    ids = sorted(failed.fired)
    if not ids or work.options.kinds == frozenset():
        return
    if not work.tries(evolve(work.options, faults=frozenset(ids))):
        return
    _fewest(ids, lambda some: work.tries(evolve(work.options, faults=frozenset(some))))


def _fewest(things: Sequence[T], holds: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Leaves out ever smaller parts, as long as it still holds without them."""
    parts = 2
    while len(things) > 1:
        size = max(1, len(things) // parts)
        for start in range(0, len(things), size):
            without = [*things[:start], *things[start + size :]]
            if without and holds(without):
                things, parts = without, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(things), parts * 2)
    return things
