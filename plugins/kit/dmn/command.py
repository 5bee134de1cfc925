"""`tongban import-dmn`: a department brings tables that it drew in a DMN editor."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from tongban.kernel import APPLICANTS, Kernel, nearest
from tongban.plugins.console import writing
from tongban.plugins.console.options import printable
from tongban.plugins.kit.dmn.document import Wishes, imported
from tongban.plugins.kit.dmn.table import TableError
from tongban.plugins.kit.dmn.xml import tables
from tongban.plugins.kit.examples import run_example
from tongban.plugins.kit.formatting.layout import formatted

if TYPE_CHECKING:
    from tongban.plugins.kit.dmn.table import Table

BAD_INPUT = 2
_ID = re.compile(r"[a-z][a-z0-9_]*")
_ITEM = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")


@click.command("import-dmn", short_help="Make rules of DMN decision tables.")
@click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
@click.option("-o", "--output", metavar="OUT", help="Write the rule file here; it must not exist.")
@click.option("--department", metavar="ID", help="The department's id; else the name of FILE.")
@click.option("--jurisdiction", metavar="CODE", help="Its province; left out, the default one.")
@click.option("--item", "items", multiple=True, metavar="ID", help="An item's id, for each table.")
@click.option("--decision", "only", multiple=True, metavar="ID", help="Only these decisions.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="COLUMN=NAME",
    help="The attribute or conclusion of a column; - leaves an output out.",
)
@click.option("--row", default="", metavar="N/M", help="The row of the annex that it carries out.")
@click.option("--kind", default="证明", show_default=True, help="The items' kind.")
@click.option("--handled-at", default="central", metavar="PLACE", help="Who handles them.")
@click.option(
    "--applicant",
    "applicants",
    multiple=True,
    type=click.Choice([*APPLICANTS]),
    help="Who may apply.",
)
@click.pass_obj
def import_dmn(
    kernel: Kernel,
    file: str,
    output: str | None,
    department: str | None,
    jurisdiction: str | None,
    items: tuple[str, ...],
    only: tuple[str, ...],
    pairs: tuple[str, ...],
    row: str,
    kind: str,
    handled_at: str,
    applicants: tuple[str, ...],
) -> None:
    """Make a department's rule file of the decision tables in a DMN file.

    FILE is DMN 1.1 to 1.5, as editors write it; `-` is standard input. Input
    columns become facts: of the vocabulary, by name or Chinese term, or new
    ones of the department. Output columns are named eligible, modes, requires,
    time_limit or delivery. docs/dmn.md says which parts of DMN are read; all
    else is refused, cell by cell. What a table does not say is marked TODO,
    which `tongban check` finds. The file is loaded, and a case for each row is
    run, before it is written.

    \b
    Exit status:
      0  written
      2  something cannot be read; nothing is written

    \b
    Examples:
      tongban import-dmn fees.dmn --department postal --item 9-01 -o postal.yaml
      tongban import-dmn fees.dmn --map "Wohnsitz=place.hukou.standing"
    """
    if output and Path(output).exists():
        raise click.UsageError(f"{output} is there already; name another file")
    stem = re.sub(r"[^a-z0-9]+", "_", Path(file).stem.lower()).strip("_")
    owner = department or (stem if _ID.fullmatch(stem) else "imported")
    if not _ID.fullmatch(owner):
        raise click.UsageError(f"--department {owner!r}: lower-case letters, digits and _")
    home = kernel.base.jurisdiction
    code = jurisdiction or home
    try:
        tables = _tables(file, only)
        wishes = Wishes(
            department=owner,
            jurisdiction=code,
            items=_items(items, tables, row),
            names=_names(pairs, tables),
            kind=kind,
            applicant=applicants or tuple(APPLICANTS),
            handled_at=handled_at,
            row=row,
            scope="" if code == home else f"{code}/",
        )
        found = imported(tables, kernel.base.vocabulary, kernel.base.sources, wishes)
    except TableError as error:
        for refusal in error.refusals:
            click.echo(printable(f"{file}: {refusal}"), err=True)
        sys.exit(BAD_INPUT)
    text = _laid_out(file, found.text)
    mistakes = _mistakes(text)
    for mistake in mistakes:
        click.echo(printable(f"{file}: {mistake}"), err=True)
    if mistakes:
        sys.exit(BAD_INPUT)
    for warning in found.warnings:
        click.echo(printable(f"{file}: note: {warning}"), err=True)
    if output:
        writing.write_file(Path(output), text)
        click.echo(f"{output}: written; next: tongban check {output}", err=True)
    else:
        click.echo(text, nl=False)


def _tables(file: str, only: Sequence[str]) -> Sequence[Table]:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None
    found = tables(content, only)
    known = {one.id for one in found} | {one.name for one in found}
    for wanted in only:
        if wanted not in known:
            raise click.UsageError(f"--decision {wanted!r}: not in {file}")
    return found


def _items(items: Sequence[str], tables: Sequence[Table], row: str) -> tuple[str, ...]:
    for one in items:
        if not _ITEM.fullmatch(one):
            raise click.UsageError(f"--item {one!r} is not an id such as 2-03")
        if items.count(one) > 1:
            raise click.UsageError(f"--item {one!r} stands twice; each table is an item of its own")
    part, _, number = row.partition("/")
    if not items and len(tables) == 1 and part.isdecimal() and number.isdecimal():
        return (f"{part}-{number:0>2}",)
    if not items:
        return tuple(f"9-{n:02}" for n in range(1, len(tables) + 1))
    if len(items) != len(tables):
        named = ", ".join(one.name or one.id for one in tables)
        raise click.UsageError(f"{len(items)} --item for {len(tables)} tables: {named}")
    return tuple(items)


def _names(pairs: Sequence[str], tables: Sequence[Table]) -> dict[str, str]:
    names: dict[str, str] = {}
    for pair in pairs:
        column, sign, name = (part.strip() for part in pair.rpartition("="))
        if not sign or not column or not name:
            raise click.UsageError(f"--map {pair!r}: write COLUMN=NAME")
        column = " ".join(column.split())
        if names.setdefault(column, name) != name:
            raise click.UsageError(f"--map: {column!r} is both {names[column]} and {name}")
    columns = [one for table in tables for one in (*table.inputs, *table.outputs)]
    known = [*dict.fromkeys(word for one in columns for word in (one.name, one.label) if word)]
    for column in names:
        if column not in known:
            near = nearest(column, known)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
            raise click.UsageError(f"--map {column!r}: no column has this name; {hint}")
    return names


def _laid_out(file: str, text: str) -> str:
    """The rule file as `tongban fmt` leaves it."""
    name = printable(Path(file).name if file != "-" else "standard input")
    head = "# yaml-language-server: $schema=tongban.schema.json\n"
    return formatted(f"{head}# Made from {name} by `tongban import-dmn`.\n\n{text}".encode()).text


def _mistakes(text: str) -> list[str]:
    """What is wrong with a rule file: mistakes of loading, and cases that fail."""
    with TemporaryDirectory() as folder:
        draft = Path(folder, "rules.yaml")
        draft.write_text(text, encoding="utf-8")
        kernel = Kernel(drafts=[draft])
        problems = [one for one in kernel.problems if one.file == str(draft)]
        if problems:
            return [f"[{one.rule}] {one.message}" for one in problems]
        items = [item for item in kernel.items if item.file == str(draft)]
        results = [run_example(kernel, item, case) for item in items for case in item.cases]
    return [
        f"[{one.item.id}] the case {one.example.name!r} does not hold: "
        f"{'; '.join(map(str, one.mismatches))}"
        for one in results
        if not one.passed
    ]
