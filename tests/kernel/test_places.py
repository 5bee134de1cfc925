"""The table of divisions, and the choice among places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import ApplicationError, Kernel


def test_the_table_is_whole(kernel: Kernel) -> None:
    table = kernel.base.divisions
    in_force = [d for d in table.values() if not d.until]
    assert sum(d.level == "province" for d in in_force) == 34
    assert sum(d.level == "prefecture" for d in in_force) == 333
    assert sum(d.level == "county" for d in in_force) > 2800
    for division in table.values():
        assert len(division.code) == 6
        assert division.seat in table
        assert division.parent is None or division.parent in table
        assert all(code in table for code in division.now)


@pytest.mark.parametrize(
    ("code", "name", "standing", "seat"),
    [
        ("630102", "青海省西宁市城东区", "capital", "630100"),
        ("440305", "广东省深圳市南山区", "separate_planning", "440300"),
        ("110105", "北京市朝阳区", "municipality", "110000"),
        ("650102", "新疆维吾尔自治区乌鲁木齐市天山区", "autonomous_capital", "650100"),
        ("632801", "青海省海西蒙古族藏族自治州格尔木市", "other", "632800"),
        ("632857", "青海省海西蒙古族藏族自治州大柴旦行政委员会", "other", "632800"),
        ("429004", "湖北省仙桃市", "other", "429004"),
        ("630122", "青海省西宁市湟中县", "capital", "630100"),
        ("371200", "山东省济南市莱芜市", "capital", "370100"),
    ],
)
def test_divisions(kernel: Kernel, code: str, name: str, standing: str, seat: str) -> None:
    division = kernel.base.divisions[code]
    assert kernel.base.divisions.full_name(code) == name
    assert (division.standing, division.seat) == (standing, seat)


def test_how_far_apart_is_symmetric(kernel: Kernel) -> None:
    table = kernel.base.divisions

    @settings(max_examples=300)
    @given(st.sampled_from(sorted(table)), st.sampled_from(sorted(table)))
    def check(a: str, b: str) -> None:
        assert table.apart(a, b) == table.apart(b, a)
        assert (table.apart(a, b) == "none") == (table[a].seat == table[b].seat)

    check()


def choose(kernel: Kernel, **more: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {"item": "2-11", "channel": "online", "applicant": {"kind": "person"}}
    facts = {"relaxed_policy": False, **more.pop("facts", {})}
    return kernel.decide({**raw, "facts": facts, **more}).to_dict()


def test_the_applicant_chooses(kernel: Kernel) -> None:
    shown = choose(kernel, facts={"handle_at": "work"}, places={"work": 440300})
    assert [one["place"] for one in shown["handling"]] == ["work"]


def test_the_receiving_place_chooses_the_first_listed_that_it_is(kernel: Kernel) -> None:
    places = {"residence": 510107, "hukou": 510104, "work": 510100}
    shown = choose(kernel, channel="window", received_at=510100, places=places)
    assert [one["place"] for one in shown["handling"]] == ["residence"]
    assert shown["modes"] == ["local"]


def test_an_open_choice_is_asked_for_and_its_places_are_not(kernel: Kernel) -> None:
    shown = choose(kernel, channel="window", received_at=440300, places={"hukou": 630100})
    assert [one["name"] for one in shown["missing"]] == ["facts.handle_at"]
    assert shown["missing"][0]["values"] == ["residence", "hukou", "work"]
    chosen = choose(kernel, facts={"handle_at": "work"})
    assert [one["name"] for one in chosen["missing"]] == ["places.work"]


@pytest.mark.parametrize(
    ("raw", "field", "says"),
    [
        ({"facts": {"handle_at": "insured"}}, "facts.handle_at", "residence, hukou, work"),
        ({"places": {"hukou": 6301}}, "places.hukou", "630100"),
        ({"places": {"hukow": 630100}}, "places.hukow", "hukou"),
        ({"facts": {"relaxed_policy": 1}}, "facts.relaxed_policy", "true or false"),
        ({"channel": "windows"}, "channel", "window"),
        ({"channel": "kiosk"}, "received_at", "needed"),
        ({"as_of": "2026-02-30"}, "as_of", "2026-01-31"),
        ({"applicant": {"kind": "persom"}}, "applicant.kind", "person"),
    ],
)
def test_a_wrong_application_is_refused_by_name(
    kernel: Kernel, raw: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(ApplicationError) as caught:
        kernel.decide({"item": "2-11", **raw})
    (defect,) = caught.value.defects
    assert defect.field == field
    assert says in defect.message


def test_a_place_above_the_authority_is_not_precise_enough(kernel: Kernel) -> None:
    raw = {"item": "1-24", "channel": "online", "places": {"enterprise": 630000}}
    with pytest.raises(ApplicationError, match="not precise enough"):
        kernel.decide(raw)
    assert kernel.decide({**raw, "places": {"enterprise": 110000}}).outcome == "incomplete"


OUTSIDE = ("710000", "810000", "820000")


@pytest.mark.parametrize("code", OUTSIDE)
@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("2-69", "hukou"),
        ("2-69", "received_at"),
        ("1-52", "operating_area"),
        ("3-07", "treatment"),
        ("3-01", "birth"),
        ("3-01", "parents_hukou"),
    ],
)
def test_no_register_and_no_authority_is_in_hong_kong_macao_or_taiwan(
    kernel: Kernel, item: str, place: str, code: str
) -> None:
    raw: dict[str, Any] = {"item": item, "channel": "window", "received_at": "510100"}
    wrong = {"received_at": code} if place == "received_at" else {"places": {place: code}}
    with pytest.raises(ApplicationError) as caught:
        kernel.decide({**raw, **wrong})
    (defect,) = caught.value.defects
    assert defect.field.endswith(place)
    assert code in defect.message
    assert "内地" in defect.message
    assert "居住证" in defect.message


@pytest.mark.parametrize("code", OUTSIDE)
def test_who_lives_in_hong_kong_macao_or_taiwan_has_a_register_all_the_same(
    kernel: Kernel, code: str
) -> None:
    raw = {"item": "2-69", "channel": "online", "applicant": {"kind": "person"}}
    home = {"hukou": "630100"}
    there = kernel.decide({**raw, "places": {**home, "residence": code}}).to_dict()
    assert there == kernel.decide({**raw, "places": home}).to_dict()


@pytest.mark.parametrize("code", OUTSIDE)
def test_nobody_acts_in_hong_kong_macao_or_taiwan_by_choice(kernel: Kernel, code: str) -> None:
    with pytest.raises(ApplicationError, match=f"places.work: {code}"):
        choose(kernel, facts={"handle_at": "work"}, places={"work": code})
    found = choose(
        kernel, facts={"handle_at": "residence"}, places={"work": code, "residence": "440300"}
    )
    assert [one["place"] for one in found["handling"]] == ["residence"]
