"""`tongban plugins`: what is loaded, from where, what failed and why."""

from __future__ import annotations

from collections import Counter

import click

from tongban.kernel import Kernel, Status
from tongban.plugins.console.options import json_option, write_json
from tongban.plugins.console.tables import is_terminal, table

COLUMNS = ("plugin", "状态 state", "distribution", "source", "hooks", "problems")
STATES = {"loaded": "已加载 loaded", "failed": "失败 failed", "absent": "缺席 absent"}


@click.command(short_help="List plugins: loaded, from where, what failed and why.")
@json_option
@click.pass_obj
def plugins(kernel: Kernel, as_json: bool) -> None:
    """List the plugins: which are loaded, from where, what failed and why.

    A plugin that fails is left out and the others go on; so do its commands,
    departments and items. One that is absent says itself what it lacks here.

    \b
    Examples:
      tongban plugins
      tongban plugins --json
      tongban --strict plugins        # a broken plugin is an error
    """
    report = kernel.plugins
    if as_json:
        write_json([status.to_dict() for status in report])
        return
    if is_terminal():
        rows = [(one.name, STATES[one.state], _details(one)) for one in report]
        table(("plugin", "状态 state", "hooks, source, problems"), rows)
    else:
        table(COLUMNS, [_cells(one) for one in report])
    states = Counter(status.state for status in report)
    counted = ", ".join(f"{n} {state}" for state, n in sorted(states.items(), reverse=True))
    click.echo(f"{len(report)} plugins: {counted}", err=True)


def _details(one: Status) -> str:
    source = f"{one.source} ({one.distribution})" if one.distribution else one.source
    return "\n".join([*([", ".join(one.hooks)] if one.hooks else []), source, *one.problems])


def _cells(one: Status) -> tuple[str, ...]:
    hooks, problems = ", ".join(one.hooks), "\n".join(one.problems)
    return one.name, STATES[one.state], one.distribution, one.source, hooks, problems
