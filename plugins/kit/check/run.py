"""From paths to findings: what is checked, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files as resources
from importlib.util import find_spec
from pathlib import Path

import click
from attrs import evolve, field, frozen

from tongban.kernel import Kernel, PluginError, RulebookError, nearest
from tongban.plugins.kit.check import across, former_names, loading, sources, style  # noqa: F401 - register
from tongban.plugins.kit.check.documents import Document, installed_documents, read, shown
from tongban.plugins.kit.check.excuses import Excuses
from tongban.plugins.kit.check.findings import CODES, Finding, Witness, found
from tongban.plugins.kit.check.loading import of_problem
from tongban.plugins.kit.check.subject import CHECKS, Subject, selected
from tongban.plugins.kit.sources import Text
from tongban.plugins.kit.targets import Targets, rule_files, targets

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

SOLVER = "z3"

_OF_SOURCES = frozenset(("TB202", "TB203", "TB204", "TB205", "TB206"))
"""Codes that may need the text of a source to be found."""


@frozen
class Options:
    """What to check.

    Attributes:
        sources: the texts of sources, by id.
        select, ignore: beginnings of codes, `TB2`.
        proofs: whether to ask the solver.
        engines: whether to compare the engines.
        strict: whether a warning is an error.
    """

    sources: Mapping[str, Text] = field(factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    proofs: bool = True
    engines: bool = False
    strict: bool = False

    def wants(self, *codes: str) -> bool:
        """Whether any of these codes is wanted."""
        return any(selected(code, self.select, self.ignore) for code in codes)


@frozen
class Report:
    """What was found.

    Attributes:
        findings: by file and line.
        documents: the files that were looked at.
        left_out: whether something that was asked for could not be done.
        kernel: the one that loaded the rules; None where nothing could be loaded.
    """

    findings: tuple[Finding, ...]
    documents: tuple[Document, ...] = ()
    left_out: bool = False
    kernel: Kernel | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many findings of each severity there are."""
        return Counter(one.severity for one in self.findings)


def run(paths: Sequence[Path], options: Options, progress: Progress | None = None) -> Report:
    """Checks rule files.

    Args:
        paths: files, and folders in which to look for them; none for everything installed.
        options: what to check.
        progress: called with the progress.

    Raises:
        click.UsageError: where the text of a source is given that nobody declares.
    """
    findings: list[Finding] = []
    files: list[Path] = []
    for path in paths:
        try:
            files += rule_files(path)
        except click.UsageError as error:
            findings.append(_unreadable(path, error.message.removeprefix(f"{path}: ")))
        except OSError as error:
            findings.append(_unreadable(path, f"cannot be read: {error.strerror}"))
    subject = None
    if files or not paths:
        try:
            subject = subject_of(targets(files), options)
            _refuse_unknown_sources(subject)
            findings += examine(subject, options, progress)
        except RulebookError as error:
            findings += [of_problem(problem, _shared(problem.file)) for problem in error.problems]
        except PluginError as error:
            findings.append(found("TB406", "", 0, str(error)))
    return report_of(findings, options, subject)


def _refuse_unknown_sources(subject: Subject) -> None:
    # A file that is left out declares its sources all the same.
    declared = (key.text for one in subject.documents for key in one.keys_of("sources"))
    known = {*subject.kernel.rulebook.sources, *declared}
    for name in subject.sources:
        if name not in known:
            near = nearest(name, known)
            hint = (
                f"; did you mean {near!r}?" if near else f"; there are {', '.join(sorted(known))}"
            )
            raise click.UsageError(f"--source {name}=…: no such source; {hint}")


def _shared(name: str) -> str:
    """What messages call one of the house's own files."""
    path = Path(str(resources("tongban.rules"))) / name
    return shown(path) if path.is_file() else name


def _unreadable(path: Path, says: str) -> Finding:
    return found("TB101", str(path), 1, says)


def subject_of(chosen: Targets, options: Options) -> Subject:
    """What is checked, of what was named."""
    documents = [read(path) for path in chosen.files] or [*installed_documents(chosen.kernel)]
    return Subject(chosen.kernel, chosen.items, tuple(documents), options.sources, not chosen.files)


def examine(
    subject: Subject, options: Options, progress: Progress | None = None
) -> Iterator[Finding]:
    """Every finding that is wanted, in the order in which the checks run."""
    for codes, function in CHECKS:
        if options.wants(*codes):
            yield from function(subject)
    witnesses: list[Witness] = []
    if options.proofs and options.wants(*(code for code in CODES if code.startswith("TB3"))):
        for finding in _proofs(subject, progress):
            witnesses += [finding.witness] if finding.witness else []
            yield subject.placed(finding)
    if options.engines:
        from tongban.plugins.kit.check.engines import (  # noqa: PLC0415 - only if asked
            compare_engines,
        )

        yield from compare_engines(subject, witnesses)


def _proofs(subject: Subject, progress: Progress | None) -> Iterable[Finding]:
    if find_spec(SOLVER) is None:
        return [found("TB300", "", 0, "the solver is not installed, so nothing was proved")]
    from tongban.plugins.kit.check.proofs import prove  # noqa: PLC0415 - needs the solver

    return prove(subject.kernel, subject.items, progress)


def report_of(
    findings: Iterable[Finding], options: Options, subject: Subject | None = None
) -> Report:
    """Findings that are wanted and not excused, in order.

    Args:
        findings: of `examine`, and what was found before.
        options: what is wanted, and whether warnings are errors.
        subject: what was checked; None where nothing could be loaded.
    """
    documents = subject.documents if subject else ()
    excuses = {one.file: Excuses(one) for one in documents}
    everything = [*findings]
    told = [wrong for one in excuses.values() for wrong in one.wrong]
    kept = {one: None for one in everything if not _is_excused(one, excuses)}
    for one in excuses.values():
        told += one.unused(lambda code: _was_examined(code, options, everything), everything)
    kept |= {one: None for one in told if not _is_excused(one, excuses)}
    wanted = [one for one in kept if options.wants(one.code)]
    if options.strict:
        wanted = [
            evolve(one, severity="error") if one.severity == "warning" else one for one in wanted
        ]
    left_out = any(one.code in ("TB300", "TB503") for one in everything)
    ordered = sorted(wanted, key=lambda f: (not f.file, f.file, f.line, f.column, f.code))
    return Report(tuple(ordered), documents, left_out, subject.kernel if subject else None)


def _is_excused(finding: Finding, excuses: Mapping[str, Excuses]) -> bool:
    return finding.file in excuses and excuses[finding.file].covers(finding)


def _was_examined(code: str, options: Options, findings: Sequence[Finding]) -> bool:
    """Whether a finding of this code would be among them, if there were one to find."""
    if not options.wants(code) or any(one.code < "TB200" for one in findings):
        return False
    absent = {one.code for one in findings}
    if code.startswith("TB3"):
        return options.proofs and "TB300" not in absent
    if code.startswith("TB5"):
        return options.engines and "TB503" not in absent
    return bool(options.sources) if code in _OF_SOURCES else True
