"""The report of a run as one page of HTML: no network, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tongban.plugins.simulation.invariants import INVARIANTS
from tongban.plugins.simulation.scenario import Scenario
from tongban.plugins.simulation.svg import area, bars, heat

__all__ = ["page"]

_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:1080px;padding:24px 20px 60px;color:#1f2933;background:#fff;
font:15px/1.6 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 8px;border-bottom:1px solid #d9dee4}
p.note{color:#616e7c;margin:4px 0 12px}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}
.figures div{flex:1 1 150px;border:1px solid #d9dee4;border-radius:6px;padding:10px 14px}
.figures b{display:block;font-size:24px;line-height:1.3}.figures span{color:#616e7c;font-size:13px}
.good b{color:#1d6b3a}.bad b{color:#b3392f}
table{border-collapse:collapse;margin:8px 0;font-size:14px}
th,td{padding:3px 12px 3px 0;text-align:left;vertical-align:top}
th{color:#616e7c;font-weight:500;border-bottom:1px solid #d9dee4}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:8px 32px}
svg{width:100%;height:auto}code{font-size:13px}
@media print{body{max-width:none}h2{break-after:avoid}svg,table{break-inside:avoid}}
"""

_MOST = 16


def page(summary: Mapping[str, Any], scenario: Scenario, other: Mapping[str, Any] | None) -> str:
    """The report.

    Args:
        summary: of `summary_of`.
        scenario: that it ran in, for its assumptions.
        other: summary of the run that it is compared with, if there is one.
    """
    title = f"跨省通办模拟报告 · {summary['scenario']['title']}"
    parts = [_head(summary, title), _figures(summary)]
    if other is not None:
        parts.append(_compared(summary, other))
    parts += [
        _times(summary),
        _open(summary, scenario),
        _late(summary),
        _corridors(summary),
        _ends(summary),
        _invariants(summary),
        _assumptions(summary, scenario),
    ]
    return (
        f'<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{escape(title)}'
        f'</title><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"</head><body>{''.join(parts)}</body></html>\n"
    )


def _head(summary: Mapping[str, Any], title: str) -> str:
    says = (
        f"{summary['cases']:,} 件申请,{summary['days']} 天,种子 {summary['seed']}。"
        "全部数据由模拟产生,参数均为假设,不是统计数据。"
        " (simulated; every parameter is an assumption)"
    )
    return f'<h1>{escape(title)}</h1><p class="note">{escape(says)}</p>'


def _figures(summary: Mapping[str, Any]) -> str:
    holds = summary["invariants"]["hold"]
    modes = summary["days_to_close"]["modes"]
    cases = sum(row["cases"] for row in modes) or 1
    median = sum(row["median"] * row["cases"] for row in modes) / cases
    figures = (
        ("收件", f"{summary['opened']:,}", ""),
        ("办结率", _share(summary["over"], summary["opened"]), ""),
        ("办结时间(各方式中位数的平均)", f"{median:.1f} 天", ""),
        ("省去的跨省往返", f"{summary['journeys_saved']:,} 次", "good"),
        ("发生逾期的办件", _share(summary["late"]["cases"], summary["opened"]), ""),
        ("不变量", "全部成立" if holds else "被违反", "good" if holds else "bad"),
    )
    boxes = (
        f'<div class="{kind}"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value, kind in figures
    )
    return f'<div class="figures">{"".join(boxes)}</div>'


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def _times(summary: Mapping[str, Any]) -> str:
    times = summary["days_to_close"]
    return (
        '<h2>办结时间 Days to close</h2><p class="note">深色为中位数,浅色为九成办件的时间;'
        "日历天,从申请到结束。</p>"
        f"<h3>按办理方式</h3>{_bars(times['modes'])}"
        f"<h3>按办理地</h3>{_bars(times['provinces'], 32)}"
        f"<h3>按部门</h3>{_bars(times['departments'])}"
    )


def _bars(rows: Sequence[Mapping[str, Any]], most: int = _MOST) -> str:
    shown = [
        (
            row["name"],
            row["median"],
            row["p90"],
            f"{row['median']:g} / {row['p90']:g} 天,{row['cases']} 件",
        )
        for row in rows[:most]
    ]
    return bars(shown, "办结天数,中位数和九成")


def _open(summary: Mapping[str, Any], scenario: Scenario) -> str:
    marks = {one.day: "规则变更" for one in scenario.changes}
    picture = area(summary["open_on"], summary["days"], "每天在办件数", marks)
    return f"<h2>在办件数 Open cases</h2>{picture}"


