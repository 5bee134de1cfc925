"""What `tongban simulate` says while it works."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from tongban.kernel.model import printing
from tongban.plugins.simulation.report.result import Result


def tell(troubles: Iterable[str]) -> None:
    """What plugins could not do: no part of the result."""
    for one in troubles:
        click.echo(printing.printable(f"插件故障 plugin failed: {one}"), err=True)


def line(result: Result, as_json: bool) -> None:
    """What the run of one seed came to, on one line."""
    metrics, failed = result.metrics, result.failed
    if as_json:
        shown = {
            "seed": result.options.seed,
            "opened": metrics.opened,
            "over": metrics.over,
            "left": metrics.left,
            "late": metrics.late_cases,
            "events": result.events,
            "digest": result.digest,
            "violated": failed.name if failed else None,
        }
        click.echo(json.dumps(shown))
        return
    figures = f"{metrics.opened:11,}  {metrics.over:9,}  {metrics.late_cases:9,}"
    end = f"  {failed.name}" if failed else ""
    click.echo(
        f"{result.options.seed:9}  {figures}  {result.events:11,}  {result.digest[:16]}{end}"
    )
