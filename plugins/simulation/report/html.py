"""The report of a run as one page of HTML: no network, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tongban.kernel.model import Text
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.figures import (
    ONE_SEED,
    change,
    comparison,
    ends,
    figures,
    in_short,
)
from tongban.plugins.simulation.report.markup import (
    STYLE,
    cell,
    escape,
    figure,
    heading,
    keep,
    says,
    table,
    text,
)
from tongban.plugins.simulation.report.plots import Bar, area, bars, heat, strip
from tongban.plugins.simulation.report.svg import BLUE, ORANGE, PALE
from tongban.plugins.simulation.scenario.scenario import Scenario

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
        _conduct(summary),
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
        f'</title><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"</head><body>{''.join(parts)}</body></html>\n"
    )


def _head(summary: Mapping[str, Any], title: str) -> str:
    scenario = summary["scenario"]
    run = (
        f"{summary['cases']:,} 件申请，{summary['days']} 天内提出，种子 {summary['seed']}。"
        f"{scenario['zh']}全部数据由模拟产生，参数均为假设，不是统计数据。",
        f"{summary['cases']:,} applications within {summary['days']} days, seed {summary['seed']};"
        f" scenario {scenario['name']}: {scenario['says']}"
        " Everything is simulated; every parameter is an assumption, nothing is a statistic.",
    )
    top = f"<h1>{escape(title)}</h1>"
    return top + says(*run) + text(in_short(summary), "short")


def _figures(summary: Mapping[str, Any]) -> str:
    boxes = (
        f'<div class="{one.tone or "plain"}">{cell(one.name)}'
        f"<b>{escape(one.value)}</b><small>{escape(one.note.zh)}</small>"
        f'<small lang="en">{escape(one.note.en)}</small></div>'
        for one in figures(summary)
    )
    return f'<div class="figures">{"".join(boxes)}</div>'


def _ends(summary: Mapping[str, Any]) -> str:
    rows = ends(summary)
    shares = [(_ENDS[n % len(_ENDS)], name, count) for n, (name, count) in enumerate(rows)]
    picture = strip(shares, "办件如何结束 how cases ended")
    return heading("办件如何结束", "How cases ended") + f"<figure>{picture}</figure>"


def _conduct(summary: Mapping[str, Any]) -> str:
    top = heading("申请人和机关的行为", "What applicants and authorities did")
    words = (
        "通常办理以外的行为，每次都计。",
        "What was done beside the usual way; counted each time.",
    )
    rows = [(Text(one["name"], one["english"]), one["count"]) for one in summary["conduct"]]
    shown = table(("", "次 times"), rows) if rows else says("没有。", "Nothing.")
    return keep(top, says(*words), shown)


def _times(summary: Mapping[str, Any]) -> str:
    times = summary["days_to_close"]
    words = (
        "只计已办结的办件；日历天，从申请到办结，含送达。一件属于几种方式的，每种方式都计。",
        "Cases that were closed; calendar days from the application to the close, delivery"
        " included. A case that combines modes counts in each.",
    )
    where = "by province of the authority that decides"
    return (
        keep(
            heading("办结时间", "Days to close"),
            says(*words),
            figure("按办理方式", "by mode", _spread(times["modes"])),
        )
        + figure("按办理地", where, _spread(times["provinces"], 40))
        + figure("按部门", "by department", _spread(times["departments"]))
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
    return keep(
        heading("在办件数", "Open cases over time"),
        says(
            f"每天零时尚未结束的办件；最多 {peak} 件，在第 {day} 天（{when}）。",
            f"Cases that have not ended, at midnight; most, {peak}, on day {day} ({when}).",
        ),
        f"<figure>{picture}</figure>",
    )


def _journeys(summary: Mapping[str, Any]) -> str:
    journeys = summary["journeys"]
    each = journeys["each"]
    return keep(
        heading("省去的跨省跑动", "Journeys saved against going in person"),
        says(
            f"只计已办结的办件。原需：如到现场办理，每涉及一个外省要跑 {each} 次；"
            "仍需：到外省窗口领取结果；省去：两者之差。没有区划代码的机关不计。"
            f"就近：到本省的窗口或自助机，共 {journeys['nearby']:,} 次，不算跨省跑动。",
            f"Closed cases only. In person each other province takes {each} journeys; still needed"
            " is fetching a result at a window in another province; saved is the difference."
            " Authorities without a division code are left out. Nearby are visits to a window or"
            f" machine within the applicant's own province, {journeys['nearby']:,} in all; they"
            " are not journeys between provinces.",
        ),
        figure("按办理方式", "by mode", _saved(journeys["modes"])),
    ) + figure("按申请人所在地", "by province of the applicant", _saved(journeys["provinces"], 40))


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
    top = heading("逾期及原因", "Overdue, and why")
    limits = summary["late"]["limits"]
    if not limits:
        return top + says("没有办件超过时限。", "No case was late.")
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
    return keep(
        top,
        says(
            "每次逾期都向督办人报告；一件办件可有几次。原因取触及该办件的故障；"
            "没有故障的，为积压或答复迟。",
            "Each delay was reported to a supervisor; a case may have several. The cause is a fault"
            " that touched the case; without one it is backlog or a late answer.",
        ),
        f"<figure>{picture}</figure>",
    )


def _corridors(summary: Mapping[str, Any]) -> str:
    top = heading("最繁忙的省际通道", "Busiest corridors between provinces")
    some = summary["corridors"]
    if not some:
        return top + says("没有跨省办件。", "No case crossed a border.")
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
    return keep(
        top,
        says(
            "收件时即计入，从申请人所在省到每个参与办理的外省。",
            "Counted as a case is opened: from the applicant's province to each other that acts.",
        ),
        f"<figure>{picture}</figure>",
    ) + figure("最多的十二条", "the twelve busiest", table(heads, rows))


def _faults(summary: Mapping[str, Any], scenario: Scenario) -> str:
    top = heading("发生的故障", "Faults that happened")
    if not summary["faults"]:
        return top + says("没有故障。", "None.")
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
    words = (
        "假设的比率：每条消息、每封信、每次提交、每人每天、每省每天。",
        "Assumed rates: of messages, letters, transactions, officers' days, provinces' days.",
    )
    return top + says(*words) + table(heads, rows)


def _rate(scenario: Scenario, kind: str) -> str:
    rate = getattr(scenario.faults, kind, None)
    return f"{100 * rate:g}%" if isinstance(rate, float) else "–"


def _invariants(summary: Mapping[str, Any]) -> str:
    checked = summary["invariants"]["checked"]
    rows = [(says, checked[name]) for name, says in INVARIANTS.items()]
    return (
        heading("不变量", "Invariants: what must hold, whatever goes wrong")
        + says("每次事件后检查。", "Checked after every event.")
        + table(("不变量 invariant", "检查次数 checks"), rows)
    )


def _assumptions(summary: Mapping[str, Any], scenario: Scenario) -> str:
    rows = [
        (Text(one.zh, f"{one.what}: {one.because}"), one.source or "–")
        for one in scenario.assumptions
    ]
    parts = [
        heading("假设", "Assumptions"),
        table(("假设 assumption", "来源 source"), rows, "tall"),
    ]
    changes = [change(one) for one in summary["scenario"]["changes"]]
    if changes:
        parts.append(heading("各省规则的差异和变更", "how provinces' rules differ and change", 3))
        parts.append(table(("何时 when", "何地、何事、何时限 where, what, which limit"), changes))
    parts.append(
        says(
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
        heading("比较", "Comparison")
        + text(ONE_SEED, "warn")
        + table(("", *titles, "变化 change"), rows)
    )


def _called(scenario: Mapping[str, Any]) -> str:
    title, name = scenario["title"], scenario["name"]
    return title if title == name else f"{title} {name}"
