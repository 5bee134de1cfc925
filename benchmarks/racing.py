"""Measuring contenders side by side: what is compared runs in turns, within one run.

Every figure is a median over the rounds, with the lower and the upper quartile beside it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles
from time import process_time

from attrs import frozen
from rich.progress import Progress


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
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    def ratio(self, other: Times) -> Times:
        """How many times longer than `other`, round by round.

        A machine that is slow for a while is slow for both.
        """
        pairs = zip(self.rounds, other.rounds, strict=True)
        return Times(tuple(mine / its for mine, its in pairs))

    def __str__(self) -> str:
        """`0.73 (0.71 to 0.80)`: the median and the quartiles."""
        if len(self.rounds) < 2:
            return f"{self.middle:.2f}"
        low, _, high = quantiles(self.rounds, n=4, method="inclusive")
        return f"{self.middle:.2f} ({low:.2f} to {high:.2f})"


@frozen
class Row:
    """One line of the table.

    Attributes:
        what: what was measured, and what it does.
        measured: in plain figures.
        ratio: against `against`; None where nothing was measured.
        keep: what the design keeps, "" where it keeps nothing.
        met: whether it is kept; None where there is nothing to keep or nothing was measured.
    """

    what: str
    measured: str
    ratio: Times | None = None
    against: str = ""
    keep: str = ""
    met: bool | None = None


def row(what: str, its: Times, other: Times, against: str, most: float | None = None) -> Row:
    """A row for what is measured in microseconds.

    Args:
        what: what was measured, and what it does.
        its: the times.
        other: what they stand against, in the same rounds.
        against: what that is.
        most: the ratio that the design keeps.
    """
    ratio = its.ratio(other)
    kept = None if most is None else ratio.middle <= most
    keep = "" if most is None else f"≤ {most:g}"
    return Row(what, f"{its} µs", ratio, f"{against}: {other.middle:.2f} µs", keep, kept)


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
