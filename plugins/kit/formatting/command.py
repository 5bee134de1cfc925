"""`tongban fmt`: one layout for all rule files."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from attrs import define, frozen

from tongban.kernel.model import printing
from tongban.plugins.console import writing
from tongban.plugins.console.options import json_option, printable, write_json
from tongban.plugins.kit.formatting.files import find
from tongban.plugins.kit.formatting.layout import formatted
from tongban.plugins.kit.formatting.proof import same_base, same_rules
from tongban.plugins.kit.formatting.tree import UnformattableError

CHANGES, BAD_INPUT = 1, 2
STDIN = "<stdin>"


@frozen
class _Settings:
    check: bool
    diff: bool
    as_json: bool


@define
class _File:
    """The result of one file: `unchanged`, `changed` or, with an error, `failed`."""

    path: Path
    before: str
    after: str
    kind: str
    error: str = ""

    @property
    def state(self) -> str:
        if self.error:
            return "failed"
        return "unchanged" if self.before == self.after else "changed"


@click.command(short_help="One layout for rule files, comments kept.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(allow_dash=True))
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 where any would.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@json_option
def fmt(paths: tuple[str, ...], check: bool, diff: bool, as_json: bool) -> None:
    """Give rule files one layout: order of keys, indentation, quotes, line breaks.

    PATH is a rule file, or a folder in which rule files are looked for (the
    current one, where none is given); `-` formats standard input to standard
    output. Comments stay at what they speak of. Each file is loaded before and
    after: one that would come to other rules is left alone.

    \b
    Exit status:
      0  done; with --check: nothing would change
      1  with --check: some file would change
      2  a file could not be formatted; the others still are

    \b
    Examples:
      tongban fmt
      tongban fmt --check --diff rules/departments
      tongban fmt - < postal.yaml
    """
    settings = _Settings(check, diff, as_json)
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("standard input (-) is formatted alone")
        sys.exit(_standard_input(settings))
    sys.exit(_files([Path(path) for path in paths] or [Path()], settings))


def _standard_input(settings: _Settings) -> int:
    file = _read(Path(STDIN), sys.stdin.buffer.read())
    _prove([file])
    if settings.diff or settings.as_json or file.error:
        _report(file, settings)
    elif not settings.check:
        click.echo(file.after.encode(), nl=False)
    return _status([file], settings)


def _files(paths: Sequence[Path], settings: _Settings) -> int:
    files = []
    for path in find(paths):
        try:
            files.append(_read(path, path.read_bytes()))
        except OSError as error:
            files.append(_File(path, "", "", "", f"{path}: {error.strerror}"))
    _prove(files)
    for file in files:
        if file.state == "changed" and not (settings.check or settings.diff):
            try:
                writing.write_file(file.path, file.after)
            except OSError as error:
                file.error = f"{file.path}: cannot be written: {error.strerror}"
        _report(file, settings)
    if not settings.as_json:
        _summary(files, settings)
    return _status(files, settings)


def _read(path: Path, content: bytes) -> _File:
    try:
        after = formatted(content)
        return _File(path, content.decode(), after.text, after.kind)
    except UnformattableError as error:
        return _File(path, "", "", "", f"{path}:{error}")


def _prove(files: Sequence[_File]) -> None:
    """Marks the files whose rules would not be the same afterwards."""
    changed = [file for file in files if file.state == "changed"]
    departments = {f.path: (f.before, f.after) for f in changed if f.kind == "department"}
    other = {*(same_rules(departments) if departments else ())}
    for file in changed:
        same = file.path not in other
        if file.kind != "department":
            same = same_base(file.path, file.after)
        if not same:
            file.error = f"{file.path}:1:1: its rules would not be the same; left alone"


def _report(file: _File, settings: _Settings) -> None:
    name = printable(str(file.path))
    if file.error:
        click.echo(printable(file.error), err=True)
    if settings.as_json:
        row: Mapping[str, str] = {"file": str(file.path), "state": file.state}
        write_json({**row, "error": file.error} if file.error else row)
    elif file.state == "changed" and settings.diff:
        before, after = (text.splitlines() for text in (file.before, file.after))
        for line in difflib.unified_diff(before, after, name, name, lineterm=""):
            out = printing.unguarded(sys.stdout)
            click.secho(printable(line), out, fg=_COLOURS.get(line[:1]))
    elif file.state == "changed":
        click.echo(f"{'would format' if settings.check else 'formatted'} {name}")


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _summary(files: Sequence[_File], settings: _Settings) -> None:
    counted = {state: sum(f.state == state for f in files) for state in _STATES}
    dry = settings.check or settings.diff
    said = [
        (_STATES[state][dry]).format(_files_of(count)) for state, count in counted.items() if count
    ]
    click.echo("; ".join(said), err=True)


_STATES = {
    "changed": ("{} formatted", "{} would change"),
    "unchanged": ("{} left as before", "{} already formatted"),
    "failed": ("{} could not be formatted", "{} could not be formatted"),
}
"""The result of files, in words: done, and only looked at."""


def _files_of(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _status(files: Sequence[_File], settings: _Settings) -> int:
    states = {file.state for file in files}
    if "failed" in states:
        return BAD_INPUT
    return CHANGES if settings.check and "changed" in states else 0
