"""Cases in several processes, in the same order as in one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import click

from tongban.kernel import Kernel
from tongban.plugins.kit.targets import targets
from tongban.plugins.kit.testing.rule_coverage import Tally
from tongban.plugins.kit.testing.running import Ran, Selected, run_all

PARALLEL_FROM, PARALLEL_FROM_COVERED = 30_000, 10_000
"""Cases from which processes are worth their start, without coverage and with it.

Starting one takes as long as 10,000 cases: it reads all rules again.
"""

_PORTIONS = 8
"""How many portions each process gets, so that none waits long for another."""

_Name = tuple[str, int]
"""A case by the key of its item and its number in it: cases are not handed over."""

_Came = tuple[dict[int, Ran], list[float], Tally]
"""Of a portion the cases that failed, by number, how long each took, and what they tried.

Little, since handing it over costs more than deciding it.
"""


class ProcessEndedError(click.ClickException):
    """Cases could not be run; exit status 1 would say that one failed."""

    exit_code = 2


def suitable_jobs(cases: int, coverage: bool) -> int:
    """How many processes are worth their start for this many cases."""
    if cases < (PARALLEL_FROM_COVERED if coverage else PARALLEL_FROM):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_parallel(
    files: Sequence[Path],
    strict: bool,
    work: Sequence[Selected],
    jobs: int,
    tally: Tally | None = None,
    fail_fast: bool = False,
) -> Iterator[Ran]:
    """Runs cases in `jobs` processes; each loads the same rules.

    Args:
        files: the rule files that were named, none for what is installed.
        strict: whether a broken plugin is an error.
        work: what to run.
        jobs: how many processes.
        tally: as of `run_one`.
        fail_fast: whether the first that fails, in order, is the last.

    Yields:
        The result of each case, in order.

    Raises:
        ProcessEndedError: where a process ended before its cases.
    """
    pool = ProcessPoolExecutor(
        jobs,
        # Not forked: a fork of a process with threads (a progress bar) may hang.
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(tuple(files), strict, tally is not None, fail_fast),
    )
    try:
        portions = list(_portions(work, jobs))
        futures = [pool.submit(_run, [_named(one) for one in portion]) for portion in portions]
        for portion, future in zip(portions, futures, strict=True):
            failed, times, counted = future.result()
            if tally is not None:
                tally.add(counted)
            for number, ((item, case), seconds) in enumerate(zip(portion, times, strict=False)):
                yield failed.get(number) or Ran(item.key, case, (), seconds=seconds)
            if fail_fast and failed:
                return
    except BrokenProcessPool:
        raise ProcessEndedError("a process ended early; try again with --jobs 1") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _portions(work: Sequence[Selected], jobs: int) -> Iterator[Sequence[Selected]]:
    size = max(1, -(-len(work) // (jobs * _PORTIONS)))
    for start in range(0, len(work), size):
        yield work[start : start + size]


def _named(selected: Selected) -> _Name:
    item, case = selected
    return item.key, next(n for n, one in enumerate(item.cases) if one is case)


_here: list[tuple[Kernel, bool, bool]] = []


def _start(files: tuple[Path, ...], strict: bool, coverage: bool, fail_fast: bool) -> None:
    """Loads the rules, once in a process. Ctrl-C is for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.append((targets(files, strict).kernel, coverage, fail_fast))


def _run(names: list[_Name]) -> _Came:
    kernel, coverage, fail_fast = _here[0]
    items = kernel.rulebook.items
    work = ((items[key], items[key].cases[number]) for key, number in names)
    tally = Tally() if coverage else None
    results = list(run_all(kernel, work, tally, fail_fast))
    failed = {number: ran for number, ran in enumerate(results) if not ran.passed}
    return failed, [ran.seconds for ran in results], tally.bare() if tally else Tally()
