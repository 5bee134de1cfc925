"""Counting which applications a change of rules turns."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result

from tongban.kernel import Kernel
from tongban.plugins.console.jsonl import Entry
from tongban.plugins.kit.diff.outcome_changes import count
from tongban.plugins.kit.diff.rulesets import Side

Run = Callable[..., Result]
Changed = Callable[..., Path]
Golden = Callable[[str, str], None]

GRADE = (
    "departments/human_resources.yaml",
    "disability_grade: {at_least: 5}",
    "disability_grade: {at_least: 6}",
)
POSTAL = ("departments/postal.yaml", "postal_enterprise: false}", "postal_enterprise: true}")

ROWS = """\
item,channel,received_at,as_of,applicant.kind,places.insured,places.operating_area,facts.disability_grade,facts.postal_enterprise
2-17,online,,2026-01-01,person,630100,,5,
2-17,window,510104,2026-01-01,person,630100,,5,
2-17,online,,2026-01-01,person,510100,,3,
1-51,window,632700,2026-01-01,enterprise,,632700,,false
1-51,window,632700,2026-01-01,enterprise,,632700,,是
"""


@pytest.fixture
def turned(run: Run, changed: Changed, old: str, tmp_path: Path) -> Callable[..., Result]:
    """Compares the tree with a changed one, over a file of applications."""

    def compare(text: str | bytes, *more: str, name: str = "cases.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        tree = str(changed(GRADE, POSTAL))
        return run("diff", old, tree, "--applications", str(path), *more)

    return compare


def counts(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)["applications"]
    return found


def test_counts_by_department_item_and_province(turned: Callable[..., Result]) -> None:
    result = turned(ROWS, "--json")
    assert result.exit_code == 1
    found = counts(result)
    assert found["total"] == {"applications": 5, "differ": 4, "opened": 3, "closed": 1, "other": 0}
    assert [(one["key"], one["applications"], one["differ"]) for one in found["by_item"]] == [
        ("1-51", 2, 2), ("2-17", 3, 2),
    ]  # fmt: skip
    assert {one["name"]: one["differ"] for one in found["by_department"]} == {
        "省邮政管理局": 2, "省人力资源社会保障厅": 2,
    }  # fmt: skip
    # The receiving place comes first, else the first place of the item.
    assert {one["name"]: (one["applications"], one["differ"]) for one in found["by_province"]} == {
        "青海省": (3, 3), "四川省": (2, 1),
    }  # fmt: skip
    assert found["bad_rows"] == 0


def test_json_lines_count_the_same_as_csv(turned: Callable[..., Result]) -> None:
    lines = [
        {"item": "2-17", "channel": "online", "as_of": "2026-01-01",
         "applicant": {"kind": "person"}, "places": {"insured": place},
         "facts": {"disability_grade": grade}}
        for place, grade in (("630100", 5), (630100, 3))
    ]  # fmt: skip
    result = turned("\n".join(map(json.dumps, lines)), "--json", name="cases.jsonl")
    assert counts(result)["total"]["differ"] == 1
    assert counts(result)["total"]["opened"] == 1


def test_every_bad_row_is_told_by_line_and_field(turned: Callable[..., Result]) -> None:
    bad = (
        "item,channel,as_of,applicant.kind,places.insured,facts.disability_grade\n"
        "2-17,online,2026-01-01,person,630100,5\n"
        "2-17,online,2026-01-01,person,999999,x\n"
        "9-99,online,2026-01-01,person,,\n"
        "\n"
        "2-17,online,2026-01-01,person,630100,5,too,many\n"
        "2-17,online,2026-01-01,person,630100,3\n"
    )
    result = turned(bad, "--json")
    assert result.exit_code == 2
    found = counts(result)
    assert found["total"]["applications"] == 2
    assert found["bad_rows"] == 3
    assert [(one["line"], one["field"]) for one in found["bad"]] == [
        (3, "places.insured"), (3, "facts.disability_grade"), (4, "item"), (6, ""),
    ]  # fmt: skip
    for line in ("cases.csv:3: places.insured:", "cases.csv:4: item: unknown item '9-99'"):
        assert line in result.stderr


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("item,chanel", "column 2: unknown heading 'chanel'; did you mean 'channel'?"),
        ("item,facts.disabilty_grade", "did you mean 'facts.disability_grade'?"),
        ("channel", "a column `item` is needed"),
        ("item,item", "column 2: the heading 'item' stands twice"),
        ("", "no headings"),
    ],
)
def test_headings_that_cannot_be_used(head: str, says: str, turned: Callable[..., Result]) -> None:
    result = turned(f"{head}\n2-17,online\n")
    assert result.exit_code == 2
    assert says in result.stderr


def test_what_spreadsheets_write(turned: Callable[..., Result]) -> None:
    """A mark at the beginning, lines that end with two characters, cells with line ends."""
    text = ROWS.replace("1-51,", '"1-51",').replace("\n", "\r\n")
    assert counts(turned(b"\xef\xbb\xbf" + text.encode(), "--json"))["total"]["differ"] == 4


def test_rows_in_another_encoding_are_bad_and_the_others_count(
    turned: Callable[..., Result],
) -> None:
    lines = ROWS.encode().splitlines(keepends=True)
    lines[2] = "2-17,窗口".encode("gb18030") + b"\n"
    result = turned(b"".join(lines), "--json")
    assert result.exit_code == 2
    assert [one["line"] for one in counts(result)["bad"]] == [3]
    assert counts(result)["total"]["applications"] == 4


def test_the_table_and_the_csv_file(
    turned: Callable[..., Result], golden: Golden, tmp_path: Path
) -> None:
    result = turned(ROWS, "--csv", str(tmp_path / "counts.csv"))
    golden("applications.txt", result.stdout)
    with (tmp_path / "counts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["by"] for row in rows[:1]] == ["total"]
    assert rows[0]["differ"] == "4"
    by_province = {row["name"]: row["differ"] for row in rows if row["by"] == "province"}
    assert by_province == {"青海省": "3", "四川省": "1"}


def test_a_plot_keeps_its_text(turned: Callable[..., Result], tmp_path: Path) -> None:
    plot = tmp_path / "turned.svg"
    turned(ROWS, "--plot", str(plot))
    tree = ElementTree.fromstring(plot.read_text("utf-8"))
    texts = {text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert {"630000 青海省", "变为可办 opened", "部门 by department"} <= texts


def test_a_plot_as_a_page_needs_no_network(turned: Callable[..., Result], tmp_path: Path) -> None:
    page = tmp_path / "turned.html"
    turned(ROWS, "--plot", str(page))
    text = page.read_text("utf-8")
    assert "青海省" in text or json.dumps("青海省")[1:-1] in text
    assert "<script src=" not in text


def test_a_plot_is_refused_before_the_work(turned: Callable[..., Result]) -> None:
    result = turned(ROWS, "--plot", "turned.pdf")
    assert result.exit_code == 2
    assert ".svg or .html" in result.stderr
    assert result.stdout == ""


def test_items_that_only_one_side_has(kernel: Kernel) -> None:
    """Their applications are counted, not bad."""
    raw = {
        "item": "1-31", "channel": "online", "applicant": {"kind": "person"},
        "as_of": "2026-01-01", "places": {"enterprise": "630100"},
    }  # fmt: skip
    nothing, all_ = Side("nothing", Kernel([])), Side("all", kernel)
    found = [Entry(1, raw)]
    assert count(nothing, all_, found, print).total.opened == 1
    assert count(all_, nothing, found, print).total.closed == 1
    assert count(nothing, nothing, found, lambda bad: None).bad_rows == 1


def test_facts_that_one_side_has_no_word_for_are_left_out_there(
    run: Run, changed: Changed, old: str, tmp_path: Path
) -> None:
    """An application of today can be put to the rules of yesterday."""
    new_fact = (
        "  disability_grade:",
        "  brand_new: {type: bool, name: 新, title: new, question: 新?}\n  disability_grade:",
    )
    tree = changed(("vocabulary.yaml", *new_fact), GRADE)
    raw = {
        "item": "2-17", "channel": "online", "as_of": "2026-01-01",
        "applicant": {"kind": "person"}, "places": {"insured": "630100"},
        "facts": {"disability_grade": 5, "brand_new": True},
    }  # fmt: skip
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(raw), encoding="utf-8")
    result = run("diff", "--json", old, str(tree), "--applications", str(path))
    assert counts(result)["total"]["opened"] == 1


def test_a_long_file_is_not_kept_in_memory(kernel: Kernel) -> None:
    """Rows are drawn one by one, and none is kept."""
    import gc
    import weakref

    class Row(dict[str, Any]):
        pass

    alive: list[weakref.ref[Row]] = []

    def many() -> Any:
        for n in range(300):
            row = Row(item="2-17", channel="online", as_of="2026-01-01", places={"insured": 630100})
            alive.append(weakref.ref(row))
            yield Entry(n + 1, row)
            del row
            gc.collect(0)
            assert sum(one() is not None for one in alive) <= 2

    side = Side("all", kernel)
    assert count(side, side, many(), print).total.applications == 300
