"""What people see: kept as files, so that a change of wording is a change of this repository.

`TONGBAN_UPDATE_GOLDEN=1 python -m pytest tests/cli` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tongban.kernel import CHANNELS, Kernel, department
from tongban.plugins import commands

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.json*"))

Run = Callable[..., Result]
Golden = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def _in_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, run: Run, golden: Golden) -> None:
    result = run("route", f"examples/{name}")
    golden(f"route-{Path(name).stem}.txt", result.stdout)
    assert result.stderr == ""


def test_explained_example(run: Run, golden: Golden) -> None:
    result = run("route", "--explain", "examples/first-id-card.json")
    golden("explain-first-id-card.txt", result.stdout)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("items", ["items"]),
        ("show-2-03", ["show", "2-03"]),
        ("guide-3-03", ["show", "3-03", "--guide"]),
    ],
)
def test_screen(name: str, args: list[str], run: Run, golden: Golden) -> None:
    result = run(*args)
    assert result.exit_code == 0
    golden(f"{name}.txt", result.stdout)


@pytest.mark.parametrize(
    ("name", "item", "answers"),
    [
        ("window", "2-08", ["window", "朝阳区", "上海浦东", "个人", "西宁"]),
        ("choices", "2-04", ["1", "person", "上学", "enrolment", "海西", "恩施"]),
        ("numbers", "2-17", ["online", "person", "four", "11", "3", "?", "西宁巿", "西宁"]),
        ("refused", "2-03", ["online", "person", "?", "3"]),
    ],
)
def test_ask(name: str, item: str, answers: list[str], run: Run, golden: Golden) -> None:
    """What is asked; the answers that a person gave stand in their lines."""
    given = "".join(f"{answer}\n" for answer in answers)
    result = run("ask", item, "--as-of", "2026-11-22", input=given)
    assert result.exit_code in (0, 3)
    screen = result.stderr
    for answer in answers:
        screen = screen.replace("\n> ", f"\n>\u00a0{answer}\n", 1)
    golden(f"ask-{name}.txt", screen.replace("\u00a0", " "))


def test_plugins_screen(run: Run, golden: Golden) -> None:
    """The second opinion depends on the machine, so its line is left out."""
    lines = run("plugins").stdout.splitlines(keepends=True)
    golden("plugins.txt", "".join(one for one in lines if not one.startswith("durable-rules\t")))


def test_the_decision_of_the_specification_key_for_key(
    run: Run, applications: Mapping[str, dict[str, Any]]
) -> None:
    raw = {**applications["hukou"], "as_of": "2026-11-22"}
    result = run("route", "--json", "-", input=json.dumps(raw))
    assert result.exit_code == 0
    decision = json.loads(result.stdout)
    because = {reason["rule"]: reason for reason in decision["reasons"]}
    del decision["reasons"]
    assert list(decision) == [
        "item", "as_of", "outcome", "modes", "crossing", "receiving", "handling", "legs",
        "delivery", "time_limit", "overridden", "missing", "advice",
    ]  # fmt: skip
    assert decision == {
        "item": {
            "id": "2-03",
            "name": "工作调动户口迁移",
            "department": "public_security",
            "jurisdiction": "630000",
        },
        "as_of": "2026-11-22",
        "outcome": "eligible",
        "modes": ["joint"],
        "crossing": "province",
        "receiving": {"place": "move_in", "division": "510100"},
        "handling": [
            {
                "place": "move_in",
                "division": "510100",
                "department": "public_security",
                "lead": True,
            },
            {
                "place": "move_out",
                "division": "630100",
                "department": "public_security",
                "lead": False,
            },
        ],
        "legs": [
            {"from": "applicant", "to": "move_in", "by": "window", "what": "application"},
            {"from": "move_in", "to": "move_out", "by": "message", "what": "request"},
            {"from": "move_out", "to": "move_in", "by": "message", "what": "confirmation"},
            {"from": "move_in", "to": "applicant", "by": "post", "what": "result"},
        ],
        "delivery": ["post"],
        "time_limit": [],
        "overridden": [],
        "missing": [],
        "advice": [],
    }
    joint = because["common.joint"]
    assert list(joint) == ["conclusion", "value", "rule", "because", "cite", "basis"]
    assert (joint["conclusion"], joint["value"], joint["basis"]) == ("modes", "joint", "stated")
    assert set(joint["cite"]) == {"section", "words"}
    eligible = because["2-03"]
    assert (eligible["conclusion"], eligible["value"]) == ("eligible", True)
    assert eligible["cite"]["row"] == "2/3"


def test_every_item_can_be_shown_and_explained_in_every_form(run: Run, kernel: Kernel) -> None:
    """Nothing in the catalogue trips a screen or is not JSON."""
    lines = []
    for item in kernel.items:
        for args in ((), ("--guide",), ("--json",)):
            shown = run("show", item.key, *args)
            assert shown.exit_code == 0
            assert item.name in shown.stdout
            if args == ("--json",):
                assert json.loads(shown.stdout)["id"] == item.id
        for channel in CHANNELS:
            raw = {"item": item.key, "channel": channel, "received_at": "510104"}
            lines.append(json.dumps(raw | {"as_of": "2026-11-22"}))
    text = "\n".join(lines)
    plain = run("route", "--explain", "-", input=text)
    machine = run("route", "--explain", "--json", "-", input=text)
    assert plain.exit_code in (0, 3)
    assert machine.exit_code in (0, 3)
    decisions = [json.loads(line) for line in machine.stdout.splitlines()]
    assert len(decisions) == len(lines)
    assert all("explanation" in decision for decision in decisions)


def test_explanation_says_what_would_have_passed(run: Run) -> None:
    lines = run("route", "--explain", "examples/first-id-card.json").stdout.splitlines()
    start = next(n for n, line in enumerate(lines) if "3-02.first:" in line)
    assert "✗ first_id_card is true; would hold with: false" in lines[start + 2]
    near = next(n for n, line in enumerate(lines) if "near miss" in line)
    assert near < start


DEPARTMENT = """
department: {id: tests, jurisdiction: 630000, name: 省测试厅, title: Tests}
rules:
  - {id: never, then: {eligible: false}, because: 一般不予办理, cite: {row: 9/1}}
