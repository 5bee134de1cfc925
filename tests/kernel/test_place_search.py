"""Places by the names that people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Division, Divisions, Kernel

LEVELS = ("province", "prefecture", "county")
KINDS = ("特别行政区", "新区", "地区", "林区", "矿区", "特区", "省", "市", "盟", "县", "区", "旗")


def short(name: str) -> str:
    """What a name is without its kind, as a person would say it; in full where that is one sign."""
    for ethnic in ("自治区", "自治州", "自治县", "自治旗"):
        if name.endswith(ethnic):
            return name[:3] if name.startswith(("内蒙古", "黔", "神农")) else name[:2]
    kind = next((kind for kind in KINDS if name.endswith(kind)), "")
    return name.removesuffix(kind) if kind and len(name) - len(kind) > 1 else name


def in_force(divisions: Divisions) -> list[Division]:
    return [one for one in divisions.values() if not one.until]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("浦东", ["310115"]),
        ("上海浦东", ["310115"]),
        ("上海市浦东新区", ["310115"]),
        ("上海市市辖区浦东新区", ["310115"]),
        ("上海市上海市浦东", ["310115"]),
        ("北京北京朝阳", ["110105"]),
        ("西宁城东", ["630102"]),
        ("青海省-西宁市-城东区", ["630102"]),
        ("青海 / 西宁 / 城东", ["630102"]),
        ("海西", ["632800"]),
        ("海西州", ["632800"]),
        ("延边", ["222400"]),
        ("吉林延边", ["222400"]),
        ("恩施", ["422800", "422801"]),
        ("湖北恩施", ["422800", "422801"]),
        ("恩施州", ["422800"]),
        ("恩施市", ["422801"]),
        ("湖北省省直辖县级行政区划仙桃", ["429004"]),
        ("两江新区", ["500157"]),
        ("两江", ["500157"]),
        ("沈北", ["210113"]),
        ("清新", ["441803"]),
        ("滨海", ["120116", "320922"]),
        ("天津滨海", ["120116"]),
        ("大柴", ["632857"]),
        ("青海大柴", ["632857"]),
        ("版纳", ["532800"]),
        ("巴州", ["652800", "511902"]),
        ("锡盟", ["152500"]),
        ("香港", ["810000"]),
        ("台湾", ["710000"]),
        ("吉林", ["220000", "220200"]),
        ("吉林市", ["220200"]),
        ("吉林朝阳", ["220104"]),
        ("朝阳", ["211300", "110105", "211321", "220104"]),
        ("湟中县", ["630106"]),
        ("上海南汇", ["310115"]),
        ("北京崇文", ["110101"]),
        ("江干", ["330102", "330114"]),
        ("西咸新区", []),
        ("市辖区", []),
        ("市", []),
        ("青海省青海省", []),
        ("四川西宁", []),
        ("Xining", []),
        ("", []),
    ],
)
def test_names_as_people_write_them(name: str, codes: list[str], kernel: Kernel) -> None:
    assert list(kernel.base.divisions.find(name)) == codes


def test_every_division_is_found(kernel: Kernel) -> None:
    """By its full name, and by its province and its name, in full and in short."""
    divisions = kernel.base.divisions
    everyone = in_force(divisions)
    assert len(everyone) > 3_200
    lost = []
    for one in everyone:
        province = divisions[one.province].name
        names = [one.name, short(one.name), divisions.full_name(one.code)]
        if one.level != "province":
            names += [
                above + below
                for above in (province, short(province))
                for below in (one.name, short(one.name))
            ]
        lost += [(name, one.code) for name in names if one.code not in divisions.find(name)]
    assert lost == []


def test_every_abolished_division_leads_to_what_took_its_place(kernel: Kernel) -> None:
    divisions = kernel.base.divisions
    for one in divisions.values():
        if one.until:
            name = divisions.full_name(one.code)
            found = divisions.find(name)
            assert all(not divisions[code].until for code in found)
            alike = [other.code for other in in_force(divisions) if other.name == one.name]
            assert set(divisions.successors(one.code)) <= {*found} or {*found} <= {*alike}, name


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Texts near the names of places: pieces of names, kinds, and anything."""
    pieces = (
        "上海",
        "市",
        "自治州",
        "自治区",
        "城",
        "区",
        "浦东",
        "吉林",
        "-",
        " ",
        "州",
        "旗",
        "1",
    )
    parts = draw(st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=4)), max_size=12))
    return "".join(parts)


@given(text=st.one_of(queries(), st.text(max_size=200)))
def test_any_query_is_answered_in_a_stable_order(text: str, kernel: Kernel) -> None:
    divisions = kernel.base.divisions
    found = divisions.find(text)
    assert found == divisions.find(text)
    assert len({*found}) == len(found)
    assert all(not divisions[code].until for code in found)
    near = divisions.near(text)
    assert near is None or not divisions[near].until


@pytest.mark.parametrize("text", ["市" * 10_000, "\ud800", "\x00", " " * 10_000, "西" * 61])
def test_odd_texts_mean_nothing(text: str, kernel: Kernel) -> None:
    assert kernel.base.divisions.find(text) == ()
    assert kernel.base.divisions.near(text) is None


@given(data=st.data())
def test_candidates_come_from_the_highest_to_the_lowest(
    data: st.DataObject, kernel: Kernel
) -> None:
    divisions = kernel.base.divisions
    one = data.draw(st.sampled_from(in_force(divisions)))
    found = [divisions[code] for code in divisions.find(short(one.name))]
    assert found == sorted(found, key=lambda each: (LEVELS.index(each.level), each.code))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("西宁巿", "630100"),
        ("上海浦冬新区", "310115"),
        ("吉林省朝洋区", "220104"),
        ("乌鲁木其市", "650100"),
        ("Xining", None),
        ("x", None),
    ],
)
def test_the_name_that_was_probably_meant(wrong: str, meant: str | None, kernel: Kernel) -> None:
    assert kernel.base.divisions.near(wrong) == meant
