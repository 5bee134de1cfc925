"""`tongban plugins`: what is loaded, from where, what failed and why."""

from __future__ import annotations

from collections import Counter

import click

from tongban.kernel import Kernel
from tongban.plugins.commands.options import json_option, write_json
from tongban.plugins.commands.views import table

__all__ = ["plugins"]

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
    rows = [
        (
            status.name,
            STATES[status.state],
            status.distribution,
            status.source,
            ", ".join(status.hooks),
            "\n".join(status.problems),
        )
        for status in report
    ]
    table(("plugin", "状态 state", "distribution", "source", "hooks", "problems"), rows)
    states = Counter(status.state for status in report)
    counted = ", ".join(f"{n} {state}" for state, n in sorted(states.items(), reverse=True))
    click.echo(f"{len(report)} plugins: {counted}", err=True)