items:
  - id: 9-01
    name: 测试事项
    title: a test
    kind: 查询
    applicant: [person]
    handled_at: [hukou]
    available: {from: 2020-12-31}
    cite: {row: 9/1}
    rules:
      - {id: yet, then: {eligible: true}, because: 本事项例外, cite: {row: 9/1}}
"""


def test_explanation_shows_what_prevailed(run: Run, tmp_path: Path) -> None:
    """A rule that held and was overridden says by which."""
    file = tmp_path / "tests.yaml"
    file.write_text(DEPARTMENT, encoding="utf-8")

    class Brings:
        departments = staticmethod(department(file))

    kernel = Kernel([Brings(), commands])
    raw = {"item": "9-01", "channel": "online", "applicant": {"kind": "person"}}
    application = json.dumps(raw | {"places": {"hukou": 630100}})
    text = run("route", "--explain", "-", input=application, obj=kernel).stdout
    assert "tests.never: 可否办理 eligible = 不予办理 no, 被取代 overridden by 9-01.yet" in text
    assert "9-01.yet prevails" in text
    decision = json.loads(run("route", "--json", "-", input=application, obj=kernel).stdout)
    assert decision["overridden"] == [
        {"rule": "tests.never", "conclusion": "eligible", "value": False, "by": "9-01.yet"}
    ]


def test_several_applications_say_which_is_which(run: Run) -> None:
    text = run("route", "examples/cases.jsonl", "examples/hukou-move.json").stdout
    assert "[examples/cases.jsonl:1]" in text
    assert "[examples/cases.jsonl:4]" in text
    assert "[examples/hukou-move.json:1]" in text


def test_one_application_is_not_cluttered_with_its_file(run: Run) -> None:
    assert "[" not in run("route", "examples/hukou-move.json").stdout.splitlines()[0]


def test_incomplete_says_how_to_go_on(run: Run) -> None:
    result = run("route", "examples/missing-fact.json")
    assert result.exit_code == 3
    assert "facts.relaxed_policy: 申请人是否享受放宽条件政策?" in result.stdout
    assert "tongban ask 1-04" in result.stdout


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--department", "postal"], {"1-50", "1-51", "1-52", "2-65"}),
        (["养老", "--applicant", "person", "--batch", "3"], {"3-05"}),
        (["--mode", "local", "--batch", "3"], None),
        (["--batch", "3", "--open-on", "2020-12-22"], set()),
    ],
)
def test_items_filters(args: list[str], expected: set[str] | None, run: Run) -> None:
    result = run("items", "--json", *args)
    found = {item["id"] for item in json.loads(result.stdout)}
    if expected is None:
        assert {"3-03", "3-04", "3-07"} <= found
    else:
        assert found == expected


def test_items_mode_tells_the_rows_apart_that_want_presence(run: Run) -> None:
    """2-62, 3-03, 3-04 and 3-07 are handled on the spot and in no other way."""
    local = {item["id"] for item in json.loads(run("items", "--json", "--mode", "local").stdout)}
    others = {
        item["id"]
        for mode in ("online", "collect", "joint")
        for item in json.loads(run("items", "--json", "--mode", mode).stdout)
    }
    assert {"2-62", "3-03", "3-04", "3-07"} <= local - others
