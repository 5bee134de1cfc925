"""The command `tongban simulate`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tongban.plugins.simulation.catalogue import Catalogue
    from tongban.plugins.simulation.options import Options
    from tongban.plugins.simulation.running import Result
    from tongban.plugins.simulation.scenario import Scenario

__all__ = ["simulate"]

VIOLATED, BAD = 1, 2
_MOST_NUMBERS = 10_000


def _seeds(ctx: click.Context, param: click.Parameter, value: str | None) -> range | None:
    """`1..20`: from the first to the last."""
    if value is None:
        return None
    first, dots, last = value.partition("..")
    if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise click.BadParameter(f"{value!r}; write it as 1..20")
    return range(int(first), int(last) + 1)


def _numbers(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    parts = [one.strip() for one in value.split(",")]
    if not all(one.isdigit() for one in parts) or len(parts) > _MOST_NUMBERS:
        raise click.BadParameter(f"{value[:40]!r}; numbers of applicants, 3,17")
    return tuple(sorted({int(one) for one in parts}))


def _words(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    return frozenset() if value == "none" else frozenset(one.strip() for one in value.split(","))


@click.command(short_help="A country of simulated cases, with faults, from one seed.")
@click.option("--cases", type=click.IntRange(1, 10_000_000), default=1_000, show_default=True)
@click.option("--days", type=click.IntRange(1, 3_650), default=90, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--seeds", callback=_seeds, metavar="A..B", help="Several runs, one for each seed.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="Processes for --seeds. [cores]")
@click.option("--scenario", default="standard", metavar="NAME|FILE", show_default=True)
@click.option("--against", metavar="NAME|FILE", help="Compare with another scenario or rule file.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a report, .html.")
@click.option("--events", type=click.Path(path_type=Path), help="Every event, .parquet or .jsonl.")
@click.option(
    "--store",
    "kept",
    type=click.Choice(["memory", "sqlite"]),
    default="memory",
    show_default=True,
    help="What the nodes keep their cases in.",
)
@click.option("--only", callback=_numbers, metavar="N,N", help="Only these applicants come.")
@click.option("--faults", "kinds", callback=_words, metavar="KIND,…|none", help="Only these kinds.")
@click.option("--only-faults", callback=_words, metavar="ID,…", help="Only these faults happen.")
@click.option("--until", type=click.IntRange(1), help="Break off after so many days.")
@click.option("--list", "listing", is_flag=True, help="List the built-in scenarios.")
@click.option("--json", "as_json", is_flag=True, help="Stable JSON for machines.")
def simulate(
    *,
    cases: int,
    days: int,
    seed: int,
    seeds: range | None,
    jobs: int,
    scenario: str,
    against: str | None,
    report: Path | None,
    events: Path | None,
    kept: str,
    only: tuple[int, ...] | None,
    kinds: frozenset[str] | None,
    only_faults: frozenset[str] | None,
    until: int | None,
    listing: bool,
    as_json: bool,
) -> None:
    """Run cases across all provinces: received, routed, delivered, in a faulty world.

    The live service runs at each province's node, on a virtual clock. After
    every event the invariants are checked: no case is lost, none is decided
    twice, every applicant is told, no limit is missed in silence, and the
    others of docs/simulation.md. The same seed gives the same events. Every
    number comes from the scenario, and is an assumption.

    \b
    Exit status:
      0  every invariant holds
      1  one does not: the shortest history that shows it, and how to replay it
      2  bad input

    \b
    Examples:
      tongban simulate --cases 10000 --days 180 --seed 7 --report report.html
      tongban simulate --seeds 1..20 --cases 200 --scenario storm
      tongban simulate --scenario my.yaml --against standard --json
    """
    from tongban.kernel import TongbanError  # noqa: PLC0415 - with the kernel, on demand
    from tongban.plugins.simulation.options import Options  # noqa: PLC0415
    from tongban.plugins.simulation.scenario import FAULTS, load_scenario  # noqa: PLC0415

    if listing:
        _list(as_json)
        return
    unknown = sorted((kinds or frozenset()) - set(FAULTS))
    if unknown:
        raise click.UsageError(f"--faults: {unknown[0]!r} is none of {', '.join(FAULTS)}")
    if report is not None and report.suffix != ".html":
        raise click.UsageError(f"--report {report}: must end in .html")
    if seeds is not None and (events or report or against):
        raise click.UsageError("--seeds goes with neither --events, --report nor --against")
    _needs_simpy()
    asked = Options(seed, cases, days, only, kinds, only_faults, until)
    try:
        found = load_scenario(scenario)
        if seeds is not None:
            _many(asked, found, scenario, seeds, jobs, as_json)
        else:
            _single(asked, found, scenario, against, report, events, kept, as_json)
    except TongbanError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BAD)


def _needs_simpy() -> None:
    try:
        import simpy  # noqa: F401, PLC0415 - only whether it is there
    except ModuleNotFoundError:
        raise click.ClickException(
            "`tongban simulate` needs the package simpy: pip install 'tongban[simulate]'"
        ) from None


def _list(as_json: bool) -> None:
    from tongban.plugins.simulation.scenario import built_in, load_scenario  # noqa: PLC0415

    some = [load_scenario(name) for name in built_in()]
    if as_json:
        shown = [{"name": one.name, "title": one.title, "says": one.says} for one in some]
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for one in some:
        click.echo(f"{one.name:10} {one.title}  {one.says}")


def _single(
    options: Options,
    scenario: Scenario,
    word: str,
    against: str | None,
    report: Path | None,
    events: Path | None,
    kept: str,
    as_json: bool,
) -> None:
    from tongban.plugins.simulation.catalogue import Catalogue  # noqa: PLC0415
    from tongban.plugins.simulation.html import comparison, page  # noqa: PLC0415
    from tongban.plugins.simulation.parquet import events_file  # noqa: PLC0415
    from tongban.plugins.simulation.summary import Names, summary_of  # noqa: PLC0415

    rival = _rival(scenario, against) if against else None
    catalogue = Catalogue(scenario)
    with events_file(events) as lines:
        result = _run(options, scenario, catalogue, lines, kept)
    if result.failed is not None:
        _failed(result, scenario, catalogue, word, as_json)
    names = Names(catalogue.kernel(min(scenario.provinces), 0))
    summary = summary_of(result, scenario, names)
    other = None
    if rival is not None:
        rules = Catalogue(rival)
        second = _run(options, rival, rules, None, kept)
        if second.failed is not None:
            _failed(second, rival, rules, against or "", as_json)
        other = summary_of(second, rival, names)
    if report is not None:
        try:
            report.write_text(page(summary, scenario, other), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{report}: cannot be written ({error.strerror})") from None
    if as_json:
        if other is not None:
            rows = comparison(summary, other)
            summary = {"one": summary, "other": other, "comparison": rows}
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    from tongban.plugins.simulation.screens import show_comparison, show_summary  # noqa: PLC0415

    show_summary(summary)
    if other is not None:
        show_comparison(summary, other)


def _rival(scenario: Scenario, against: str) -> Scenario:
    """The other scenario; a department's rule file stands for this one with its rules."""
    from attrs import evolve  # noqa: PLC0415

    from tongban.plugins.simulation.scenario import built_in, load_scenario  # noqa: PLC0415

    path = Path(against)
    if against not in built_in() and path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(line.startswith("department:") for line in text.splitlines()):
            drafts = (*scenario.drafts, against)
            return evolve(scenario, name=path.name, title=path.name, drafts=drafts)
    return load_scenario(against)


