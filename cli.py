"""The command line: the group, its options, and the commands that plugins add."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tongban.kernel import Kernel, TongbanError, __version__, nearest
from tongban.kernel.model import id_numbers, printing
from tongban.kernel.ports import guarding

if TYPE_CHECKING:
    from tongban.plugins.process import Process

__all__ = ["cli", "main"]

BAD_INPUT = 2
"""Exit status for input that cannot be used, and for a broken plugin with --strict."""

INTERRUPTED, PIPE_CLOSED, NOT_WRITTEN = 130, 141, 74
"""Exit statuses that shells and other programs use; none means a decision."""


class PluginGroup(click.Group):
    """A group whose commands come from the plugins of a kernel."""

    guard: guarding.Guard | None = None
    """What is put around plugins; the program has one for its process."""

    def kernel(self, ctx: click.Context) -> Kernel:
        """The kernel of this run, made when it is first needed."""
        if ctx.obj is None:
            ctx.obj = Kernel(strict=bool(ctx.params.get("strict")), guard=self.guard)
        kernel: Kernel = ctx.obj
        if ctx.meta.get(__name__) is not kernel:
            ctx.meta[__name__] = kernel
            self.commands = {}
            kernel.ports.register_commands(self)
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

    def invoke(self, ctx: click.Context) -> None:
        """Runs a command, then says which plugins failed on the way."""
        try:
            super().invoke(ctx)
        except BrokenPipeError:
            _discard_output()
            raise click.exceptions.Exit(PIPE_CLOSED) from None
        finally:
            if (
                ctx.obj is not None
                and not ctx.obj.ports.strict
                and ctx.invoked_subcommand != "plugins"
            ):
                _tell_failures(ctx.obj)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Runs the command line; every error is one message, never a traceback.

        Whatever a command writes, and whatever the source of the words: no terminal obeys them.
        """
        with printing.guarded():
            return self._main(*args, standalone_mode=standalone_mode, **extra)

    def _main(self, *args: Any, standalone_mode: bool, **extra: Any) -> Any:
        run: Any = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        try:
            status = run(*args, standalone_mode=False, **extra)
        except click.ClickException as error:
            _tell_usage(error)
            status = error.exit_code
        except click.Abort:
            click.echo("Aborted!", err=True)
            status = INTERRUPTED
        except TongbanError as error:
            _tell(error)
            status = BAD_INPUT
        except OSError as error:
            what = error.filename or "the output cannot be written"
            _tell(f"{what}: {error.strerror or error}")
            _discard_output()
            status = NOT_WRITTEN
        sys.exit(status)


def _tell(error: object) -> None:
    """An error on standard error; no name in it begins a line of its own."""
    says = id_numbers.without_id_numbers(str(error))
    click.echo("Error: " + says.replace("\n", "\n  "), err=True)


def _tell_usage(error: click.ClickException) -> None:
    """What click says of a command that was typed wrongly; the same holds for it."""
    said = io.StringIO()
    error.show(said)
    usage, mark, says = said.getvalue().partition("Error: ")
    says = id_numbers.without_id_numbers(says)
    click.echo(usage + mark + says.rstrip("\n").replace("\n", "\n  "), err=True)


def _tell_failures(kernel: Kernel) -> None:
    """One line on standard error for each plugin that failed and was left out."""
    for status in kernel.ports.failures:
        first, *others = status.problems
        more = f" (and {len(others)} more)" if others else ""
        says = printing.printable(f"the plugin {status.name} failed: {first}{more}")
        click.echo(f"Warning: {says}", err=True)


@click.group(
    "tongban",
    cls=PluginGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`tongban COMMAND --help` shows more, with examples. Shell completion: docs/cli.md.",
)
@click.version_option(__version__, "--version", prog_name="tongban")
@click.option(
    "--strict", is_flag=True, is_eager=True, help="A broken plugin is an error, not a report."
)
def cli(strict: bool) -> None:
    """Decide and carry cross-province government services (政务服务“跨省通办”).

    \b
    Examples:
      tongban items 养老           which items there are
      tongban show 1-07            what one asks, and by which words
      tongban ask 1-07             answer questions, get a decision
      tongban route FILE           decide applications in a file
    """


def main() -> NoReturn:
    """The program `tongban`."""
    gc.freeze()  # what is imported so far lasts to the end, and need not be looked through
    _open_closed_streams()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    process = _process()
    cli.guard = process
    try:
        cli(prog_name="tongban")
    except SystemExit as ended:
        sys.exit(process.end(ended.code) if process else ended.code)
    except BaseException:
        if process:
            process.end(1)
        raise
    raise AssertionError("a standalone command exits")


def _process() -> Process | None:
    """The guard of this process, as the environment wants it before any plugin has run."""
    try:
        from tongban.plugins.process import Process  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    try:
        return Process.from_environment(os.environ)
    except ValueError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(BAD_INPUT)


def _open_closed_streams() -> None:
    """Puts the null device where the caller closed a standard stream (`>&-`).

    The next file that is opened would otherwise take its number, and its place.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115


def _discard_output() -> None:
    """Lets what is still buffered go nowhere, so that leaving does not fail on it again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:  # under a test's runner there is no descriptor
        return
