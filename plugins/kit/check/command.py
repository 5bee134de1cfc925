"""The command `tongban check`: its options, and what it ends with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

from tongban.kernel import Kernel, nearest
from tongban.plugins.console.options import json_option
from tongban.plugins.console.progress import progress
from tongban.plugins.kit.check.codes import CODES
from tongban.plugins.kit.check.machine_formats import FORMATS
from tongban.plugins.kit.check.run import Options, run
from tongban.plugins.kit.check.text_format import (
    show_summary,
    show_text,
)
from tongban.plugins.kit.check.watching import watch as watching
from tongban.plugins.kit.check.writing import write_witnesses
from tongban.plugins.kit.sources import read_text

if TYPE_CHECKING:
    from tongban.plugins.kit.check.run import Options, Report
    from tongban.plugins.kit.sources import Text

WRONG, LEFT_OUT = 1, 3
PLAN = "plan"


@click.command(short_help="Check rules: mistakes, style, sources, proofs.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="[ID=]FILE",
    envvar="TONGBAN_SOURCE",
    type=click.Path(),  # so that the variable's names are parted by `:`
    help="Compare quotations with this text; ID is a source's, `plan` if left out.",
)
@click.option("--select", multiple=True, metavar="CODE", help="Only these codes: TB204, or TB2.")
@click.option("--ignore", multiple=True, metavar="CODE", help="All but these codes.")
@click.option("--no-proofs", is_flag=True, help="Do not ask the solver (TB3xx).")
@click.option("--engines", is_flag=True, help="Compare the engines (TB5xx).")
@click.option("--strict", is_flag=True, help="A warning is an error.")
@json_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    help="How to write the findings; text if left out.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--write-cases", is_flag=True, help="Write each witness into its file, as a case.")
@click.option("--yes", is_flag=True, help="With --write-cases: do not ask.")
@click.pass_obj
def check(
    kernel: Kernel,
    paths: tuple[Path, ...],
    sources: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    no_proofs: bool,
    engines: bool,
    strict: bool,
    as_json: bool,
    form: str | None,
    watch: bool,
    write_cases: bool,
    yes: bool,
) -> None:
    """Check rules: everything that is wrong, with file, line and what would be right.

    PATH is a rule file, or a folder in which they are looked for; without one,
    everything that is installed is checked. docs/checks.md explains each code.
    A warning or note is excused by a comment in its line, or alone in the line
    above: # tongban: ignore TB204

    \b
    Exit status:
      0  no errors
      1  errors
      2  bad usage
      3  no errors, but the solver or an engine that was asked for is missing

    \b
    Examples:
      tongban check
      tongban check rules.yaml --source plan=plan.txt
      tongban check --select TB2 --ignore TB213 --no-proofs rules/
      tongban check --watch rules.yaml
      tongban check --format github            # in a workflow
    """
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} exclude each other")
    if watch and write_cases:
        raise click.UsageError("--watch and --write-cases exclude each other")
    if yes and not write_cases:
        raise click.UsageError("--yes goes with --write-cases")
    _refuse_unknown(select, ignore)
    files = dict(_named(one) for one in sources)
    options = Options(
        select=tuple(one.upper() for one in select),
        ignore=tuple(one.upper() for one in ignore),
        proofs=not no_proofs,
        engines=engines,
        strict=strict,
    )
    shown = "json" if as_json else form or "text"

    def once() -> Report:
        return _check(paths, files, options, shown)

    if watch:
        watching(paths, tuple(files.values()), once, kernel.clock)
        return
    report = once()
    if write_cases:
        write_witnesses(report, yes)
    if report.counts["error"]:
        sys.exit(WRONG)
    if report.left_out:
        sys.exit(LEFT_OUT)


def _check(paths: tuple[Path, ...], files: dict[str, Path], options: Options, form: str) -> Report:
    """Checks once, and writes what was found."""

    texts = {name: _text(path) for name, path in files.items()}
    with progress("检查 checking") as bar:
        report = run(paths, evolve(options, sources=texts), bar.show)
    if form == "text":
        show_text(report)
        show_summary(report)
    else:
        click.echo(FORMATS[form](report), nl=False)
    return report


def _refuse_unknown(*lists: tuple[str, ...]) -> None:
    for one in (code for codes in lists for code in codes):
        if not one or not any(code.startswith(one.upper()) for code in CODES):
            near = nearest(one.upper(), CODES)
            hint = f"; did you mean {near}?" if near else "; docs/checks.md lists them"
            raise click.UsageError(f"unknown code {one!r}{hint}")


def _named(source: str) -> tuple[str, Path]:
    """A source's id and the file of its text."""
    name, _, file = source.partition("=")
    if not file or Path(source).is_file():
        return PLAN, Path(source)
    return name, Path(file)


def _text(path: Path) -> Text:
    try:
        return read_text(path)
    except OSError as error:
        raise click.UsageError(f"--source {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"--source {path}: is not UTF-8") from None
