"""The same rows for the terminal, for CSV and for the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tongban.kernel import MODES, Kernel, protocol
from tongban.kernel.model import printing
from tongban.plugins.casework.reporting.figures import DIMENSIONS, Figures, Tally
from tongban.plugins.casework.reporting.yearly import Progress

_REMEDIES = (
    "复议诉讼 remedies", "逾期提起 late remedies", "未结 pending", "结果 outcomes",
    "更正 corrections",
)  # fmt: skip
COLUMNS = (
    "分类 by", "代码 key", "名称 name", "办件 cases", "在办 open", "准予 granted", "不予 denied",
    "未受理 refused", "终结 ended", "依规则不予办理 ineligible", "坚持申请 insisted",
    "偏离规则 departures", "按时 on time", "超期 late", "逾期 overdue", "按时率 punctuality",
    "评价 rated", "满意率 satisfaction", "待整改 follow-ups", *_REMEDIES,
)  # fmt: skip
YEARLY_COLUMNS = (
    "责任部门 department", "事项 item", "名称 name", "实现日期 opens", "进展 progress",
    "办件 cases", "准予 granted", "不予 denied", "在办 open", "方式 modes", "涉及省份 provinces",
    "按时 on time", "超期 late", "逾期 overdue", "评价 rated", "满意率 satisfaction",
    "依规则不予办理 ineligible", "坚持申请 insisted", "偏离规则 departures", *_REMEDIES,
)  # fmt: skip


NARROW = (
    "名称 name", "办件 cases", "在办 open", "准予/不予 granted/denied",
    "按时/超期/逾期 on time/late/overdue", "满意率 satisfaction",
)  # fmt: skip
NARROW_YEARLY = (
    "事项", "名称 name", "责任部门 department", "实现日期 opens", "办件 cases",
    "准予/不予", "满意率 satisfaction",
)  # fmt: skip
"""What there is room for on a terminal; CSV and the page have everything."""


def narrow_row(one: Tally) -> tuple[str, ...]:
    """A row of `NARROW`."""
    limits = f"{one.on_time}/{one.late}/{one.overdue}"
    if one.punctuality is not None:
        limits += f" ({percent(one.punctuality)})"
    name = f"{one.name}\n{one.key}" if one.key and not one.key.isdigit() else one.name
    decided = f"{one.granted}/{one.denied}"
    return name, str(one.cases), str(one.open), decided, limits, _rated(one)


def _rated(one: Tally) -> str:
    return f"{percent(one.satisfaction)} ({one.rated})" if one.rated else "—"


def narrow_yearly(one: Progress) -> tuple[str, ...]:
    """A row of `NARROW_YEARLY`."""
    opens = one.opens.isoformat() if one.opens else "未定 none"
    decided = f"{one.tally.granted}/{one.tally.denied}"
    which = (one.item.id, one.item.name, one.department, opens)
    return *which, str(one.tally.cases), decided, _rated(one.tally)


def percent(rate: float | None) -> str:
    """`97.5%`; a dash where there is nothing to divide by."""
    return "—" if rate is None else f"{rate:.1%}"


def rows_of(figures: Figures) -> list[tuple[str, ...]]:
    """A row for each tally, the total first."""
    rows = [_row("合计 total", figures.total)]
    for dimension, tallies in figures.by.items():
        rows += [_row(f"{DIMENSIONS[dimension]} {dimension}", one) for one in tallies]
    return rows


def _row(by: str, one: Tally) -> tuple[str, ...]:
    numbers = (
        one.cases, one.open, one.granted, one.denied, one.refused, one.ended,
        one.ineligible, one.insisted, one.departures,
        one.on_time, one.late, one.overdue,
    )  # fmt: skip
    rest = (percent(one.punctuality), str(one.rated), percent(one.satisfaction))
    name = "" if by.startswith("合计") else one.name
    more = (str(one.follow_ups), *_remedies(one))
    return (by, one.key, name, *map(str, numbers), *rest, *more)


def _remedies(one: Tally) -> tuple[str, ...]:
    lodged = (one.remedies, one.remedies_late, one.remedies_pending)
    return (*map(str, lodged), outcomes(one), str(one.corrections))


def outcomes(one: Tally) -> str:
    """How remedies ended: `维持 2、变更 1`; empty where none has."""
    words = protocol.REMEDY_OUTCOMES.items()
    return "、".join(f"{word} {one.outcomes[code]}" for code, word in words if one.outcomes[code])


def yearly_rows(kernel: Kernel, found: Iterable[Progress]) -> list[tuple[str, ...]]:
    """A row for each item of the third list."""
    return [
        (
            one.department,
            one.item.id,
            one.item.name,
            one.opens.isoformat() if one.opens else "未定 none",
            "已实现 realised" if one.realised else "未到实现日期 not yet",
            str(one.tally.cases),
            str(one.tally.granted),
            str(one.tally.denied),
            str(one.tally.open),
            "、".join(f"{MODES[mode]} {n}" for mode, n in one.modes.most_common()),
            "、".join(f"{_province(kernel, code)} {n}" for code, n in one.provinces.most_common()),
            str(one.tally.on_time),
            str(one.tally.late),
            str(one.tally.overdue),
            str(one.tally.rated),
            percent(one.tally.satisfaction),
            str(one.tally.ineligible),
            str(one.tally.insisted),
            str(one.tally.departures),
            *_remedies(one.tally),
        )
        for one in found
    ]


def _province(kernel: Kernel, code: str) -> str:
    return kernel.base.divisions.full_name(code) if code in kernel.base.divisions else code


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV; what a spreadsheet would take for a formula is quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([printing.cell(cell) for cell in row] for row in rows)
    return out.getvalue()
