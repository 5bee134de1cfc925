"""`tongban simulate` as people and programs use it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.command import simulate

WORLD = str(Path(__file__).parent / "worlds" / "three.yaml")
SMALL = ("--cases", "25", "--days", "10", "--seed", "2", "--scenario", WORLD)


def called(*arguments: str) -> Result:
    return CliRunner().invoke(simulate, arguments)


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    answer = called(*SMALL, "--json")
    assert answer.exit_code == 0
    found: dict[str, Any] = json.loads(answer.output)
    return found


def test_json_has_what_the_tables_show(summary: dict[str, Any]) -> None:
    assert summary["seed"] == 2
    assert summary["opened"] + summary["turned_away"] == 25
    assert summary["over"] + summary["left"] == summary["opened"]
    assert sum(one["count"] for one in summary["states"]) == summary["opened"]
    assert summary["invariants"]["hold"] is True
    assert set(summary["invariants"]["checked"]) == set(INVARIANTS)
    times = summary["days_to_close"]
    assert set(times) == {"all", "modes", "provinces", "departments"}
    for row in (times["all"], *times["modes"], *times["provinces"], *times["departments"]):
        assert row["median"] <= row["p90"] <= row["most"]
    assert len(summary["open_on"]) == summary["last_day"] + 1
    assert max(summary["open_on"]) == summary["most_open"] > 0
    assert summary["journeys"]["saved"] > 0
    assert {one["from"] for one in summary["corridors"]} <= {"630000", "510000", "440000"}


def test_people_see_tables_in_both_languages() -> None:
    answer = called(*SMALL)
    assert answer.exit_code == 0
    for words in ("收件 opened", "三省情景", "全程网办", "全部成立", "message_lost", "四川"):
        assert words in answer.output
    assert "\x1b[" not in answer.output


def test_the_report_stands_alone(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    answer = called(*SMALL, "--report", str(report), "--json")
    assert answer.exit_code == 0
    page = report.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=|https?://|url\(|<script", page)
    for words in ("办结时间", "在办件数", "逾期", "省际通道", "<svg", "假设", "第七次全国人口普查"):
        assert words in page
    assert re.search(r"<text[^>]*>四川<", page)  # text stays text
    found = json.loads(answer.output)
    assert found["digest"] in page


def test_events_as_lines_and_as_parquet_are_the_same(tmp_path: Path) -> None:
    lines, table = tmp_path / "events.jsonl", tmp_path / "events.parquet"
    assert called(*SMALL, "--events", str(lines), "--json").exit_code == 0
    assert called(*SMALL, "--events", str(table), "--json").exit_code == 0
    written = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT kind, count(*) FROM '{table}' GROUP BY kind ORDER BY kind"
        ).fetchall()
    counted: dict[str, int] = {}
    for one in written:
        counted[one["kind"]] = counted.get(one["kind"], 0) + 1
    assert dict(rows) == counted
    text = lines.read_text(encoding="utf-8")
    assert "申请人0000" not in text  # no name of an applicant leaves its store


def test_two_scenarios_side_by_side() -> None:
    answer = called(*SMALL, "--against", "thin", "--json")
    assert answer.exit_code == 0
    found = json.loads(answer.output)
    assert (found["one"]["scenario"]["name"], found["other"]["scenario"]["name"]) == (
        "three",
        "thin",
    )
    late = next(row for row in found["comparison"] if row["name"].startswith("逾期"))
    assert late["change"] == late["other"] - late["one"]


def test_a_rule_file_is_compared_with_the_installed_rules(tmp_path: Path) -> None:
    from importlib.resources import files

    rules = (files("tongban.rules") / "departments" / "postal.yaml").read_text(encoding="utf-8")
    draft = tmp_path / "postal.yaml"
    draft.write_text(rules, encoding="utf-8")
    answer = called(*SMALL, "--against", str(draft), "--json")
    assert answer.exit_code == 0
    found = json.loads(answer.output)
    assert found["other"]["digest"] == found["one"]["digest"]  # the same rules: nothing changes


def test_many_seeds_give_a_line_each() -> None:
    arguments = ("--seeds", "3..5", "--cases", "8", "--days", "5", "--scenario", WORLD)
    answer = called(*arguments, "--jobs", "1", "--json")
    assert answer.exit_code == 0
    rows = [json.loads(line) for line in answer.output.splitlines()]
    assert [row["seed"] for row in rows] == [3, 4, 5]
    assert all(row["violated"] is None for row in rows)
    assert len({row["digest"] for row in rows}) == 3
    parallel = called(*arguments, "--jobs", "2", "--json")
    assert parallel.output == answer.output


def test_the_scenarios_are_listed() -> None:
    answer = called("--list", "--json")
    assert {one["name"] for one in json.loads(answer.output)} == {
        "standard",
        "calm",
        "storm",
        "thin",
        "attacked",
    }
    assert "标准情景" in called("--list").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--scenario", "stnadard"), "built in are"),
        (("--seeds", "5..3"), "1..20"),
        (("--seeds", "five"), "1..20"),
        (("--only", "3,x"), "numbers of applicants"),
        (("--faults", "earthquake"), "message_lost"),
        (("--report", "report.pdf"), ".html"),
        (("--events", "events.csv"), ".parquet"),
        (("--cases", "0"), "--cases"),
        (("--seeds", "1..2", "--report", "r.html"), "--seeds"),
    ],
)
def test_bad_input_is_told_in_one_message(arguments: tuple[str, ...], says: str) -> None:
    answer = called(*arguments)
    assert answer.exit_code == 2
    assert says in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("extends: calm\nchoises: {}\n", "did you mean choices"),
        ("extends: calm\nchoices: {withdraw: 2}\n", "from 0 to 1"),
        ("extends: calm\nchoices: {withdraw: often}\n", "withdraw: must be a number"),
        ("extends: calm\nchoices: {withdraw_days: [3, 1, 2]}\n", "must rise"),
        ("extends: calm\nprovinces: {}\n", "at least one"),
        ("extends: calm\nplan: [{cut_off: 510100, day: 3}]\n", "510100 is not a province"),
        ("extends: calm\nstaff: {hours: [17, 9]}\n", "staff.hours"),
        ("name: x\n", "missing"),
        ("a: [\n", "not YAML"),
        ("- 1\n", "a mapping of keys"),
        ("extends: nowhere\n", "nowhere"),
    ],
)
def test_a_wrong_scenario_is_named_with_its_key(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    answer = called("--scenario", str(file), "--cases", "1")
    assert answer.exit_code == 2
    assert says in answer.output
    assert "Traceback" not in answer.output


def test_a_rule_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    draft = tmp_path / "postal.yaml"
    draft.write_text("department: {id: postal}\nitems: []\n", encoding="utf-8")
    answer = called(*SMALL, "--against", str(draft))
    assert answer.exit_code == 2
    assert "the rules of" in answer.output
