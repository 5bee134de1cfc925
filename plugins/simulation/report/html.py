"""The report of a run as one page of HTML: no network, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tongban.kernel.model import Text, printing
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.figures import (
    ONE_SEED,
    change,
    comparison,
    ends,
    figures,
    in_short,
)
from tongban.plugins.simulation.report.plots import Bar, area, bars, heat, strip
from tongban.plugins.simulation.report.svg import BLUE, ORANGE, PALE
from tongban.plugins.simulation.scenario.scenario import Scenario

escape = printing.markup

_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:1000px;padding:24px 20px 60px;color:#1f2933;background:#fff;
font:15px/1.6 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',
'WenQuanYi Zen Hei',sans-serif}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:40px 0 8px;border-bottom:1px solid #d9dee4}
h3{font-size:15px;margin:18px 0 8px}
h2 .en,h3 .en{font-weight:400;font-size:.8em;margin-left:8px}
p{margin:4px 0 12px}
.en{color:#52606d}p .en,.tall .en{display:block;font-size:13px;line-height:1.45}
td .en{font-size:13px;margin-left:6px}.tall td .en{margin-left:0}
.short{font-size:16px}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:18px 0}
@media screen and (max-width:760px){.figures{grid-template-columns:1fr 1fr}}
.figures div{border:1px solid #d9dee4;border-radius:6px;padding:10px 14px}
.figures b{display:block;font-size:24px;line-height:1.35}
.figures small{display:block;color:#52606d;font-size:12px;line-height:1.45;margin-top:2px}
.figures .en{display:block;font-size:12px;line-height:1.3}
.good b{color:#1d6b3a}.bad b{color:#b3392f}
.warn{border-left:4px solid #d9822b;padding:6px 12px;background:#fdf5ea}
table{border-collapse:collapse;margin:8px 0;font-size:14px}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top}
th{color:#52606d;font-weight:500;border-bottom:1px solid #d9dee4}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:0 0 20px}
svg{display:block;width:100%;height:auto}
code{font-size:12px;overflow-wrap:anywhere}
@page{size:A4;margin:14mm}
@media print{body{max-width:none;padding:0;font-size:13px}h1,h2,h3{break-after:avoid}
figure,tr,.figures,.keep{break-inside:avoid}
.figures div{padding:8px 10px}.figures b{font-size:20px}}
"""

_MOST = 16
_ENDS = (BLUE, "#7fa8d4", ORANGE, "#8a4b12", "#7a5195", "#9aa5b1", "#3e4c59", "#e8c37b")
_DAYS = (
    (PALE, Text("九成办件在此时间内", "nine in ten within")),
    (BLUE, Text("中位数", "median")),
)
_JOURNEYS = (
    (ORANGE, Text("仍需", "still needed")),
    (BLUE, Text("省去", "saved")),
    (PALE, Text("就近（本省窗口、自助机）", "nearby, within the province")),
)


def page(summary: Mapping[str, Any], scenario: Scenario, other: Mapping[str, Any] | None) -> str:
    """The report.

    Args:
        summary: of `summary_of`.
        scenario: that it ran in, for its assumptions.
        other: summary of the run that it is compared with, if there is one.
    """
    title = f"跨省通办模拟报告 · {summary['scenario']['title']}"
    parts = [_head(summary, title), _figures(summary), _ends(summary)]
    if other is not None:
        parts.append(_compared(summary, other))
    parts += [
        _times(summary),
        _open(summary, scenario),
        _journeys(summary),
        _late(summary),
        _corridors(summary),
        _faults(summary, scenario),
        _invariants(summary),
        _assumptions(summary, scenario),
    ]
    return (
        f'<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{escape(title)}'
        f'</title><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"</head><body>{''.join(parts)}</body></html>\n"
    )


def _english(words: str) -> str:
    return f' <span class="en" lang="en">{escape(words)}</span>' if words else ""


