"""What the terminal shows: tables with colour on a terminal, plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from tongban.kernel.model import Text
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.figures import ONE_SEED, comparison, ends, figures
from tongban.plugins.simulation.report.result import Result

_MOST = 8
_WIDE = 200
_HISTORY = 60


def _console() -> Console:
    # A scenario's title may hold brackets, which would be taken for markup.
    width = None if sys.stdout.isatty() else _WIDE
    return Console(width=width, highlight=False, markup=False)


def _show(console: Console, table: Table) -> None:
    """On a terminal as it is; in a pipe without the blanks at the ends of lines."""
    if sys.stdout.isatty():
        console.print(table)
        return
    with console.capture() as shown:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in shown.get().splitlines()))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(
        title=title or None,
        title_justify="left",
        box=box.SIMPLE,
        title_style="bold",
        show_header=any(heads),
    )
    for n, head in enumerate(heads):
        numbers = bool(rows) and all(isinstance(row[n], int | float) for row in rows)
        table.add_column(head, justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(f"{one:,}" if isinstance(one, int | float) else str(one) for one in row))
    return table


def show_summary(summary: Mapping[str, Any]) -> None:
    """What a run came to.

    Args:
        summary: of `summary_of`.
    """
    console = _console()
    scenario = summary["scenario"]
    console.print(f"{scenario['title']} {scenario['name']}", style="bold", end="")
    console.print(
        f"  种子 seed {summary['seed']}  {summary['cases']:,} 件 cases  {summary['days']} 天 days"
    )
    _show(console, _table("", ("", "", ""), _figures(summary)))
    ended = [(name.both, count) for name, count in ends(summary)]
    _show(console, _table("办件如何结束 how cases ended", ("", "件 cases"), ended))
    times = summary["days_to_close"]
    heads = ("", "件 cases", "中位数 median", "九成 nine in ten", "最长 most")
    for group, title in (
        ("modes", "办结时间 days to close · 方式 mode (天 days)"),
        ("departments", "部门 department"),
        ("provinces", "办理地 province"),
    ):
        rows = [
            (_called(row), row["cases"], row["median"], row["p90"], row["most"])
            for row in times[group][:_MOST]
        ]
        _show(console, _table(title, heads, rows))
    if summary["conduct"]:
        done = [(_called(one), one["count"]) for one in summary["conduct"]]
        title = "申请人和机关的行为 what applicants and authorities did"
        _show(console, _table(title, ("", "次 times"), done))
    _show_journeys(console, summary["journeys"])
    _show_late(console, summary)
    corridors = [
        (_called(one, "from_"), _called(one, "to_"), one["cases"])
        for one in summary["corridors"][:_MOST]
    ]
    ways = ("申请人所在 from", "办理机关所在 to", "件 cases")
    _show(console, _table("最繁忙的省际通道 busiest corridors", ways, corridors))
    if summary["faults"]:
        faults = [
            (_called(one), one["id"], one["count"], one.get("noticed", "–"))
            for one in summary["faults"]
        ]
        columns = ("", "--faults", "次 times", "察觉 noticed")
        _show(console, _table("发生的故障 faults", columns, faults))


def _called(row: Mapping[str, Any], of: str = "") -> str:
    return Text(row[f"{of}name"], row[f"{of}english"]).both


def _figures(summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = [(one.name.both, one.value, one.note.both) for one in figures(summary)]
    return [*rows, ("事件 events", f"{summary['events']:,} 次", summary["digest"][:16])]


def _show_journeys(console: Any, journeys: Mapping[str, Any]) -> None:
    heads = ("", "原需 in person", "仍需 still needed", "省去 saved", "就近 nearby")
    for group, title in (("modes", "方式 mode"), ("provinces", "申请人所在 applicant's province")):
        rows = [
            (_called(row), row["in_person"], row["needed"], row["saved"], row["nearby"])
            for row in journeys[group][:_MOST]
        ]
        _show(console, _table(f"省去跨省跑动 journeys saved · {title} (次)", heads, rows))


def _show_late(console: Any, summary: Mapping[str, Any]) -> None:
    limits = summary["late"]["limits"]
    if limits:
        rows = [
            (_called(one), Text(one["cause"], one["cause_english"]).both, one["count"])
            for one in limits[:_MOST]
        ]
        heads = ("时限 limit", "原因 cause", "次 times")
        _show(console, _table("逾期及原因 overdue, and why", heads, rows))


def show_comparison(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Two runs side by side.

    Args:
        one: a summary.
        other: the one that it is compared with.
    """
    rows = [(r["name"], r["one"], r["other"], r["change"]) for r in comparison(one, other)]
    heads = ("", one["scenario"]["name"], other["scenario"]["name"], "变化 change")
    console = _console()
    _show(console, _table("比较 comparison", heads, rows))
    for says in ONE_SEED.to_dict().values():
        console.print(says, soft_wrap=True)


def show_failure(result: Result, command: str) -> None:
    """An invariant that does not hold: what, where, the shortest history, and how to see it again.

    Args:
        result: of the smallest run.
        command: that replays it.
    """
    failed = result.failed
    assert failed is not None
    console = _console()
    console.print("不变量被违反 violated", style="bold red", end="")
    console.print(f"  {': '.join(INVARIANTS[failed.name].to_dict().values())}")
    console.print(f"  办件 case {failed.case or '-'}: {failed.says}", markup=False)
    console.print(f"  种子 seed {result.options.seed}")
    lines = [one for one in result.history if one["case"] in (failed.case, "")]
    lines = lines if failed.case else result.history
    rows = [
        (
            str(one.get("at", "") or f"+{one.get('minute')} min")[:16],
            one["node"],
            str(one.get("seq", "")),
            f"{one['kind']} ← 违反 breaks it" if one.get("breaks") else one["kind"],
            str(one.get("state", "")),
            str(one.get("actor", "")),
            one["says"][:60],
        )
        for one in lines
        if not one.get("mirrored")
    ]
    if len(rows) > _HISTORY:
        console.print(f"  … {len(rows) - _HISTORY} earlier lines are left out")
    heads = ("时间 at", "节点 node", "#", "事件 event", "状态 state", "谁 by", "")
    _show(console, _table("事件 history", heads, rows[-_HISTORY:]))
    console.print("重演 replay:")
    console.print(f"  {command}", markup=False, soft_wrap=True)
