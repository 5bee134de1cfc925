"""What a run came to, as the report and the terminal show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from tongban.kernel import MODES, protocol
from tongban.kernel.model import TERMS, Text
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.conduct import counted
from tongban.plugins.simulation.report.figures import ONE_SEED, comparison, ends, figures
from tongban.plugins.simulation.report.html import page
from tongban.plugins.simulation.report.journeys import Journeys, journeys_of
from tongban.plugins.simulation.report.metrics import (
    APPLICANT,
    BACKLOG,
    CAUSES,
    ELSEWHERE,
    FOLLOW_UP,
)
from tongban.plugins.simulation.report.plots import Bar, area, bars, strip
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.report.summary import Names, summary_of
from tongban.plugins.simulation.report.svg import ticks, wide
from tongban.plugins.simulation.report.terminal import show_comparison, show_summary
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.scenario import FAULTS, Scenario, built_in, load_scenario

from .test_planted_recourse import EAGER

OUTCOMES = {f"remedy_{name}" for name in TERMS["remedy_outcome"]}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
VOID = {"meta", "br"}


@pytest.fixture
def summarised(
    simulated: Callable[..., Result], three: Scenario, rules: Catalogue
) -> Callable[..., dict[str, Any]]:
    def came_to(*arguments: Any, **options: Any) -> dict[str, Any]:
        result = simulated(*arguments, **options)
        assert result.failed is None
        return summary_of(result, three, Names(rules.kernel(min(three.provinces), 0)))

    return came_to


@pytest.fixture
def summary(summarised: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return summarised(3, 60, 15)


def office(place: str) -> protocol.Office:
    return protocol.Office("handling", place or None, "public_security")


def record(channel: str, way: tuple[str, ...], by: str, others: tuple[str, ...] = ()) -> Record:
    """A closed case of somebody in Guangdong, or at a window in `way`."""
    plan = protocol.Plan(
        modes=("online",),
        channel=channel,
        window=way[0] if channel == "window" else None,
        way=tuple(office(one) for one in way),
        accepting=len(way) - 1,
        others=tuple(office(one) for one in others),
    )
    case = SimpleNamespace(plan=plan, deliveries=(SimpleNamespace(by=by),))
    return cast("Record", SimpleNamespace(case=case, draft=SimpleNamespace(here="440000")))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # Collected at a window at home, sent on, the result by post: one visit nearby.
        (record("window", ("440100", "630100"), "post"), Journeys(1, 2, 0, 1)),
        # Online, but the result waits at the authority's window far away.
        (record("online", ("630100",), "pickup"), Journeys(1, 2, 1, 0)),
        # Two authorities far away act together; they are in two provinces, or in one.
        (record("online", ("630100",), "electronic", ("510100",)), Journeys(1, 4, 0, 0)),
        (record("online", ("630100",), "electronic", ("630200",)), Journeys(1, 2, 0, 0)),
        # Nothing leaves the province: two visits nearby, no journey.
        (record("window", ("440100",), "pickup"), Journeys(1, 0, 0, 2)),
        # Where an authority without a division is, nobody knows.
        (record("kiosk", ("",), "electronic"), Journeys(1, 0, 0, 1)),
    ],
)
def test_journeys_are_those_out_of_the_own_province(case: Record, expected: Journeys) -> None:
    found = journeys_of(case, 2)
    assert found == expected
    assert found.saved == expected.in_person - expected.needed


def test_journeys_add_up_by_province(summary: dict[str, Any]) -> None:
    journeys = summary["journeys"]
    assert journeys["saved"] == journeys["in_person"] - journeys["needed"] > 0
    for key in ("cases", "in_person", "needed", "saved", "nearby"):
        assert sum(row[key] for row in journeys["provinces"]) == journeys[key]
        # A case that combines modes counts in each.
        assert sum(row[key] for row in journeys["modes"]) >= journeys[key]
    assert {row["id"] for row in journeys["modes"]} <= set(MODES)


def test_only_cases_that_were_closed_count_as_closed(summary: dict[str, Any]) -> None:
    states = {one["id"]: one["count"] for one in summary["states"]}
    times = summary["days_to_close"]
    assert states["closed"] < summary["over"]  # storms return and withdraw some
    assert times["all"]["cases"] == states["closed"] == summary["granted"] + summary["denied"]
    for group in ("provinces", "departments"):
        assert sum(row["cases"] for row in times[group]) == states["closed"]
    shown = {one.name.en: one.value for one in figures(summary)}
    assert shown["closed"] == f"{100 * states['closed'] / summary['opened']:.1f}%"
    assert shown["ended in any way"] == f"{100 * summary['over'] / summary['opened']:.1f}%"
    assert shown["median days to close"] == f"{times['all']['median']:g} 天"
    assert sum(count for _, count in ends(summary)) == summary["opened"]


def test_what_people_did_is_counted(simulated: Callable[..., Result]) -> None:
    result = simulated(seed=3, cases=40, choices=EAGER)
    counts, events = counted(result.metrics.conduct), result.metrics.events
    assert counts["refused_by_rule"] == events["ruled_ineligible"] > 0
    assert {one: counts[one] for one in ("insisted", "amended", "corrected", "reopened")} == {
        one: events[one] for one in ("insisted", "amended", "corrected", "reopened")
    }
    lodged = counts["reconsideration"] + counts["litigation"]
    ends = sum(count for name, count in counts.items() if name in OUTCOMES)
    assert lodged == events["remedy_lodged"] == ends + counts.get("remedy_pending", 0) > 0
    assert 0 < counts["remedy_late"] < lodged
    assert counts["departed_denied"] > 0


STANDING = ("contact_changed", "reissued", "void_found", "recused", "readmitted", "claimed")
LATER = ("released", "expiring", "expired", "authorised")


def test_what_people_did_about_contact_tasks_and_agents_is_counted(
    simulated: Callable[..., Result],
) -> None:
    choices = {"recuse": 0.3, "readmit": 1.0, "state_validity": 0.5, "authorise": 0.5}
    result = simulated(seed=3, cases=40, choices=choices, faults={"post_lost": 0.3})
    counts, events = counted(result.metrics.conduct), result.metrics.events
    assert {one: counts[one] for one in (*STANDING, *LATER)} == {
        one: events[one] for one in (*STANDING, *LATER)
    }
    assert 0 < counts["agent_refused"] < events["attempt_refused"]


def test_the_last_case_ends_before_the_last_result_lapses(
    summarised: Callable[..., dict[str, Any]],
) -> None:
    plain, lapsing = (
        summarised(3, 40, 15, choices={"state_validity": rate, "change_contact": 0.0})
        for rate in (0.0, 1.0)
    )
    assert plain["last_day"] == lapsing["last_day"]
    assert len(lapsing["open_on"]) == lapsing["last_day"] + 1


def test_a_case_that_was_corrected_or_reopened_counts_as_it_ended_last(
    summarised: Callable[..., dict[str, Any]],
) -> None:
    found = summarised(3, 40, 15, choices=EAGER)
    states = {one["id"]: one["count"] for one in found["states"]}
    assert sum(states.values()) == found["opened"] == found["over"] + found["left"]
    closed = states["closed"]
    assert found["granted"] + found["denied"] == closed
    assert found["days_to_close"]["all"]["cases"] == found["journeys"]["cases"] == closed
    assert sum(one["cases"] for one in found["days_to_close"]["provinces"]) == closed


def test_what_is_checked_with_every_event_is_counted(simulated: Callable[..., Result]) -> None:
    result = simulated(3)
    assert result.checked["rules"] == sum(result.metrics.events.values())
    assert result.checked["raised"] >= result.metrics.opened > 0


def test_every_term_stands_with_its_english() -> None:
    terms = [
        *(one for kind in TERMS.values() for one in kind.values()),
        *INVARIANTS.values(),
        *CAUSES.values(),
        *(ELSEWHERE, FOLLOW_UP, BACKLOG, APPLICANT),
        *FAULTS.values(),
    ]
    assert [term for term in terms if not (term.zh and term.en)] == []


def test_every_province_stands_with_its_english(rules: Catalogue) -> None:
    names = Names(rules.kernel("630000", 0))
    provinces = [names.province(code) for code in load_scenario("standard").provinces]
    assert len(provinces) == 31
    assert [one for one in provinces if not one.en] == []


@pytest.mark.parametrize("name", built_in())
def test_the_assumptions_of_built_in_scenarios_stand_in_chinese_too(name: str) -> None:
    scenario = load_scenario(name)
    for words in (scenario.zh, *(one.zh for one in scenario.assumptions)):
        assert CHINESE.search(words)


def test_a_scenario_that_says_something_else_does_not_say_it_in_chinese(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: storm\nname: mine\nsays: Half the storm.\n", encoding="utf-8")
    assert load_scenario(mine).zh == ""
    mine.write_text("extends: storm\nname: mine\nsays: Half.\nzh: 一半。\n", encoding="utf-8")
    assert load_scenario(mine).zh == "一半。"
    mine.write_text("extends: storm\nname: mine\n", encoding="utf-8")
    assert load_scenario(mine).zh == load_scenario("storm").zh


class Tags(HTMLParser):
    """Holds that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pictures(shown: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(one) for one in re.findall(r"<svg.*?</svg>", shown)]


