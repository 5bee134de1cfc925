"""What the findings look like: text, JSON, SARIF and GitHub's workflow commands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tongban.kernel import Problem
from tongban.plugins.kit.check import text_format
from tongban.plugins.kit.check.documents import Document
from tongban.plugins.kit.check.findings import CODES, found
from tongban.plugins.kit.check.loading import code_of, of_problem
from tongban.plugins.kit.check.machine_formats import FORMATS
from tongban.plugins.kit.check.run import Report
from tongban.plugins.kit.check.text_format import plain_line, show_text, summary

ROOT = Path(__file__).resolve().parents[3]
BAD = ROOT / "tests" / "golden" / "bad"

Examine = Callable[[Path], Report]

AWKWARD = found(
    "TB204", "规则 a,b:c.yaml", 3, "50% too\nlong: 甲,乙", column=7, rule="9-01.x",
    witness={"item": "9-01", "as_of": "2026-01-01"},
)  # fmt: skip
NOWHERE = found("TB300", "", 0, "the solver is not installed")
REPORT = Report((AWKWARD, NOWHERE), (Document("规则 a,b:c.yaml", "x", "a\nb\n规则: 甲乙\n"),))

# The part of the SARIF 2.1.0 schema that a log with results in files needs.
STRING = {"type": "string"}
COUNT = {"type": "integer", "minimum": 1}


def mapping(*required: str, closed: bool = True, **properties: Any) -> dict[str, Any]:
    found = {"type": "object", "required": [*required], "properties": properties}
    return {**found, "additionalProperties": False} if closed else found


def many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


TEXT = mapping("text", closed=False, text=STRING)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
URI = mapping(uri={"type": "string", "pattern": "^[!-~]+$"})
PLACE = mapping(artifactLocation=URI, region=mapping(startLine=COUNT, startColumn=COUNT))
RULE = mapping(
    "id",
    id=STRING,
    name=STRING,
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    defaultConfiguration=mapping(level=LEVEL, closed=False),
)
RESULT = mapping(
    "message",
    ruleId=STRING,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=TEXT,
    locations=many(mapping(physicalLocation=PLACE, closed=False)),
    properties={"type": "object"},
)
DRIVER = mapping("name", name=STRING, rules=many(RULE, uniqueItems=True))
RUN = mapping(
    "tool",
    tool=mapping("driver", driver=DRIVER, closed=False),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=many(RESULT),
    invocations=many(mapping("executionSuccessful", closed=False)),
)
SARIF = mapping("version", "runs", version={"enum": ["2.1.0"]}, runs=many(RUN))
SARIF["properties"]["$schema"] = {"type": "string", "format": "uri"}


def test_a_line_in_a_pipe() -> None:
    assert plain_line(AWKWARD).splitlines() == [
        "规则 a,b:c.yaml:3:7: warning TB204 [9-01.x] 50% too\\nlong: 甲,乙;"
        f" fix: {CODES['TB204'].todo}",
        '  witness: {"item": "9-01", "as_of": "2026-01-01"}',
    ]
    assert plain_line(NOWHERE).startswith(
        "note TB300 the solver is not installed; fix: pip install"
    )


def test_on_a_terminal_the_line_is_shown_with_a_caret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(text_format, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    at = found("TB212", "规则 a,b:c.yaml", 3, "not finished", column=6, rule="9-01.x")
    show_text(Report((at, NOWHERE), REPORT.documents))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "规则 a,b:c.yaml"
    assert lines[1] == "     3:6  警告 warning TB212 [9-01.x] not finished"
    assert lines[2] == "          | 规则: 甲乙"
    # Two characters of two columns, a colon, a space and one more of two columns.
    assert lines[3] == "          | " + " " * 8 + "^"
    assert lines[4] == "          = 改正 fix: Write what is meant."
    assert "插件与引擎 plugins and engines" in lines


def test_the_summary_counts() -> None:
    assert summary(REPORT) == "发现问题 found: 1 warning, 1 note in 1 file"
    assert summary(Report(())) == "没有问题 nothing found in 0 files"
    assert "not everything could be checked" in summary(Report((NOWHERE,), left_out=True))


def test_json_has_every_key() -> None:
    shown = json.loads(FORMATS["json"](REPORT))
    assert set(shown) == {"findings", "counts", "files", "complete"}
    assert shown["counts"] == {"error": 0, "warning": 1, "note": 1}
    assert shown["findings"][0] == {
        "code": "TB204",
        "name": "long-quotation",
        "severity": "warning",
        "file": "规则 a,b:c.yaml",
        "line": 3,
        "column": 7,
        "rule": "9-01.x",
        "message": "50% too\nlong: 甲,乙",
        "fix": CODES["TB204"].todo,
        "why": CODES["TB204"].why,
        "witness": {"item": "9-01", "as_of": "2026-01-01"},
    }
    assert (shown["findings"][1]["file"], shown["findings"][1]["line"]) == ("", 0)


def check_sarif(report: Report) -> Any:
    log = json.loads(FORMATS["sarif"](report))
    Draft7Validator(SARIF).validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run["results"]


def test_sarif_is_valid_and_escapes_names_of_files() -> None:
    first, second = check_sarif(REPORT)
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "%E8%A7%84%E5%88%99%20a%2Cb%3Ac.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert "locations" not in second


@pytest.mark.parametrize("name", ["TB101.yaml", "TB213.yaml", "TB302.yaml", "TB406", "TB501"])
def test_sarif_of_real_findings_is_valid(name: str, examine_golden: Examine) -> None:
    report = examine_golden(BAD / name)
    assert [one["ruleId"] for one in check_sarif(report)] == [one.code for one in report.findings]


def test_github_commands_are_escaped() -> None:
    first, second = FORMATS["github"](REPORT).splitlines()
    assert first == (
        "::warning file=规则 a%2Cb%3Ac.yaml,line=3,col=7,title=TB204 long-quotation"
        f"::[9-01.x] 50%25 too%0Along: 甲,乙; {CODES['TB204'].todo}"
    )
    assert second.startswith("::notice title=TB300 no-proofs::the solver is not installed")


def test_every_message_of_loading_has_a_code() -> None:
    golden = ROOT / "tests" / "rules" / "golden" / "bad"
    texts = [path.read_text(encoding="utf-8") for path in golden.glob("*.txt")]
    lines = [line for text in texts for line in text.splitlines()]
    messages = [re.sub(r"^\S+:\d+:\d+: (\[[^]]+\] )?", "", line) for line in lines]
    assert len(messages) > 100
    assert {one for one in messages if code_of(one) == "TB100"} == set()


def test_a_new_message_of_loading_is_an_error_all_the_same() -> None:
    finding = of_problem(Problem("a.yaml", 2, 3, "9-01", "is cursed; remove it"), "a.yaml")
    assert (finding.code, finding.severity) == ("TB100", "error")
    assert (finding.message, finding.fix) == ("is cursed", "remove it")


def test_the_table_is_whole() -> None:
    for code in CODES.values():
        assert code.why.endswith(".")
        assert code.todo
        assert code.name == code.name.lower()
    assert len({code.name for code in CODES.values()}) == len(CODES)
