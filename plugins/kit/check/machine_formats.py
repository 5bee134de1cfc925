"""Findings for machines: JSON, SARIF 2.1.0 and the commands of GitHub's workflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tongban.plugins.console.options import as_json, printable
from tongban.plugins.kit.check.findings import CODES, Finding
from tongban.plugins.kit.check.run import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def as_report(report: Report) -> dict[str, Any]:
    """What `--json` writes: the findings and how many there are of each severity."""
    counts = {one: report.counts.get(one, 0) for one in ("error", "warning", "note")}
    return {
        "findings": [one.to_dict() for one in report.findings],
        "counts": counts,
        "files": [one.file for one in report.documents],
        "complete": not report.left_out,
    }


def as_sarif(report: Report) -> dict[str, Any]:
    """The report as a SARIF log with one run."""
    codes = [*CODES]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "tongban check", "rules": [*_sarif_rules()]}},
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(one, codes.index(one.code)) for one in report.findings],
                "invocations": [{"executionSuccessful": not report.left_out}],
            }
        ],
    }


def _sarif_rules() -> Iterator[dict[str, Any]]:
    for code in CODES.values():
        yield {
            "id": code.code,
            "name": code.name,
            "shortDescription": {"text": code.name.replace("-", " ")},
            "fullDescription": {"text": code.why},
            "help": {"text": code.todo},
            "defaultConfiguration": {"level": code.severity},
        }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{_owned(finding)}. {finding.fix}"},
    }
    if finding.file:
        artifact = {"uri": quote(finding.file.replace("\\", "/"))}
        region = {"startLine": finding.line, "startColumn": finding.column}
        place = {"artifactLocation": artifact, "region": region}
        result["locations"] = [{"physicalLocation": place}]
    more = {"rule": finding.rule, "witness": finding.witness}
    known = {key: value for key, value in more.items() if value}
    return {**result, "properties": known} if known else result


def as_github(report: Report) -> str:
    """A workflow command for each finding, which GitHub shows beside the line."""
    return "".join(f"{_command(one)}\n" for one in report.findings)


def _command(finding: Finding) -> str:
    place: Mapping[str, object] = {
        **({"file": finding.file, "line": finding.line} if finding.file else {}),
        **({"col": finding.column} if finding.file else {}),
        "title": f"{finding.code} {CODES[finding.code].name}",
    }
    said = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    return f"::{_COMMANDS[finding.severity]} {said}::{_data(f'{_owned(finding)}; {finding.fix}')}"


def _owned(finding: Finding) -> str:
    return f"[{finding.rule}] {finding.message}" if finding.rule else finding.message


def _data(text: str) -> str:
    """Text of a workflow command; what could end it or begin another is escaped."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": lambda report: f"{as_json(as_report(report))}\n",
    "sarif": lambda report: f"{as_json(as_sarif(report))}\n",
    "github": as_github,
}
"""What each format writes."""
