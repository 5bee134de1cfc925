"""The parts of a page: headings, paragraphs and tables in two languages, and its style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongban.kernel.model import Text, printing

escape = printing.markup

STYLE = """
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


def in_english(words: str) -> str:
    """English beside the official term; "" for none."""
    return f' <span class="en" lang="en">{escape(words)}</span>' if words else ""


def heading(name: str, english: str, rank: int = 2) -> str:
    """A heading of a rank, in both languages."""
    return f"<h{rank}>{escape(name)}{in_english(english)}</h{rank}>"


def says(name: str, english: str, kind: str = "note") -> str:
    """A paragraph in both languages."""
    return f'<p class="{kind}">{escape(name)}{in_english(english)}</p>'


def text(words: Text, kind: str) -> str:
    """The same of a text."""
    return says(words.zh, words.en, kind)


def keep(*parts: str) -> str:
    """On one page where it is printed: a heading alone at the foot of a page says nothing."""
    return f'<div class="keep">{"".join(parts)}</div>'


def figure(name: str, english: str, shown: str) -> str:
    """A picture under a heading."""
    return f"<figure>{heading(name, english, 3)}{shown}</figure>"


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], kind: str = "plain") -> str:
    """A table; columns of numbers are set to the right."""
    number = [all(isinstance(row[n], int | float) for row in rows) for n in range(len(heads))]
    kinds = [' class="n"' if one else "" for one in number]
    head = "".join(f"<th{kinds[n]}>{escape(one)}</th>" for n, one in enumerate(heads))
    body = "".join(
        f"<tr>{''.join(f'<td{kinds[n]}>{cell(one)}</td>' for n, one in enumerate(row))}</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def cell(value: Any) -> str:
    """What stands in a cell: a text, a number, words."""
    if isinstance(value, Text):
        return f"{escape(value.zh)}{in_english(value.en)}"
    return f"{value:,}" if isinstance(value, int | float) else escape(str(value))
