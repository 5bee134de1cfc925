"""`tongban new department`: asks or takes flags, then writes a project."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Kernel
from tongban.plugins.console.options import printable, write_json
from tongban.plugins.kit.new.answers import FIELDS, Field, Said, WrongAnswerError, name_or_id
from tongban.plugins.kit.new.project import TakenError, folder_name, write_project


@click.group(short_help="Begin a department of your own.")
def new() -> None:
    """Begin something of your own: `tongban new department NAME`."""


@new.command(short_help="Write a department's project, ready to install and to test.")
@click.argument("name_", metavar="NAME")
@click.option("--id", "id_", metavar="ID", help="Id: lower-case letters, digits, _.")
@click.option("--name", metavar="TEXT", help="Official Chinese name.")
@click.option("--title", metavar="TEXT", help="English title.")
@click.option("--jurisdiction", metavar="PROVINCE", help="Province, by code or name.")
@click.option("--item", metavar="ID", help="Id of the first item, such as 1-01.")
@click.option("--item-name", metavar="TEXT", help="Its official name.")
@click.option("--item-title", metavar="TEXT", help="Its English title.")
@click.option("--kind", metavar="KIND", help="Its kind, such as 登记.")
@click.option("--handled-at", metavar="PLACE", help="The place that handles it, such as hukou.")
@click.option("--defaults", is_flag=True, help="Ask nothing; take what is usual.")
@click.option("--with-code", is_flag=True, help="Add hooks in Python, with tests.")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Make the project's folder in DIR, not here.",
)
@click.option("--json", "json_", is_flag=True, help="Say what was written as JSON.")
@click.pass_obj
def department(
    kernel: Kernel,
    /,
    name_: str,
    into: Path,
    defaults: bool,
    with_code: bool,
    json_: bool,
    **more: Any,
) -> None:
    """Write a project that brings a department: rules, cases, tests.

    NAME is the department's official Chinese name or an English id. What no
    flag says is asked at a terminal; with --defaults it is what is usual. The
    project is a new folder; nothing that is there is ever overwritten.

    \b
    Examples:
      tongban new department 四川省人力资源和社会保障厅
      tongban new department human_resources --jurisdiction 四川 --defaults
      tongban new department 四川省林业和草原局 --id forestry --defaults --with-code
    """
    if not _has_copier():
        needs = "`tongban new` needs the package copier: pip install 'tongban[kit]'"
        raise click.ClickException(needs)
    given = {field.name: more[_parameter(field)] for field in FIELDS}
    said = _all_said(kernel, _with_name(given, name_), defaults)
    try:
        written = write_project(kernel, said, with_code, into)
    except TakenError as taken:
        raise click.UsageError(printable(str(taken))) from None
    folder = into / folder_name(said)
    if json_:
        write_json({"folder": str(folder), **said, "files": [str(path) for path in written]})
        return
    _tell(folder, written, said)


def _has_copier() -> bool:
    """Whether it is there; looked for only, since importing it takes a while."""
    try:
        return importlib.util.find_spec("copier") is not None
    except ValueError:  # it is marked as not to be imported
        return False


def _parameter(field: Field) -> str:
    return "id_" if field.name == "id" else field.name


def _with_name(given: dict[str, str | None], word: str) -> dict[str, str | None]:
    """The flags, and what NAME says beside them."""
    try:
        ((key, value),) = name_or_id(word).items()
    except WrongAnswerError as wrong:
        raise click.UsageError(str(wrong)) from None
    other = given[key]
    if other is not None and other.strip() != value:
        raise click.UsageError(f"NAME says {value!r} and --{key} says {other!r}; say one of them")
    return {**given, key: value}


def _all_said(kernel: Kernel, given: dict[str, str | None], defaults: bool) -> Said:
    """Every field's value: given, usual, or asked for.

    Raises:
        click.UsageError: with every flag that is wrong, or missing without a terminal to ask.
    """
    terminal = sys.stdin.isatty() and not defaults
    said: dict[str, str] = {}
    wrong: list[str] = []
    missing: list[str] = []
    for field in FIELDS:
        text = given[field.name]
        if text is None and terminal and not wrong:
            said[field.name] = _asked(kernel, field, said)
            continue
        if text is None and defaults:
            text = field.usual(kernel, said)
        if text is None:
            missing.append(field.flag)
            continue
        try:
            said[field.name] = field.check(kernel, said, text)
        except WrongAnswerError as error:
            wrong.append(f"{field.flag}: {error}")
    if wrong:
        raise click.UsageError(printable("; ".join(wrong)))
    if missing:
        usual = "" if defaults else " (or --defaults, which takes what is usual)"
        raise click.UsageError(f"missing: {', '.join(missing)}{usual}")
    return said


def _asked(kernel: Kernel, field: Field, said: Said) -> str:
    """Asks until there is an answer that will do."""
    while True:
        answer = click.prompt(field.question, default=field.usual(kernel, said), err=True)
        try:
            return field.check(kernel, said, str(answer))
        except WrongAnswerError as wrong:
            click.echo(printable(f"  {wrong}"), err=True)


def _tell(folder: Path, written: list[Path], said: Said) -> None:
    click.echo(f"已写入 Written: {folder}")
    for path in written:
        click.echo(f"  {path.relative_to(folder)}")
    click.echo("部门 Department:")
    for field in FIELDS:
        click.echo(f"  {field.name}: {said[field.name]}")
    where = shlex.quote(str(folder))
    click.echo("接下来 Next:")
    click.echo(f"  cd {where}")
    click.echo("  python -m pip install --editable '.[test]'")
    click.echo("  tongban check src && python -m pytest")
