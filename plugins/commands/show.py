"""`tongban show`: one item, with its rules and their words, or as a guide (办事指南)."""

from __future__ import annotations

import click

from tongban.kernel import Kernel
from tongban.plugins.commands.items_shown import as_dict, guide_view, item_view
from tongban.plugins.console.options import find_item, item_argument, json_option, write_json
from tongban.plugins.console.tables import show as show_view


@click.command(short_help="Show an item with its rules, or as a guide (办事指南).")
@item_argument
@click.option("--guide", is_flag=True, help="As a guide for applicants (办事指南).")
@json_option
@click.pass_obj
def show(kernel: Kernel, item: str, guide: bool, as_json: bool) -> None:
    """Show an item: places, questions, materials, rules and the words they rest on.

    ITEM is an id or the exact official name. What the text does not state is
    marked [推断 inferred]. Modes are those possible today.

    \b
    Examples:
      tongban show 2-03
      tongban show 结婚登记 --guide
      tongban show 1-07 --json
    """
    found = find_item(kernel, item)
    if as_json:
        write_json(as_dict(kernel, found))
    else:
        show_view(guide_view(kernel, found) if guide else item_view(kernel, found))
