"""What the terminal shows: tables with colour on a terminal, plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tongban.plugins.simulation.html import comparison
from tongban.plugins.simulation.invariants import INVARIANTS
from tongban.plugins.simulation.running import Result

__all__ = ["show_comparison", "show_failure", "show_summary"]

_MOST = 8
_WIDE = 200
_HISTORY = 60


def _console() -> Any:
    from rich.console import Console  # noqa: PLC0415 - only where something is shown

    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def _show(console: Any, table: Any) -> None:
    """On a terminal as it is; in a pipe without the blanks at the ends of lines."""
    if sys.stdout.isatty():
        console.print(table)
        return
    with console.capture() as shown:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in shown.get().splitlines()))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Any:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

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
    console.print(
        f"[bold]{scenario['title']} {scenario['name']}[/bold]  种子 seed {summary['seed']}"
        f"  {summary['cases']:,} 件 cases  {summary['days']} 天 days"
    )
    _show(console, _table("", ("", ""), _figures(summary)))
    times = summary["days_to_close"]
    heads = ("", "件 cases", "中位 median", "九成 p90", "最长 most")
    for group, title in (
        ("modes", "办结天数 days to close · 方式 mode"),
        ("departments", "部门 department"),
        ("provinces", "办理地 province"),
    ):
        rows = [
            (row["name"], row["cases"], row["median"], row["p90"], row["most"])
            for row in times[group][:_MOST]
        ]
        _show(console, _table(title, heads, rows))
    _show_late(console, summary)
    corridors = [(o["from_name"], o["to_name"], o["cases"]) for o in summary["corridors"][:_MOST]]
    _show(console, _table("省际通道 busiest corridors", ("从 from", "到 to", "件"), corridors))
    if summary["faults"]:
        faults = [(one["name"], one["id"], one["count"]) for one in summary["faults"]]
        _show(console, _table("故障 faults", ("", "", "次"), faults))


def _figures(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    checked = sum(summary["invariants"]["checked"].values())
    states = ", ".join(f"{one['name']} {one['count']:,}" for one in summary["states"])
    return [
        ("收件 opened", f"{summary['opened']:,}"),
        ("不符合 turned away", f"{summary['turned_away']:,}"),
        ("结束 over", f"{summary['over']:,}  ({states})"),
        ("未结束 left", f"{summary['left']:,}"),
        ("在办最多 most open", f"{summary['most_open']:,}"),
        ("逾期办件 late", f"{summary['late']['cases']:,}"),
        ("省去跨省往返 journeys saved", f"{summary['journeys_saved']:,}"),
        ("不变量 invariants", f"成立 hold, {checked:,} 次检查 checks"),
        ("事件 events", f"{summary['events']:,}  {summary['digest'][:16]}"),
    ]


def _show_late(console: Any, summary: Mapping[str, Any]) -> None:
    limits = summary["late"]["limits"]
    if limits:
        rows = [(one["name"], one["cause"], one["count"]) for one in limits[:_MOST]]
        _show(console, _table("逾期 overdue", ("时限 limit", "原因 cause", "次"), rows))


def show_comparison(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Two runs side by side.

    Args:
        one: a summary.
        other: the one that it is compared with.
    """
    rows = [(r["name"], r["one"], r["other"], r["change"]) for r in comparison(one, other)]
    heads = ("", one["scenario"]["name"], other["scenario"]["name"], "变化 change")
    _show(_console(), _table("比较 comparison", heads, rows))


def show_failure(result: Result, command: str) -> None:
    """An invariant that does not hold: what, where, the shortest history, and how to see it again.

    Args:
        result: of the smallest run.
        command: that replays it.
    """
    failed = result.failed
    assert failed is not None
    console = _console()
    console.print(f"[bold red]不变量被违反 violated[/bold red]  {INVARIANTS[failed.name]}")
    console.print(f"  办件 case {failed.case or '-'}: {failed.says}", markup=False)
    console.print(f"  种子 seed {result.options.seed}")
    lines = [one for one in result.history if one["case"] in (failed.case, "")]
    lines = lines if failed.case else result.history
    rows = [
        (
            str(one.get("at", "") or f"+{one.get('minute')} min")[:16],
            one["node"],
            str(one.get("seq", "")),
            one["kind"],
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
