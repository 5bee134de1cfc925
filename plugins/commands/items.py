"""`tongban items`: the catalogue, filtered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from tongban.kernel import APPLICANTS, MODES, Item, Kernel, nearest
from tongban.kernel.engine import possible_modes
from tongban.kernel.model import day_of
from tongban.plugins.commands.items_shown import available_dict, named_dict
from tongban.plugins.console.options import Day, choose, json_option, write_json
from tongban.plugins.console.tables import is_terminal, table


def _departments(kernel: Kernel) -> dict[str, str]:
    return {one.id: one.title for one in kernel.rulebook.departments}


def _kinds(kernel: Kernel) -> dict[str, str]:
    return dict.fromkeys(kernel.rulebook.vocabulary.kinds, "")


def _batches(kernel: Kernel) -> dict[str, str]:
    return {item.batch: "" for item in kernel.items if item.batch}


@click.command(short_help="List items (政务服务事项) of the catalogue.")
@click.argument("text", required=False)
@click.option(
    "--department",
    metavar="ID",
    shell_complete=choose(_departments),
    help="Of this department, e.g. justice.",
)
@click.option(
    "--batch",
    metavar="N",
    shell_complete=choose(_batches),
    help="Of this list of the annex: 1, 2 or 3.",
)
@click.option("--mode", type=click.Choice(list(MODES)), help="That can be handled in this mode.")
@click.option(
    "--kind", metavar="KIND", shell_complete=choose(_kinds), help="Of this kind, e.g. 许可."
)
@click.option("--applicant", type=click.Choice(list(APPLICANTS)), help="For this applicant.")
@click.option(
    "--open-on", type=Day(), metavar="DATE", help="Available on this date, e.g. 2022-07-01."
)
@json_option
@click.pass_obj
def items(kernel: Kernel, /, as_json: bool, text: str | None, **filters: Any) -> None:
    """List the items (政务服务事项) of the catalogue, all or those that pass every filter.

    TEXT is searched in ids, Chinese names and English titles. In a pipe the
    columns are parted by tabs; how many were found is said on standard error.

    --mode asks what is possible on the date of --open-on, or today.

    \b
    Examples:
      tongban items 养老
      tongban items --department public_security --mode joint
      tongban items --batch 3 --open-on 2022-07-01 --json
      tongban items | cut -f 1,2
    """
    _check(kernel, filters)
    found = list(_found(kernel, text, filters))
    if as_json:
        write_json([_as_dict(item) for item in found])
        return
    heading = ["id", "事项 name", "title", "类别 kind", "申请人 applicant", "牵头 lead", "自 from"]
    rows = [_row(kernel, item) for item in found]
    if is_terminal():
        # The title stands under the name, so that both can be read whole.
        heading[1:3] = ["事项 name"]
        rows = [[row[0], f"{row[1]}\n{row[2]}", *row[3:]] for row in rows]
    table(heading, rows)
    click.echo(f"{len(found)} of {len(kernel.items)} items", err=True)


def _row(kernel: Kernel, item: Item) -> list[str]:
    return [
        kernel.rulebook.short(item),
        item.name,
        item.title,
        item.kind,
        "、".join(APPLICANTS[kind] for kind in item.applicant.value),
        item.lead,
        item.opens.isoformat() if item.opens else "",
    ]


def _check(kernel: Kernel, filters: dict[str, Any]) -> None:
    """Refuses a filter that can match nothing, with the nearest right word."""
    known = {"department": _departments, "kind": _kinds, "batch": _batches}
    for name, words in known.items():
        word, right = filters[name], words(kernel)
        if word is not None and word not in right:
            near = nearest(word, right)
            hint = f"did you mean {near!r}?" if near else f"one of {', '.join(sorted(right))}"
            raise click.UsageError(f"unknown {name} {word!r}; {hint}")


def _found(kernel: Kernel, text: str | None, filters: dict[str, Any]) -> Iterator[Item]:
    day = filters["open_on"] or day_of(kernel.clock())
    for item in kernel.items:
        if text and text.lower() not in f"{item.key} {item.name} {item.title}".lower():
            continue
        if filters["department"] not in (None, item.department):
            continue
        if filters["batch"] not in (None, item.batch) or filters["kind"] not in (None, item.kind):
            continue
        if filters["applicant"] and filters["applicant"] not in item.applicant.value:
            continue
        if filters["open_on"] and not _open(item, day):
            continue
        if filters["mode"] and filters["mode"] not in possible_modes(kernel.program(item), day):
            continue
        yield item


def _open(item: Item, day: date) -> bool:
    first, last = item.available.value
    return (first is None or first <= day) and (last is None or day <= last)


def _as_dict(item: Item) -> dict[str, Any]:
    return {
        **named_dict(item),
        "applicant": list(item.applicant.value),
        "batch": item.batch,
        "available": available_dict(item),
        "handled_at": list(item.handled_at.value),
        "choice": item.choice,
    }
