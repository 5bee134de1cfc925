"""`tongban items`: the catalogue, filtered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from tongban.kernel import APPLICANTS, MODES, Item, Kernel, nearest
from tongban.plugins.commands.options import Day, json_option, write_json

__all__ = ["items"]


@click.command()
@click.argument("text", required=False)
@click.option("--department", metavar="ID", help="Of this department, e.g. justice.")
@click.option("--batch", metavar="N", help="Of this list of the annex: 1, 2 or 3.")
@click.option("--mode", type=click.Choice(list(MODES)), help="That can be handled in this mode.")
@click.option("--kind", metavar="KIND", help="Of this kind, e.g. 许可.")
@click.option("--applicant", type=click.Choice(list(APPLICANTS)), help="For this applicant.")
@click.option("--open-on", type=Day(), metavar="DATE", help="Available on this date.")
@json_option
@click.pass_obj
def items(kernel: Kernel, /, as_json: bool, text: str | None, **filters: Any) -> None:
    """List items (政务服务事项). TEXT is searched in ids, names and titles.

    \b
    Examples:
      tongban items 养老
      tongban items --department public_security --mode joint
      tongban items --batch 3 --open-on 2022-07-01 --json
    """
    _check(kernel, filters)
    found = list(_found(kernel, text, filters))
    if as_json:
        write_json([_as_dict(kernel, item) for item in found])
        return
    from tongban.plugins.commands.views import table  # noqa: PLC0415

    rows = [
        (
            kernel.rulebook.short(item),
            item.name,
            item.title,
            item.kind,
            "、".join(APPLICANTS[kind] for kind in item.applicant.value),
            item.lead,
            item.opens.isoformat() if item.opens else "",
        )
        for item in found
    ]
    table(("id", "事项 name", "title", "类别 kind", "申请人", "牵头 lead", "自 from"), rows)
    click.echo(f"{len(found)} of {len(kernel.items)} items", err=True)


def _check(kernel: Kernel, filters: dict[str, Any]) -> None:
    """Refuses a filter that can match nothing, with the nearest right word."""
    known = {
        "department": {d.id for d in kernel.rulebook.departments},
        "kind": set(kernel.rulebook.vocabulary.kinds),
        "batch": {item.batch for item in kernel.items if item.batch},
    }
    for name, words in known.items():
        word = filters[name]
        if word is not None and word not in words:
            near = nearest(word, words)
            hint = f"did you mean {near!r}?" if near else f"one of {', '.join(sorted(words))}"
            raise click.UsageError(f"unknown {name} {word!r}; {hint}")


def _found(kernel: Kernel, text: str | None, filters: dict[str, Any]) -> Iterator[Item]:
    day = filters["open_on"] or kernel.clock().date()
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
        if filters["mode"] and filters["mode"] not in kernel.possible_modes(item, day):
            continue
        yield item


def _open(item: Item, day: date) -> bool:
    first, last = item.available.value
    return (first is None or first <= day) and (last is None or day <= last)


def _as_dict(kernel: Kernel, item: Item) -> dict[str, Any]:
    first, last = item.available.value
    return {
        "id": item.id,
        "jurisdiction": item.jurisdiction,
        "name": item.name,
        "title": item.title,
        "kind": item.kind,
        "department": item.department,
        "lead": item.lead,
        "applicant": list(item.applicant.value),
        "batch": item.batch,
        "available": {
            "from": first.isoformat() if first else None,
            "until": last.isoformat() if last else None,
        },
        "handled_at": list(item.handled_at.value),
        "choice": item.choice,
    }
