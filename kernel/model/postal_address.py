"""Whether an address begins with a place that exists, by the table of divisions. Pure."""

from __future__ import annotations

import re

from tongban.kernel.errors import Text
from tongban.kernel.model.divisions import Divisions

__all__ = ["address_problem"]

_SHORTEST, _LONGEST, _SHOWN = 2, 40, 3
_FOREMOST = re.compile(r"^(?:中华人民共和国|中国)?[\s,,]*(?:[0-9]{6}[\s,,]*)?")
_BETWEEN = " ,,、-"
_NEXT = re.compile(
    r"^([^0-9a-zA-Z路街巷道弄号村镇乡组楼栋室厅]{1,12}?(?:自治[州县旗]|[市县区旗盟]))"
)
"""What may be meant as the name of the next division below."""

_NO_DIVISION = re.compile(
    "开发|高新|经济|经开|产业|工业|科技|物流|保税|自贸|示范|试验|度假|风景|景区|园|新区|功能|合作|管理"
    "|小区|社区|校区|厂区|院区|库区|灾区|片区|老城区|城区|生活|家属|住宅|宿舍|矿|林区|垦|港|机场|军|超市"
    "|都市|城市|门市|菜市|花市|夜市|集市|股市"
)
"""Areas that are no division, and words that only end like one."""


def address_problem(divisions: Divisions, address: str) -> Text | None:
    """What is wrong with the place that an address names; None where nothing can be said.

    The name of the place is what the address begins with: in full, in short, with those above
    it or without. Streets and houses are not looked at.

    Args:
        divisions: the table.
        address: as the applicant gave it.
    """
    said = _FOREMOST.sub("", address.strip(), count=1)
    codes, rest = _place(divisions, said)
    if not codes:
        return _unknown(divisions, said[:12], "地址开头未写明现有的省、市或者县(区)")
    if len(codes) > 1:
        names = [divisions.full_name(one) for one in codes[:_SHOWN]]
        zh = f"地址所写的地名有多处:{'、'.join(names)};须写明省市"
        return Text(zh, f"the place is ambiguous ({', '.join(names)}): write what it lies in")
    found = divisions[codes[0]]
    below = _NEXT.match(rest)
    if found.level == "county" or found.outside or (below and _NO_DIVISION.search(below[1])):
        return None
    full = divisions.full_name(found.code)
    if below:
        upper = divisions[found.province].name
        return _unknown(divisions, upper + below[1], f"{full}下没有“{below[1]}”", found.code)
    if found.level == "province" and found.standing != "municipality":
        return _unknown(divisions, "", f"{full}之后未写明市、县(区)")
    return None


def _place(divisions: Divisions, said: str) -> tuple[tuple[str, ...], str]:
    """The divisions that the longest beginning names, and what follows it."""
    for end in range(min(len(said), _LONGEST), _SHORTEST - 1, -1):
        codes = divisions.named(said[:end])
        if codes:
            return codes, said[end:].lstrip(_BETWEEN)
    return (), said


def _unknown(divisions: Divisions, name: str, zh: str, within: str = "") -> Text:
    near = divisions.near(name)
    hint = divisions.full_name(near) if near and near != within else ""
    return Text(
        zh + (f",是否为{hint}" if hint else "") + ";请按户籍登记或者门牌所示的行政区划填写",
        "the address begins with no place that exists"
        + (f", did you mean {hint}" if hint else "")
        + ": write province, city and county as they are called now",
    )
