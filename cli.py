"""The command line: the group, its options, and the commands that plugins add."""

from __future__ import annotations

import os
import sys

import click

from tongban.kernel import Kernel, TongbanError, __version__, nearest

__all__ = ["cli", "main"]

BAD_INPUT = 2
"""Exit status for input that cannot be used."""


class PluginGroup(click.Group):
    """A group whose commands come from the plugins of a kernel."""

    def kernel(self, ctx: click.Context) -> Kernel:
        """The kernel of this run, made when it is first needed."""
        if ctx.obj is None:
            ctx.obj = Kernel(strict=bool(ctx.params.get("strict")))
            ctx.obj.register_commands(self)
        kernel: Kernel = ctx.obj
        return kernel

    def list_commands(self, ctx: click.Context) -> list[str]:
        self.kernel(ctx)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self.kernel(ctx)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"commands: {', '.join(known)}"
            raise click.UsageError(f"unknown command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Adds a command; a name that is taken is refused.

        Raises:
            TongbanError: naming the command.
        """
        taken = name or cmd.name or ""
        if taken in self.commands and self.commands[taken] is not cmd:
            raise TongbanError(f"the command {taken!r} is taken by another plugin")
        super().add_command(cmd, name)


@click.group(
    cls=PluginGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: tongban route examples/pension-transfer.json",
)
@click.version_option(__version__, "--version", prog_name="tongban")
@click.option("--strict", is_flag=True, help="A broken plugin is an error, not a report.")
@click.pass_context
def cli(ctx: click.Context, strict: bool) -> None:
    """Decide and carry cross-province government services (政务服务“跨省通办”)."""


def main() -> None:
    """Runs the command line; every error is one message, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        cli(prog_name="tongban")
    except TongbanError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
