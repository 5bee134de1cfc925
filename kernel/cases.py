"""Running the cases that stand beside the rules: what must come out, and what does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from tongban.kernel.errors import ApplicationError, PluginError
from tongban.kernel.model.application import Application
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.rules import Case, Item, Rule

if TYPE_CHECKING:
    from tongban.kernel.kernel import Kernel

__all__ = ["AS_OF", "CaseResult", "Failure", "run_case", "unfired"]

AS_OF = "2026-01-01"
"""The date of a case that says none."""


@frozen
class Failure:
    """One thing that did not come out as expected.

    Attributes:
        key: the key of `expect`; `given` where nothing could be decided.
    """

    key: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.key}: expected {_written(self.expected)}, got {_written(self.got)}"


@frozen
class CaseResult:
    """What became of one case.

    Attributes:
        application: what was decided; None where `given` is no application.
        decision: None where nothing could be decided.
        failures: what did not come out as expected; none where the case passes.
    """

    item: Item
    case: Case
    application: Application | None = field(repr=False)
    decision: Decision | None = field(repr=False)
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failures

    def __str__(self) -> str:
        """File, line, item and name of the case, what was given, and each failure on a line."""
        head = f"{self.case.file}:{self.case.line}: [{self.item.id}] {self.case.name}"
        given = f"given {_written(self.case.given)}"
        return "\n  ".join([head, given, *map(str, self.failures)])


def run_case(kernel: Kernel, item: Item, case: Case) -> CaseResult:
    """Decides what a case gives, and compares the decision with what it expects.

    What `given` leaves out is usual: the applicant is of the first kind that the
    item admits, the date is `AS_OF`. Only what `expect` names is compared.

    Args:
        kernel: one that has loaded `item`.
        item: the item that the case stands under.
        case: one of its cases.

    Returns:
        The decision and every failure. It does not raise for a wrong case: an
        application that is refused is a failure of the key `given`.
    """
    usual = {"as_of": AS_OF, "applicant": {"kind": item.applicant.value[0]}}
    try:
        application = kernel.application({**usual, **case.given, "item": item.key})
    except ApplicationError as error:
        return CaseResult(item, case, None, None, (_undecided(error),))
    try:
        decision = kernel.decide(application)
    except (ApplicationError, PluginError) as error:
        return CaseResult(item, case, application, None, (_undecided(error),))
    failures = tuple(_failures(case.expect, _outcome(decision)))
    return CaseResult(item, case, application, decision, failures)


def unfired(kernel: Kernel, results: Iterable[CaseResult]) -> tuple[Rule, ...]:
    """The rules that held in no case, for the items that were run.

    Args:
        kernel: the one that ran them.
        results: of `run_case`.

    Returns:
        Common rules, department's rules and items' rules, each once. The bars
        that come from an item's own keys are not among them.
    """
    rules: dict[str, Rule] = {}
    held: set[str] = set()
    for result in results:
        rules |= {r.id: r for r in kernel.rulebook.rules(result.item) if r.layer != "bar"}
        if result.application:
            traces = kernel.explain(result.application).rules
            held |= {trace.rule for trace in traces if trace.held}
    return tuple(rule for name, rule in rules.items() if name not in held)


def _undecided(error: Exception) -> Failure:
    return Failure("given", "an application that can be decided", str(error))


def _outcome(decision: Decision) -> dict[str, Any]:
    """A decision by the keys of `expect`."""
    return {
        "eligible": decision.outcome == "eligible",
        "outcome": decision.outcome,
        "modes": decision.modes,
        "handling": tuple(one.place for one in decision.handling if one.acts),
        "crossing": decision.crossing,
        "delivery": decision.delivery,
        "missing": tuple(one.name for one in decision.missing),
        "reasons": tuple(dict.fromkeys(one.rule for one in decision.reasons)),
        "advice": tuple(one.target for one in decision.advice),
    }


_ANY_ORDER = ("modes", "delivery", "missing", "advice")


def _failures(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterable[Failure]:
    for key, expected in expect.items():
        got = outcome[key]
        if key == "eligible":
            wanted = "eligible" if expected else "ineligible"
            if outcome["outcome"] != wanted:
                yield Failure("outcome", wanted, outcome["outcome"])
        elif not _agrees(key, expected, got):
            yield Failure(key, expected, got)


def _agrees(key: str, expected: Any, got: Any) -> bool:
    if key == "reasons":
        return set(expected) <= set(got)
    if key in _ANY_ORDER:
        return sorted(expected) == sorted(got)
    return bool(expected == got)


def _written(value: Any) -> str:
    """A value as a rule file would write it, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_written, value)) + "]"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
