"""The command `tongban simulate`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click
from attrs import evolve
from click.core import ParameterSource

from tongban.kernel import TongbanError
from tongban.kernel.model import printing
from tongban.plugins.console import writing
from tongban.plugins.console.options import json_option
from tongban.plugins.console.progress import progress
from tongban.plugins.simulation import arguments
from tongban.plugins.simulation.arguments import BadInputError, NotWrittenError
from tongban.plugins.simulation.cli_output import line, tell
from tongban.plugins.simulation.report.event_sink import Lines
from tongban.plugins.simulation.report.figures import comparison
from tongban.plugins.simulation.report.html import page
from tongban.plugins.simulation.report.parquet import events_file
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.report.summary import Names, summary_of
from tongban.plugins.simulation.report.terminal import show_comparison, show_failure, show_summary
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.faults import ON_DISK
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.preflight import beginning
from tongban.plugins.simulation.scenario.scenario import Scenario, built_in, load_scenario

VIOLATED = 1


@click.command(short_help="A country of simulated cases, with faults, from one seed.")
@click.option(
    "--cases",
    type=click.IntRange(1, 10_000_000),
    default=1_000,
    show_default=True,
    help="How many applications.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3_650),
    default=90,
    show_default=True,
    help="The days within which they come.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Everything follows from it.",
)
@click.option(
    "--seeds", callback=arguments.seeds, metavar="A..B", help="Several runs, one for each seed."
)
@click.option("--jobs", type=click.IntRange(0), default=0, help="Processes for --seeds. [cores]")
@click.option(
    "--scenario",
    default="standard",
    metavar="NAME|FILE",
    show_default=True,
    shell_complete=arguments.choose(built_in),
    help="What the country and its faults are like.",
)
@click.option(
    "--against",
    metavar="NAME|FILE",
    shell_complete=arguments.choose(built_in),
    help="Compare with another scenario or rule file.",
)
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
@click.option(
    "--only", callback=arguments.numbers, metavar="N,N", help="Only these applicants come."
)
@click.option(
    "--faults",
    "kinds",
    callback=arguments.kinds,
    metavar="KIND,…|none",
    help="Only these kinds.",
)
@click.option(
    "--only-faults",
    callback=arguments.fault_ids,
    metavar="ID,…|none",
    help="Only these faults happen.",
)
@click.option("--until", type=click.IntRange(1, 10_000), help="Stop after this many days.")
@click.option("--list", "listing", is_flag=True, help="List the built-in scenarios.")
@json_option
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
      74  a file cannot be written when the run is over (a full disk)

    \b
    Examples:
      tongban simulate --cases 10000 --days 180 --seed 7 --report report.html
      tongban simulate --seeds 1..20 --cases 200 --scenario storm
      tongban simulate --scenario my.yaml --against standard --json
    """
    if listing:
        _list(as_json)
        return
    if report is not None and report.suffix != ".html":
        raise BadInputError(f"--report {report}: must end in .html")
    if only and only[-1] >= cases:
        raise BadInputError(
            f"--only {only[-1]}: with --cases {cases} applicants are 0 to {cases - 1}"
        )
    if seeds is not None:
        given = {"--events": events, "--report": report, "--against": against}
        wrong = [name for name, value in given.items() if value is not None]
        wrong += ["--seed"] if _is_given("seed") else []
        if wrong:
            raise BadInputError(f"{wrong[0]} does not go with --seeds")
    elif _is_given("jobs"):
        raise BadInputError("--jobs goes with --seeds")
    _needs_simpy()
    if report is not None:
        arguments.writable("--report", report)
    asked = Options(seed, cases, days, only, kinds, only_faults, until, store=kept)
    try:
        found = load_scenario(scenario)
        if seeds is not None:
            _many(asked, found, scenario, seeds, jobs, as_json)
        else:
            _single(asked, found, scenario, against, report, events, as_json)
    except TongbanError as error:
        raise BadInputError(str(error)) from None


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source not in (None, ParameterSource.DEFAULT)


def _needs_simpy() -> None:
    if find_spec("simpy") is None:
        raise BadInputError(
            "`tongban simulate` needs the package simpy: pip install 'tongban[simulate]'"
        )


def _list(as_json: bool) -> None:
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
    as_json: bool,
) -> None:
    rival = _rival(scenario, word, against) if against is not None else None
    catalogue = _ready(scenario, word, options)
    rules = _ready(rival.scenario, against or "", options) if rival else None
    unwritten: list[str] = []
    with events_file(events) as lines:
        result = _run(options, scenario, catalogue, lines)
    if lines is not None and lines.trouble:
        unwritten.append(f"--events {events}: cannot be written ({lines.trouble})")
    tell(result.troubles)
    if result.failed is not None:
        _failed(result, scenario, catalogue, (word, ""), as_json, unwritten)
    names = Names(catalogue.kernel(min(scenario.provinces), 0))
    summary = summary_of(result, scenario, names)
    other, fired = None, result.fired
    if rival is not None and rules is not None:
        second = _run(options, rival.scenario, rules, None)
        if second.failed is not None:
            _failed(second, rival.scenario, rules, rival.words, as_json, unwritten)
        other, fired = summary_of(second, rival.scenario, names), fired | second.fired
    _all_happened(options, fired)
    if report is not None:
        try:
            writing.write_file(report, page(summary, scenario, other))
        except OSError as error:
            unwritten.append(f"--report {report}: cannot be written ({error.strerror})")
    if as_json:
        if other is not None:
            rows = comparison(summary, other)
            summary = {"one": summary, "other": other, "comparison": rows}
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        show_summary(summary)
        if other is not None:
            show_comparison(summary, other)
    if unwritten:
        raise NotWrittenError("\n".join(unwritten))


