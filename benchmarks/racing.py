"""Measuring contenders side by side: what is compared runs in turns, within one run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import process_time

from attrs import frozen
from rich.progress import Progress

__all__ = ["Contender", "Row", "Times", "race"]


@frozen
class Contender:
    """Something to measure.

    Attributes:
        run: does it once over all cases.
        cases: how many that are.
        clock: what it is timed with, in seconds; a process of its own needs the wall's.
    """

    run: Callable[[], object]
    cases: int
    clock: Callable[[], float] = process_time


@frozen
class Times:
    """Microseconds for one case, one figure for each round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The quickest round: what is least disturbed by other work of the machine."""
        return min(self.rounds)

    def ratio(self, other: Times) -> float:
        """How many times longer than `other`: the median of the rounds, each with its own.

        A machine that is slow for a while is slow for both.
        """
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(mine / its for mine, its in pairs)


@frozen
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        measured: in plain figures.
        ratio: against `against`; None where nothing was measured.
        keep: what the design keeps, "" where it keeps nothing.
        met: whether it is kept; None where there is nothing to keep or nothing was measured.
    """

    what: str
    measured: str
    ratio: float | None = None
    against: str = ""
    keep: str = ""
    met: bool | None = None


def race(
    contenders: Mapping[str, Contender], rounds: int, progress: Progress, what: str
) -> dict[str, Times]:
    """Lets `contenders` run in turns.

    Args:
        contenders: by name.
        rounds: how often each runs, after one run that is not counted.
        progress: shows how far it is.
        what: what it shows.

    Returns:
        The times by name, each with one figure for each round.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    task = progress.add_task(what, total=(rounds + 1) * len(contenders))
    for number in range(rounds + 1):
        for name in _turned([*contenders], number):
            taken = _timed(contenders[name])
            if number:
                times[name].append(taken)
            progress.update(task, advance=1)
            progress.refresh()
    return {name: Times(tuple(figures)) for name, figures in times.items()}


def _turned(names: Sequence[str], number: int) -> list[str]:
    """Another order in each round, so that nobody always follows the same one."""
    first = number % len(names)
    return [*names[first:], *names[:first]]


def _timed(contender: Contender) -> float:
    gc.collect()
    gc.disable()
    try:
        begin = contender.clock()
        contender.run()
        taken = contender.clock() - begin
    finally:
        gc.enable()
    return taken / contender.cases * 1e6
