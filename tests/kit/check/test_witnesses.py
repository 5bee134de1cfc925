"""A witness shows what it is a witness of: whatever it leaves out may be anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import ApplicationError, Decision, Kernel
from tongban.plugins.kit.check.run import Options, run

FILE = """\
department: {{id: yy, jurisdiction: 510000, name: 示例厅, title: Example}}

attributes:
  yy.age: {{type: int, min: 0, max: 150, name: 年龄, title: age, question: "多少岁?"}}
  yy.ok: {{type: bool, name: 合格, title: ok, question: "合格吗?"}}
  yy.kind: {{type: enum, values: {{a: 甲, b: 乙}}, name: 类, title: kind, question: "哪类?"}}

items:
  - id: 9-01
    name: 示例事项
    title: Example item
    kind: 登记
    applicant: [person]
    handled_at: [hukou]
    available: {{from: 2020-01-01}}
    cite: {{row: 9/1}}
    basis: inferred
    rules:
"""
RULE = """\
      - id: r{number}
        when: {when}
        then: {then}
        because: 示例
        cite: {{row: 9/1}}
        basis: inferred
"""
FIVE = "{time_limit: [{step: decide, working_days: 5}]}"
SEVEN = "{time_limit: [{step: decide, working_days: 7}]}"

RULES = {
    "gap between": [("{yy.age: {at_least: 18}}", FIVE), ("{yy.age: {at_most: 16}}", SEVEN)],
    "gap of two facts": [("{yy.ok: true}", FIVE), ("{yy.ok: false, yy.kind: a}", SEVEN)],
    "gap beside ways": [("{any: [{yy.ok: true, yy.kind: a}, {yy.age: {at_least: 60}}]}", FIVE)],
}


def written(folder: Path, rules: list[tuple[str, str]]) -> Path:
    path = folder / "yy.yaml"
    parts = [RULE.format(number=n, when=when, then=then) for n, (when, then) in enumerate(rules)]
    text = FILE.format() + "".join(parts)
    path.write_text(text, encoding="utf-8")
    return path


def completions(kernel: Kernel, witness: dict[str, Any]) -> Iterator[Decision]:
    """What is decided where the facts that the witness leaves out are anything."""
    known = kernel.rulebook.vocabulary.facts
    values: dict[str, list[Any]] = {
        "yy.age": [0, 16, 17, 18, 59, 60, 150],
        "yy.ok": [True, False],
        "yy.kind": ["a", "b"],
    }
    free = [name for name in values if name in known and name not in witness.get("facts", {})]
    for chosen in product(*(values[name] for name in free)):
        facts = {**witness.get("facts", {}), **dict(zip(free, chosen, strict=True))}
        try:
            yield kernel.decide({**witness, "facts": facts})
        except ApplicationError:  # pragma: no cover - the test fails on it
            pytest.fail(f"{facts} cannot be decided")


@pytest.mark.parametrize("name", RULES)
def test_whatever_a_witness_leaves_out_it_still_shows(name: str, tmp_path: Path) -> None:
    report = run([written(tmp_path, RULES[name])], Options(select=("TB302",)))
    assert report.kernel is not None
    assert report.findings
    for finding in report.findings:
        assert finding.witness is not None
        for decision in completions(report.kernel, dict(finding.witness)):
            assert decision.outcome == "eligible"
            assert not decision.time_limit


def test_the_fact_that_decides_is_in_the_witness_and_no_other(tmp_path: Path) -> None:
    (finding,) = run([written(tmp_path, RULES["gap between"])], Options(select=("TB302",))).findings
    assert finding.witness is not None
    assert finding.witness["facts"] == {"yy.age": 17}
