"""docs/rules.md is the whole language: each construct stands in an example that decides."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve, frozen

from tongban.kernel import Kernel
from tongban.kernel.rulefile import Node, compose
from tongban.plugins.kit.examples import run_example, unfired_rules
from tongban.plugins.kit.formatting.layout import formatted
from tongban.plugins.kit.formatting.order import Place

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
SHARED = ("vocabulary.yaml", "sources.yaml", "common.yaml", "divisions.yaml")
HEAD = "department: {id: example, jurisdiction: 630000, name: 示例, title: example}\n"
USUAL = {
    "id": "2-03",
    "name": "示例",
    "title": "example",
    "kind": "迁移",
    "applicant": "[person]",
    "handled_at": "[move_in, move_out]",
    "available": "{from: 2021-12-31}",
    "cite": "{row: 2/3}",
}
"""The item that an example of a part stands in for, as the page says."""


@frozen
class Example:
    """A fenced example: its line, the file that it shows ("" for a department's), its text."""

    line: int
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.line}"


def examples() -> Iterator[Example]:
    fences = re.finditer(
        r'^```yaml(?: title="([^"\n]+)")?\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL
    )
    for one in fences:
        yield Example(PAGE.count("\n", 0, one.start()) + 1, one[1] or "", one[2])


EXAMPLES = [one for one in examples() if not one.file]


def item(text: str) -> str:
    """An item with what an example says, and what is usual where it says nothing."""
    says = re.findall(r"^(\w+):", text, re.MULTILINE)
    rest = "".join(f"{key}: {value}\n" for key, value in USUAL.items() if key not in says)
    return "  - " + textwrap.indent(rest + text, "    ")[4:]


def whole(text: str) -> str:
    """A department's file around an example, with the items that it advises."""
    if text.startswith(("department:", "# yaml-language-server:")):
        return text
    items = textwrap.indent(text, "  ") if text.startswith("- id:") else item(text)
    for advised in sorted(set(re.findall(r"\b2-\d\d\b", text)) - {"2-03"}):
        items += item(f"id: {advised}\nname: 示例{advised}\n")
    return f"{HEAD}items:\n{items}"


def load(text: str, folder: Path, rules: Path | None = None) -> Kernel:
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    kernel = Kernel(plugins=[], rules=rules, drafts=[file])
    assert list(map(str, kernel.problems)) == []
    return kernel


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_example_decides_as_its_cases_say_and_every_rule_of_it_fires(
    example: Example, tmp_path: Path
) -> None:
    kernel = load(whole(example.text), tmp_path)
    results = [run_example(kernel, one, case) for one in kernel.items for case in one.cases]
    assert results, "an example without a case"
    assert [str(one) for one in results if not one.passed] == []
    own = [rule.id for rule in unfired_rules(kernel, results) if not rule.id.startswith("common.")]
    assert own == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_that_is_changed_decides_otherwise(example: Example, tmp_path: Path) -> None:
    turned = {"eligible": "ineligible"}
    kernel = load(whole(example.text), tmp_path)
    for one in kernel.items:
        for case in one.cases:
            decision = run_example(kernel, one, case).decision
            assert decision is not None
            wrong = {"outcome": turned.get(decision.outcome, "eligible")}
            assert not run_example(kernel, one, evolve(case, expect=wrong)).passed


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_example_has_the_layout_of_fmt_but_for_aligned_comments(example: Example) -> None:
    def said(text: str) -> str:
        return re.sub(r" +# .*", "", text)

    text = whole(example.text)
    if text == example.text:
        assert said(formatted(text.encode()).text) == said(text)
    else:
        lines = said(formatted(text.encode()).text).splitlines()
        missing = [
            line for line in said(example.text).splitlines() if line.strip() not in _stripped(lines)
        ]
        assert missing == []


def _stripped(lines: list[str]) -> set[str]:
    found = {line.strip() for line in lines}
    return found | {line.removeprefix("- ") for line in found}


def seen(node: Node, place: Place) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each key of a tree, with the keys that may stand beside it."""
    if node.kind == "list":
        for one in node.items:
            yield from seen(one, place.child("[]"))
    for key, value in node.keys:
        yield place.order, key.text
        yield from seen(value, place.child(key.text))


def tree(text: str) -> Node:
    root = compose(text, lambda line, column, message: None)
    assert root is not None
    return root


def test_every_key_of_the_language_stands_in_an_example() -> None:
    used = {pair for one in EXAMPLES for pair in seen(tree(whole(one.text)), Place("department"))}
    for one in examples():
        if one.file and one.file != "divisions.yaml":
            kind = one.file.removesuffix(".yaml")
            used |= {*seen(tree(one.text), Place(kind))}
    # A value with a citation stands for all of them; tests are looked for below.
    tables = {order for order, _ in used if order and not {"value", "not"} & {*order}}
    missing = {key for order in tables for key in order if (order, key) not in used}
    assert missing == {"id_number", "credit_code", "address"}
    assert {"value", "basis", "cite", "because"} <= {k for order, k in used if "value" in order}


@pytest.mark.parametrize(
    "written",
    [
        r"\w+: \[\w+, \w+\]",
        r"\{not: \w+\}",
        r"\{not: \[",
        r"\{at_least: \d",
        r"at_most: \d",
        r"\{before: \d",
        r"date: \{from: \d",
        r"any: \[",
        r"unless: \{",
        r"unless: \[",
        *(rf"\b{name}\b" for name in ("deliver_by", "attendance", "channel", "date")),
        r"applicant\.kind:",
        r"item\.kind:",
        r"place\.\w+\.province:",
        r"place\.\w+\.level:",
        r"place\.\w+\.standing:",
        r"apart\.received\.\w+:",
        r"apart\.move_in\.move_out:",
        r"handling\.count:",
        r"handling\.includes_receiving:",
    ],
)
def test_every_test_and_every_attribute_of_the_kernel_stands_in_a_condition(written: str) -> None:
    conditions = "\n".join(re.findall(r"(?:when|unless): .*", "\n".join(o.text for o in EXAMPLES)))
    assert re.search(written, conditions)


def test_the_shared_files_are_a_tree_that_a_department_can_stand_on(tmp_path: Path) -> None:
    files = {one.file: one.text for one in examples() if one.file}
    assert sorted(files) == sorted(SHARED)
    rules = tmp_path / "rules"
    rules.mkdir()
    for name, text in files.items():
        (rules / name).write_text(text, encoding="utf-8")
        if name != "divisions.yaml":
            assert formatted(text.encode()).text == text
    body = (
        "kind: 登记\nhandled_at: [hukou]\nrules:\n"
        "  - {id: retired, when: {retired: true}, then: {eligible: false}, because: 示例,\n"
        "     cite: {source: later_law, article: 第一条}}\n"
        "cases:\n"
        "  - {name: a,\n"
        "     given: {channel: online, places: {hukou: 630100}, facts: {retired: false}},\n"
        "     expect: {eligible: true, modes: [online], delivery: [electronic]}}\n"
        "  - {name: b, given: {channel: online, places: {hukou: 630100}, facts: {retired: true}},\n"
        "     expect: {eligible: false, reasons: [2-03.retired]}}\n"
    )
    kernel = load(f"{HEAD}items:\n{item(body)}", tmp_path, rules)
    (one,) = kernel.items
    results = [run_example(kernel, one, case) for case in one.cases]
    assert [str(result) for result in results if not result.passed] == []
    papers = [material.name for material in kernel.rulebook.materials(one)]
    assert papers == ["居民身份证", "申请表"]
    assert kernel.base.divisions["110103"].now == ("110101",)
