"""What `tongban simulate` says while it works."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tongban.kernel.model import printing

if TYPE_CHECKING:
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


@contextmanager
def progress(total: int | None, says: str) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a bar
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(says, total=total)
        yield lambda done: bar.update(task, completed=done)
