"""What follows from the table of divisions: places, levels above, names, what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.kernel import ApplicationError, DivisionError, Kernel


def test_every_code_lies_in_those_above_it(kernel: Kernel) -> None:
    table = kernel.base.divisions
    order = ("province", "prefecture", "county")
    for code, division in table.items():
        assert table[division.province].level == "province"
        assert division.province == table[division.seat].province
        if division.parent is None:
            assert division.level == "province"
            continue
        parent = table[division.parent]
        assert not parent.until
        assert parent.province == division.province
        if not division.until:
            assert order.index(parent.level) < order.index(division.level)
            assert division.province == f"{code[:2]}0000"


def test_an_abolished_code_lies_where_its_area_lies_today(kernel: Kernel) -> None:
    """万县市 was Sichuan's and is Chongqing's: a case between the two crosses nothing."""
    assert kernel.base.divisions["511200"].province == "500000"
    raw = {"item": "2-01", "channel": "window", "applicant": {"kind": "person"}}
    decision = kernel.decide({**raw, "received_at": 500101, "places": {"hukou": 511200}})
    assert (decision.crossing, decision.modes) == ("none", ("local",))


def test_a_place_is_its_own_seat(kernel: Kernel) -> None:
    table = kernel.base.divisions
    for seat, members in table.places.items():
        assert members[0].code == seat == table[seat].seat
        assert not any(one.until for one in members)
        assert len({one.level for one in members}) == len(members)
    for division in table.values():
        assert (division.seat in table.places) is not division.outside
        assert division.standing == table[division.seat].standing


@pytest.mark.parametrize(
    ("standing", "codes"),
    [
        ("municipality", ["110000", "120000", "310000", "500000"]),
        ("autonomous_capital", ["150100", "450100", "540100", "640100", "650100"]),
        ("separate_planning", ["210200", "330200", "350200", "370200", "440300"]),
    ],
)
def test_who_has_which_standing(kernel: Kernel, standing: str, codes: list[str]) -> None:
    table = kernel.base.divisions
    assert [code for code in table.places if table[code].standing == standing] == codes


def test_every_province_has_one_capital(kernel: Kernel) -> None:
    """A capital, or the capital of an autonomous region; or the province is the city itself."""
    table = kernel.base.divisions
    found = {p: 0 for p, d in table.items() if d.level == "province"}
    for code in table.places:
        if table[code].standing in ("capital", "autonomous_capital", "municipality"):
            found[table[code].province] += 1
    assert {p: n for p, n in found.items() if n != 1} == {"710000": 0, "810000": 0, "820000": 0}


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("630102", "630100", "none"),
        ("630122", "630106", "none"),
        ("371202", "370102", "none"),
        ("110105", "110000", "none"),
        ("500110", "500229", "none"),
        ("632801", "632857", "none"),
        ("632801", "632700", "prefecture"),
        ("429004", "429005", "prefecture"),
        ("659001", "650100", "prefecture"),
        ("440300", "440100", "prefecture"),
        ("110105", "120101", "province"),
        ("630100", "510100", "province"),
        ("511200", "500101", "none"),
    ],
)
def test_how_far_apart(kernel: Kernel, a: str, b: str, apart: str) -> None:
    assert kernel.base.divisions.apart(a, b) == apart


@pytest.mark.parametrize(
    ("code", "level", "above"),
    [
        ("630102", "county", "630102"),
        ("630102", "prefecture", "630100"),
        ("630102", "province", "630000"),
        ("630100", "county", None),
        ("630000", "prefecture", None),
        ("110105", "prefecture", "110000"),
        ("110000", "prefecture", "110000"),
        ("429004", "prefecture", "429004"),
        ("429004", "county", "429004"),
        ("371202", "prefecture", "370100"),
    ],
)
def test_the_division_of_a_level(kernel: Kernel, code: str, level: str, above: str | None) -> None:
    found = kernel.base.divisions.at_level(code, level)  # type: ignore[arg-type]
    assert (found.code if found else None) == above


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("63", "630000"),
        ("6301", "630100"),
        ("西宁市", "630100"),
        ("西宁", "630100"),
        ("格尔木", "632801"),
        ("zzz", None),
        ("", None),
        ("99", None),
    ],
)
def test_what_was_meant_by_a_wrong_code(kernel: Kernel, wrong: str, meant: str | None) -> None:
    assert kernel.base.divisions.suggest(wrong) == meant


def test_a_mistyped_code_is_answered_with_one_like_it(kernel: Kernel) -> None:
    found = kernel.base.divisions.suggest(630108)
    assert found is not None
    assert found.startswith("6301")


def test_what_took_the_place_of_an_abolished_division_is_in_force(kernel: Kernel) -> None:
    table = kernel.base.divisions
    for code, division in table.items():
        found = table.successors(code)
        assert found
        assert not any(table[one].until for one in found)
        assert {table[one].province for one in found} >= {division.province}
        if not division.until:
            assert found == (code,)


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("371202", "370116"),
        ("371200", "370100"),  # went to two districts of Jinan: the city is certain
        ("110103", "110101"),  # merged
        ("310225", "310115"),  # 南汇县, by way of the district that is abolished too
        ("530200", "530113"),  # a prefecture that is a district today
        ("510200", "500000"),
        ("320103", "320104"),
        ("520522", "520581"),
        ("542121", "540302"),
        ("511721", "511703"),
        ("469003", "460400"),
        ("652101", "650402"),
    ],
)
def test_an_abolished_place_is_that_which_took_its_place(
    kernel: Kernel, code: str, now: str
) -> None:
    assert kernel.base.divisions.in_force(code) == now
    raw: dict[str, Any] = {"item": "2-69", "channel": "window", "applicant": {"kind": "person"}}
    for received, hukou in ((code, "630100"), ("630100", code), (int(code), code)):
        given = {**raw, "received_at": received, "places": {"hukou": hukou}}
        application = kernel.application(given)
        told = {application.received_at, application.places["hukou"]}
        assert told == {now, "630100"} - ({"630100"} if received == int(code) else set())
        assert code not in str(kernel.decide(application).to_dict())


@pytest.mark.parametrize(
    ("code", "choices"),
    [
        ("341400", ("340100", "340200", "340500")),
        ("330104", ("330102", "330114")),
        ("522201", ("520602", "520603")),
        ("445121", ("445103", "445102")),
        ("421302", ("421303", "421321")),
    ],
)
def test_a_place_that_was_divided_is_asked_for_with_the_choices(
    kernel: Kernel, code: str, choices: tuple[str, ...]
) -> None:
    assert set(kernel.base.divisions.successors(code)) == set(choices)
    with pytest.raises(DivisionError):
        kernel.base.divisions.in_force(code)
    raw = {"item": "2-69", "channel": "online", "places": {"hukou": code}}
    with pytest.raises(ApplicationError) as caught:
        kernel.decide(raw)
    (defect,) = caught.value.defects
    assert defect.field == "places.hukou"
    assert all(f"{one} {kernel.base.divisions.full_name(one)}" in defect.message for one in choices)


@pytest.mark.parametrize(
    ("code", "says"),
    [("510123", "温江县.*510115"), ("999999", "unknown division"), ("630199", "did you mean")],
)
def test_a_code_without_a_known_successor_is_refused(kernel: Kernel, code: str, says: str) -> None:
    with pytest.raises(ApplicationError, match=says):
        kernel.decide({"item": "2-69", "channel": "online", "places": {"hukou": code}})
