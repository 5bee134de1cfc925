"""`tongban test --coverage`: what the cases try, and what of the sources is cited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tongban.kernel import Kernel
from tongban.kernel.model import AllOf, AnyOf, Between, Not, OneOf
from tongban.plugins.kit.testing.citation_coverage import article_coverage, ranges
from tongban.plugins.kit.testing.rule_coverage import leaves

Run = Callable[..., Result]
Harbour = Callable[..., Path]
Golden = Callable[[str, str], None]

TEXT = """\
港口通办方案
一、目标
(一)总则
1.船舶靠泊。
2.船舶离泊。
(二)分则
附件
一、2021年底前实现的事项(4项)
1 |
码头使用许可 |
2 |
渡船登记 |
3 |
小型船舶登记 |
4 |
大型船舶登记 |
"""


def _covered(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)["coverage"]
    return found


def _item(result: Result) -> dict[str, Any]:
    (item,) = (one for one in _covered(result)["owners"] if one["kind"] == "item")
    found: dict[str, Any] = item
    return found


def test_table(run: Run, harbour: Harbour, golden: Golden) -> None:
    result = run(harbour(), "--coverage")
    assert result.exit_code == 0
    golden("coverage.txt", result.stdout)


def test_branches_of_an_item(run: Run, harbour: Harbour, golden: Golden) -> None:
    result = run(harbour(), "--coverage", "--item", "9-01")
    assert result.exit_code == 0
    golden("branches.txt", result.stdout)


def test_each_test_of_a_rule_is_counted_both_ways(run: Run, harbour: Harbour) -> None:
    item = _item(run(harbour(), "--coverage", "--json"))
    (rule,) = item["rules"]
    assert rule["rule"] == "510000/9-01.small"
    assert rule["fired"] == 1
    assert rule["tests"] == [
        {"test": "disability_grade at least 5", "true": 1, "false": 1},
        {"test": "channel is one of online, kiosk", "true": 2, "false": 0},
        {"test": "unless applicant.kind is enterprise", "true": 0, "false": 2},
    ]
    assert (item["rules_fired"], item["sides_seen"], item["sides_total"]) == (1, 4, 6)
    assert item["percent"] == round(100 * 5 / 7, 2)


def test_what_is_not_known_is_seen_neither_way(run: Run, harbour: Harbour) -> None:
    path = harbour(
        ", facts: {disability_grade: 6}", "", "eligible: false, ", "outcome: incomplete, "
    )
    path.write_text(
        path.read_text("utf-8").replace("reasons: [510000/9-01.small]", "modes: []"), "utf-8"
    )
    result = run(path, "--coverage", "--json")
    assert result.exit_code == 0, result.stdout
    (rule,) = _item(result)["rules"]
    assert rule["tests"][0] == {"test": "disability_grade at least 5", "true": 0, "false": 1}


def test_a_rule_that_no_case_fires(run: Run, harbour: Harbour) -> None:
    path = harbour()
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("      - name: a barge")], encoding="utf-8")
    result = run(path, "--coverage")
    assert "510000/9-01.small: never fired" in result.stdout
    assert "510000/9-01.small: disability_grade at least 5: never true" in result.stdout


def test_what_an_item_itself_settles_is_not_asked_of_its_cases(run: Run, harbour: Harbour) -> None:
    path = harbour("when: {disability_grade", "when: {attendance: none, disability_grade")
    (rule,) = _item(run(path, "--coverage", "--json"))["rules"]
    assert "attendance is none" not in [test["test"] for test in rule["tests"]]


def test_common_rules_count_where_everything_is_tested(run: Run, harbour: Harbour) -> None:
    whole = {one["kind"] for one in _covered(run("--coverage", "--json"))["owners"]}
    assert whole == {"common", "department", "item"}
    part = {one["kind"] for one in _covered(run(harbour(), "--coverage", "--json"))["owners"]}
    assert part == {"department", "item"}


def test_our_own_rules_all_fire_and_are_seen_both_ways(run: Run) -> None:
    covered = _covered(run("--coverage", "--json"))
    missing = [
        (rule["rule"], test["test"])
        for owner in covered["owners"]
        for rule in owner["rules"]
        for test in rule["tests"]
        if not (test["true"] and test["false"])
    ]
    assert missing == []
    silent = {r["rule"] for o in covered["owners"] for r in o["rules"] if not r["fired"]}
    # No item of ours is a licence of two places; a golden department's is.
    assert silent <= {"common.joint_licence_limits"}


def test_min_coverage(run: Run, harbour: Harbour) -> None:
    path = harbour()
    assert run(path, "--min-coverage", "71").exit_code == 0
    result = run(path, "--min-coverage", "72")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "覆盖 coverage 71.43 % < 72 %; 未覆盖 not covered:",
        "  harbour.yaml:17: 510000/9-01.small: channel is one of online, kiosk: never false",
        "  harbour.yaml:17: 510000/9-01.small: unless applicant.kind is enterprise: never true",
    ]


def test_an_item_without_rules_lacks_nothing(run: Run) -> None:
    assert run("--item", "2-01", "--min-coverage", "100").exit_code == 0


def test_rows_between_those_that_are_cited(run: Run, harbour: Harbour) -> None:
    (rows,) = _covered(run(harbour(), "--coverage", "--json"))["articles"]
    assert rows == {
        "source": "harbour.plan",
        "name": "港口通办方案",
        "kind": "row",
        "cited": ["1/1", "1/3"],
        "missing": ["1/2"],
        "known_by": "citations",
    }


@pytest.mark.parametrize("option", ["plan.txt", "harbour.plan=plan.txt"])
def test_rows_and_sections_of_a_text(option: str, run: Run, harbour: Harbour) -> None:
    path = harbour()
    Path("plan.txt").write_text(TEXT, encoding="utf-8")
    rows, sections = _covered(run(path, "--coverage", "--source", option, "--json"))["articles"]
    assert (rows["missing"], rows["known_by"]) == (["1/2", "1/4"], "text")
    assert (sections["cited"], sections["missing"]) == ([], ["一(一)1", "一(一)2", "一(二)"])


def test_a_section_that_is_cited_covers_its_parts(run: Run, harbour: Harbour) -> None:
    path = harbour("harbour.plan, row: 1/3", "harbour.plan, section: 一(一)")
    Path("plan.txt").write_text(TEXT, encoding="utf-8")
    result = run(path, "--coverage", "--source", "plan.txt", "--json")
    sections = _covered(result)["articles"][1]
    assert (sections["cited"], sections["missing"]) == (["一(一)"], ["一(二)"])


def test_a_text_that_cannot_be_read(run: Run, harbour: Harbour) -> None:
    path = harbour()
    Path("plan.txt").write_bytes(b"\xff\xfe\x00")
    result = run(path, "--coverage", "--source", "plan.txt")
    assert result.exit_code == 2
    assert "plan.txt: cannot be read" in result.stderr


def test_every_row_of_our_annex_is_cited() -> None:
    kernel = Kernel()
    rows = article_coverage(kernel, kernel.items, {})[0]
    assert (rows.source, rows.kind, rows.missing) == ("plan", "row", ())
    lists = [sum(name.startswith(f"{n}/") for name in rows.cited) for n in (1, 2, 3)]
    assert lists == [58, 72, 8]


def test_ranges() -> None:
    assert ranges(["1/1", "1/2", "2/5", "2/6", "2/7", "二(三)9", "注1"]) == (
        "1/1, 1/2, 2/5–2/7, 二(三)9, 注1"
    )


def test_leaves_are_every_test_in_order() -> None:
    a, b, c = OneOf("a", (1,)), Between("b", 1), OneOf("c", ("x",), negated=True)
    condition = AllOf((a, AnyOf((b,)), Not(AllOf((c, a)))))
    assert [(leaf.number, leaf.test, leaf.exception) for leaf in leaves(condition)] == [
        (0, a, False), (1, b, False), (2, c, True), (3, a, True),
    ]  # fmt: skip
