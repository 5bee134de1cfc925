"""`tongban plugins`: what is loaded, from where, what failed and why."""

from __future__ import annotations

import click

from tongban.kernel import Kernel
from tongban.plugins.commands.options import json_option, write_json

__all__ = ["plugins"]

STATES = {"loaded": "已加载 loaded", "failed": "失败 failed", "absent": "缺席 absent"}


@click.command()
@json_option
@click.pass_obj
def plugins(kernel: Kernel, as_json: bool) -> None:
    """List the plugins: what is loaded, from where, what failed and why.

    \b
    Examples:
      tongban plugins
      tongban --strict plugins        # a broken plugin is an error
    """
    report = kernel.plugins
    if as_json:
        write_json([status.to_dict() for status in report])
        return
    from tongban.plugins.commands.views import table  # noqa: PLC0415

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
    table(("plugin", "state", "distribution", "source", "hooks", "problems"), rows)
