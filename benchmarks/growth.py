"""How much slower a larger catalogue is, against how much slower the oracle gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from attrs import evolve
from benchmarks.engines import Compiled, Question, programs_of
from benchmarks.oracle import Oracle
from benchmarks.racing import Contender, Row, Times, race
from benchmarks.workload import Case, Draw, copies
from rich.progress import Progress

from tongban.kernel import Application, Kernel

KEEP = 1.2


def growth(
    kernel: Kernel,
    seed: int,
    size: int,
    rounds: int,
    sizes: Sequence[int],
    progress: Progress,
) -> list[Row]:
    """A row of engine and decision for each catalogue that is larger than ours.

    Args:
        kernel: with our items.
        seed: for the applications.
        size: how many applications, over items at random.
        rounds: how often each contender runs.
        sizes: of the catalogues, as multiples of ours; the first is 1.
        progress: shows how far it is.
    """
    cases = Draw(kernel, seed).cases(size)
    contenders: dict[str, Contender] = {}
    for times in sizes:
        for name, run in _catalogue(kernel, times, cases, progress).items():
            contenders[f"{name} {times}"] = Contender(run, size)
    figures = race(contenders, rounds, progress, "growth")
    count = len(kernel.items)
    rows: list[Row] = []
    for times in sizes[1:]:
        title = f"{count * times:,} items instead of {count}"
        rows.append(_row(f"compiled engine, {title}", "compiled", times, figures))
        rows.append(_row(f"whole decision, {title}", "decide", times, figures))
    return rows


def _catalogue(
    kernel: Kernel, times: int, cases: Sequence[Case], progress: Progress
) -> dict[str, Callable[[], None]]:
    """What answers `cases`, spread at random over a catalogue `times` as large."""
    large = Kernel()
    # The front door would read 31 MB of YAML for what is wanted here.
    rules = large._rules
    rules.gathered = evolve(rules.gathered, rulebook=copies(kernel.rulebook, times))
    items = [*large.items]
    for item in progress.track(items, description=f"{len(items):,} items"):
        _ = large.program(item).match
        progress.refresh()
    programs = programs_of(large)
    oracle = Oracle({key: program.rules for key, program in programs.items()})
    compiled = Compiled(programs)
    random = Random(times)
    jurisdictions = [*dict.fromkeys(item.jurisdiction for item in items)]
    questions: list[Question] = []
    applications: list[Application] = []
    for case in cases:
        key = f"{random.choice(jurisdictions)}/{case.application.item.partition('/')[2]}"
        questions.append((key, dict(case.facts)))
        applications.append(evolve(case.application, item=key))

    def decide() -> None:
        for application in applications:
            large.decide(application)

    return {
        "oracle": lambda: oracle.run(questions),
        "compiled": lambda: compiled.run(questions),
        "decide": decide,
    }


def _row(what: str, name: str, times: int, figures: Mapping[str, Times]) -> Row:
    small, large = figures[f"{name} 1"], figures[f"{name} {times}"]
    ours = large.ratio(small)
    its = figures[f"oracle {times}"].ratio(figures["oracle 1"])
    measured = f"{small.middle:.2f} → {large.middle:.2f} µs, × {ours}"
    ratio = ours.ratio(its)
    kept = ratio.middle <= KEEP
    return Row(what, measured, ratio, f"the oracle's × {its}", f"≤ {KEEP}", kept)
