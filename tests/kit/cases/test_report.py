"""Figures for supervisors: counted once, by place and department their own, in every form."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tongban.plugins.casework.reporting.yearly import NOTE

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
APPLICANT, POSTAL = "applicant:a-1", "officer:630100/postal"


@pytest.fixture
def busy(desk: Any, applications: Any) -> Any:
    """A desk with four cases: granted and rated, refused elsewhere, overdue, running."""
    granted = desk.receive(applications["hukou"])
    desk("case", "accept", granted, as_=CHENGDU)
    desk("case", "confirm", granted, as_=XINING)
    desk("case", "grant", granted, as_=CHENGDU)
    desk("case", "deliver", granted, "--by", "electronic", as_=CHENGDU)
    rate = ("case", "rate", granted, "--side")
    desk(*rate, "510100/public_security", "--grade", "satisfied", as_=APPLICANT)
    desk(*rate, "630100/public_security", "--grade", "不满意", as_=APPLICANT)
    refused = desk.receive(applications["hukou"])
    desk("case", "accept", refused, as_=CHENGDU)
    desk("case", "refuse", refused, "--reason", "户口已冻结", as_=XINING)
    late = desk.json("case", "submit", desk.file("online", applications["online"]), as_=APPLICANT)[
        "case"
    ]
    desk("case", "accept", late, as_=POSTAL)
    desk.later(days=50)
    desk("case", "tick")
    desk.receive(applications["licence"])
    return desk


def test_each_case_counts_once(busy: Any) -> None:
    figures = busy.json("report")
    total = figures["total"]
    assert (total["cases"], total["granted"], total["ended"], total["open"]) == (4, 1, 1, 2)
    assert (total["overdue"], total["late"]) == (1, 0)
    assert total["punctuality"] == 0.0
    assert total["satisfaction"] == 0.5
    for dimension in ("state", "item"):
        assert sum(one["cases"] for one in figures["by"][dimension]) == 4


def test_a_place_answers_for_itself_alone(busy: Any) -> None:
    places = {one["key"]: one for one in busy.json("report")["by"]["place"]}
    assert places["510100"]["overdue"] == 0
    assert places["630100"]["overdue"] == 1
    assert places["510100"]["satisfaction"] == 1.0
    assert places["630100"]["satisfaction"] == 0.0
    assert places["630100"]["follow_ups"] == 1


def test_a_period_is_of_whole_days(busy: Any) -> None:
    assert busy.json("report", "--until", "2026-03-02")["total"]["cases"] == 3
    assert busy.json("report", "--from", "2026-03-03")["total"]["cases"] == 1


def test_screens(busy: Any, golden: Callable[[str, str], None]) -> None:
    golden("report.txt", busy("report").stdout)
    golden("report-yearly.txt", busy("report", "--yearly", "2026").stdout)


def test_csv_is_for_spreadsheets(busy: Any) -> None:
    path = busy.folder / "report.csv"
    busy("report", "--by", "place", "-o", str(path))
    assert path.read_bytes().startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert {len(row) for row in rows} == {24}
    assert [row[1] for row in rows[2:]] == ["630100", "510100"]


class _Page(HTMLParser):
    """What a page fetches, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(v) for name, v in attrs if name in ("src", "href")]


@pytest.mark.parametrize("more", [[], ["--yearly", "2026"]])
def test_the_page_needs_nothing_beside_it(busy: Any, more: list[str]) -> None:
    path = busy.folder / "report.html"
    busy("report", *more, "-o", str(path))
    text = path.read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert page.fetched == []
    assert "script" not in page.tags
    assert page.tags.count("svg") >= 1
    # Chinese text as text in the plots, not as outlines.
    assert re.search("<text[^>]*>[^<]*[\u4e00-\u9fff]", text)
    assert "url(" not in text


def test_words_from_outside_stay_words(desk: Any, applications: Any) -> None:
    """A name with markup in it does not become part of the page, a formula no formula."""
    from tongban.plugins.casework.reporting.plots import bars
    from tongban.plugins.casework.reporting.tables import csv_text

    drawn = bars("<b>", [("<i>", "#000")], [("<script>alert(1)</script>", (1,))])
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert csv_text(("a",), [("=1+1",)]) == "a\n'=1+1\n"


def test_the_yearly_report_is_of_the_third_list(busy: Any) -> None:
    told = busy.json("report", "--yearly", "2026")
    assert sorted(one["item"] for one in told["items"]) == [
        f"630000/3-0{number}" for number in range(1, 9)
    ]
    assert told["note"] == NOTE
    (early,) = (
        one
        for one in busy.json("report", "--yearly", "2021")["items"]
        if one["item"] == "630000/3-05"
    )
    assert early["realised"] is False


def test_wrong_options_are_refused(busy: Any) -> None:
    assert "--yearly takes neither" in busy("report", "--yearly", "2026", "--by", "item",
                                            status=2).stderr  # fmt: skip
    path = busy.folder / "report.pdf"
    assert "a file is CSV or HTML" in busy("report", "-o", str(path), status=2).stderr
