"""The command `tongban diff`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from attrs import evolve, frozen

from tongban.kernel import Kernel
from tongban.plugins.console.options import Day, json_option, printable, write_json
from tongban.plugins.console.progress import progress
from tongban.plugins.console.tables import show
from tongban.plugins.kit.diff.compare import Compared, compare, pairs
from tongban.plugins.kit.diff.drawing import check_plot, write_csv, write_plot
from tongban.plugins.kit.diff.outcome_changes import Bad, Flips, count
from tongban.plugins.kit.diff.rows import rows
from tongban.plugins.kit.diff.rulesets import INSTALLED, Opener, Side
from tongban.plugins.kit.diff.terminal import as_dict, flips_table, item_views, summary

DIFFERS, BAD_INPUT, UNCONFIRMED = 1, 2, 70


class _Days(click.ParamType[tuple[date, date]]):
    """One date, or two such as 2021-06-01..2022-01-01."""

    name = "dates"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        if isinstance(value, tuple):
            return value
        first, parted, last = value.partition("..")
        one = Day().convert(first, param, ctx)
        return one, Day().convert(last, param, ctx) if parted else one


@frozen
class _Tables:
    """What is wanted of a file of applications."""

    applications: str | None
    csv: Path | None
    plot: Path | None


@click.command(short_help="What a change of rules changes, proved or shown.")
@click.argument("old", default=INSTALLED)
@click.argument("new", default="")
@click.option(
    "--as-of",
    "days",
    type=_Days(),
    metavar="DATE[..DATE]",
    help="Compare as of this date; of two, OLD as of the first, NEW as of the second.",
)
@click.option(
    "--applications",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Also count which of these differ (JSON Lines, or CSV).",
)
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the counts here.",
)
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw the counts, as .svg or .html.",
)
@json_option
@click.pass_obj
def diff(
    kernel: Kernel,
    old: str,
    new: str,
    days: tuple[date, date] | None,
    applications: str | None,
    table: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Say for each item whether two rule sets decide alike: proved, or shown by an application.

    OLD and NEW are rule trees (folders with vocabulary.yaml), rule files or
    folders of them beside what is installed, wheels, `git:REVISION` (its
    folder rules) or `git:REVISION:PATH`, or `installed`. A single one is
    compared with what is installed, unless --as-of names two dates.

    Every kind of difference is shown by the smallest application that has it,
    with both decisions and the rules that make it.

    \b
    Exit status:
      0  every decision is the same
      1  decisions differ
      2  bad input: rules or an application that cannot be read

    \b
    Examples:
      tongban diff git:v0.1 rules
      tongban diff installed postal.yaml
      tongban diff --as-of 2021-06-01..2022-01-01
      tongban diff git:HEAD rules --applications cases.jsonl --plot turned.svg
    """
    wanted = _Tables(applications, table, plot)
    _check(wanted)
    with Opener(kernel, kernel.clock) as opener:
        before, after = _sides(opener, old, new, days)
        found = _compared(before, after)
        flips = _flips(before, after, wanted, found)
        if as_json:
            write_json(as_dict(before, after, found, flips))
        else:
            for view in item_views(before, after, found):
                show(view)
            show(summary(before, after, found))
            if flips is not None:
                flips_table(flips)
    _leave(found, flips)


def _check(wanted: _Tables) -> None:
    for option, path in (("--csv", wanted.csv), ("--plot", wanted.plot)):
        if path is not None and wanted.applications is None:
            raise click.UsageError(f"{option} needs --applications: it shows what becomes of them")
    if wanted.plot is not None:
        check_plot(wanted.plot)


def _sides(opener: Opener, old: str, new: str, days: tuple[date, date] | None) -> tuple[Side, Side]:
    two_dates = days is not None and days[0] != days[1]
    if not new:
        if not two_dates and old == INSTALLED:
            raise click.UsageError("name two rule sets, or two dates (--as-of DATE..DATE)")
        # A single name is the changed one, except where dates make the difference.
        old, new = (old, old) if two_dates else (INSTALLED, old)
    before = opener.open(old)
    after = before if new == old else opener.open(new)
    if days is None:
        return before, after
    return evolve(before, as_of=days[0]), evolve(after, as_of=days[1])


def _compared(before: Side, after: Side) -> list[Compared]:
    needs_solver = pairs(before, after)
    with progress("比较 comparing", len(needs_solver)) as bar:
        found = []
        try:
            for one, other in needs_solver.values():
                found.append(compare(before, after, one, other))
                bar.advance()
        except ModuleNotFoundError as error:
            if error.name != "z3":
                raise
            says = "these rules differ in form; comparing them needs z3-solver"
            raise click.UsageError(f"{says}: pip install 'tongban[check]'") from None
        return found


def _flips(before: Side, after: Side, wanted: _Tables, found: list[Compared]) -> Flips | None:
    path = wanted.applications
    if path is None:
        return None

    def tell(bad: Bad) -> None:
        where = "<stdin>" if path == "-" else path
        click.echo(printable(f"{where}:{bad.line}: {bad}"), err=True)

    timeless = before.as_of == after.as_of
    alike = frozenset(one.key for one in found if timeless and one.status == "same")
    size = Path(path).stat().st_size if path != "-" else None
    with progress("受理 deciding", size) as bar:
        flips = count(before, after, rows(path, (before, after), bar.advance), tell, alike)
    if wanted.csv is not None:
        write_csv(wanted.csv, flips)
    if wanted.plot is not None:
        title = f"{before.name} → {after.name}"
        write_plot(wanted.plot, flips, f"决定不同的申请 applications that differ: {title}")
    return flips


def _leave(found: list[Compared], flips: Flips | None) -> None:
    """Leaves with the exit status that says what was found."""
    doubtful = [one.short for one in found if not one.confirmed]
    if doubtful:
        says = "the solver finds differences that the engine does not confirm, a bug of Tongban"
        click.echo(printable(f"Error: {says}: {', '.join(doubtful)}"), err=True)
        sys.exit(UNCONFIRMED)
    if flips is not None and flips.bad_rows:
        sys.exit(BAD_INPUT)
    turned = flips is not None and flips.total.differ
    if turned or any(one.status in ("differs", "added", "removed") for one in found):
        sys.exit(DIFFERS)
