"""The report as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tongban.kernel import Kernel, protocol
from tongban.kernel.model import printing
from tongban.plugins.casework.reporting.figures import DIMENSIONS, Figures, Tally
from tongban.plugins.casework.reporting.plots import bars
from tongban.plugins.casework.reporting.tables import (
    COLUMNS,
    YEARLY_COLUMNS,
    outcomes,
    percent,
    rows_of,
    yearly_rows,
)
from tongban.plugins.casework.reporting.yearly import NOTE, Progress

escape = printing.markup

_MOST = 20
"""At most this many bars of a dimension; the table has them all."""

_OUTCOMES = (("在办 open", "#4b8bbe"), ("准予 granted", "#3c9d5a"), ("不予 denied", "#b6452c"),
             ("其他 other", "#9a9a9a"))  # fmt: skip
_PUNCTUAL = (("按时 on time", "#3c9d5a"), ("超期办结 late", "#d9a21b"), ("逾期 overdue", "#b6452c"))
_GRADE_COLOURS = ("#2f7d47", "#6bb37f", "#c9c46a", "#dd8a3e", "#b6452c")

_HEAD = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", SimSun, sans-serif;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }}
h1 {{ font-size: 1.6rem; margin-bottom: 0; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
p.note {{ color: #56616d; margin-top: .2rem; }}
dl {{ display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; padding: 0; }}
dl div {{ border: 1px solid #d8dee4; border-radius: .4rem; padding: .5rem 1rem; }}
dt {{ color: #56616d; font-size: .85rem; }} dd {{ margin: 0; font-size: 1.4rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: .85rem; }}
th, td {{ border-bottom: 1px solid #d8dee4; padding: .25rem .5rem; text-align: right; }}
th {{ background: #f3f5f7; }} .t {{ text-align: left; }}
svg {{ max-width: 100%; height: auto; }}
svg text {{ font-size: 13px; fill: #1d2733; font-family: inherit; }}
@media print {{ body {{ margin: 0; max-width: none; }} h2 {{ break-after: avoid; }} }}
</style>
</head>
<body>
"""


def supervision_page(figures: Figures, made: str, silent: Sequence[str] = ()) -> str:
    """The supervision report 监督通报.

    Args:
        figures: what was counted.
        made: when, as text.
        silent: messages between offices that were not acknowledged, each as a line.
    """
    title = "“跨省通办”监督通报"
    since, until = figures.since or "始 beginning", figures.until or "今 today"
    parts = [
        _HEAD.format(title=title),
        f"<h1>{title}</h1>",
        f'<p class="note">申请日期 handed in: {since} — {until} · 生成 made {escape(made)}</p>',
        _tiles(figures.total),
        "<h2>好差评 ratings</h2>",
        _ratings(figures),
    ]
    for dimension, tallies in figures.by.items():
        name = f"{DIMENSIONS[dimension]} by {dimension}"
        some = tallies[:_MOST]
        parts.append(f"<h2>{escape(name)}</h2>")
        parts.append(bars(f"办件 cases, {name}", _OUTCOMES, [_outcomes(one) for one in some]))
        if any(one.punctuality is not None for one in tallies):
            parts.append(bars(f"时限 limits, {name}", _PUNCTUAL, [_punctual(one) for one in some]))
    if silent:
        lines = "".join(f"<li>{escape(line)}</li>" for line in silent)
        parts.append(f"<h2>未获回执 not acknowledged</h2>\n<ul>{lines}</ul>")
    parts += ["<h2>明细 figures</h2>", _table(COLUMNS, rows_of(figures), 3), _END]
    return "\n".join(parts)


_END = "</body>\n</html>\n"


def _tiles(total: Tally) -> str:
    shown = (
        ("办件 cases", str(total.cases)),
        ("在办 open", str(total.open)),
        ("准予 granted", str(total.granted)),
        ("不予 denied", str(total.denied)),
        ("依规则不予办理 ineligible", str(total.ineligible)),
        ("偏离规则 departures", str(total.departures)),
        ("逾期 overdue", str(total.overdue)),
        ("按时率 punctuality", percent(total.punctuality)),
        ("满意率 satisfaction", percent(total.satisfaction)),
        *_remedies(total),
    )
    cells = (f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in shown)
    return f"<dl>{''.join(cells)}</dl>"


def _remedies(total: Tally) -> tuple[tuple[str, str], ...]:
    """Remedies and corrections, where there are any."""
    late = f" (逾期提起 late {total.remedies_late})" if total.remedies_late else ""
    lodged = (
        ("复议诉讼 remedies", f"{total.remedies}{late}"),
        ("未结 pending", str(total.remedies_pending)),
        ("复议诉讼结果 outcomes", outcomes(total) or "—"),
    )
    corrected = (("更正决定 corrections", str(total.corrections)),)
    return (*(lodged if total.remedies else ()), *(corrected if total.corrections else ()))


def _ratings(figures: Figures) -> str:
    parts = tuple(
        (f"{name} {grade}", colour)
        for (grade, name), colour in zip(protocol.GRADES.items(), _GRADE_COLOURS, strict=True)
    )
    rows = [
        (
            f"{name} {grade}",
            tuple(int(n == at) * figures.total.grades[grade] for n in range(len(parts))),
        )
        for at, (grade, name) in enumerate(protocol.GRADES.items())
    ]
    return bars("好差评 ratings", parts, rows, legend=False)


def _outcomes(one: Tally) -> tuple[str, tuple[int, ...]]:
    undecided_yet = one.cases - one.granted - one.denied - one.undecided
    return one.name, (undecided_yet, one.granted, one.denied, one.undecided)


def _punctual(one: Tally) -> tuple[str, tuple[int, ...]]:
    return one.name, (one.on_time, one.late, one.overdue)


def yearly_page(kernel: Kernel, found: Sequence[Progress], year: int, made: str) -> str:
    """The yearly progress report.

    Args:
        kernel: knows names.
        found: every item.
        year: of the report.
        made: when, as text.
    """
    title = f"{year}年“跨省通办”事项工作进展情况"
    bars_of = [(one.item.name, _outcomes(one.tally)[1]) for one in found]
    realised = sum(one.realised for one in found)
    return "\n".join(
        [
            _HEAD.format(title=title),
            f"<h1>{title}</h1>",
            f'<p class="note">报送省政务服务监管局,{year}年12月底前 · 清单注2:{NOTE}。'
            f" · 生成 made {escape(made)}</p>",
            f"<p>事项 {len(found)} 项,已实现 {realised} 项,"
            f"办件 {sum(one.tally.cases for one in found)} 件。</p>",
            bars("办件 cases, 事项 by item", _OUTCOMES, bars_of),
            "<h2>明细 figures</h2>",
            _table(YEARLY_COLUMNS, yearly_rows(kernel, found), 5),
            _END,
        ]
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], text: int) -> str:
    """A table; the first `text` columns hold words, the others numbers."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=t' if n < text else ''}>{escape(cell)}</{tag}>"
            for n, cell in enumerate(row)
        )

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head = f"<tr>{cells('th', columns)}</tr>"
    return f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
