"""Witnesses as cases: written into the rule file, with all else in it left as it is.

The new lines are put between the old ones, so comments and layout stay. The kernel's
reader says where an item's cases end, and reads the file again, before anything is
saved, to be sure that one case more is all that changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from tongban.kernel import Item, Kernel
from tongban.kernel.rulefile import Node
from tongban.plugins.console import writing
from tongban.plugins.kit.check.findings import Finding
from tongban.plugins.kit.check.run import Report
from tongban.plugins.kit.formatting.proof import said, tree
from tongban.plugins.kit.formatting.scalars import Bare, in_flow

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
    root = tree(text)
    items = root.get("items") if root else None
    found = (one for one in (items.items if items else ()) if _id(one) == new.item.id)
    item = next(found, None)
    if item is None:
        raise NotWrittenError(f"the item {new.item.id} is not in the file")
    if item.flow:
        raise NotWrittenError(f"{new.item.id}: write the item in lines, not in {{…}}")
    cases = item.get("cases")
    if cases is not None and (cases.flow or cases.kind != "list"):
        raise NotWrittenError(f"{new.item.id}: write `cases` as a list in lines, not in […]")
    newline = "\r\n" if "\r\n" in text else "\n"
    if cases is None:
        added = [f"{' ' * (item.column - 1)}cases:", *_written(new.case, item.column + 1)]
        end = _line_end(text, _last(item).end)
    else:
        added = _written(new.case, cases.column - 1)
        end = _line_end(text, _last(cases).end)
    written = text[:end] + "".join(newline + line for line in added) + text[end:]
    _only_one_more(text, written, new)
    return written


def _id(item: Node) -> str:
    named = item.get("id")
    return named.text if named else ""


def _last(node: Node) -> Node:
    """The last value in a list or mapping that is written in lines."""
    while not node.flow and (node.keys or node.items):
        node = node.keys[-1][1] if node.keys else node.items[-1]
    return node


def _line_end(text: str, at: int) -> int:
    """Where the line ends that holds a place, or the one before where a line begins there."""
    at = len(text[:at].rstrip("\r\n"))
    found = re.compile(r"\r\n|\r|\n|\Z").search(text, at)
    assert found is not None
    return found.start()


def _written(case: Mapping[str, Any], column: int) -> list[str]:
    """The case as an entry of a list that begins at a column: a key a line, values in one."""
    lines = [f"{key}: {in_flow(_typed(value))}" for key, value in case.items()]
    pads = ("- ", *["  "] * (len(lines) - 1))
    return [" " * column + pad + line for pad, line in zip(pads, lines, strict=True)]


def _typed(value: Any) -> Any:
    """A value as rule files write it: codes of divisions and dates without quotes."""
    if isinstance(value, Mapping):
        return {key: _typed(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_typed(one) for one in value]
    if isinstance(value, str) and re.fullmatch("[1-9][0-9]{5}|[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return Bare(value)
    return value


def _only_one_more(before: str, after: str, new: NewCase) -> None:
    """Refuses a text that says anything else otherwise than before."""
    old, now = said(tree(before)), said(tree(after))
    for item in now["items"] if now else ():
        if item["id"][0] == new.item.id:
            item["cases"].pop()
            if not item["cases"]:
                del item["cases"]
    if now is None or old != now:
        raise NotWrittenError(f"{new.item.id}: the file cannot be written without changing more")


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
            writing.write_file(path, text)
