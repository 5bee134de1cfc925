"""The simulator's own parts: chance, officers, the store in memory, applicants."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tongban.plugins.simulation.scenario.applicants import Applicants
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.scenario.random_streams import Chance, Spread, Weighted
from tongban.plugins.simulation.scenario.scenario import Scenario
from tongban.plugins.simulation.world.staff import Pool, Timetable


@given(st.integers(0, 2**32), st.text(), st.integers(1, 10_000))
def test_draws_belong_to_their_name(seed: int, name: str, end: int) -> None:
    chance = Chance(seed)
    assert 0 <= chance.unit(name) < 1
    assert 0 <= chance.below(end, name) < end
    assert chance.below(end, name) == Chance(seed).below(end, name)


def test_draws_follow_their_weights() -> None:
    chance, among = Chance(1), Weighted(("a", "b", "c"), (1, 0, 3))
    drawn = Counter(chance.choose(among, number) for number in range(4_000))
    assert drawn["b"] == 0
    assert 800 < drawn["a"] < 1_200
    spread = [chance.of(Spread(1, 4, 20), number) for number in range(4_000)]
    assert (min(spread), max(spread)) == (1, 19)
    assert 1_800 < sum(one <= 4 for one in spread) < 2_400


def _weekdays(day: date) -> bool:
    return day.weekday() < 5


def test_work_is_done_in_working_hours() -> None:
    # 2026-01-05 is a Monday.
    table = Timetable(date(2026, 1, 5), (9, 17), _weekdays)
    away = lambda day: day == 1  # noqa: E731
    assert table.finish(0, 30, away) == 9 * 60 + 30
    assert table.finish(16 * 60 + 50, 30, away) == 2 * DAY + 9 * 60 + 20  # ill on Tuesday
    assert table.finish(4 * DAY + 17 * 60, 10, away) == 7 * DAY + 9 * 60 + 10  # after a weekend


def test_one_officer_does_one_thing_after_the_other() -> None:
    table = Timetable(date(2026, 1, 5), (9, 17), _weekdays)
    pool = Pool("510000/x", 2, table, lambda name, officer, day: False)
    assert [pool.take(540, 60) for _ in range(4)] == [600, 600, 660, 660]
    pool.reset()
    assert pool.take(540, 60) == 600


def test_applicants_come_by_the_weights_of_the_scenario(three: Scenario, rules: Catalogue) -> None:
    examples = rules.kernel(min(three.provinces), 0)
    drawn = [Applicants(three, examples, Chance(1)).draft(number) for number in range(300)]
    homes = Counter(one.home for one in drawn)
    assert homes["510000"] > homes["630000"] > 0
    assert {one.raw["channel"] for one in drawn} == {"online", "window", "kiosk"}
    assert len({one.item for one in drawn}) > 60
    again = Applicants(three, examples, Chance(1)).draft(7)
    assert again == drawn[7]
    for one in drawn:
        codes = [*one.raw.get("places", {}).values()]
        assert all(code in examples.base.divisions for code in codes)


def test_every_province_has_the_whole_catalogue_with_its_variations(
    three: Scenario, rules: Catalogue
) -> None:
    kernel = rules.kernel("510000", 0)
    assert len(kernel.items) == len(rules.kernel("630000", 0).items)
    assert {item.jurisdiction for item in kernel.items} == {"510000"}
    move = {
        "item": "510000/1-07",
        "channel": "online",
        "as_of": "2026-01-05",
        "applicant": {"kind": "person"},
        "places": {"transfer_in": "510100", "transfer_out": "630100"},
        "facts": {"transferable": True},
    }

    def limits(province: str, day: int) -> dict[str, int]:
        application = {**move, "item": f"{province}/1-07"}
        decided = rules.kernel(province, day).decide(application).time_limit
        return {one["step"]: one["working_days"] for one in decided}

    assert limits("510000", 0)["decide"] != 2
    assert limits("510000", 5)["decide"] == 2
    assert limits("630000", 5) == limits("630000", 0)
