"""From a plugin's name to a report: every requirement, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from shlex import quote
from statistics import median
from time import perf_counter

import click
from attrs import define, field, frozen

from tongban.kernel import Kernel, PluginError, RulebookError
from tongban.kernel.ports import guarding
from tongban.plugins.kit.conformance import carried, contract, faults, purity, rules_hold
from tongban.plugins.kit.conformance.asking import arguments
from tongban.plugins.kit.conformance.findings import (
    REQUIREMENTS,
    Outcome,
    Report,
    failed_once,
)
from tongban.plugins.kit.conformance.packaged import lacks_of, packaged
from tongban.plugins.kit.conformance.simulated import simulated
from tongban.plugins.kit.conformance.subject import HOOKS, NotLoadedError, Subject, find
from tongban.plugins.kit.conformance.trying import Trial, incomplete, trials

_FEW = 24
"""Applications for what takes long: profiling, snapshots of the process."""


@frozen
class Options:
    """How much is tried.

    Attributes:
        applications: about how many.
        seed: of their choice.
        proofs: whether `tongban check` asks the solver.
        only: the requirements that are tried, besides that it loads; none for all.
    """

    applications: int = 200
    seed: int = 0
    proofs: bool = True
    only: tuple[str, ...] = ()

    def wants(self, *ids: str) -> bool:
        """Whether any of these requirements is tried."""
        return not self.only or any(id in self.only for id in ids)


def run(
    word: str,
    options: Options,
    progress: Callable[[str], None] | None = None,
    guard: guarding.Guard | None = None,
) -> Report:
    """Tries a plugin.

    Args:
        word: an entry point's name, a rule file, or a module.
        options: how much is tried.
        progress: called with the next requirement.
        guard: put around its code; None for a limit of time.

    Raises:
        click.UsageError: where there is no such plugin.
    """
    # What a plugin prints is not part of the report.
    with redirect_stdout(StringIO()):
        return _run(word, options, progress or (lambda _: None), guard)


def _run(
    word: str, options: Options, tell: Callable[[str], None], guard: guarding.Guard | None
) -> Report:
    tell("loads")
    before = purity.Before()
    try:
        subject = find(word, guard)
        loads = rules_hold.loads(subject)
    except click.UsageError as error:
        hint = next(iter(lacks_of(Path())), "")
        raise click.UsageError(
            f"{error.message}; pyproject.toml here {hint}" if hint else error.message
        ) from None
    except (NotLoadedError, RulebookError, PluginError) as error:
        lacks = [f"pyproject.toml: {one}" for one in lacks_of(Path())]
        return Report(word, word, (failed_once("loads", "; ".join([str(error), *lacks])),))
    tried = _Tried(subject, word, options, tell, before)
    found = {one.id: one for one in (loads, *tried.outcomes())}
    in_order = tuple(found[id] for id in REQUIREMENTS if id in found)
    return Report(subject.name, subject.source, in_order, tuple(tried.notes))


@define
class _Tried:
    """One run: what is tried, and what is worth a note."""

    subject: Subject
    word: str
    options: Options
    tell: Callable[[str], None]
    before: purity.Before
    notes: list[str] = field(factory=list)

    def outcomes(self) -> Iterator[Outcome]:
        """Every requirement but that it loads; the other processes work meanwhile."""
        subject, options = self.subject, self.options
        kernel = subject.kernel()
        found = trials(subject, kernel, options.applications, options.seed)
        word = self.word if subject.plugin is not None else str(Path(self.word).resolve())
        apart = options.wants("repeats", "no_traces")
        elsewhere = purity.start_elsewhere(word, found, self.before) if apart else None
        some = found[:: max(1, len(found) // _FEW)][:_FEW]
        traces, printing = purity.traces(subject, kernel, some) if apart else ([], [])
        steps: dict[str, Callable[[], Outcome]] = {
            "packaged": lambda: packaged(subject),
            "hooks": lambda: contract.hooks(subject, found),
            "checks": self._checks,
            "cases": lambda: rules_hold.cases(subject, kernel),
            "own_facts": lambda: contract.own_facts(subject, kernel, found),
            "unchanged": lambda: purity.unchanged(subject, kernel, some),
            "no_clock": lambda: purity.no_clock(subject, kernel, some),
            "hostile": lambda: faults.survives(subject, kernel, found, incomplete(found, kernel)),
            "neighbours": lambda: faults.neighbours(subject, kernel, found),
            "cases_carried": lambda: carried.carried(subject, kernel, found),
            "faults_survived": lambda: simulated(subject, found, options.seed, self._again()),
            "personal": lambda: faults.personal(subject, some),
        }
        for id, step in steps.items():
            if options.wants(id):
                self.tell(id)
                yield step()
        if elsewhere is not None:
            self.tell("repeats")
            results = elsewhere.results()
            yield purity.no_traces(some, traces, results)
            yield purity.repeats(subject, kernel, found, results)
            imported = any(one.get("printed") for one in results)
            printing += ["importing it writes to standard output"] * imported
            self.notes += [f"{says}; the command line shows it as an error" for says in printing]
        self.notes += _speed(subject, kernel, some)

    def _again(self) -> str:
        chosen = f"--seed {self.options.seed} --applications {self.options.applications}"
        return f"tongban conformance {quote(self.word)} --only faults_survived {chosen}"

    def _checks(self) -> Outcome:
        checked, notes = rules_hold.checks(self.subject, self.options.proofs)
        self.notes += notes
        return checked


def _speed(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Iterator[str]:
    """How long its hooks take: for its author, never a reason to fail."""
    for hook in (one for one in HOOKS if subject.has(one)):
        taken = []
        for trial in found:
            given = arguments(kernel, trial.application)[hook]
            if given.get("decision", "") is None:
                continue
            began = perf_counter()
            with suppress(Exception):
                subject.call(hook, given)
            taken.append(perf_counter() - began)
        if taken:
            yield f"{hook}: {median(taken) * 1e6:,.0f} µs a call"
