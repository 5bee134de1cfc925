"""`tongban check`: the linter and verifier of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `check`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Check rules: mistakes, style, sources, proofs."
    cli.add_command(lazy.Lazy("check", f"{__name__}.command:check", text, extra="kit"))
