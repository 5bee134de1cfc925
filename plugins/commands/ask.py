"""`tongban ask`: asks only what still matters, until there is a decision."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import click

from tongban.kernel import ApplicationError, Decision, Kernel
from tongban.plugins.console import writing
from tongban.plugins.console.decisions import decision_view
from tongban.plugins.console.options import (
    Day,
    as_json,
    find_item,
    item_argument,
    printable,
    write_json,
)
from tongban.plugins.console.questions import (
    RECEIVED,
    Question,
    Refused,
    question,
    understand,
)
from tongban.plugins.console.tables import show

__all__ = ["ask"]

INCOMPLETE, INTERRUPTED = 3, 130


@click.command(short_help="Answer only the questions that matter; get a decision.")
@item_argument
@click.option("--as-of", type=Day(), metavar="DATE", help="Decide as of this date, not today.")
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True), help="Write the application here."
)
@click.option("--json", "json_", is_flag=True, help="End with both as one JSON object.")
@click.pass_obj
def ask(kernel: Kernel, item: str, as_of: date | None, out: str | None, json_: bool) -> None:
    """Ask the questions that still matter for ITEM; end with the decision and the application.

    ITEM is an id or the exact official name. Each answer decides what is asked
    next. An answer is a value, its Chinese term, or its number in the list; a
    place is a division code or a name (西宁市, 西宁, 四川成都).

    Questions go to standard error, decision and application to standard
    output. Nothing is lost: at the end of input (exit status 3) and after Ctrl-C
    (130) the application is printed as far as it goes.

    \b
    Examples:
      tongban ask 1-07
      tongban ask 结婚登记 --out application.json
      printf 'online\\nperson\\n西宁\\n' | tongban ask 2-08 --json
    """
    found = find_item(kernel, item)
    raw: dict[str, Any] = {"item": kernel.rulebook.short(found)}
    if as_of:
        raw["as_of"] = as_of.isoformat()
    click.echo(f"{raw['item']} {found.name} · {found.title}", err=True)
    try:
        decision = _interview(kernel, raw)
    except (EOFError, KeyboardInterrupt, click.Abort) as stop:
        click.echo("\nStopped. The application so far:", err=True)
        click.echo(as_json(raw))
        sys.exit(INCOMPLETE if isinstance(stop, EOFError) else INTERRUPTED)
    if json_:
        write_json({"application": raw, "decision": decision.to_dict()})
    else:
        click.echo(err=True)
        show(decision_view(kernel, decision))
        click.echo(as_json(raw))
    if out:
        writing.write_file(Path(out), as_json(raw) + "\n")
        click.echo(printable(f"Written; decide it again with: tongban route {out}"), err=True)


def _interview(kernel: Kernel, raw: dict[str, Any]) -> Decision:
    """Fills `raw` until it can be decided."""
    while True:
        decision = kernel.decide(raw)
        if not decision.missing:
            return decision
        missing = decision.missing[0]
        _ask(kernel, raw, question(kernel, missing.name, missing.question, missing.values))


def _ask(kernel: Kernel, raw: dict[str, Any], one: Question) -> None:
    """Puts an answer into `raw` that passes the check of applications; asks until there is one."""
    title = f" {one.title}" if one.title else ""
    click.echo(f"\n{one.text}{title} [{one.name}]", err=True)
    for line in one.choices():
        click.echo(f"  {line}", err=True)
    while True:
        try:
            value = understand(kernel, one, _line())
            trial = _with(raw, one.name, value)
            _check(kernel, trial, one.name)
        except Refused as refused:
            for line in str(refused).split("\n"):
                click.echo(printable(f"  {line}"), err=True)
            continue
        click.echo(f"  ✓ {printable(one.shown(kernel, value))}", err=True)
        raw |= trial
        if raw.get("channel") in ("window", "kiosk") and "received_at" not in raw:
            _ask(kernel, raw, RECEIVED)
        return


def _check(kernel: Kernel, trial: dict[str, Any], name: str) -> None:
    """Whether the answer for `name` passes, as a part of the application.

    Raises:
        Refused: with what is wrong.
    """
    try:
        kernel.application(trial)
    except ApplicationError as error:
        wrong = [defect.message for defect in error.defects if defect.field == name]
        if wrong:
            raise Refused("; ".join(wrong)) from None


def _with(raw: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The application with one answer more."""
    family, _, rest = name.partition(".")
    return {**raw, family: {**raw.get(family, {}), rest: value} if rest else value}


def _line() -> str:
    """A line that is not blank.

    Raises:
        EOFError: where the input ends.
    """
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if terminal:
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - gives `input` arrow keys and history
    while True:
        if not terminal:
            click.echo("> ", nl=False, err=True)
        line = input("> " if terminal else "").strip()
        if line:
            return line
