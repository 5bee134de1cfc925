"""The command `tongban why-not`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from tongban.kernel import ApplicationError, Kernel, PluginError
from tongban.plugins.console.jsonl import Entry, entries
from tongban.plugins.console.options import Day, json_option, printable, write_json
from tongban.plugins.console.tables import show
from tongban.plugins.kit.why_not.attributes import Policy, policy
from tongban.plugins.kit.why_not.goals import Want, wants

if TYPE_CHECKING:
    from tongban.plugins.kit.why_not.repairs import Result

IMPOSSIBLE, BAD_INPUT, UNCONFIRMED = 1, 2, 70
MAX_WAYS = 20
"""Alternatives that --all shows."""

_ORDER = (UNCONFIRMED, BAD_INPUT, IMPOSSIBLE, 0)
_STATUS = {
    "met": 0,
    "turned": 0,
    "impossible": IMPOSSIBLE,
    "not_found": IMPOSSIBLE,
    "unconfirmed": UNCONFIRMED,
}


@frozen
class _Settings:
    wanted: tuple[Want, ...]
    policy: Policy
    most: int
    as_of: date | None
    as_json: bool


@click.command("why-not", short_help="The fewest changes that turn a decision.")
@click.argument("application", metavar="APPLICATION", type=click.Path(allow_dash=True))
@click.option(
    "--want",
    "words",
    multiple=True,
    metavar="NAME=VALUE",
    help="What it should come to: outcome, modes, delivery or handling.  [outcome=eligible]",
)
@click.option("--hold", multiple=True, metavar="NAME", help="This must stay as it is.")
@click.option("--free", multiple=True, metavar="NAME", help="This may change, though held.")
@click.option("--all", "every", is_flag=True, help="Show the alternatives too, up to 20.")
@click.option("--as-of", type=Day(), metavar="DATE", help="Begin on this date.")
@json_option
@click.pass_obj
def why_not(
    kernel: Kernel,
    application: str,
    words: tuple[str, ...],
    hold: tuple[str, ...],
    free: tuple[str, ...],
    every: bool,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Find the fewest changes after which an application is eligible, or comes to what --want says.

    APPLICATION holds one as a JSON object, or many, one a line (JSON Lines);
    `-` is standard input. What cannot be changed is held: births and other
    past events, and places where something already is; days only go forward.
    What was not said is answered, which counts as no change. The solver finds
    the changes, the engine confirms each before it is shown.

    \b
    Exit status:
      0   every application can be turned, or needs not be
      1   one cannot: proved, with the rules that stand in the way
      2   one could not be read or decided
      70  the engine does not confirm a change, which is a bug

    \b
    Examples:
      tongban why-not examples/first-id-card.json
      tongban why-not --want modes=online --hold channel examples/hukou-move.json
      tongban why-not --all --free places.property examples/cases.jsonl
    """
    most = MAX_WAYS if every else 1
    settings = _Settings(wants(kernel, words), policy(kernel, hold, free), most, as_of, as_json)
    if application == "-" and sys.stdin.isatty():
        click.echo("Reading applications from the terminal; Ctrl-D ends them.", err=True)
    found = {_one(kernel, entry, settings, application) for entry in entries(application)}
    sys.exit(next(status for status in _ORDER if status in found or not status))


def _one(kernel: Kernel, entry: Entry, settings: _Settings, path: str) -> int:
    """Examines one application and shows what was found; returns an exit status."""
    where = "<stdin>" if path == "-" else path
    where = f"{where}:{entry.line}" if entry.line else where
    if entry.error:
        return _refuse(entry.error, where, entry, settings)
    try:
        result = _examined(kernel, entry.raw, settings)
    except ApplicationError as error:
        return _refuse("; ".join(map(str, error.defects[:20])), where, entry, settings)
    except PluginError as error:
        if kernel.ports.strict:
            raise
        return _refuse(str(error), where, entry, settings)
    # Not before: what shows them needs the solver, whose absence is reported above.
    from tongban.plugins.kit.why_not.terminal import as_dict, result_view  # noqa: PLC0415

    if settings.as_json:
        write_json(as_dict(kernel, result))
    else:
        show(result_view(kernel, result, "" if entry.whole else where))
    if result.status == "unconfirmed":
        says = "the engine does not confirm what the solver found, a bug of Tongban"
        click.echo(printable(f"{where}: {says}: {result.unconfirmed}"), err=True)
    return _STATUS[result.status]


def _examined(kernel: Kernel, raw: Any, settings: _Settings) -> Result:
    try:
        from tongban.plugins.kit.why_not.repairs import examine  # noqa: PLC0415 - the solver
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        raise click.UsageError("why-not needs z3-solver: pip install 'tongban[check]'") from None
    if settings.as_of is not None and isinstance(raw, Mapping):
        raw = {**raw, "as_of": settings.as_of.isoformat()}
    return examine(kernel, raw, settings.wanted, settings.policy, settings.most)


def _refuse(message: str, where: str, entry: Entry, settings: _Settings) -> int:
    if settings.as_json:
        write_json({"error": message, "line": entry.line})
    click.echo(printable(f"{where}: {message}"), err=True)
    return BAD_INPUT