def fits(picture: ElementTree.Element) -> bool:
    """Whether every level text stands inside the picture."""
    width = float(picture.attrib["viewBox"].split()[2])
    for one in picture.findall("text"):
        words = "".join(one.itertext())
        size = float(one.attrib["font-size"]) if len(one) == 0 else 11.0
        start = float(one.attrib["x"])
        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[one.attrib["text-anchor"]]
        left = start - wide(words, size) * part
        if left < -1 or left + wide(words, size) > width + 8:
            return False
    return True


def test_the_report_is_whole(summary: dict[str, Any], three: Scenario) -> None:
    shown = page(summary, three, None)
    tags = Tags()
    tags.feed(shown)
    assert tags.open == []
    found = pictures(shown)
    labels = " ".join(one.attrib["aria-label"] for one in found)
    for words in ("办结天数", "在办件数", "省去的跨省跑动", "逾期", "省际办件通道", "如何结束"):
        assert words in labels
    assert labels.count("省去的跨省跑动") == 2  # by mode and by province
    assert labels.count("办结天数") == 3
    assert all(fits(one) for one in found)
    headings = re.findall(r"<h2>(.*?)</h2>", shown)
    assert len(headings) >= 9
    for one in headings:  # the official term, and English beside it
        assert CHINESE.search(one)
        assert re.search(r'lang="en">\w', one)
    assert three.zh in shown
    assert "申请人所在" in shown
    assert "where the authority is" in shown  # inside the map