def _heading(name: str, english: str, rank: int = 2) -> str:
    return f"<h{rank}>{escape(name)}{_english(english)}</h{rank}>"


def _says(name: str, english: str, kind: str = "note") -> str:
    return f'<p class="{kind}">{escape(name)}{_english(english)}</p>'


def _text(says: Text, kind: str) -> str:
    return _says(says.zh, says.en, kind)


def _keep(*parts: str) -> str:
    """On one page where it is printed: a heading alone at the foot of a page says nothing."""
    return f'<div class="keep">{"".join(parts)}</div>'


def _figure(name: str, english: str, shown: str) -> str:
    return f"<figure>{_heading(name, english, 3)}{shown}</figure>"


def _head(summary: Mapping[str, Any], title: str) -> str:
    scenario = summary["scenario"]
    run = (
        f"{summary['cases']:,} 件申请，{summary['days']} 天内提出，种子 {summary['seed']}。"
        f"{scenario['zh']}全部数据由模拟产生，参数均为假设，不是统计数据。",
        f"{summary['cases']:,} applications within {summary['days']} days, seed {summary['seed']};"
        f" scenario {scenario['name']}: {scenario['says']}"
        " Everything is simulated; every parameter is an assumption, nothing is a statistic.",
    )
    heading = f"<h1>{escape(title)}</h1>"
    return heading + _says(*run) + _text(in_short(summary), "short")


def _figures(summary: Mapping[str, Any]) -> str:
    boxes = (
        f'<div class="{one.tone or "plain"}">{_cell(one.name)}'
        f"<b>{escape(one.value)}</b><small>{escape(one.note.zh)}</small>"
        f'<small lang="en">{escape(one.note.en)}</small></div>'
        for one in figures(summary)
    )
    return f'<div class="figures">{"".join(boxes)}</div>'


def _ends(summary: Mapping[str, Any]) -> str:
    rows = ends(summary)
    shares = [(_ENDS[n % len(_ENDS)], name, count) for n, (name, count) in enumerate(rows)]
    picture = strip(shares, "办件如何结束 how cases ended")
    return _heading("办件如何结束", "How cases ended") + f"<figure>{picture}</figure>"


def _times(summary: Mapping[str, Any]) -> str:
    times = summary["days_to_close"]
    says = (
        "只计已办结的办件；日历天，从申请到办结，含送达。一件属于几种方式的，每种方式都计。",
        "Cases that were closed; calendar days from the application to the close, delivery"
        " included. A case that combines modes counts in each.",
    )
    where = "by province of the authority that decides"
    return (
        _keep(
            _heading("办结时间", "Days to close"),
            _says(*says),
            _figure("按办理方式", "by mode", _spread(times["modes"])),
        )
        + _figure("按办理地", where, _spread(times["provinces"], 40))
        + _figure("按部门", "by department", _spread(times["departments"]))
    )


def _spread(rows: Sequence[Mapping[str, Any]], most: int = _MOST) -> str:
    shown = [
        Bar(
            Text(row["name"], row["english"]),
            (row["p90"], row["median"]),
            f"{row['median']:.1f} / {row['p90']:.1f} 天 · {row['cases']:,} 件",
        )
        for row in rows[:most]
    ]
    return bars(shown, _DAYS, Text("天", "days"), "办结天数：中位数和九成 days to close")


def _open(summary: Mapping[str, Any], scenario: Scenario) -> str:
    changes = sorted({one.day for one in scenario.changes})
    marks = [(day, Text("规则变更", "rules change")) for day in changes]
    marks.append((summary["days"], Text("最后一批申请", "last applications")))
    picture = area(
        summary["open_on"],
        "每天在办件数 open cases by day",
        sorted(marks, key=lambda one: one[0]),
        Text("天", "day of the run"),
        Text("在办件数", "open cases"),
    )
    day = summary["open_on"].index(max(summary["open_on"]))
    peak, when = f"{summary['open_on'][day]:,}", scenario.start + timedelta(days=day)
    return _keep(
        _heading("在办件数", "Open cases over time"),
        _says(
            f"每天零时尚未结束的办件；最多 {peak} 件，在第 {day} 天（{when}）。",
            f"Cases that have not ended, at midnight; most, {peak}, on day {day} ({when}).",
        ),
        f"<figure>{picture}</figure>",
    )


