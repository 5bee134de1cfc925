"""`tongban test`: what is run, what is shown, how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

Run = Callable[..., Result]
Harbour = Callable[..., Path]
Golden = Callable[[str, str], None]

WRONG = ("modes: [online]", "modes: [joint]")
NO_SUCH_REASON = (
    "expect: {eligible: true, modes: [online]",
    "expect: {reasons: [510000/9-01.small]",
)


def test_cases_of_a_file_that_pass(run: Run, harbour: Harbour) -> None:
    result = run(harbour())
    assert result.exit_code == 0
    assert result.stdout == ("2 个事例 cases, 1 个事项 items: 2 通过 passed, 0 未通过 failed\n")


def test_a_failing_case_shows_all_that_its_author_needs(
    run: Run, harbour: Harbour, golden: Golden
) -> None:
    result = run(harbour(*WRONG))
    assert result.exit_code == 1
    golden("failing.txt", result.stdout)


def test_a_rule_that_was_expected_and_did_not_hold_says_what_it_saw(
    run: Run, harbour: Harbour, golden: Golden
) -> None:
    result = run(harbour(*NO_SUCH_REASON))
    assert result.exit_code == 1
    assert "✗ disability_grade is 3; would hold with: at least 5" in result.stdout
    golden("not-held.txt", result.stdout)


def test_an_application_that_is_refused_fails_and_says_why(run: Run, harbour: Harbour) -> None:
    handed_in = (
        "given: {channel: online, places: {registered: 510100}, facts: {disability_grade: 6}}"
    )
    result = run(harbour(handed_in, "given: {channel: window}"))
    assert result.exit_code == 1
    assert re.search(r"实得 got +given: received_at: ", result.stdout)


def test_a_folder_is_searched(run: Run, harbour: Harbour) -> None:
    Path("rules").mkdir()
    harbour(name="rules/harbour.yaml")
    Path("rules/other.yaml").write_text("items: []\n", encoding="utf-8")
    assert run("rules").stdout.startswith("2 个事例 cases")


def test_what_is_installed_is_tested_where_nothing_is_named(run: Run) -> None:
    result = run("--department", "postal", "--json")
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert {case["item"] for case in shown["cases"]} >= {"1-50", "1-51", "1-52", "2-65"}
    assert {case["department"] for case in shown["cases"]} == {"postal"}


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--item", "9-01"], ["a ferry ties up", "a barge may not"]),
        (["--item", "510000/9-01"], ["a ferry ties up", "a barge may not"]),
        (["--item", "码头使用许可"], ["a ferry ties up", "a barge may not"]),
        (["--department", "harbour", "-k", "BARGE"], ["a barge may not"]),
        (["-k", "9-01"], ["a ferry ties up", "a barge may not"]),
        (["-k", "码头"], ["a ferry ties up", "a barge may not"]),
    ],
)
def test_selection(args: list[str], names: list[str], run: Run, harbour: Harbour) -> None:
    shown = json.loads(run(harbour(), *args, "--json").stdout)
    assert [case["name"] for case in shown["cases"]] == names


def test_items_can_be_named_several_times(run: Run) -> None:
    shown = json.loads(run("--item", "2-03", "--item", "1-51", "--json").stdout)
    assert {case["item"] for case in shown["cases"]} == {"2-03", "1-51"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["-k", "nobody"], "none of 1 items passes -k 'nobody'"),
        (["--item", "2-03"], "none of 1 items passes --item 2-03"),
    ],
)
def test_nothing_selected_is_no_success(
    args: list[str], says: str, run: Run, harbour: Harbour
) -> None:
    result = run(harbour(), *args)
    assert result.exit_code == 5
    assert "没有选中任何事例 no case was selected" in result.stderr
    assert says in result.stderr


def test_a_file_without_cases_says_so(run: Run, harbour: Harbour) -> None:
    path = harbour()
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("    cases:")], encoding="utf-8")
    result = run(path)
    assert result.exit_code == 5
    assert "there are no cases" in result.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nowhere.yaml"], "nowhere.yaml: there is no such file or folder"),
        (["--item", "2-3"], "unknown item '2-3'; did you mean"),
        (["--department", "postl"], "unknown department 'postl'; did you mean 'postal'?"),
        (["--jobs", "0"], "--jobs"),
        (["--min-coverage", "101"], "--min-coverage"),
        (["--source", "x.txt"], "--source is for --coverage"),
        (["--coverage", "--source", "x.txt"], "there is no such file"),
        (["--yes"], "--yes is for --update"),
        (["--update"], "--update writes only to files that are named"),
        (["harbour.yaml", "--update", "--json"], "does not go with --json"),
        (["harbour.yaml", "--update"], "here is no terminal; add --yes"),
    ],
)
def test_bad_input(args: list[str], says: str, run: Run, harbour: Harbour) -> None:
    harbour(*WRONG)
    result = run(*args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_a_file_with_mistakes_is_bad_input(run: Run, harbour: Harbour) -> None:
    result = run(
        harbour(
            "disability_grade: {at_least: 5}, channel", "disability_grad: {at_least: 5}, channel"
        )
    )
    assert result.exit_code == 2
    assert "harbour.yaml:18:16: [9-01.small] unknown attribute 'disability_grad'" in result.stderr


def test_the_files_beside_one_with_mistakes_are_tested(run: Run, harbour: Harbour) -> None:
    harbour(name="right.yaml")
    harbour("kind: 许可\n", "kind: 证照\n", name="wrong.yaml")
    result = run("right.yaml", "wrong.yaml", "--json")
    assert result.exit_code == 2
    shown = json.loads(result.stdout)
    assert shown["passed"] == 2
    assert {problem["file"] for problem in shown["problems"]} == {"wrong.yaml"}


def test_fail_fast_stops_at_the_first_failure(run: Run, harbour: Harbour) -> None:
    result = run(harbour(*WRONG, "expect: {eligible: false", "expect: {eligible: true"), "-x")
    assert result.exit_code == 1
    assert "a barge may not" not in result.stdout
    assert "1 未通过 failed" in result.stdout


def test_json_of_a_failure(run: Run, harbour: Harbour) -> None:
    shown = json.loads(run(harbour(*WRONG), "--json").stdout)
    assert (shown["passed"], shown["failed"], shown["problems"]) == (1, 1, [])
    failed, passed = shown["cases"]
    assert passed == {
        "item": "9-01",
        "jurisdiction": "510000",
        "department": "harbour",
        "name": "a barge may not",
        "file": "harbour.yaml",
        "line": 27,
        "passed": True,
    }
    assert failed["failures"] == [{"key": "modes", "expected": ["joint"], "got": ["online"]}]
    assert failed["outcome"] == "eligible"
    assert failed["given"]["places"] == {"registered": 510100}
    reasons = {reason["rule"]: reason for reason in failed["reasons"]}
    assert "words" in reasons["common.online"]["cite"]


def test_dates_in_a_case_are_text_in_json(run: Run, harbour: Harbour) -> None:
    path = harbour(
        *WRONG, "given: {channel: online,", "given: {as_of: 2022-01-01, channel: online,"
    )
    (failed, _) = json.loads(run(path, "--json").stdout)["cases"]
    assert failed["given"]["as_of"] == "2022-01-01"


def test_processes_give_the_same_in_the_same_order(run: Run, harbour: Harbour) -> None:
    args = [harbour(*WRONG), "--json", "--coverage"]
    assert json.loads(run(*args, "--jobs", 2).stdout) == json.loads(run(*args).stdout)


def test_fail_fast_in_processes_stops_at_the_first_in_order(run: Run, harbour: Harbour) -> None:
    path = harbour(*WRONG, "expect: {eligible: false", "expect: {eligible: true")
    shown = json.loads(run(path, "-x", "--jobs", 2, "--json").stdout)
    assert [case["name"] for case in shown["cases"]] == ["a ferry ties up"]


def test_junit(run: Run, harbour: Harbour) -> None:
    result = run(harbour(*WRONG), "--junit", "report.xml")
    assert result.exit_code == 1
    root = ET.parse("report.xml").getroot()
    assert root.attrib | {"time": ""} == {
        "name": "tongban test", "tests": "2", "failures": "1", "errors": "0", "time": "",
    }  # fmt: skip
    (suite,) = root
    assert suite.get("name") == "510000.harbour"
    failed, passed = suite
    assert failed.get("classname") == "510000.harbour.9-01"
    assert failed.get("name") == "a ferry ties up"
    assert (failed.get("file"), failed.get("line")) == ("harbour.yaml", "24")
    properties = {one.get("name"): one.get("value") for one in failed.iter("property")}
    assert properties == {"file": "harbour.yaml", "line": "24"}
    (failure,) = failed.findall("failure")
    assert failure.get("message") == "expected modes: [joint], got modes: [online]"
    assert "理由 reasons" in (failure.text or "")
    assert passed.find("failure") is None


def test_junit_tells_of_files_with_mistakes(run: Run, harbour: Harbour) -> None:
    harbour(name="right.yaml")
    harbour("kind: 许可\n", "kind: 证照\n", name="wrong.yaml")
    run("right.yaml", "wrong.yaml", "--junit", "report.xml")
    root = ET.parse("report.xml").getroot()
    errors = [one.get("message") or "" for one in root.iter("error")]
    assert (root.get("tests"), root.get("errors")) == (str(2 + len(errors)), str(len(errors)))
    assert any("证照" in message for message in errors)


def test_junit_holds_nothing_that_xml_cannot(run: Run, harbour: Harbour) -> None:
    name = '"a \\e[31mred\\e[0m ferry"'
    result = run(harbour("a ferry ties up   # 渡船", name), "--junit", "report.xml")
    assert result.exit_code == 0
    names = [one.get("name") for one in ET.parse("report.xml").iter("testcase")]
    assert names[0] == "a \\x1b[31mred\\x1b[0m ferry"


def test_the_program_itself(harbour: Harbour) -> None:
    path = harbour(*WRONG)
    command = [sys.executable, "-m", "tongban", "test", str(path), "--jobs", "2"]
    ran = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert ran.returncode == 1
    assert "1 未通过 failed" in ran.stdout.decode()
    assert b"Traceback" not in ran.stderr
