"""From the name of a place, as people write it, to the divisions that it can mean."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Protocol

from attrs import frozen

from tongban.kernel.errors import nearest
from tongban.kernel.model.terms import TERMS

_KINDS = (
    "特别行政区", "新区", "地区", "林区", "矿区", "特区", "省", "市", "盟", "县", "区", "旗",
)  # fmt: skip
"""What a division's name ends with, the longest first."""

_LONG_KINDS = ("自治区", "自治州", "自治县", "自治旗", "行政委员会")
"""What everyday names leave out with the names of peoples: 海西 for 海西蒙古族藏族自治州."""

_EVERYDAY = {
    "博尔塔拉蒙古自治州": "博州",
    "呼和浩特市": "呼市",
    "克孜勒苏柯尔克孜自治州": "克州",
    "莫力达瓦达斡尔族自治旗": "莫旗",
    "巴音郭楞蒙古自治州": "巴州",
    "西双版纳傣族自治州": "版纳",
    "锡林郭勒盟": "锡盟",
    "乌鲁木齐市": "乌市",
}
"""Names in daily use that do not begin the official one."""

_LEVELS = tuple(TERMS["level"])
_SHORTEST = 2
"""Below this a beginning of a name says too little."""

_LONGEST = 60
"""Longer texts are not the name of a place; the longest full name has 24 characters."""

_BETWEEN = re.compile(r"[\s\-/·、,]+|市辖区|(?:省|自治区)直辖县级行政区划")
"""What people, and forms that give each level a box, put between the parts of a name."""


class _Division(Protocol):
    """What the search looks at."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def until(self) -> str: ...


@frozen
class _Names:
    """Names of some divisions, each with the codes of those that are called so."""

    full: Mapping[str, tuple[str, ...]]
    short: Mapping[str, tuple[str, ...]]
    ordered: tuple[str, ...]

    def beginning(self, said: str) -> Iterator[str]:
        """The codes of divisions whose full name begins with `said`."""
        if len(said) < _SHORTEST:
            return
        for name in self.ordered[bisect_left(self.ordered, said) :]:
            if not name.startswith(said):
                return
            yield from self.full[name]


class PlaceSearch:
    """An index of the names of divisions; a query takes a fraction of a millisecond.

    Args:
        divisions: the table by code, those abolished included.
        successors: the codes in force of what took the place of a code.
    """

    def __init__(
        self,
        divisions: Mapping[str, _Division],
        successors: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._divisions = divisions
        self._successors = successors
        self._forms = {one.code: (one.name, *_short(one.name)) for one in divisions.values()}
        self._now = self._names(one for one in divisions.values() if not one.until)
        self._former = self._names(one for one in divisions.values() if one.until)

    def _names(self, divisions: Iterable[_Division]) -> _Names:
        full: dict[str, tuple[str, ...]] = {}
        short: dict[str, tuple[str, ...]] = {}
        for one in divisions:
            name, *others = self._forms[one.code]
            full[name] = (*full.get(name, ()), one.code)
            for other in dict.fromkeys(others):
                short[other] = (*short.get(other, ()), one.code)
        return _Names(full, short, tuple(sorted(full)))

    def find(self, text: str) -> tuple[str, ...]:
        """The codes in force of the divisions that `text` can mean; none where it means nothing.

        A name counts in full (西宁市), in short (西宁, 海西, 海西州), with those above it in full
        or in short (青海西宁, 四川省成都市锦江区), and, where none is called so, by its
        beginning (大柴 for 大柴旦行政委员会). The name of an abolished division means what took
        its place, where none in force is called so.

        Args:
            text: a name as people write it; spaces and the signs - / · 、 , count for nothing.

        Returns:
            Several where the name is ambiguous: provinces first, then prefectures, then
            counties, each by code.
        """
        now, former = self._now, self._former
        return self._called(
            _plain(text),
            lambda name: now.full.get(name, ()),
            lambda name: (*now.full.get(name, ()), *now.short.get(name, ())),
            now.beginning,
            lambda name: former.full.get(name, ()),
            lambda name: (*former.full.get(name, ()), *former.short.get(name, ())),
        )

    def _called(self, said: str, *ways: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
        """The codes in force that the first of the ways gives which gives any."""
        for called in ways:
            found = {
                code
                for cut in range(len(said))
                for code in called(said[cut:])
                if self._lies_in(code, said[:cut])
            }
            if found:
                current = (code for one in self._sorted(found) for code in self._successors(one))
                return tuple(dict.fromkeys(current))
        return ()

    def named(self, text: str) -> tuple[str, ...]:
        """As `find`, without beginnings of names: what is called exactly so.

        Args:
            text: a name as people write it.
        """
        now, former = self._now, self._former
        return self._called(
            _plain(text),
            lambda name: now.full.get(name, ()),
            lambda name: (*now.full.get(name, ()), *now.short.get(name, ())),
            lambda name: former.full.get(name, ()),
        )

    def near(self, text: str) -> str | None:
        """The code of the division whose name was probably meant by `text`; None for none.

        Where it begins with the name of a province, the divisions in that one are looked at.

        Args:
            text: a name that `find` does not know.
        """
        said = _plain(text)
        if len(said) < _SHORTEST:
            return None
        for form in sorted(filter(said.startswith, self._provinces), key=len, reverse=True):
            province = self._provinces[form]
            below = (one for one in self._now.ordered if self._in(province, one))
            if near := nearest(said[len(form) :], below):
                return self._in(province, near)[0]
        within = nearest(said, self._now.ordered)
        return self._sorted(self._now.full[within])[0] if within else None

    @cached_property
    def _provinces(self) -> dict[str, str]:
        """Each name of a province, in full or in short, with its code."""
        tops = (one for one in self._divisions.values() if not (one.parent or one.until))
        return {form: one.code for one in tops for form in self._forms[one.code]}

    def _in(self, province: str, name: str) -> list[str]:
        """The codes of the divisions below `province` that are called `name` in full."""
        return [
            code for code in self._now.full[name] if code[:2] == province[:2] and code != province
        ]

    def _sorted(self, codes: Iterable[str]) -> list[str]:
        return sorted(codes, key=lambda code: (_LEVELS.index(self._divisions[code].level), code))

    def _lies_in(self, code: str, said: str) -> bool:
        """Whether `said` names divisions above `code`, the highest first, some or all."""
        if not said:
            return True
        one = self._divisions[code]
        parent = one.parent
        if parent is None:  # 北京市北京市朝阳区: a municipality is its own prefecture
            return one.name.endswith("市") and said in self._forms[code]
        named = any(
            said.endswith(name) and self._lies_in(parent, said[: -len(name)])
            for name in self._forms[parent]
        )
        return named or self._lies_in(parent, said)


def _plain(text: str) -> str:
    """`text` without what stands between names, in the usual width; "" where it is too long."""
    if len(text) > _LONGEST:
        return ""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))


def _short(name: str) -> Iterator[str]:
    """The names in short of a division called `name`."""
    if name in _EVERYDAY:
        yield _EVERYDAY[name]
    if name.endswith(_LONG_KINDS):
        for end in range(_SHORTEST, len(name) - 2):
            yield name[:end]
            yield name[:end] + name[-1]
        return
    for kind in _KINDS:
        if name.endswith(kind) and len(name) - len(kind) >= _SHORTEST:
            yield name[: -len(kind)]
