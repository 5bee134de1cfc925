"""How cases and their failures read, and the JSON of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

import click

from tongban.kernel import Kernel, Problem
from tongban.plugins.console.options import printable
from tongban.plugins.console.terms import cited, concluded, inferred, plain
from tongban.plugins.kit.examples import Mismatch
from tongban.plugins.kit.testing.running import Ran, Trace

_Row = tuple[str, list[str]]
_LABELS = {
    "given": "给定 given",
    "expected": "期望 expected",
    "got": "实得 got",
    "reasons": "理由 reasons",
    "absent": "未成立 not held",
}


def head(kernel: Kernel, ran: Ran) -> str:
    """File, line, item and name of a case."""
    short = kernel.rulebook.short(kernel.rulebook.items[ran.item])
    return f"{ran.case.file}:{ran.case.line}: [{short}] {ran.case.name}"


def block(kernel: Kernel, ran: Ran, colour: bool = False) -> str:
    """A case that failed: what was given and expected, what came out, and what led there.

    Args:
        kernel: the one that ran it.
        ran: its result.
        colour: whether to colour it, for a terminal.
    """
    rows = [row for row in _rows(kernel, ran) if row[1]]
    wide = max(_width(label) for label, _ in rows)
    title = printable(head(kernel, ran))
    lines = [click.style(title, fg="red", bold=True) if colour else title]
    for label, says in rows:
        padded = label + " " * (wide - _width(label))
        for line in map(printable, says):
            shown = click.style(padded, fg="cyan") if colour else padded
            lines.append(f"  {shown}  {line}".rstrip())
            padded = " " * wide
    return "\n".join(lines)


def failure_text(failure: Mismatch) -> tuple[str, str]:
    """`(modes: [online], modes: [])`: what was expected, and what came."""
    key = failure.key
    return f"{key}: {written(failure.expected)}", f"{key}: {written(failure.got)}"


def written(value: Any) -> str:
    """A value as a rule file would write it, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(written, value)) + "]"
    return "nothing" if value is None else plain(value)


def case_as_dict(kernel: Kernel, ran: Ran) -> dict[str, Any]:
    """A case for JSON; what it gave and what led there only where it failed."""
    item = kernel.rulebook.items[ran.item]
    shown: dict[str, Any] = {
        "item": item.id,
        "jurisdiction": item.jurisdiction,
        "department": item.department,
        "name": ran.case.name,
        "file": ran.case.file,
        "line": ran.case.line,
        "passed": ran.passed,
    }
    if ran.passed:
        return shown
    return shown | {
        "given": _json(ran.case.given),
        "failures": [
            {"key": one.key, "expected": _json(one.expected), "got": _json(one.got)}
            for one in ran.failures
        ],
        "outcome": ran.outcome or None,
        "reasons": list(ran.reasons),
        "not_held": [
            {"rule": one.rule, "because": one.because, "tests": list(one.tests)}
            for one in ran.absent
        ],
    }


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """A mistake of a rule file for JSON."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "rule": problem.rule,
        "message": problem.message,
    }


def _rows(kernel: Kernel, ran: Ran) -> Iterator[_Row]:
    yield _LABELS["given"], [written(ran.case.given)]
    pairs = [failure_text(failure) for failure in ran.failures]
    yield _LABELS["expected"], [expected for expected, _ in pairs]
    yield _LABELS["got"], [got for _, got in pairs]
    yield _LABELS["reasons"], list(_reasons(kernel, ran.reasons))
    yield _LABELS["absent"], list(_absent(ran.absent))


def _reasons(kernel: Kernel, reasons: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in reasons:
        basis = inferred(one["basis"])
        yield f"{one['rule']}: {concluded(kernel, one['conclusion'], one['value'])}{basis}"
        yield f"    {one['because']} ({cited(kernel, one['cite'])})"


def _absent(traces: Iterable[Trace]) -> Iterator[str]:
    for one in traces:
        yield f"{one.rule}: {one.because}" if one.because else f"{one.rule}: no such rule here"
        for test in one.tests:
            name, seen, wanted = test["attribute"], plain(test["value"]), test["wanted"]
            if test["passed"] is None:
                yield f"    ? {name} is not known; holds with: {wanted}"
            elif test["passed"]:
                yield f"    ✓ {name} is {seen}"
            else:
                yield f"    ✗ {name} is {seen}; would hold with: {wanted}"


def _json(value: Any) -> Any:
    """What JSON can say of a value of a rule file: dates are text."""
    if isinstance(value, Mapping):
        return {str(key): _json(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_json(one) for one in value]
    return value if value is None or isinstance(value, str | int | bool) else plain(value)


def _width(text: str) -> int:
    """Columns that `text` takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