def _journeys(summary: Mapping[str, Any]) -> str:
    journeys = summary["journeys"]
    each = journeys["each"]
    return _keep(
        _heading("省去的跨省跑动", "Journeys saved against going in person"),
        _says(
            f"只计已办结的办件。原需：如到现场办理，每涉及一个外省要跑 {each} 次；"
            "仍需：到外省窗口领取结果；省去：两者之差。没有区划代码的机关不计。"
            f"就近：到本省的窗口或自助机，共 {journeys['nearby']:,} 次，不算跨省跑动。",
            f"Closed cases only. In person each other province takes {each} journeys; still needed"
            " is fetching a result at a window in another province; saved is the difference."
            " Authorities without a division code are left out. Nearby are visits to a window or"
            f" machine within the applicant's own province, {journeys['nearby']:,} in all; they"
            " are not journeys between provinces.",
        ),
        _figure("按办理方式", "by mode", _saved(journeys["modes"])),
    ) + _figure("按申请人所在地", "by province of the applicant", _saved(journeys["provinces"], 40))


def _saved(rows: Sequence[Mapping[str, Any]], most: int = _MOST) -> str:
    shown = [
        Bar(
            Text(row["name"], row["english"]),
            (row["in_person"], row["saved"]),
            f"原需 {row['in_person']:,} · 仍需 {row['needed']:,} · 省去 {row['saved']:,} 次",
            row["nearby"],
        )
        for row in rows[:most]
    ]
    return bars(shown, _JOURNEYS, Text("次", "journeys"), "省去的跨省跑动 journeys saved")


def _late(summary: Mapping[str, Any]) -> str:
    heading = _heading("逾期及原因", "Overdue, and why")
    limits = summary["late"]["limits"]
    if not limits:
        return heading + _says("没有办件超过时限。", "No case was late.")
    rows = [
        Bar(
            Text(
                f"{one['name']} · {one['cause']}",
                f"{one['english']} · {one['cause_english']}".strip(" ·"),
            ),
            (one["count"],),
            f"{one['count']:,} 次",
        )
        for one in limits[:_MOST]
    ]
    meaning = ((BLUE, Text("逾期报告", "reports of delay")),)
    picture = bars(rows, meaning, Text("次", "times"), "逾期次数及原因 overdue, and why")
    return _keep(
        heading,
        _says(
            "每次逾期都向督办人报告；一件办件可有几次。原因取触及该办件的故障；"
            "没有故障的，为积压或答复迟。",
            "Each delay was reported to a supervisor; a case may have several. The cause is a fault"
            " that touched the case; without one it is backlog or a late answer.",
        ),
        f"<figure>{picture}</figure>",
    )


def _corridors(summary: Mapping[str, Any]) -> str:
    heading = _heading("最繁忙的省际通道", "Busiest corridors between provinces")
    some = summary["corridors"]
    if not some:
        return heading + _says("没有跨省办件。", "No case crossed a border.")
    names = {
        one[side]: Text(one[f"{side}_name"], one[f"{side}_english"])
        for one in some
        for side in ("from", "to")
    }
    codes = sorted(names)
    place = {code: n for n, code in enumerate(codes)}
    picture = heat(
        [names[code] for code in codes],
        {(place[one["from"]], place[one["to"]]): one["cases"] for one in some},
        Text("申请人所在", "where the applicant is"),
        Text("办理机关所在", "where the authority is"),
        "省际办件通道 corridors between provinces",
    )
    rows = [(names[one["from"]], names[one["to"]], one["cases"]) for one in some[:12]]
    heads = ("申请人所在 from", "办理机关所在 to", "件 cases")
    return _keep(
        heading,
        _says(
            "收件时即计入，从申请人所在省到每个参与办理的外省。",
            "Counted as a case is opened: from the applicant's province to each other that acts.",
        ),
        f"<figure>{picture}</figure>",
    ) + _figure("最多的十二条", "the twelve busiest", _table(heads, rows))


