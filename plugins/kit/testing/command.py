"""`tongban test`: runs the cases beside the rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from tongban.kernel import Kernel, Problem
from tongban.kernel.model import printing
from tongban.plugins.console.options import choose, json_option, printable, write_json
from tongban.plugins.console.progress import progress
from tongban.plugins.console.tables import is_terminal
from tongban.plugins.kit.targets import targets
from tongban.plugins.kit.testing.citation_coverage import article_coverage, source_texts
from tongban.plugins.kit.testing.coverage import cover
from tongban.plugins.kit.testing.coverage_shown import (
    coverage_as_dict,
    missing_lines,
    show_branches,
    show_coverage,
)
from tongban.plugins.kit.testing.junit import write_junit
from tongban.plugins.kit.testing.report import block, case_as_dict, problem_as_dict
from tongban.plugins.kit.testing.rule_coverage import Tally
from tongban.plugins.kit.testing.running import run_all
from tongban.plugins.kit.testing.selection import select
from tongban.plugins.kit.testing.updating import update
from tongban.plugins.kit.testing.worker_pool import run_parallel, suitable_jobs

if TYPE_CHECKING:
    from tongban.plugins.kit.targets import Targets
    from tongban.plugins.kit.testing.citation_coverage import Articles
    from tongban.plugins.kit.testing.coverage import Coverage
    from tongban.plugins.kit.testing.rule_coverage import Tally
    from tongban.plugins.kit.testing.running import Ran, Selected

FAILED, BAD_INPUT, NOTHING_SELECTED = 1, 2, 5
PROGRESS_FROM = 500
"""Cases from which a terminal gets a progress bar."""


@frozen
class _Settings:
    """What the options say."""

    paths: tuple[Path, ...]
    items: tuple[str, ...]
    departments: tuple[str, ...]
    name: str
    jobs: int | None
    fail_fast: bool
    coverage: bool
    sources: tuple[str, ...]
    min_coverage: float | None
    update: bool
    yes: bool
    junit: Path | None
    as_json: bool

    @property
    def covers(self) -> bool:
        """Whether it must be noted what the cases try."""
        return self.coverage or self.min_coverage is not None

    @property
    def narrowed(self) -> bool:
        """Whether some of the rules that are loaded are left out."""
        return bool(self.paths or self.items or self.departments or self.name)


@frozen
class _Outcome:
    """The result of everything that was run."""

    chosen: Targets
    results: tuple[Ran, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage | None
    articles: tuple[Articles, ...]


def _departments(kernel: Kernel) -> dict[str, str]:
    return {one.id: one.title for one in kernel.rulebook.departments}


def _ids(kernel: Kernel) -> dict[str, str]:
    return {kernel.rulebook.short(item): item.name for item in kernel.items}


@click.command(short_help="Run the cases beside the rules; what do they try?")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="ID",
    shell_complete=choose(_ids),
    help="Cases of this item, by id or exact name; repeat for more.",
)
@click.option(
    "--department",
    "departments",
    multiple=True,
    metavar="ID",
    shell_complete=choose(_departments),
    help="Cases of this department; repeat for more.",
)
@click.option("-k", "name", default="", metavar="TEXT", help="Cases with this text in the name.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first case that fails.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes; left out, one for each core where there are many cases.",
)
@click.option("--coverage", is_flag=True, help="Report what the cases try, and what is cited.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="[ID=]FILE",
    help="The text of a source, to find what no rule cites.",
)
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Exit with 1 below N percent of rules and conditions.",
)
@click.option(
    "--update", is_flag=True, help="Write what came out into failing cases, after asking."
)
@click.option("--yes", is_flag=True, help="With --update: do not ask.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write JUnit XML for a CI system.",
)
@json_option
@click.pass_obj
def test(kernel: Kernel, /, **options: Any) -> None:
    """Run the cases (`cases:`) of rule files: does what they expect come out?

    PATH is a rule file that is being written, or a folder of them; it takes the
    place of the installed department that it defines. Without one, all that is
    installed is tested. A case that fails shows what it gave, what was expected
    and what came out, and the rules that led there. docs/testing.md has more.

    --update writes only to files that were named as PATH.

    \b
    Exit status:
      0  every case passed
      1  one failed, or coverage is below --min-coverage
      2  bad input: a rule file has mistakes, there is no such item
      5  no case was selected

    \b
    Examples:
      tongban test
      tongban test rules/departments/postal.yaml -x
      tongban test --item 2-03 --coverage
      tongban test --department justice -k notary --json
      tongban test rules/ --min-coverage 95 --junit report.xml
      tongban test rules/departments/postal.yaml --update
    """
    settings = _Settings(**options)
    _check(settings)
    outcome = _run(kernel, settings)
    if settings.junit:
        write_junit(settings.junit, outcome.chosen.kernel, outcome.results, outcome.problems)
    if settings.as_json:
        write_json(_as_dict(outcome))
    else:
        _show(outcome, settings)
    failed = [ran for ran in outcome.results if not ran.passed]
    if settings.update and failed:
        failed = update(outcome.chosen, failed, settings.yes)
    low = _too_low(outcome, settings)
    if outcome.problems:
        sys.exit(BAD_INPUT)
    if failed or low:
        sys.exit(FAILED)


def _check(settings: _Settings) -> None:
    """Refuses options that do not go together."""
    if settings.sources and not settings.coverage:
        raise click.UsageError("--source is for --coverage")
    if settings.yes and not settings.update:
        raise click.UsageError("--yes is for --update")
    if not settings.update:
        return
    if not settings.paths:
        raise click.UsageError("--update writes only to files that are named: give a PATH")
    if settings.as_json:
        raise click.UsageError("--update asks and shows; it does not go with --json")
    if not settings.yes and not _can_ask():
        raise click.UsageError("--update asks before it writes, and here is no terminal; add --yes")


def _can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _run(kernel: Kernel, settings: _Settings) -> _Outcome:
    chosen = targets(settings.paths, kernel.ports.strict)
    problems = _problems(chosen)
    for problem in problems:
        click.echo(printable(str(problem)), err=True)
    # Words that only a file with mistakes knows are not mistakes of the command line.
    known = chosen.items or not problems
    wanted = (settings.items, settings.departments) if known else ((), ())
    work = select(chosen.kernel, chosen.items, *wanted, settings.name)
    if not work:
        if problems:
            sys.exit(BAD_INPUT)
        click.echo(
            f"没有选中任何事例 no case was selected: {_why_nothing(chosen, settings)}", err=True
        )
        sys.exit(NOTHING_SELECTED)
    texts = {}
    if settings.sources:
        texts = source_texts(chosen.kernel, chosen.items, settings.sources)

    tally = Tally() if settings.covers else None
    results = tuple(_results(chosen, work, tally, settings))
    if tally is None:
        return _Outcome(chosen, results, problems, None, ())

    filtered = bool(settings.items or settings.departments or settings.name)
    named = {item.key for item, _ in work}
    items = [one for one in chosen.items if not filtered or one.key in named]
    common = not settings.narrowed
    coverage = cover(chosen.kernel, items, results, tally, common)
    articles: tuple[Articles, ...] = ()
    if settings.coverage:
        articles = article_coverage(chosen.kernel, items, texts, common)
    return _Outcome(chosen, results, problems, coverage, articles)


def _problems(chosen: Targets) -> tuple[Problem, ...]:
    """The mistakes that keep cases from being run."""
    named = {str(file) for file in chosen.files}
    problems = chosen.kernel.problems
    return tuple(one for one in problems if not named or one.file in named)


def _why_nothing(chosen: Targets, settings: _Settings) -> str:
    if not any(item.cases for item in chosen.items):
        return "there are no cases; write some under `cases:` (docs/rules.md)"
    filters = [f"--item {one}" for one in settings.items]
    filters += [f"--department {one}" for one in settings.departments]
    filters += [f"-k {settings.name!r}"] if settings.name else []
    return f"none of {len(chosen.items)} items passes {' '.join(filters)}"


def _results(
    chosen: Targets, work: Sequence[Selected], tally: Tally | None, settings: _Settings
) -> Iterator[Ran]:
    """The result of each case, in order."""
    jobs = settings.jobs or suitable_jobs(len(work), settings.covers)
    with progress("事例 cases", len(work), wanted=len(work) >= PROGRESS_FROM) as bar:
        if jobs > 1:
            strict, fail_fast = chosen.kernel.ports.strict, settings.fail_fast
            results = run_parallel(chosen.files, strict, work, jobs, tally, fail_fast)
        else:
            results = run_all(chosen.kernel, work, tally, settings.fail_fast)
        for ran in results:
            bar.advance()
            yield ran


def _show(outcome: _Outcome, settings: _Settings) -> None:
    colour = is_terminal()
    failed = [ran for ran in outcome.results if not ran.passed]
    for ran in failed:
        shown = block(outcome.chosen.kernel, ran, colour)
        click.echo(f"{shown}\n", printing.unguarded(sys.stdout))
    if settings.coverage and outcome.coverage:
        if settings.items:
            show_branches(outcome.coverage)
        show_coverage(outcome.coverage, outcome.articles)
        click.echo()
    passed = len(outcome.results) - len(failed)
    items = len({ran.item for ran in outcome.results})
    summary = (
        f"{len(outcome.results)} 个事例 cases, {items} 个事项 items:"
        f" {passed} 通过 passed, {len(failed)} 未通过 failed"
    )
    style: dict[str, Any] = {"fg": "red" if failed else "green", "bold": True}
    click.secho(summary, printing.unguarded(sys.stdout), **style if colour else {})


def _too_low(outcome: _Outcome, settings: _Settings) -> bool:
    """Whether coverage is below what is asked; says so, with what is missing."""
    if settings.min_coverage is None or outcome.coverage is None:
        return False
    if outcome.coverage.percent >= settings.min_coverage:
        return False

    says = f"覆盖 coverage {outcome.coverage.percent:.2f} % < {settings.min_coverage:g} %"
    click.echo(f"{says}; 未覆盖 not covered:", err=True)
    for line in missing_lines(outcome.coverage):
        click.echo(printable(f"  {line}"), err=True)
    return True


def _as_dict(outcome: _Outcome) -> dict[str, Any]:
    passed = sum(ran.passed for ran in outcome.results)
    shown: dict[str, Any] = {
        "passed": passed,
        "failed": len(outcome.results) - passed,
        "cases": [case_as_dict(outcome.chosen.kernel, ran) for ran in outcome.results],
        "problems": [problem_as_dict(problem) for problem in outcome.problems],
    }
    if outcome.coverage:
        shown["coverage"] = coverage_as_dict(outcome.coverage, outcome.articles)
    return shown
