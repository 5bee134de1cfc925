"""The few figures that say how a run went: the report and the terminal show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from tongban.kernel.model import TERMS, Text

ONE_SEED = Text(
    "两边各运行一次，用同一个种子；差别中有偶然成分，下结论前请换几个 --seed 再比。",
    "Each side is one run, from the same seed. Part of a difference is chance: compare from other"
    " seeds (--seed) before you conclude anything.",
)
"""What has to be known of a comparison."""


@frozen
class Figure:
    """One figure.

    Attributes:
        name: what it is.
        value: with its unit.
        note: what it is made of.
        tone: `good`, `bad` or "".
    """

    name: Text
    value: str
    note: Text
    tone: str = ""


def share(part: float, whole: float) -> str:
    """`93.8%`; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole else "–"


def _closed(summary: Mapping[str, Any]) -> int:
    return int(summary["days_to_close"]["all"]["cases"])


def figures(summary: Mapping[str, Any]) -> list[Figure]:
    """The figures of a run.

    Args:
        summary: of `summary_of`.
    """
    opened, over, closed = summary["opened"], summary["over"], _closed(summary)
    days, journeys = summary["days_to_close"]["all"], summary["journeys"]
    holds, late = summary["invariants"]["hold"], summary["late"]
    away, left = f"{summary['turned_away']:,}", f"{summary['left']:,}"
    granted, denied = f"{summary['granted']:,}", f"{summary['denied']:,}"
    in_person, needed = f"{journeys['in_person']:,}", f"{journeys['needed']:,}"
    checks = f"{sum(summary['invariants']['checked'].values()):,}"
    reports = f"{sum(one['count'] for one in late['limits']):,}"
    return [
        Figure(
            Text("收件", "opened"),
            f"{opened:,} 件",
            Text(f"另有 {away} 件未能收件", f"{away} more turned away"),
        ),
        Figure(
            Text("办结率", "closed"),
            share(closed, opened),
            Text(
                f"办结 {closed:,} 件：准予 {granted}，不予 {denied}",
                f"{closed:,} closed: {granted} granted, {denied} denied",
            ),
        ),
        Figure(
            Text("结束率", "ended in any way"),
            share(over, opened),
            Text(
                f"{over:,} 件，含退件、不予受理、撤回、终止；未结束 {left}",
                f"{over:,}, also returned, declined, withdrawn; {left} left",
            ),
        ),
        Figure(
            Text("办结时间中位数", "median days to close"),
            f"{days['median']:g} 天",
            Text(
                f"九成在 {days['p90']:g} 天内，最长 {days['most']:g} 天",
                f"nine in ten within {days['p90']:g}, longest {days['most']:g}",
            ),
        ),
        Figure(
            Text("省去跨省跑动", "journeys saved"),
            f"{journeys['saved']:,} 次",
            Text(
                f"原需 {in_person} 次，仍需 {needed} 次",
                f"{in_person} in person, {needed} still needed",
            ),
            "good",
        ),
        Figure(
            Text("逾期办件", "late cases"),
            share(late["cases"], opened),
            Text(
                f"{late['cases']:,} 件，逾期报告 {reports} 次",
                f"{late['cases']:,} cases, {reports} reports of delay",
            ),
        ),
        Figure(
            Text("在办最多", "most open at once"),
            f"{summary['most_open']:,} 件",
            Text(
                f"最后一件在第 {summary['last_day']:,} 天结束" if not summary["left"] else "",
                f"the last one ended on day {summary['last_day']:,}" if not summary["left"] else "",
            ),
        ),
        Figure(
            Text("不变量", "invariants"),
            "全部成立" if holds else "被违反",
            Text(f"检查 {checks} 次", f"{'all hold' if holds else 'violated'}, {checks} checks"),
            "good" if holds else "bad",
        ),
    ]