def test_the_report_and_the_terminal_show_the_same_figures(
    summary: dict[str, Any], three: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    show_summary(summary)
    terminal, report = capsys.readouterr().out, page(summary, three, None)
    for one in figures(summary):
        for words in (one.name.zh, one.name.en, one.value, one.note.zh):
            assert words in terminal
            assert words in report


def test_a_comparison_says_that_it_rests_on_one_seed(
    summary: dict[str, Any],
    three: Scenario,
    summarised: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = summarised(3, 60, 15, faults={"message_lost": 0.0})
    show_comparison(summary, other)
    terminal = capsys.readouterr().out
    for words in ONE_SEED.to_dict().values():
        assert words in page(summary, three, other)
        assert words not in page(summary, three, None)
        assert words in terminal
    rows = {row["name"].split()[0]: row for row in comparison(summary, other)}
    closed = [one["days_to_close"]["all"]["cases"] for one in (summary, other)]
    assert [rows["办结"]["one"], rows["办结"]["other"]] == closed


def test_a_run_in_which_nothing_was_closed_has_a_report(
    summarised: Callable[..., dict[str, Any]], three: Scenario
) -> None:
    summary = summarised(1, 2, 5, until=1)
    assert summary["days_to_close"]["all"]["cases"] == 0
    assert "–" in page(summary, three, None)


def test_long_names_fit_into_bars() -> None:
    long = Text("新疆维吾尔自治区住房和城乡建设厅", "Housing and Urban-Rural Development")
    rows = [
        Bar(long, (123_456.0, 5.0), "123,456 / 5 天", 7.0),
        Bar(Text("司法厅", "Justice"), (2.0, 1.0), "–"),
    ]
    colours = (("#000", Text("甲")), ("#111", Text("乙")), ("#222", Text("丙")))
    assert all(fits(one) for one in pictures(bars(rows, colours, Text("天", "days"), "x")))


def test_marks_on_one_day_stand_under_each_other() -> None:
    marks = [(3, Text("规则变更")), (3, Text("收件截止")), (5, Text("规则变更"))]
    shown = area([1, 2, 3, 2, 1, 0], "x", marks, Text("天"), Text("件"))
    places = re.findall(r'y="([\d.]+)"[^>]*>(?:规则变更|收件截止)', shown)
    assert len(places) == 3
    assert places[0] != places[1]
    assert fits(ElementTree.fromstring(shown))


def test_small_parts_of_a_whole_are_seen() -> None:
    shown = strip([("#000", Text("甲"), 99_999), ("#111", Text("乙"), 1)], "x")
    widths = [float(one) for one in re.findall(r'<rect[^>]* width="([\d.]+)" height="24', shown)]
    assert widths[1] >= 2


@pytest.mark.parametrize("most", [1, 3.2, 9, 10, 47, 1_000, 123_456])
def test_scales_have_a_few_round_numbers(most: float) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert found[-1] <= most
    assert 2 <= len(found) <= 6
    assert all(re.fullmatch(r"[125]0*", f"{int(found[1])}") for _ in found)
