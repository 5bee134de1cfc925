"""Running cases one after the other, here or in a process of its own.

Both doors, `tongban test` and the pytest plugin, run a case through `run_one`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from time import perf_counter
from typing import Any

from attrs import field, frozen

from tongban.kernel import Application, Example, Item, Kernel
from tongban.plugins.kit.examples import Mismatch, run_example
from tongban.plugins.kit.testing.rule_coverage import Tally

Selected = tuple[Item, Example]
"""A case, and the item that it stands under."""


@frozen
class Trace:
    """A rule that was expected among the reasons and did not hold.

    Attributes:
        tests: what each of its tests wanted and saw, `RuleTrace.to_dict()`'s; empty
            where the rule cannot matter to the item, or there is none of that name.
    """

    rule: str
    because: str
    tests: tuple[Mapping[str, Any], ...] = ()


@frozen
class Ran:
    """The result of a case: plain values, which a process can hand over.

    Attributes:
        item: the item's key.
        outcome: of one that failed; "" where nothing could be decided.
        reasons: of the decision on one that failed, each as `Reason.to_dict()`.
        absent: rules that were expected among the reasons and did not hold.
        seconds: how long it took.
    """

    item: str
    case: Example
    failures: tuple[Mismatch, ...]
    outcome: str = ""
    reasons: tuple[Mapping[str, Any], ...] = ()
    absent: tuple[Trace, ...] = ()
    seconds: float = field(default=0.0, eq=False)

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failures


def run_one(kernel: Kernel, item: Item, case: Example, tally: Tally | None = None) -> Ran:
    """Runs one case.

    Args:
        kernel: one that has loaded `item`.
        item: the item that the case stands under.
        case: one of its cases.
        tally: counts what the case tries, for coverage.
    """
    began = perf_counter()
    result = run_example(kernel, item, case)
    seconds = perf_counter() - began
    if tally is not None and result.application:
        tally.note(kernel, result.application)
    if result.passed:
        return Ran(item.key, case, (), seconds=seconds)
    decision = result.decision
    return Ran(
        item.key,
        case,
        result.mismatches,
        decision.outcome if decision else "",
        tuple(reason.to_dict() for reason in decision.reasons) if decision else (),
        tuple(_absent(kernel, result.application, case)),
        seconds,
    )


def run_all(
    kernel: Kernel,
    work: Iterable[Selected],
    tally: Tally | None = None,
    fail_fast: bool = False,
) -> Iterator[Ran]:
    """Runs cases in order.

    Args:
        kernel: one that has loaded their items.
        work: what to run.
        tally: as of `run_one`.
        fail_fast: whether the first that fails is the last.
    """
    for item, case in work:
        ran = run_one(kernel, item, case, tally)
        yield ran
        if fail_fast and not ran.passed:
            return


def _absent(kernel: Kernel, application: Application | None, case: Example) -> Iterator[Trace]:
    """Why rules that were expected among the reasons are not there."""
    expected = case.expect.get("reasons", ())
    if application is None or not expected:
        return
    traces = {trace.rule: trace for trace in kernel.explain(application).rules}
    known = {
        rule.id: rule for rule in kernel.rulebook.rules(kernel.rulebook.items[application.item])
    }
    for name in expected:
        trace = traces.get(name)
        if trace is not None and not trace.held:
            yield Trace(name, trace.because, tuple(test.to_dict() for test in trace.tests))
        elif trace is None:
            yield Trace(name, known[name].because if name in known else "")