def _faults(summary: Mapping[str, Any], scenario: Scenario) -> str:
    heading = _heading("发生的故障", "Faults that happened")
    if not summary["faults"]:
        return heading + _says("没有故障。", "None.")
    rows = [
        (
            Text(one["name"], one["english"]),
            one["count"],
            one.get("noticed", "–"),
            _rate(scenario, one["id"]),
        )
        for one in summary["faults"]
    ]
    heads = ("故障 fault", "次 times", "察觉 noticed", "假设 assumed")
    says = (
        "假设的比率：每条消息、每封信、每次提交、每人每天、每省每天。",
        "Assumed rates: of messages, letters, transactions, officers' days, provinces' days.",
    )
    return heading + _says(*says) + _table(heads, rows)


def _rate(scenario: Scenario, kind: str) -> str:
    rate = getattr(scenario.faults, kind, None)
    return f"{100 * rate:g}%" if isinstance(rate, float) else "–"


def _invariants(summary: Mapping[str, Any]) -> str:
    checked = summary["invariants"]["checked"]
    rows = [(says, checked[name]) for name, says in INVARIANTS.items()]
    return (
        _heading("不变量", "Invariants: what must hold, whatever goes wrong")
        + _says("每次事件后检查。", "Checked after every event.")
        + _table(("不变量 invariant", "检查次数 checks"), rows)
    )


def _assumptions(summary: Mapping[str, Any], scenario: Scenario) -> str:
    rows = [
        (Text(one.zh, f"{one.what}: {one.because}"), one.source or "–")
        for one in scenario.assumptions
    ]
    parts = [
        _heading("假设", "Assumptions"),
        _table(("假设 assumption", "来源 source"), rows, "tall"),
    ]
    changes = [change(one) for one in summary["scenario"]["changes"]]
    if changes:
        parts.append(_heading("各省规则的差异和变更", "how provinces' rules differ and change", 3))
        parts.append(_table(("何时 when", "何地、何事、何时限 where, what, which limit"), changes))
    parts.append(
        _says(
            "同一种子、情景和规则，得到同样的事件。全部事件的哈希：",
            "The same seed, scenario and rules give the same events. Hash of all events:",
        )
    )
    return f"{''.join(parts)}<p><code>{summary['digest']}</code></p>"


def _compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    rows = [
        (row["name"], row["one"], row["other"], row["change"]) for row in comparison(one, other)
    ]
    titles = (_called(one["scenario"]), _called(other["scenario"]))
    return (
        _heading("比较", "Comparison")
        + _text(ONE_SEED, "warn")
        + _table(("", *titles, "变化 change"), rows)
    )


def _called(scenario: Mapping[str, Any]) -> str:
    title, name = scenario["title"], scenario["name"]
    return title if title == name else f"{title} {name}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], kind: str = "plain") -> str:
    number = [all(isinstance(row[n], int | float) for row in rows) for n in range(len(heads))]
    kinds = [' class="n"' if one else "" for one in number]
    head = "".join(f"<th{kinds[n]}>{escape(one)}</th>" for n, one in enumerate(heads))
    body = "".join(
        f"<tr>{''.join(f'<td{kinds[n]}>{_cell(one)}</td>' for n, one in enumerate(row))}</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(value: Any) -> str:
    if isinstance(value, Text):
        return f"{escape(value.zh)}{_english(value.en)}"
    return f"{value:,}" if isinstance(value, int | float) else escape(str(value))
