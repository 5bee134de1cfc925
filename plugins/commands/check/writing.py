"""Witnesses as cases: written into the rule file, with all else in it left as it is.

The new lines are put between the old ones, so comments and layout stay. ruamel.yaml
says where an item's cases end, writes the new case, and reads the file again, before
anything is saved, to be sure that one case more is all that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from tongban.kernel import Item, Kernel
from tongban.plugins.commands.check.findings import Finding
from tongban.plugins.commands.check.run import Report

__all__ = ["NewCase", "NotWrittenError", "new_cases", "with_cases", "write_witnesses"]

_LONGEST_NAME = 100


class NotWrittenError(Exception):
    """A case that cannot be written into its file, and why."""


@frozen
class NewCase:
    """A case that a witness becomes.

    Attributes:
        file: the rule file, as the kernel calls it.
        item: the item that it belongs to.
        case: `name`, `given` and `expect`.
    """

    file: str
    item: Item
    case: Mapping[str, Any]


def new_cases(kernel: Kernel, findings: Iterable[Finding]) -> Iterator[NewCase]:
    """A case for each witness: what is put in, and what comes out as things are.

    Args:
        kernel: the one that loaded the rules.
        findings: those without a witness are passed over.
    """
    taken: set[tuple[str, str]] = set()
    for finding in findings:
        if finding.witness is None:
            continue
        application = kernel.application(finding.witness)
        item = kernel.rulebook.items[application.item]
        name = _name(finding, item, taken)
        given = {key: value for key, value in finding.witness.items() if key != "item"}
        given.setdefault("as_of", application.as_of.isoformat())
        decision = kernel.decide(application)
        expect: dict[str, Any] = {"outcome": decision.outcome}
        if decision.outcome == "eligible":
            expect["modes"] = [*decision.modes]
        elif decision.outcome == "incomplete":
            expect["missing"] = [one.name for one in decision.missing]
        else:
            expect["reasons"] = [*dict.fromkeys(one.rule for one in decision.reasons)]
        yield NewCase(item.file, item, {"name": name, "given": given, "expect": expect})


def _name(finding: Finding, item: Item, taken: set[tuple[str, str]]) -> str:
    text = f"{finding.code} {finding.rule or item.id}: {finding.message}"
    short = text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
    known = {(item.key, case.name) for case in item.cases} | taken
    name = next(n for k in range(1, 1000) if (item.key, n := _numbered(short, k)) not in known)
    taken.add((item.key, name))
    return name


def _numbered(text: str, number: int) -> str:
    return text if number == 1 else f"{text} ({number})"


def with_cases(text: str, new: Iterable[NewCase]) -> str:
    """The text of a rule file with more cases.

    Args:
        text: the file as it stands.
        new: cases of its items.

    Raises:
        NotWrittenError: where its cases stand in `[…]`, or something else would change.
    """
    for one in new:
        text = _with_case(text, one)
    return text


def _with_case(text: str, new: NewCase) -> str:
    root = _yaml("rt").compose(text)
    item = next((i for i in _of(root, "items").value if _of(i, "id").value == new.item.id), None)
    if item is None:
        raise NotWrittenError(f"the item {new.item.id} is not in the file")
    cases = _of(item, "cases")
    lines = text.splitlines(keepends=True)
    if cases is not None and cases.flow_style:
        raise NotWrittenError(f"{new.item.id}: write `cases` as a list in lines, not in […]")
    if cases is None:
        column, end = item.start_mark.column, _last_line(lines, item.end_mark.line)
        added = f"{' ' * column}cases:\n" + _written(new.case, column + 2)
    else:
        end = _last_line(lines, cases.end_mark.line)
        added = _written(new.case, cases.start_mark.column)
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    written = "".join([*lines[:end], added, *lines[end:]])
    _only_one_more(text, written, new)
    return written


def _of(node: Any, name: str) -> Any:
    return next((value for key, value in node.value if key.value == name), None)


def _last_line(lines: list[str], end: int) -> int:
    """The number of the last line before `end` that says something."""
    end = min(end, len(lines))
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _written(case: Mapping[str, Any], column: int) -> str:
    """The case as an entry of a list that begins at a column: a key a line, values in one."""
    yaml = _yaml("rt")
    yaml.width = 10_000
    entry = yaml.map()
    entry.update({key: _flow(yaml, value) for key, value in case.items()})
    stream = StringIO()
    yaml.dump([entry], stream)
    return "".join(f"{' ' * column}{line}\n" for line in stream.getvalue().splitlines())


def _flow(yaml: Any, value: Any) -> Any:
    """A value in `{…}` and `[…]`; codes of divisions as numbers, dates as dates."""
    if isinstance(value, Mapping):
        table = yaml.map()
        table.update({key: _flow(yaml, one) for key, one in value.items()})
        table.fa.set_flow_style()
        return table
    if isinstance(value, list | tuple):
        listed = yaml.seq(_flow(yaml, one) for one in value)
        listed.fa.set_flow_style()
        return listed
    if isinstance(value, str) and len(value) == 6 and value.isdigit() and value[0] != "0":
        return int(value)
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


def _only_one_more(before: str, after: str, new: NewCase) -> None:
    old, now = _yaml("safe").load(before), _yaml("safe").load(after)
    for item in now["items"]:
        if str(item["id"]) == new.item.id:
            item["cases"].pop()
            if not item["cases"] and not any("cases" in i for i in _same(old, new)):
                del item["cases"]
    if old != now:
        raise NotWrittenError(f"{new.item.id}: the file cannot be written without changing more")


def _same(loaded: Any, new: NewCase) -> list[Any]:
    return [item for item in loaded["items"] if str(item["id"]) == new.item.id]


def _yaml(kind: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only with --write-cases

    return YAML(typ=kind)


def write_witnesses(report: Report, yes: bool) -> None:
    """Writes the witnesses of a report into the files that were named, after asking.

    Args:
        report: what was found.
        yes: not to ask.

    Raises:
        click.UsageError: where a case cannot be written.
    """
    if report.kernel is None:
        return
    files = {one.known_as: Path(one.file) for one in report.documents}
    by_file: dict[Path, list[NewCase]] = {}
    for new in new_cases(report.kernel, report.findings):
        if new.file in files:
            by_file.setdefault(files[new.file], []).append(new)
    if not by_file:
        click.echo("没有可写的用例 no witness to write", err=True)
    for path, cases in by_file.items():
        try:
            text = with_cases(path.read_bytes().decode("utf-8-sig"), cases)
        except NotWrittenError as error:
            raise click.UsageError(f"{path}: {error}") from None
        for new in cases:
            click.echo(f"{path}: {new.item.id}: {new.case['name']}", err=True)
        question = f"写入 write {len(cases)} case{'' if len(cases) == 1 else 's'} into {path}?"
        if yes or click.confirm(question, err=True):
            path.write_bytes(text.encode())
