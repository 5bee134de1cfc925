"""What `tongban check` and `tongban test` say of a plugin's departments, and whether it loads."""

from __future__ import annotations

from pathlib import Path

from tongban.kernel import Kernel
from tongban.plugins.kit.check.documents import shown
from tongban.plugins.kit.check.run import Options, examine, report_of, subject_of
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import Subject
from tongban.plugins.kit.examples import AS_OF, run_example
from tongban.plugins.kit.targets import Targets

_RAISED = "TB406"
"""That a plugin raised, which `hooks` says too, with an application."""


def loads(subject: Subject) -> Outcome:
    """Whether the kernel takes the plugin, and the rules that it brings."""
    kernel = subject.kernel()
    by_contract = subject.early_problems(kernel)
    status = subject.status(kernel)
    files = {str(file) for file in subject.files}
    failures = [Failure(str(one)) for one in kernel.problems if one.file in files]
    if status is not None and status.state == "failed":
        failures += [Failure(one) for one in status.problems if one not in by_contract]
    if status is not None and status.state == "absent":
        return outcome("loads", f"it says itself: {'; '.join(status.problems)}", 0)
    if status is not None and not (status.hooks or by_contract or failures):
        failures.append(Failure("none of its functions is marked with `hookimpl`: it does nothing"))
    if not failures and not by_contract and (subject.files or subject.brings) and not subject.items:
        failures.append(Failure("it brings a department, and no item of it can be decided"))
    return outcome("loads", f"{len(subject.items)} items", 1, failures)


def checks(subject: Subject, proofs: bool) -> tuple[Outcome, tuple[str, ...]]:
    """Errors that `tongban check` finds in its rule files, and how many warnings.

    Args:
        subject: the plugin.
        proofs: whether to ask the solver.

    Returns:
        The outcome, and what is worth a note.
    """
    files = subject.rules
    if not files:
        return outcome("checks", "no rule file", 0), ()
    # As drafts, so that files and lines are known; its own code is at work all the same.
    own = [subject.plugin] if subject.plugin is not None else []
    kernel = Kernel([*subject.others, *own], drafts=files, guard=subject.guard)
    named = {str(file) for file in files}
    items = tuple(item for item in kernel.items if item.file in named)
    options = Options(proofs=proofs)
    checked = subject_of(Targets(kernel, items, files), options)
    report = report_of(examine(checked, options), options, checked)
    failures = [
        Failure(f"{one.code} {one.message}", one.witness, _place(one.file, one.line))
        for one in report.findings
        if one.severity == "error" and one.code != _RAISED
    ]
    warned = sum(one.severity == "warning" for one in report.findings)
    notes = (f"tongban check: {warned} warnings",) if warned else ()
    if report.left_out:
        notes = (*notes, "tongban check: the solver is not installed, so nothing was proved")
    return outcome("checks", f"{len(files)} rule files", len(files), failures), notes


def cases(subject: Subject, kernel: Kernel) -> Outcome:
    """The cases beside the rules, with the plugin's own code at work.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
    """
    items = [kernel.rulebook.items[key] for key in subject.items]
    results = [run_example(kernel, item, case) for item in items for case in item.cases]
    failures = []
    for one in results:
        if not one.passed:
            says = "; ".join(map(str, one.mismatches))
            usual = {"as_of": AS_OF, "applicant": {"kind": one.item.applicant.value[0]}}
            raw = {**usual, **one.example.given, "item": kernel.rulebook.short(one.item)}
            place = _place(one.example.file, one.example.line)
            failures.append(Failure(f"{one.example.name}: {says}", raw, place))
    return outcome("cases", f"cases of {len(items)} items", len(results), failures)


def _place(file: str, line: int) -> str:
    """Where something stands, from the folder in which the command runs."""
    return f"{shown(Path(file))}:{line}" if file else ""
