"""Findings as people read them: grouped by file on a terminal, a line each in a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from unicodedata import east_asian_width

import click

from tongban.plugins.console.options import as_json, printable
from tongban.plugins.console.tables import is_terminal
from tongban.plugins.kit.check.documents import Document
from tongban.plugins.kit.check.findings import Finding, worst_first
from tongban.plugins.kit.check.run import Report

_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_TERMS = {"error": "错误 error", "warning": "警告 warning", "note": "提示 note"}


def show_text(report: Report) -> None:
    """Writes every finding to standard output."""
    if is_terminal():
        _on_terminal(report)
        return
    for finding in report.findings:
        click.echo(plain_line(finding))


def plain_line(finding: Finding) -> str:
    """`file:line:column: severity TB204 [rule] message; fix: …`, a witness on a line of its own."""
    where = f"{finding.file}:{finding.line}:{finding.column}: " if finding.file else ""
    owner = f" [{finding.rule}]" if finding.rule else ""
    text = f"{where}{finding.severity} {finding.code}{owner} {finding.message}; fix: {finding.fix}"
    lines = [printable(text)]
    if finding.witness is not None:
        lines.append(f"  witness: {printable(as_json(finding.witness))}")
    return "\n".join(lines)


def summary(report: Report) -> str:
    """`2 errors, 1 warning in 3 files`."""
    looked = len(report.documents)
    files = f"{looked} file{'' if looked == 1 else 's'}"
    counted = worst_first(report.counts)
    text = (
        f"发现问题 found: {counted} in {files}" if counted else f"没有问题 nothing found in {files}"
    )
    return f"{text}; not everything could be checked" if report.left_out else text


def show_summary(report: Report) -> None:
    """Writes it to standard error."""
    click.echo(summary(report), err=True)


def _on_terminal(report: Report) -> None:
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, emoji=False, markup=False)
    documents: Mapping[str, Document] = {one.file: one for one in report.documents}
    for file, findings in groupby(report.findings, key=lambda one: one.file):
        console.print(Text(printable(file) or "插件与引擎 plugins and engines", "bold underline"))
        for one in findings:
            colour = _COLOURS[one.severity]
            where = f"{one.line}:{one.column}".rjust(8) if file else " " * 8
            owner = f" [{one.rule}]" if one.rule else ""
            head = Text.assemble(
                (where, "dim"),
                "  ",
                (f"{_TERMS[one.severity]} {one.code}", colour),
                (printable(owner), "cyan"),
                f" {printable(one.message)}",
            )
            console.print(head)
            for line in _excerpt(one, documents.get(file)):
                console.print(Text(line, "dim"), no_wrap=True, overflow="ellipsis", crop=True)
            console.print(Text.assemble(" " * 10, ("= 改正 fix: ", "green"), printable(one.fix)))
            if one.witness is not None:
                shown = printable(as_json(one.witness))
                console.print(Text.assemble(" " * 10, ("= 实例 witness: ", "green"), shown))
        console.print()


def _excerpt(finding: Finding, document: Document | None) -> list[str]:
    """The line of the file, and a caret under what is meant."""
    line = document.line(finding.line).replace("\t", " ") if document else ""
    if not line.strip():
        return []
    before = line[: finding.column - 1]
    width = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in before)
    return [f"{' ' * 10}| {printable(line)}", f"{' ' * 10}| {' ' * width}^"]
