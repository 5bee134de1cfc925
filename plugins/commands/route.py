"""`tongban route`: from applications to decisions with their reasons."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from tongban.kernel import ApplicationError, Decision, Kernel, PluginError
from tongban.plugins.commands.options import Day, json_option, write_json

if TYPE_CHECKING:
    from tongban.plugins.commands.reading import Advance, Entry

__all__ = ["route"]

BAD_INPUT, INCOMPLETE, INELIGIBLE = 2, 3, 1
PROGRESS_FROM = 100_000
"""Size in bytes from which a file gets a progress bar."""


@frozen
class _Settings:
    as_json: bool
    explain: bool
    as_of: date | None
    engine: str | None
    many: bool


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
@click.option("--as-of", type=Day(), help="Decide as of this date, whatever applications say.")
@click.option("--explain", is_flag=True, help="Show every rule: what it saw, what would pass.")
@click.option("--engine", metavar="NAME", help="Ask this engine alone, e.g. durable-rules.")
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

    FILE holds one application as a JSON object, or many as JSON Lines; `-` is
    standard input.

    Exit status: 0 when every application got a decision; 2 for bad input (the
    other lines are still decided); 3 when a fact is missing; 1 with
    --fail-ineligible when any is ineligible.

    \b
    Examples:
      tongban route examples/pension-transfer.json
      tongban route --json --as-of 2022-06-30 cases.jsonl
      echo '{"item": "1-31", "channel": "online", "places": {"enterprise": 630100},
             "applicant": {"kind": "person"}}' | tongban route -
    """
    settings = _Settings(as_json, explain, as_of, engine, len(files) > 1)
    outcomes: Counter[str] = Counter()
    for path in files:
        with _progress(path) as advance:
            for outcome in _decide_file(kernel, path, settings, advance):
                outcomes[outcome] += 1
    if outcomes["bad"]:
        sys.exit(BAD_INPUT)
    if outcomes["incomplete"]:
        sys.exit(INCOMPLETE)
    if fail_ineligible and outcomes["ineligible"]:
        sys.exit(INELIGIBLE)


def _decide_file(
    kernel: Kernel, path: str, settings: _Settings, advance: Advance | None
) -> Iterator[str]:
    from tongban.plugins.commands.reading import entries  # noqa: PLC0415

    for entry in entries(path, advance):
        try:
            if entry.error:
                raise ApplicationError([])
            yield _decide(kernel, entry.raw, settings, path, entry)
        except ApplicationError as error:
            _report(path, entry, entry.error or str(error), error, settings)
            yield "bad"
        except PluginError as error:
            _report(path, entry, str(error), None, settings)
            yield "bad"


def _decide(kernel: Kernel, raw: Any, settings: _Settings, path: str, entry: Entry) -> str:
    application = kernel.application(raw)
    if settings.as_of:
        application = evolve(application, as_of=settings.as_of)
    for defect in kernel.examine(application):
        click.echo(f"{_where(path, entry)}: {defect}", err=True)
    decision = kernel.decide(application, settings.engine)
    explanation = kernel.explain(application).to_dict() if settings.explain else None
    if settings.as_json:
        shown = decision.to_dict()
        write_json(shown | {"explanation": explanation} if explanation else shown)
    else:
        _show(kernel, decision, explanation)
    return decision.outcome


def _show(kernel: Kernel, decision: Decision, explanation: dict[str, Any] | None) -> None:
    from tongban.plugins.commands.decisions import (  # noqa: PLC0415
        decision_view,
        explanation_rows,
    )
    from tongban.plugins.commands.views import View, show  # noqa: PLC0415

    show(decision_view(kernel, decision))
    if explanation:
        view = View("逐条说明 rule by rule")
        explanation_rows(explanation, view)
        show(view)


def _where(path: str, entry: Entry) -> str:
    return f"{'<stdin>' if path == '-' else path}:{entry.line}"


def _report(
    path: str, entry: Entry, message: str, error: ApplicationError | None, settings: _Settings
) -> None:
    """One clear message on standard error; with --json also an object in the stream."""
    if settings.as_json:
        shown: dict[str, Any] = {"error": message, "line": entry.line}
        if settings.many:
            shown["file"] = path
        if error and error.defects:
            shown["defects"] = [{"field": d.field, "message": d.message} for d in error.defects]
        write_json(shown)
    click.echo(f"{_where(path, entry)}: {message}", err=True)


@contextmanager
def _progress(path: str) -> Iterator[Advance | None]:
    """A progress bar on standard error, for a large file read at a terminal."""
    size = Path(path).stat().st_size if path != "-" and Path(path).is_file() else 0
    if size < PROGRESS_FROM or not sys.stderr.isatty() or sys.stdout.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"受理 deciding {Path(path).name}", total=size)
        yield lambda read: progress.advance(task, read)
