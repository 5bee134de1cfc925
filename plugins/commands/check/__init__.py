"""`tongban check`: the linter and verifier of rules."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `check`."""
    cli.add_command(
        Lazy("check", f"{__name__}.command:check", "Check rules: mistakes, style, sources, proofs.")
    )