def _run(
    options: Options, scenario: Scenario, catalogue: Catalogue, lines: Any, kept: str
) -> Result:
    from tongban.plugins.simulation.running import run  # noqa: PLC0415

    with _progress(options.horizon(scenario.drain_days), f"模拟 {scenario.name}") as daily:
        if kept == "memory":
            return run(options, scenario, catalogue, lines, daily=daily)
        from tongban.plugins.simulation.stores import sqlite_stores  # noqa: PLC0415

        with TemporaryDirectory(prefix="tongban-") as folder:
            stores = sqlite_stores(Path(folder))
            return run(options, scenario, catalogue, lines, stores, daily)


def _failed(
    result: Result, scenario: Scenario, catalogue: Catalogue, word: str, as_json: bool
) -> None:
    """Makes the run smaller, shows it, and ends the command."""
    from tongban.plugins.simulation.screens import show_failure  # noqa: PLC0415
    from tongban.plugins.simulation.shrinking import shrink  # noqa: PLC0415

    with _progress(None, "缩小 shrinking") as daily:
        least = shrink(result, scenario, catalogue, daily)
    failed = least.failed
    assert failed is not None
    command = least.options.command(word)
    if as_json:
        shown = {
            "violated": failed.name,
            "case": failed.case,
            "says": failed.says,
            "seed": least.options.seed,
            "history": least.history,
            "faults": failed.fired,
            "replay": command,
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        show_failure(least, command)
    sys.exit(VIOLATED)


def _many(
    options: Options, scenario: Scenario, word: str, seeds: range, jobs: int, as_json: bool
) -> None:
    """One line for each seed; the first that fails is made smaller."""
    from tongban.plugins.simulation.catalogue import Catalogue  # noqa: PLC0415
    from tongban.plugins.simulation.running import run_many  # noqa: PLC0415

    if not as_json:
        click.echo("种子 seed  收件 opened  结束 over  逾期 late  事件 events  哈希 digest")
    broken: Result | None = None
    with _progress(len(seeds), "种子 seeds") as daily:
        results = run_many(options, scenario, seeds, jobs or os.cpu_count() or 1)
        for number, result in enumerate(results, 1):
            _line(result, as_json)
            if daily is not None:
                daily(number)
            if result.failed is not None:
                broken = result
                break
    if broken is not None:
        _failed(broken, scenario, Catalogue(scenario), word, as_json)


def _line(result: Result, as_json: bool) -> None:
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
def _progress(total: int | None, says: str) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a bar
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(says, total=total)
        yield lambda done: bar.update(task, completed=done)