def in_short(summary: Mapping[str, Any]) -> Text:
    """The run in a few sentences."""
    opened, closed = summary["opened"], _closed(summary)
    days, journeys = summary["days_to_close"]["all"], summary["journeys"]
    late, limits = summary["late"]["cases"], summary["late"]["limits"]
    zh = (
        f"按本情景的假设，收件 {opened:,} 件，办结 {closed:,} 件（{share(closed, opened)}）；"
        f"办结的半数在 {days['median']:g} 天内、九成在 {days['p90']:g} 天内完成。"
        f"如到现场办理，需跨省跑动 {journeys['in_person']:,} 次；"
        f"通办后省去 {journeys['saved']:,} 次，就近到本省窗口或自助机 {journeys['nearby']:,} 次。"
    )
    en = (
        f"Under the assumptions of this scenario {opened:,} cases were opened and"
        f" {closed:,} closed ({share(closed, opened)}), half of them within"
        f" {days['median']:g} days, nine in ten within {days['p90']:g}. In person they would have"
        f" taken {journeys['in_person']:,} journeys to other provinces; {journeys['saved']:,} of"
        f" them were saved, with {journeys['nearby']:,} visits to a window or machine nearby. "
    )
    if not limits:
        return Text(zh + "没有办件逾期。", en + "No case was late.")
    first = limits[0]
    zh += f"逾期办件 {late:,} 件，最多的是“{first['name']}”逾期，原因：{first['cause']}。"
    en += (
        f"Late cases: {late:,}, most often in {first['english'] or first['step']}:"
        f" {first['cause_english'] or first['cause']}."
    )
    return Text(zh, en)


def ends(summary: Mapping[str, Any]) -> list[tuple[Text, int]]:
    """How cases ended: term and number; those that were closed by what was decided."""
    found = []
    for one in summary["states"]:
        if one["id"] == "closed":
            found.append((Text("已办结·准予", "closed, granted"), summary["granted"]))
            found.append((Text("已办结·不予", "closed, denied"), summary["denied"]))
        else:
            found.append((TERMS["state"][one["id"]], one["count"]))
    return [row for row in found if row[1]]


def change(one: Mapping[str, Any]) -> tuple[str, str]:
    """How provinces carry out the same catalogue otherwise: from when, and what."""
    where = "、".join(one["provinces"]) or "各省"
    limits = [f"{step} {days} 个工作日" for step, days in one["limits"].items()]
    if one["from"]:
        limits.append(f"自 {one['from']} 起开办")
    when = f"第 {one['day']} 天起 from day {one['day']}" if one["day"] else "一直 always"
    says = f"{where}：{'、'.join(one['what']) or '全部事项'}，{'，'.join(limits)}"
    return when, f"{says}（{one['because']}）" if one["because"] else says


def comparison(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Two runs side by side: what each came to, and by how much they differ."""

    def row(name: str, mine: float, theirs: float) -> dict[str, Any]:
        return {"name": name, "one": mine, "other": theirs, "change": round(theirs - mine, 1)}

    def days(name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
        return row(name, mine["median"], theirs["median"])

    times, others = one["days_to_close"], other["days_to_close"]
    rows = [
        row("收件 opened (件)", one["opened"], other["opened"]),
        row("办结 closed (件)", _closed(one), _closed(other)),
        row("准予 granted (件)", one["granted"], other["granted"]),
        row("结束 ended in any way (件)", one["over"], other["over"]),
        row("逾期办件 late cases (件)", one["late"]["cases"], other["late"]["cases"]),
        row(
            "省去跨省跑动 journeys saved (次)", one["journeys"]["saved"], other["journeys"]["saved"]
        ),
        row("在办最多 most open at once (件)", one["most_open"], other["most_open"]),
        days("办结时间中位数 median days to close (天)", times["all"], others["all"]),
        row("九成办结时间 nine in ten within (天)", times["all"]["p90"], others["all"]["p90"]),
    ]
    for group in ("modes", "departments"):
        rows += [
            days(f"中位数 median · {_called(mine)} (天)", mine, theirs)
            for mine, theirs in _pairs(times[group], others[group])
        ]
    return rows


def _called(row: Mapping[str, Any]) -> str:
    return Text(row["name"], row["english"]).both


def _pairs(
    rows: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    theirs = {row["id"]: row for row in others}
    return [(row, theirs[row["id"]]) for row in rows if row["id"] in theirs]
