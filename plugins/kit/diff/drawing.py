"""What the counts of turned applications look like: a CSV file, and a plot."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import click

from tongban.kernel.model import printing
from tongban.plugins.console import writing
from tongban.plugins.kit.diff.outcome_changes import GROUPS, Flips

PLOTS = (".svg", ".html")
TURNS = {"opened": "变为可办 opened", "closed": "变为不可办 closed", "other": "其他变化 other"}
_COLOURS = ["#2a9d5c", "#c0392b", "#e0a030"]
_MOST = 40
"""Bars of one group; the ones with most differences come first."""


def write_csv(path: Path, flips: Flips) -> None:
    """Writes every count: `by`, `key`, `name` and the numbers.

    The file begins with a mark of UTF-8, without which spreadsheets show Chinese as rubbish.
    """
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(["by", "key", "name", *flips.total.to_dict()])
    writer.writerow(["total", "", "", *flips.total.to_dict().values()])
    for group in GROUPS:
        for key, name, counts in flips.rows(group):
            row = [group, printing.cell(key), printing.cell(name), *counts.to_dict().values()]
            writer.writerow(row)
    writing.write_file(path, text.getvalue())


def check_plot(path: Path) -> None:
    """Refuses a plot that could not be written, before the work begins.

    Raises:
        click.UsageError: for another ending than `PLOTS`, or without the library.
    """
    if path.suffix.lower() not in PLOTS:
        raise click.UsageError(f"{path}: a plot is written as {' or '.join(PLOTS)}")
    try:
        import altair  # noqa: F401, PLC0415 - heavy; only for a plot
        import vl_convert  # noqa: F401, PLC0415
    except ImportError:
        raise click.UsageError("--plot needs the extra plot: pip install 'tongban[plot]'") from None


def write_plot(path: Path, flips: Flips, title: str) -> None:
    """Writes a bar chart for each group, as SVG or as HTML that needs no network.

    Text stays text, so the viewer brings the fonts.
    """
    import altair  # noqa: PLC0415

    charts = []
    for group, label in GROUPS.items():
        bars = [row for row in flips.rows(group) if row[2].differ][:_MOST]
        order = [f"{key} {name}".strip() for key, name, _ in bars]
        values = [
            {"name": f"{key} {name}".strip(), "turn": says, "applications": getattr(counts, turn)}
            for key, name, counts in bars
            for turn, says in TURNS.items()
        ]
        charts.append(_bars(altair, values, order, f"{label} by {group}"))
    plot = altair.vconcat(*charts).properties(title=title)
    text = io.StringIO()
    if path.suffix.lower() == ".html":
        plot.save(text, format="html", inline=True)
    else:
        plot.save(text, format="svg")
    writing.write_file(path, text.getvalue())


def _bars(alt: Any, values: list[dict[str, object]], order: list[str], title: str) -> Any:
    scale = alt.Scale(domain=list(TURNS.values()), range=_COLOURS)
    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X("applications:Q", title="申请数 applications", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=0)),
            color=alt.Color("turn:N", scale=scale, title=None),
            tooltip=["name:N", "turn:N", "applications:Q"],
        )
        .properties(title=title, width=480)
    )
