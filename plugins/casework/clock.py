"""What the cases of a store say of its clock, and whether the year's holidays are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.naming import moment
from tongban.plugins.casework.session import Session

Finding: TypeAlias = tuple[str, Literal["ok", "note", "broken"], str, str]
"""Name, state, what is so, what to do: `tongban doctor` shows it."""

_HELP = "check the clock; where it is right: `tongban case check-clock CASE --reason WHY`"
_MOST = 3


def clock_findings(session: Session) -> Iterator[Finding]:
    """What is to be said of clock and calendar; something always is.

    Args:
        session: with the store opened for reading.
    """
    name, days = "时钟 clock", protocol.LEAP.days
    rows, now = session.store.cases(), session.now
    later = [row for row in rows if row.updated_at > now + protocol.TOLERANCE]
    if later:
        last = max(row.updated_at for row in later)
        says = (
            f"{len(later)} 件办件的记录晚于现在 cases have events after now, up to {moment(last)}: "
        )
        yield name, "broken", says + _ids(later), _HELP
    idle = [
        row
        for row in rows
        if row.state not in protocol.OVER and now > row.updated_at + protocol.LEAP
    ]
    if idle:
        says = f"{len(idle)} 件在办超过 {days} 天无记录 open cases had no event for {days} days: "
        yield name, "note", f"{says}{_ids(idle)}; 期限暂不自动届满 no limit ends them", _HELP
    if not later and not idle:
        yield name, "ok", f"{moment(now)} (UTC+8)", ""
    jumps = getattr(session.store, "clock_jumps", lambda most: ())(_MOST)
    for case, seq, before, at in jumps:
        word = "回拨 went back" if at < before else "前跳 leapt"
        says = f"{word}: {case} #{seq} {moment(at)}, 前一事件 after {moment(before)}"
        yield name, "note", says, "the moments of these events are not to be relied on"
    yield _calendar(session)


def _ids(rows: Sequence[store.CaseRow]) -> str:
    more = "…" if len(rows) > _MOST else ""
    return ", ".join(row.id for row in rows[:_MOST]) + more


def _calendar(session: Session) -> Finding:
    name, known = "工作日历 calendar", session.service.calendar(None).published
    if known is None:
        says = "未知 no holidays are known: every last day is provisional"
        return name, "note", says, "pip install 'tongban[cases]'"
    says = f"公布至 published until {known[1]}"
    if known[1] < protocol.day_of(session.now):
        help = "every last day is provisional: pip install --upgrade chinesecalendar"
        return name, "broken", says, help
    return name, "ok", says, ""
