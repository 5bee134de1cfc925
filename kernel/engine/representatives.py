"""Divisions that stand for all others, where rules look at a place that is not named.

Rules tell divisions apart by what they test: the place itself, its level, its
standing, its province, whether two places lie in one province. Every
arrangement that they can tell apart occurs among the divisions given here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from attrs import define

from tongban.kernel.model.conditions import Test, passes
from tongban.kernel.model.divisions import Divisions, Level

_Sort: TypeAlias = tuple[object, ...]

_ENOUGH = 4
"""Alike places of one province that are counted; more unknown places no case has."""


@define(eq=False)
class Sampler:
    """Finds the divisions to try for one item.

    Args:
        divisions: the table.
        tests: every test of the item's rules.
        level: of the authority, where the item names one: a place must be as precise.
    """

    divisions: Divisions
    tests: tuple[Test, ...]
    level: Level | None = None

    def sample(self, known: Iterable[str], place: str, handles: bool) -> tuple[str, ...]:
        """Codes to try for one place, the known ones first.

        Args:
            known: the divisions that other places have.
            place: its name.
            handles: whether it is the authority's, whose level `level` says.
        """
        seats = dict.fromkeys(self.divisions[code].seat for code in known)
        homes = {self.divisions[code].province for code in known} if self._neighbours else set()
        level = self.level if handles else None
        found: list[str] = []
        for seat in (*seats, *self._near(seats, homes), *self._far(seats, homes)):
            members = [
                division.code
                for division in self.divisions.places[seat]
                if level is None or self.divisions.at_level(division.code, level)
            ]
            found += members if place in self._levelled else members[:1]
        return tuple(found)

    def _near(self, seats: Mapping[str, None], homes: set[str]) -> Iterator[str]:
        """Of each home province, one other place of each sort."""
        for province in sorted(homes):
            for alike in self._provinces[province].values():
                yield from [seat for seat in alike if seat not in seats][:1]

    def _far(self, seats: Mapping[str, None], homes: set[str]) -> Iterator[str]:
        """Of each sort of other province, one place of each sort."""
        for alike in self._sorts.values():
            for seat in alike:
                if seat not in seats and self.divisions[seat].province not in homes:
                    yield seat
                    break

    @cached_property
    def _neighbours(self) -> bool:
        """Whether it matters that two places lie in one province."""
        return self.level == "province" or any(
            passes(test, "prefecture") is not passes(test, "province")
            for test in self.tests
            if test.attribute.startswith("apart.")
        )

    @cached_property
    def _levelled(self) -> frozenset[str]:
        """The places whose level a rule looks at."""
        looked = (test.attribute.split(".") for test in self.tests)
        return frozenset(parts[1] for parts in looked if parts[-1] == "level")

    @cached_property
    def _named(self) -> frozenset[object]:
        """Provinces that a rule names."""
        return frozenset(
            value
            for test in self.tests
            if test.attribute.endswith(".province")
            for value in getattr(test, "values", ())
        )

    @cached_property
    def _provinces(self) -> Mapping[str, Mapping[_Sort, list[str]]]:
        """The places of each province, by sort."""
        standing = any(test.attribute.endswith(".standing") for test in self.tests)
        levels = self.level is not None or bool(self._levelled)
        provinces: dict[str, dict[_Sort, list[str]]] = {}
        for seat, members in self.divisions.places.items():
            division = self.divisions[seat]
            found = tuple(one.level for one in members) if levels else ()
            sort = (division.standing if standing else "", found)
            provinces.setdefault(division.province, {}).setdefault(sort, []).append(seat)
        return provinces

    @cached_property
    def _sorts(self) -> Mapping[_Sort, list[str]]:
        """Places that only a relation to others tells apart, those of one province together."""
        sorts: dict[_Sort, list[str]] = {}
        for province, places in self._provinces.items():
            alike: object = ""
            if self._neighbours:
                counts = Counter({sort: min(len(them), _ENOUGH) for sort, them in places.items()})
                alike = frozenset(counts.items())
            for sort, them in places.items():
                group = province if province in self._named else alike
                sorts.setdefault((group, sort), []).extend(them)
        return sorts
