"""`tongban route`: from applications to decisions with their reasons."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from tongban.kernel import Application, ApplicationError, Defect, Kernel, PluginError
from tongban.plugins.console.jsonl import entries
from tongban.plugins.console.options import Day, choose, json_option, printable, write_json
from tongban.plugins.console.places import abolished_in
from tongban.plugins.console.progress import progress

if TYPE_CHECKING:
    from tongban.plugins.console.jsonl import Entry

INELIGIBLE, BAD_INPUT, INCOMPLETE = 1, 2, 3
PROGRESS_FROM = 100_000
"""Size in bytes from which a file gets a progress bar."""
MAX_SHOWN = 20
"""How many mistakes of one application a message tells; `defects` holds them all."""


@frozen
class _Settings:
    as_json: bool
    explain: bool
    as_of: date | None
    engine: str | None
    many: bool


def _engines(kernel: Kernel) -> dict[str, str]:
    return dict.fromkeys(kernel.engines.names, "")


@click.command(short_help="Decide applications, with reasons and route.")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)
)
@json_option
@click.option(
    "--as-of", type=Day(), metavar="DATE", help="Decide as of this date, whatever they say."
)
@click.option("--explain", is_flag=True, help="Show every rule: what it saw, what would pass.")
@click.option(
    "--engine",
    metavar="NAME",
    shell_complete=choose(_engines),
    help="Ask this engine alone, e.g. durable-rules.",
)
@click.option("--fail-ineligible", is_flag=True, help="Exit with 1 when any is ineligible.")
@click.pass_obj
def route(
    kernel: Kernel,
    files: tuple[str, ...],
    as_json: bool,
    as_of: date | None,
    explain: bool,
    engine: str | None,
    fail_ineligible: bool,
) -> None:
    """Decide applications: eligible or not, in which mode, by which authorities, and why.

    FILE holds one application as a JSON object, or many, one a line (JSON
    Lines); `-` is standard input. docs/decision.md has every key of an
    application and of a decision.

    \b
    Exit status:
      0  every application got a decision
      1  with --fail-ineligible: one was refused, none was bad or incomplete
      2  one could not be read or decided; the others still are
      3  none was bad, but in one a fact is missing

    \b
    Examples:
      tongban route examples/pension-transfer.json
      tongban route --explain examples/first-id-card.json
      tongban route --json --as-of 2022-06-30 examples/cases.jsonl
      echo '{"item": "1-31", "channel": "online", "applicant": {"kind": "person"},
             "places": {"enterprise": 630100}}' | tongban route -
    """
    if files.count("-") > 1:
        raise click.UsageError("standard input (-) can be read only once")
    if engine is not None and engine != kernel.engines.names[0]:
        kernel.engines.matching(engine)  # refuses one that cannot be asked, before anything is read
    settings = _Settings(as_json, explain, as_of, engine, len(files) > 1)
    outcomes: Counter[str] = Counter()
    for path in files:
        outcomes.update(_decide_file(kernel, path, settings))
    if outcomes["bad"]:
        sys.exit(BAD_INPUT)
    if outcomes["incomplete"]:
        sys.exit(INCOMPLETE)
    if fail_ineligible and outcomes["ineligible"]:
        sys.exit(INELIGIBLE)


def _decide_file(kernel: Kernel, path: str, settings: _Settings) -> Iterator[str]:
    """The outcome of each application in a file, `bad` where there is none."""
    if path == "-" and sys.stdin.isatty():
        click.echo("Reading applications from the terminal; Ctrl-D ends them.", err=True)
    file = Path(path)
    size = file.stat().st_size if path != "-" and file.is_file() else 0
    # Decisions that go to the terminal move the bar away.
    wanted = size >= PROGRESS_FROM and not sys.stdout.isatty()
    with progress(f"受理 deciding {file.name}", size, wanted=wanted, stays=True) as bar:
        for entry in entries(path, bar.advance if wanted else None):
            yield _decide_entry(kernel, entry, settings, path)


def _decide_entry(kernel: Kernel, entry: Entry, settings: _Settings, path: str) -> str:
    where = _where(path, entry)
    if entry.error:
        return _refuse(entry.error, where, entry, settings, path)
    try:
        application = kernel.application(entry.raw)
        for note in abolished_in(kernel.base.divisions, entry.raw):
            click.echo(printable(f"{where}: 提示 note: {note}"), err=True)
        if settings.as_of:
            application = evolve(application, as_of=settings.as_of)
        return _decide(kernel, application, settings, where, entry.whole and not settings.many)
    except ApplicationError as error:
        message = "; ".join(map(str, error.defects[:MAX_SHOWN]))
        if len(error.defects) > MAX_SHOWN:
            message += f"; and {len(error.defects) - MAX_SHOWN:,} mistakes more"
        return _refuse(message, where, entry, settings, path, error.defects)
    except PluginError as error:
        if kernel.ports.strict:
            raise
        return _refuse(str(error), where, entry, settings, path)


def _decide(
    kernel: Kernel, application: Application, settings: _Settings, where: str, alone: bool
) -> str:
    decision = kernel.decide(application, settings.engine)
    explanation = kernel.explain(application).to_dict() if settings.explain else None
    for defect in kernel.ports.examine(application):
        kind = "提示 note" if defect.warning else "形式问题 defect"
        click.echo(printable(f"{where}: {kind}: {defect}"), err=True)
    if settings.as_json:
        shown = decision.to_dict()
        write_json(shown | {"explanation": explanation} if explanation else shown)
        return decision.outcome
    # Not before: what is only for people must not cost machines its start-up.
    from tongban.plugins.commands.explanations import explanation_view  # noqa: PLC0415
    from tongban.plugins.console.decisions import decision_view  # noqa: PLC0415
    from tongban.plugins.console.tables import show  # noqa: PLC0415

    source = "" if alone else where
    show(decision_view(kernel, decision, source))
    if explanation:
        show(explanation_view(kernel, decision, explanation, source))
    return decision.outcome


def _where(path: str, entry: Entry) -> str:
    file = "<stdin>" if path == "-" else path
    return f"{file}:{entry.line}" if entry.line else file


def _refuse(
    message: str,
    where: str,
    entry: Entry,
    settings: _Settings,
    path: str,
    defects: tuple[Defect, ...] = (),
) -> str:
    """One clear message on standard error; with --json also an object in the stream."""
    if settings.as_json:
        shown: dict[str, Any] = {"error": message, "line": entry.line}
        if settings.many:
            shown["file"] = path
        if defects:
            shown["defects"] = [{"field": d.field, "message": d.message} for d in defects]
        write_json(shown)
    click.echo(printable(f"{where}: {message}"), err=True)
    return "bad"
