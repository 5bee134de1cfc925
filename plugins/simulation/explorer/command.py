"""The command `tongban explore`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from tongban.kernel import TongbanError
from tongban.kernel.model import printing
from tongban.plugins.console.options import json_option
from tongban.plugins.console.progress import progress
from tongban.plugins.simulation.arguments import BadInputError, choose
from tongban.plugins.simulation.explorer.report import as_dict, lines
from tongban.plugins.simulation.explorer.scenario import Scenario, built_in, find, within
from tongban.plugins.simulation.explorer.search import Explored
from tongban.plugins.simulation.explorer.search import explore as search

BROKEN = 1


@click.command(short_help="Every interleaving of a small world, checked.")
@click.argument("scenario", required=False, shell_complete=choose(built_in))
@click.option(
    "--wide", is_flag=True, help="Within the scenario's wide bounds: minutes, not seconds."
)
@click.option("--states", type=click.IntRange(1), help="Stop after this many states.")
@click.option("--list", "listing", is_flag=True, help="List the built-in scenarios.")
@json_option
def explore(
    scenario: str | None, wide: bool, states: int | None, listing: bool, as_json: bool
) -> None:
    """Visit every state that a small world of cases and stores can reach.

    SCENARIO is a built-in one or a YAML file; without it all built-in ones
    are explored. The real protocol runs at every node. Messages are lost,
    doubled, late and out of order, nodes crash between any two steps, people
    do what they may in any order; in every state each invariant is checked.
    Where one does not hold, the shortest way to it is shown.

    \b
    Exit status:
      0  every invariant holds
      1  one does not
      2  bad input: a scenario that cannot be read

    \b
    Examples:
      tongban explore
      tongban explore joint --wide
      tongban explore my-world.yaml --json
    """
    try:
        if listing:
            _list([find(name) for name in built_in()], as_json)
            return
        chosen = [find(scenario)] if scenario else [find(name) for name in built_in()]
        broken = False
        for one in chosen:
            limited = within(one, wide=wide, states=states)
            found = _searched(limited)
            broken = broken or found.violation is not None
            if as_json:
                click.echo(json.dumps(as_dict(limited, found), ensure_ascii=False))
            else:
                for style, line in lines(limited, found):
                    shown = printing.printable(line)
                    click.secho(shown, printing.unguarded(sys.stdout), **style)
    except TongbanError as error:
        raise BadInputError(str(error)) from None
    if broken:
        sys.exit(BROKEN)


def _list(scenarios: list[Any], as_json: bool) -> None:
    for one in scenarios:
        if as_json:
            shown = {"scenario": one.name, "title": one.title, "about": one.about}
            click.echo(json.dumps(shown, ensure_ascii=False))
        else:
            click.echo(f"{one.name:<10} {one.title}")


def _searched(scenario: Scenario) -> Explored:
    name = scenario.name
    with progress(name) as bar:
        return search(
            scenario,
            lambda states, depth: bar.show(f"{name}: 状态 states {states:,} · 深度 depth {depth}"),
        )
