"""Which cases are run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import click

from tongban.kernel import Item, Kernel, nearest
from tongban.plugins.console.options import find_item
from tongban.plugins.kit.testing.running import Selected


def select(
    kernel: Kernel,
    items: Sequence[Item],
    wanted: Collection[str] = (),
    departments: Collection[str] = (),
    name: str = "",
) -> list[Selected]:
    """The cases that pass every filter, in the order of departments and files.

    Args:
        kernel: one that has loaded the items.
        items: those to choose from.
        wanted: ids or exact names of items; none for all.
        departments: ids of departments; none for all.
        name: text in an item's id or official name or a case's name, in any letters.

    Raises:
        click.UsageError: for an item or department that there is not.
    """
    keys = {key for word in wanted for key in _keys(kernel, items, word)}
    known = {one.id for one in kernel.rulebook.departments}
    for department in departments:
        if department not in known:
            near = nearest(department, known)
            hint = f"did you mean {near!r}?" if near else f"one of {', '.join(sorted(known))}"
            raise click.UsageError(f"unknown department {department!r}; {hint}")
    chosen = (
        item
        for item in items
        if (not keys or item.key in keys) and (not departments or item.department in departments)
    )
    return list(_named(kernel, chosen, name.lower()))


def _keys(kernel: Kernel, items: Sequence[Item], word: str) -> list[str]:
    """The items that a word names, first of those to choose from: there a bare id will do."""
    own = [item.key for item in items if word == item.id]
    return own if len(own) == 1 else [find_item(kernel, word).key]


def _named(kernel: Kernel, items: Iterator[Item], name: str) -> Iterator[Selected]:
    for item in items:
        about = f"{kernel.rulebook.short(item)} {item.name}"
        for case in item.cases:
            if name in f"{about} {case.name}".lower():
                yield item, case
