"""Examples beside the rules (`cases:`): decided, and compared with what they expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from tongban.kernel import (
    Application,
    ApplicationError,
    Decision,
    Example,
    Item,
    Kernel,
    PluginError,
    Rule,
)

__all__ = ["AS_OF", "ExampleResult", "Mismatch", "run_example", "unfired_rules"]

AS_OF = "2026-01-01"
"""The date of an example that names none."""


@frozen
class Mismatch:
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
class ExampleResult:
    """The result of one example.

    Attributes:
        application: what was decided; None where `given` is not an application.
        decision: None where nothing could be decided.
        mismatches: what did not come out as expected; none where the example passes.
    """

    item: Item
    example: Example
    application: Application | None = field(repr=False)
    decision: Decision | None = field(repr=False)
    mismatches: tuple[Mismatch, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.mismatches

    def __str__(self) -> str:
        """File, line, item and name, what was given, and each failure on a line."""
        head = f"{self.example.file}:{self.example.line}: [{self.item.id}] {self.example.name}"
        given = f"given {_written(self.example.given)}"
        return "\n  ".join([head, given, *map(str, self.mismatches)])


def run_example(kernel: Kernel, item: Item, example: Example) -> ExampleResult:
    """Decides the application of an example, and compares the decision with what it expects.

    What `given` leaves out is usual: the applicant is of the first kind that the
    item admits, the date is `AS_OF`. Only what `expect` names is compared.

    Args:
        kernel: one that has loaded `item`.
        item: the item that the example stands under.
        example: one of `item.cases`.

    Returns:
        The decision and every mismatch. It does not raise for a wrong example: an
        application that is refused is a mismatch of the key `given`.
    """
    usual = {"as_of": AS_OF, "applicant": {"kind": item.applicant.value[0]}}
    try:
        application = kernel.application({**usual, **example.given, "item": item.key})
    except ApplicationError as error:
        return ExampleResult(item, example, None, None, (_undecided(error),))
    try:
        decision = kernel.decide(application)
    except (ApplicationError, PluginError) as error:
        return ExampleResult(item, example, application, None, (_undecided(error),))
    mismatches = tuple(_mismatches(example.expect, _outcome(decision)))
    return ExampleResult(item, example, application, decision, mismatches)


def unfired_rules(kernel: Kernel, results: Iterable[ExampleResult]) -> tuple[Rule, ...]:
    """The rules that held in no example, for the items that were run.

    Args:
        kernel: the one that ran them.
        results: of `run_example`.

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


def _undecided(error: Exception) -> Mismatch:
    return Mismatch("given", "an application that can be decided", str(error))


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


def _mismatches(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> Iterable[Mismatch]:
    for key, expected in expect.items():
        got = outcome[key]
        if key == "eligible":
            wanted = "eligible" if expected else "ineligible"
            if outcome["outcome"] != wanted:
                yield Mismatch("outcome", wanted, outcome["outcome"])
        elif not _agrees(key, expected, got):
            yield Mismatch(key, expected, got)


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
