"""How coverage reads, as tables and in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from tongban.plugins.console.tables import View, is_terminal, show, table
from tongban.plugins.kit.testing.citation_coverage import KINDS, Articles, ranges
from tongban.plugins.kit.testing.coverage import (
    Coverage,
    Owner,
    RuleSeen,
    percent,
    score_as_dict,
)

COLUMNS = (
    "部门 department",
    "事项 item",
    "规则 rules",
    "条件 conditions",
    "%",
    "未覆盖 not covered",
)
NARROW = (
    "部门 department\n  事项 item",
    "规则\nrules",
    "条件\nsides",
    "\n%",
    "未覆盖\nnot covered",
)
"""The same on a terminal, so that what is missing has room."""

SOURCES = ("来源 source", "条目 kind", "引用 cited", "未引用 not cited")
KIND_NAMES = dict(zip(KINDS, ("清单行 rows", "章节 sections", "条 articles"), strict=True))


def show_coverage(coverage: Coverage, articles: Sequence[Articles]) -> None:
    """Writes what the cases try, by department and item, and what is cited of the sources."""
    if is_terminal():
        table(NARROW, map(_narrow, _rows(coverage)))
    else:
        table(COLUMNS, _rows(coverage))
    fired, rules, seen, sides = coverage.score
    click.echo(
        f"覆盖 coverage {coverage.percent:.1f} %: 规则 rules {fired}/{rules},"
        f" 条件两面 sides of conditions {seen}/{sides}"
    )
    if articles:
        click.echo()
        table(SOURCES, map(_cited, articles))
        if any(one.known == "citations" for one in articles):
            click.echo(
                "全文不在手边时,只能看出清单中间的缺行 without a text: gaps only (--source FILE)"
            )


def show_branches(coverage: Coverage) -> None:
    """Writes each rule that was chosen, with each of its conditions and what it came to."""
    for owner in coverage.owners:
        if not owner.rules:
            continue
        view = View(f"{owner.id} {owner.name}", f"{owner.cases} 个事例 cases")
        for rule in owner.rules:
            view.add(rule.rule.id, _branches(rule), "" if not rule.missing else "yellow")
        show(view)


def coverage_as_dict(coverage: Coverage, articles: Sequence[Articles]) -> dict[str, Any]:
    """Coverage for JSON."""
    return {
        **score_as_dict(coverage.score),
        "owners": [owner.to_dict() for owner in coverage.owners],
        "articles": [one.to_dict() for one in articles],
    }


def missing_lines(coverage: Coverage) -> Iterator[str]:
    """What no case shows, a line for each: `postal.yaml:50: 1-51.closed: never fired`."""
    for rule, missing in coverage.missing:
        for one in missing:
            yield f"{rule.file}:{rule.line}: {rule.id}: {one}"


def _rows(coverage: Coverage) -> Iterator[tuple[str, ...]]:
    departments: dict[tuple[str, str], list[Owner]] = {}
    for owner in coverage.owners:
        departments.setdefault((owner.jurisdiction, owner.department), []).append(owner)
    for owners in departments.values():
        whole = Coverage(tuple(owners)).score
        first, *items = owners
        yield _row(f"{first.id} {first.name}", "", whole, first)
        # An item without rules of its own has nothing that could be missing.
        yield from (_row("", f"{one.id} {one.name}", one.score, one) for one in items if one.rules)


def _row(
    department: str, item: str, score: tuple[int, int, int, int], owner: Owner
) -> tuple[str, ...]:
    fired, rules, seen, sides = score
    missing = [f"{one.rule.id}: {says}" for one in owner.rules for says in one.missing]
    return (
        department,
        item,
        f"{fired}/{rules}",
        f"{seen}/{sides}",
        f"{percent(score):.1f}",
        "\n".join(missing),
    )


def _narrow(row: tuple[str, ...]) -> tuple[str, ...]:
    department, item, *rest = row
    number, _, name = item.partition(" ")
    return (department or f"  {number}\n  {name}", *rest)


def _branches(rule: RuleSeen) -> Iterator[str]:
    yield f"成立 fired in {_times(rule.fired)}" if rule.fired else "从未成立 never fired"
    for test in rule.tests:
        mark = "✓" if test.seen == 2 else "✗"
        yield f"  {mark} {test.text}: true in {_times(test.true)}, false in {_times(test.false)}"


def _times(count: int) -> str:
    return f"{count} case" if count == 1 else f"{count} cases"


def _cited(one: Articles) -> tuple[str, ...]:
    total = len(one.cited) + len(one.missing)
    sure = one.known == "text" or one.kind == "row"
    return (
        f"{one.source} {one.name}",
        KIND_NAMES[one.kind],
        f"{len(one.cited)}/{total}" if sure else f"{len(one.cited)}/?",
        ranges(one.missing),
    )
