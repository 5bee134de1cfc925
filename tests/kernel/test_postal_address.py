"""An address begins with a place that exists, or the sentence says what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel
from tongban.kernel.model.postal_address import address_problem

DIVISIONS = Kernel().base.divisions
COUNTIES = [
    code
    for code in sorted(DIVISIONS)
    if DIVISIONS[code].level == "county" and not DIVISIONS[code].until
]


@given(st.sampled_from(COUNTIES), st.sampled_from(["人民路1号", "", "幸福小区3栋", "新华街道"]))
def test_every_county_can_be_written_in_full(code: str, rest: str) -> None:
    assert address_problem(DIVISIONS, DIVISIONS.full_name(code) + rest) is None


@pytest.mark.parametrize(
    "address",
    [
        "四川省成都市武侯区人民南路四段1号",
        "成都武侯人民南路",
        "610041 四川省 成都市 武侯区",
        "中国四川省成都市锦江区",
        "北京朝阳区建国路88号",
        "东莞市长安镇",
        "成都市高新区天府大道",
        "成都市菜市街3号",
        "上海市闸北区共和新路",
        "河北省雄安新区容城县",
        "香港特别行政区中西区皇后大道",
        "新疆乌市天山区",
    ],
)
def test_addresses_as_people_write_them(address: str) -> None:
    assert address_problem(DIVISIONS, address) is None


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("四川省不存在市人民路1号", "四川省下没有“不存在市”"),
        ("四川省成都市武候区一环路", "是否为四川省成都市武侯区"),
        ("重庆市不存在县", "重庆市下没有“不存在县”"),
        ("朝阳区建国路", "有多处"),
        ("四川省人民路1号", "之后未写明"),
        ("四川省", "之后未写明"),
        ("人民路1号", "未写明现有的省"),
        ("火星", "未写明现有的省"),
        ("12 Rue de la Paix", "未写明现有的省"),
        (" ", "未写明现有的省"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_both_languages(address: str, says: str) -> None:
    problem = address_problem(DIVISIONS, address)
    assert problem is not None
    assert says in problem.zh
    assert problem.en


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    address_problem(DIVISIONS, text)
