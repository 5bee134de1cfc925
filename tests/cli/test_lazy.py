"""Commands are imported when they are called; the list of commands says the same as they do."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.console.lazy import Lazy


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    group = click.Group()
    Kernel().ports.register_commands(group)
    return dict(group.commands)


def test_the_list_says_what_the_commands_say_of_themselves(
    commands: dict[str, click.Command],
) -> None:
    lazy = {name: one for name, one in commands.items() if isinstance(one, Lazy)}
    assert set(lazy) == set(commands)
    for name, one in lazy.items():
        assert one.command.name == name
        assert one.command.get_short_help_str(80) == one.get_short_help_str(80)


def test_a_group_among_them_has_its_commands(commands: dict[str, click.Command]) -> None:
    context = commands["new"].make_context("new", ["department"], click.Context(cli))
    assert isinstance(context.command, click.Group)
    assert "department" in context.command.commands


def test_a_package_that_is_missing_is_named() -> None:
    says = "`tongban check` needs the package no_such, which is not installed"
    hint = rf"{says}: pip install 'tongban\[kit\]'$"
    with pytest.raises(click.ClickException, match=hint) as missing:
        _ = Lazy("check", "no_such.module:check", "", extra="kit").command
    assert missing.value.exit_code == 2
    with pytest.raises(click.ClickException, match=f"{says}$"):
        _ = Lazy("check", "no_such.module:check", "").command


def test_a_kernel_waits_for_no_command_and_for_no_store() -> None:
    """Of each plugin that brings commands, carries or keeps, its own small package alone."""
    code = (
        "import sys\n"
        "from tongban.kernel import Kernel\n"
        "points = {one.source for one in Kernel().plugins if one.state == 'loaded'}\n"
        "kinds = ('commands', 'simulation', 'delivery', 'exchange', 'stores')\n"
        "ours = {f'tongban.plugins.{kind}' for kind in kinds}\n"
        "files = {n for n, m in sys.modules.items() if getattr(m, '__spec__', 0)}\n"
        "found = {n for n in files if '.'.join(n.split('.')[:3]) in ours}\n"
        "print(sorted(found - points - ours), {'click', 'sqlite3', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[] set()\n", done.stderr
