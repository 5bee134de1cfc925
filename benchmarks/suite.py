"""The command: all measurements, one table."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

import click
from attrs import frozen
from benchmarks.carrying import carrying
from benchmarks.cold import cold
from benchmarks.decisions import decisions
from benchmarks.engines import engines
from benchmarks.growth import growth
from benchmarks.lines import lines
from benchmarks.memory import memory
from benchmarks.peers import peers
from benchmarks.racing import Row
from benchmarks.ticking import ticking
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tongban.kernel import Kernel

_Measure: TypeAlias = Callable[[Progress], list[Row]]


@frozen
class _Sizes:
    """How much of everything.

    Attributes:
        cases: applications in a round.
        rounds: of each contender.
        once: applications that are decided once each, and how often that is done.
        lines: of a file for the command line.
        growth: catalogues, as multiples of ours.
        starts: processes of each kind.
        decisions: of the memory row.
        carried: cases, in a store of each size.
        events: in a store, before it is measured.
        open: cases in the store of which none is due.
    """

    cases: int
    rounds: int
    once: tuple[int, int]
    lines: int
    growth: tuple[int, ...]
    starts: int
    decisions: int
    carried: int
    events: tuple[int, int]
    open: int


_WHOLE = _Sizes(
    cases=10_000,
    rounds=15,
    once=(100_000, 5),
    lines=20_000,
    growth=(1, 10, 100),
    starts=15,
    decisions=1_000_000,
    carried=100,
    events=(1_000, 1_000_000),
    open=20_000,
)
_QUICK = _Sizes(
    cases=2_000,
    rounds=5,
    once=(10_000, 3),
    lines=2_000,
    growth=(1, 10),
    starts=5,
    decisions=50_000,
    carried=20,
    events=(1_000, 20_000),
    open=2_000,
)
_PARTS = (
    "engines",
    "decisions",
    "lines",
    "peers",
    "growth",
    "cold",
    "memory",
    "carrying",
    "ticking",
)


@click.command()
@click.option("--quick", is_flag=True, help="A smaller run, a minute in all; its figures waver.")
@click.option("--only", type=click.Choice(_PARTS), multiple=True, help="Only this part.")
@click.option("--seed", default=2020, show_default=True, help="For the random applications.")
def bench(quick: bool, only: tuple[str, ...], seed: int) -> None:
    """Measures what the design keeps, against the naive oracle of the same run."""
    sizes = _QUICK if quick else _WHOLE
    console = Console(width=None if sys.stdout.isatty() else 200)
    kernel = Kernel()
    parts: dict[str, _Measure] = {
        "engines": lambda p: engines(kernel, seed, sizes.cases, sizes.rounds, p),
        "decisions": lambda p: decisions(seed, *sizes.once, p),
        "lines": lambda p: lines(kernel, seed, sizes.lines, sizes.rounds, p),
        "peers": lambda p: peers(kernel, seed, sizes.cases // 2, sizes.rounds, p),
        "growth": lambda p: growth(kernel, seed, sizes.cases * 2, sizes.rounds, sizes.growth, p),
        "cold": lambda p: cold(sizes.starts, p),
        "memory": lambda p: memory(seed, sizes.decisions, p),
        "carrying": lambda p: carrying(sizes.carried, sizes.events, p),
        "ticking": lambda p: ticking(sizes.open, sizes.starts, p),
    }
    # Drawn between measurements only: a bar that moves by itself takes time from them.
    with Progress(console=console, auto_refresh=False, transient=True) as progress:
        rows = {name: parts[name](progress) for name in only or _PARTS}
    for name, of_part in rows.items():
        console.print(_table(name, of_part))
    cores = os.cpu_count()
    console.print(
        f"Python {platform.python_version()}, {cores} cores; {_verdict([*rows.values()])}"
    )


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("against")
    table.add_column("keep")
    table.add_column("")
    signs = {True: "[green]met", False: "[red]missed", None: ""}
    for row in rows:
        ratio = "" if row.ratio is None else str(row.ratio)
        table.add_row(row.what, row.measured, ratio, row.against, row.keep, signs[row.met])
    return table


def _verdict(parts: Sequence[Sequence[Row]]) -> str:
    kept = [row.met for rows in parts for row in rows if row.met is not None]
    return f"{sum(kept)} of {len(kept)} figures met"