def _late(summary: Mapping[str, Any]) -> str:
    limits = summary["late"]["limits"]
    if not limits:
        return '<h2>逾期 Overdue</h2><p class="note">没有办件超过时限。</p>'
    rows = [(f"{one['name']}·{one['cause']}", one["count"], 0, str(one["count"])) for one in limits]
    return (
        '<h2>逾期及原因 Overdue, and why</h2><p class="note">每一次逾期都报告了督办人;'
        "原因取触及该办件的第一种故障,没有故障的为积压或答复迟。</p>"
        + bars(rows[:_MOST], "逾期次数及原因", "次")
    )


def _corridors(summary: Mapping[str, Any]) -> str:
    some = summary["corridors"]
    totals: dict[str, int] = {}
    names: dict[str, str] = {}
    for one in some:
        for side in ("from", "to"):
            totals[one[side]] = totals.get(one[side], 0) + one["cases"]
            names[one[side]] = one[f"{side}_name"]
    codes = sorted(totals)
    place = {code: n for n, code in enumerate(codes)}
    cells = {(place[one["from"]], place[one["to"]]): one["cases"] for one in some}
    table = _table(
        ("申请人所在", "办理机关所在", "件"),
        [(one["from_name"], one["to_name"], one["cases"]) for one in some[:12]],
    )
    picture = heat([names[code] for code in codes], cells, "省际办件通道")
    return (
        "<h2>最繁忙的省际通道 Busiest corridors</h2>"
        '<p class="note">行:申请人所在;列:办理机关所在;颜色越深件数越多,最深'
        f" {max(cells.values(), default=0):,} 件。</p>"
        f"{picture}{table}"
    )


def _ends(summary: Mapping[str, Any]) -> str:
    states = _table(("结果", "件"), [(one["name"], one["count"]) for one in summary["states"]])
    faults = _table(("故障", "次"), [(one["name"], one["count"]) for one in summary["faults"]])
    return (
        '<div class="two"><div><h2>办件结果 How cases end</h2>'
        f"{states}</div><div><h2>发生的故障 Faults</h2>{faults}</div></div>"
    )


def _invariants(summary: Mapping[str, Any]) -> str:
    checked = summary["invariants"]["checked"]
    rows = [(says, f"{checked[name]:,}") for name, says in INVARIANTS.items()]
    return f"<h2>不变量 Invariants</h2>{_table(('每次事件后检查', '检查次数'), rows)}"


def _assumptions(summary: Mapping[str, Any], scenario: Scenario) -> str:
    rows = [(one.what, one.because, one.source) for one in scenario.assumptions]
    return (
        f"<h2>假设 Assumptions</h2>{_table(('what', 'because', 'source'), rows)}"
        f'<p class="note">事件哈希 <code>{summary["digest"]}</code>:同一种子,同一事件。</p>'
    )


def _compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    rows = [
        (row["name"], row["one"], row["other"], row["change"]) for row in comparison(one, other)
    ]
    heads = ("", one["scenario"]["title"], other["scenario"]["title"], "变化")
    return f"<h2>比较 Comparison</h2>{_table(heads, rows)}"


def comparison(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Two runs side by side: what each came to, and by how much they differ."""

    def row(name: str, mine: float, theirs: float) -> dict[str, Any]:
        return {"name": name, "one": mine, "other": theirs, "change": round(theirs - mine, 1)}

    rows = [
        row("收件 opened", one["opened"], other["opened"]),
        row("结束 over", one["over"], other["over"]),
        row("准予 granted", one["granted"], other["granted"]),
        row("逾期办件 late cases", one["late"]["cases"], other["late"]["cases"]),
        row("省去往返 journeys saved", one["journeys_saved"], other["journeys_saved"]),
        row("在办最多 most open", one["most_open"], other["most_open"]),
    ]
    for group, title in (("modes", "方式"), ("departments", "部门")):
        theirs = {spread["id"]: spread for spread in other["days_to_close"][group]}
        for spread in one["days_to_close"][group]:
            if spread["id"] in theirs:
                name = f"{title} {spread['name']} 中位天数"
                rows.append(row(name, spread["median"], theirs[spread["id"]]["median"]))
    return rows


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    number = [all(isinstance(row[n], int | float) for row in rows) for n in range(len(heads))]
    head = "".join(
        f'<th class="{"n" if number[n] else ""}">{escape(one)}</th>' for n, one in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{"n" if number[n] else ""}">{escape(_shown(one))}</td>'
            for n, one in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
