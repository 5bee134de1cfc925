"""Commands are imported when they are called; the list of commands says the same as they do."""

from __future__ import annotations

import click
import pytest

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.commands.lazy import Lazy


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    group = click.Group()
    Kernel().register_commands(group)
    return dict(group.commands)


def test_the_list_says_what_the_commands_say_of_themselves(
    commands: dict[str, click.Command],
) -> None:
    lazy = {name: one for name, one in commands.items() if isinstance(one, Lazy)}
    assert {"route", "check", "test"} <= set(lazy)
    for name, one in lazy.items():
        assert one.command.name == name
        assert one.command.get_short_help_str(80) == one.get_short_help_str(80)


def test_a_group_among_them_has_its_commands(commands: dict[str, click.Command]) -> None:
    context = commands["new"].make_context("new", ["department"], click.Context(cli))
    assert isinstance(context.command, click.Group)
    assert "department" in context.command.commands


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(click.ClickException, match="needs the package no_such, which is not"):
        _ = Lazy("check", "no_such.module:check", "").command