def _ready(scenario: Scenario, word: str, options: Options) -> Catalogue:
    """The rules of a scenario, when it is sure that something can happen under them."""
    catalogue = Catalogue(scenario)
    for warning in beginning(scenario, word, catalogue, options.days):
        click.echo(printing.printable(f"Warning: {word}: {warning}"), err=True)
    rated = [kind for kind in ON_DISK if getattr(scenario.faults, kind) and options.has(kind)]
    if rated and options.store != "sqlite":
        says = f"{', '.join(rated)} need --store sqlite, and do not happen"
        click.echo(printing.printable(f"Warning: {word}: {says}"), err=True)
    return catalogue


class _Rival(NamedTuple):
    """The other scenario, and the `--scenario` and `--against` that lead to a run in it."""

    scenario: Scenario
    words: tuple[str, str]


def _rival(scenario: Scenario, word: str, against: str) -> _Rival:
    """The other scenario; a department's rule file stands for this one with its rules."""
    path = Path(against)
    if against not in built_in() and path.is_file():
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise BadInputError(f"--against {against}: {error.strerror}") from None
        if any(line.startswith("department:") for line in text.splitlines()):
            drafts = (*scenario.drafts, against)
            draft = evolve(scenario, name=path.name, title=path.name, drafts=drafts)
            return _Rival(draft, (word, against))
    return _Rival(load_scenario(against), (against, ""))


def _run(options: Options, scenario: Scenario, catalogue: Catalogue, lines: Lines | None) -> Result:
    from tongban.plugins.simulation.running import run  # noqa: PLC0415 - needs simpy

    says = f"模拟 {scenario.name}"
    with progress(says, options.horizon(scenario.drain_days)) as bar:
        return run(options, scenario, catalogue, lines, daily=lambda day: bar.show(says, day))


def _all_happened(options: Options, fired: frozenset[str]) -> None:
    """A fault that is asked for and never comes up was mistyped, or is another run's."""
    never = sorted((options.faults or frozenset()) - fired)
    if never:
        raise BadInputError(f"--only-faults: no fault {never[0]} comes up in this run")


def _failed(
    result: Result,
    scenario: Scenario,
    catalogue: Catalogue,
    words: tuple[str, str],
    as_json: bool,
    unwritten: Iterable[str] = (),
) -> None:
    """Makes the run smaller, shows it, and ends the command."""
    from tongban.plugins.simulation.minimise import shrink  # noqa: PLC0415 - needs simpy

    says = "缩小 shrinking"
    with progress(says) as bar:
        least = shrink(result, scenario, catalogue, lambda day: bar.show(says, day))
    failed = least.failed
    assert failed is not None
    command = least.options.command(*words)
    if as_json:
        shown = {
            "violated": failed.name,
            "case": failed.case,
            "says": failed.says,
            "seed": least.options.seed,
            "history": least.history,
            "faults": failed.fired,
            "again": least is not result,
            "replay": command,
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        show_failure(least, command)
        if least is result:
            click.echo(
                "重演未再现: the same run did not fail again; the history is that of the first run"
            )
    for one in unwritten:
        click.echo(printing.printable(f"Error: {one}"), err=True)
    sys.exit(VIOLATED)


def _many(
    options: Options, scenario: Scenario, word: str, seeds: range, jobs: int, as_json: bool
) -> None:
    """One line for each seed; the first that fails is made smaller."""
    from tongban.plugins.simulation.running import run_many  # noqa: PLC0415 - needs simpy

    catalogue = _ready(scenario, word, options)
    if not as_json:
        click.echo("种子 seed  收件 opened  结束 over  逾期 late  事件 events  哈希 digest")
    broken: Result | None = None
    told: dict[str, None] = {}
    fired: frozenset[str] = frozenset()
    with progress("种子 seeds", len(seeds)) as bar:
        results = run_many(options, scenario, seeds, jobs or os.cpu_count() or 1)
        for result in results:
            line(result, as_json)
            bar.advance()
            told |= dict.fromkeys(result.troubles)
            fired |= result.fired
            if result.failed is not None:
                broken = result
                break
    tell(told)
    if broken is not None:
        _failed(broken, scenario, catalogue, (word, ""), as_json)
    _all_happened(options, fired)
