"""Cases whose rules are others now: which, what that changes in each, and what nobody can say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import DepartmentRules, Kernel, hookimpl
from tongban.plugins.casework.reporting import rules_changed
from tongban.plugins.console import tables
from tongban.plugins.departments import postal, public_security

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
RULES = Path(__file__).parents[3] / "rules" / "departments"
ITEM = "    title: Hukou transfer for a new job\n"
BOTH = (
    ITEM
    + """    kind: 迁移
    applicant: [person]
    handled_at: {value: [move_in, move_out]"""
)
RULE = "      - id: reason\n        when: {move_reason: {not: job_transfer}}\n"
REFUSED = """      - id: tested
        when: {%s}
        then: {eligible: false}
        because: 为测试而定
        cite: {row: 2/3}
"""


class _Department:
    """The plugin of a department whose rules were edited."""

    def __init__(self, path: Path) -> None:
        self.__name__ = "public_security_edited"
        self.path = path

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        return [DepartmentRules(self.path)]


@pytest.fixture
def edit(plugins: list[object], tmp_path: Path) -> Callable[..., None]:
    """Has a desk go on by other rules: `edit(desk, old, new)`; without texts the item is gone."""

    def edited(desk: Any, *change: str, of: Any = public_security) -> None:
        others = [one for one in plugins if one is not of]
        if change:
            name = f"{of.__name__.rpartition('.')[2]}.yaml"
            text = (RULES / name).read_text(encoding="utf-8")
            old, new = change
            assert text.count(old) == 1
            (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
            others.append(_Department(tmp_path / name))
        desk.kernel = Kernel(others, clock=desk.kernel.clock, ids=desk.kernel.ids, strict=True)

    return edited


@pytest.fixture
def cases(desk: Any, applications: Any) -> dict[str, str]:
    """One granted, one running, one declined, one taken back, and one of another item."""
    names = ("granted", "open", "declined", "withdrawn")
    found = {name: desk.receive(applications["hukou"]) for name in names}
    desk("case", "accept", found["granted"], as_=CHENGDU)
    desk("case", "confirm", found["granted"], as_=XINING)
    desk("case", "grant", found["granted"], as_=CHENGDU)
    desk(
        "case",
        "decline",
        found["declined"],
        "--reason",
        "材料不实",
        "--article",
        "《行政许可法》第三十八条",
        as_=CHENGDU,
    )
    desk("case", "withdraw", found["withdrawn"], as_="applicant:a-1")
    return found | {"other": desk.receive(applications["licence"])}


def told(desk: Any, *more: str) -> dict[str, Any]:
    """What the report says, by case."""
    said = desk.json("report", "--rules-changed", *more)
    assert said["kind"] == "rules-changed"
    return {one["case"]: one for one in said["cases"]}


def test_the_same_rules_are_not_listed(desk: Any, cases: dict[str, str]) -> None:
    assert told(desk) == {}
    said = desk("report", "--rules-changed")
    assert "0 件规则已变" in said.stderr
    assert "比较了 compared 4" in said.stderr


def test_open_and_decided_cases_are_listed_and_only_those_of_the_item(
    desk: Any, cases: dict[str, str], edit: Callable[..., None]
) -> None:
    edit(desk, ITEM, ITEM.replace("new job", "new post"))
    found = told(desk)
    assert set(found) == {cases[name] for name in ("granted", "open", "declined")}
    one = found[cases["granted"]]
    assert (one["item"], one["state"], one["granted"]) == ("630000/2-03", "decided", True)
    assert one["received"] == "2026-03-02"
    assert one["rules_then"] != one["rules_now"]
    assert len(one["rules_then"]) == len(one["rules_now"]) == 64
    assert one["changes"] == []
    assert one["elsewhere"] is False
    shown = desk("report", "--rules-changed")
    assert "按现行规则结论相同" in shown.stdout
    assert "tongban diff" in shown.stderr


def test_what_changes_in_a_case_is_said(
    desk: Any, cases: dict[str, str], edit: Callable[..., None]
) -> None:
    edit(desk, BOTH, BOTH.replace(", move_out]", "]"))
    one = told(desk)[cases["open"]]
    (change,) = (each for each in one["changes"] if each["field"] == "authorities")
    assert change["then"] == "510100/public_security*、630100/public_security"
    assert change["now"] == "510100/public_security*"
    assert "办理机关 authorities: " in desk("report", "--rules-changed").stdout


def test_a_refusal_by_the_rules_now_is_said_with_its_rule(
    desk: Any, cases: dict[str, str], edit: Callable[..., None]
) -> None:
    edit(desk, RULE, REFUSED % "move_reason: job_transfer" + RULE)
    changes = {each["field"]: each for each in told(desk)[cases["granted"]]["changes"]}
    assert (changes["outcome"]["then"], changes["outcome"]["now"]) == ("eligible", "ineligible")
    assert "2-03.tested 为测试而定" in changes["reasons"]["now"]


def test_a_refused_case_that_the_rules_would_allow_now_is_listed(
    desk: Any, applications: Any, edit: Callable[..., None]
) -> None:
    case = desk.receive(applications["refused"])
    edit(desk, RULE, RULE.replace("{not: job_transfer}", "graduation"))
    one = told(desk)[case]
    assert (one["state"], one["open"], one["granted"]) == ("ineligible", False, None)
    changes = {each["field"]: each for each in one["changes"]}
    assert (changes["outcome"]["then"], changes["outcome"]["now"]) == ("ineligible", "eligible")


def test_a_fact_that_the_log_has_not_is_named(
    desk: Any, cases: dict[str, str], edit: Callable[..., None]
) -> None:
    edit(desk, RULE, REFUSED % "booklet_unobtainable: true" + RULE)
    one = told(desk)[cases["open"]]
    assert one["changes"] is None
    assert "户口簿" in one["unknown"]


def test_an_item_without_rules_is_named(
    desk: Any, cases: dict[str, str], edit: Callable[..., None]
) -> None:
    edit(desk)
    one = told(desk)[cases["open"]]
    assert (one["rules_now"], one["changes"]) == (None, None)
    assert "630000/2-03" in one["unknown"]
    assert "规则已不在" in desk("report", "--rules-changed").stdout


def test_days_and_files(desk: Any, cases: dict[str, str], edit: Callable[..., None]) -> None:
    edit(desk, ITEM, ITEM.replace("new job", "new post"))
    assert told(desk, "--from", "2026-03-03") == {}
    path = desk.folder / "changed.csv"
    desk("report", "--rules-changed", "-o", str(path))
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) == 4
    assert {len(row) for row in rows} == {8}


def test_a_terminal_breaks_no_id_of_a_case(
    desk: Any,
    cases: dict[str, str],
    edit: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(desk, BOTH, BOTH.replace(", move_out]", "]"))
    for module in (tables, rules_changed):
        monkeypatch.setattr(module, "is_terminal", lambda: True)
    desk.env["COLUMNS"] = "80"
    screen = desk("report", "--rules-changed").stdout
    assert all(cases[name] in screen for name in ("granted", "open", "declined"))


def test_a_case_of_another_store_says_so(
    two: Any, applications: Any, edit: Callable[..., None]
) -> None:
    chengdu, xining = two
    case = chengdu.receive(applications["licence"])
    chengdu("case", "forward", case, "--all", as_="window:510100")
    for desk in (chengdu, xining):
        desk("case", "exchange")
    title = "    title: Licence for courier services\n"
    edit(xining, title, title.replace("courier", "parcel"), of=postal)
    assert told(chengdu) == {}
    assert told(xining)[case]["elsewhere"] is True
    assert "他库收件" in xining("report", "--rules-changed").stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--yearly", "2026"), "takes neither"),
        (("--by", "item"), "takes neither"),
        (("--format", "html"), "not HTML"),
    ],
)
def test_wrong_options_are_refused(
    desk: Any, cases: dict[str, str], more: tuple[str, ...], says: str
) -> None:
    assert says in desk("report", "--rules-changed", *more, status=2).stderr
