"""Who applies for what, from where: drawn by the scenario's weights.

The facts of an application are those of an example that the department's rule file
gives; only its places are drawn anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from tongban.kernel import Divisions, Item, Kernel
from tongban.plugins.simulation.chance import Chance, Weighted
from tongban.plugins.simulation.scenario import Scenario

__all__ = ["Applicants", "Draft"]

_HERE = frozenset(
    ("residence", "work", "move_in", "transfer_in", "present")
    + ("treatment", "purchase", "vehicle_in", "birth")
)
"""Places where the applicant is now; the others are where he or she comes from."""

_TRIES = 4
_OTHER = 10


@frozen
class Draft:
    """One application before it is handed in.

    Attributes:
        number: from 0.
        home, here: provinces: where the applicant comes from, and is.
        raw: the application as JSON, without the jurisdiction.
        item: id of the item.
    """

    number: int
    home: str
    here: str
    item: str
    raw: Mapping[str, Any]


@frozen
class _Template:
    """An example of a rule file: what stands in it, and which place each code is."""

    given: Mapping[str, Any]
    here: str
    codes: tuple[str, ...]


@frozen(eq=False, slots=False)
class Applicants:
    """Draws applications.

    Args:
        scenario: with the weights.
        examples: the kernel whose rule files have the examples.
        chance: of the run.
    """

    scenario: Scenario
    examples: Kernel
    chance: Chance
    _seats: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False)

    @property
    def divisions(self) -> Divisions:
        """The table of divisions."""
        return self.examples.divisions

    @cached_property
    def _people(self) -> Weighted[str]:
        places = self.scenario.provinces
        return Weighted(tuple(places), tuple(one.people for one in places.values()))

    @cached_property
    def _draw(self) -> Weighted[str]:
        places = self.scenario.provinces
        return Weighted(tuple(places), tuple(one.draw for one in places.values()))

    @cached_property
    def _channels(self) -> Weighted[str]:
        some = self.scenario.channels
        return Weighted(tuple(some), tuple(some.values()))

    @cached_property
    def _items(self) -> Weighted[Item]:
        only = self.scenario.only_items
        items = tuple(
            one
            for one in self.examples.items
            if (not only or one.id in only) and (one.id, True) in self.templates
        )
        return Weighted(items, tuple(self.scenario.items.get(one.kind, _OTHER) for one in items))

    @cached_property
    def templates(self) -> Mapping[tuple[str, bool], tuple[_Template, ...]]:
        """Examples of each item, by its id and by whether they are eligible."""
        found: dict[tuple[str, bool], list[_Template]] = {}
        for item in self.examples.items:
            for case in item.cases:
                eligible = case.expect.get("eligible", case.expect.get("outcome") == "eligible")
                given = {key: one for key, one in case.given.items() if key != "as_of"}
                found.setdefault((item.id, eligible is True), []).append(_template(given))
        return {key: tuple(some) for key, some in found.items()}

    def draft(self, number: int) -> Draft:
        """The application of one number; the same whatever else happens.

        Args:
            number: from 0.
        """
        chance = self.chance
        item = chance.choose(self._items, number, "item")
        good = not chance.happens(self.scenario.choices.ineligible, number, "ineligible")
        some = self.templates.get((item.id, good)) or self.templates[item.id, True]
        some = self._by_channel(some, chance.choose(self._channels, number, "channel"))
        template = chance.pick(some, number, "template")
        home = chance.choose(self._people, number, "home")
        here = chance.choose(self._draw, number, "here")
        raw: dict[str, Any] = {}
        for again in range(_TRIES):
            raw = self._placed(template, number, again, home, here)
            if not good or self._eligible(item, raw):
                break
        else:
            raw = dict(template.given)  # no place drawn will do: the example's own
            raw["places"] = {name: str(one) for name, one in raw.get("places", {}).items()}
        raw = _named(raw, item, number)
        return Draft(number, home, here, item.id, raw)

    def _by_channel(self, some: tuple[_Template, ...], channel: str) -> tuple[_Template, ...]:
        fit = tuple(one for one in some if one.given.get("channel") == channel)
        return fit or some

    def _placed(
        self, template: _Template, number: int, again: int, home: str, here: str
    ) -> dict[str, Any]:
        """The example with other divisions: alike codes stay alike."""
        codes: dict[str, str] = {}
        for place, code in enumerate(template.codes):
            province = here if code == template.here else home if place < 2 else None
            province = province or self.chance.choose(self._people, number, "third", again)
            sort = self.divisions[code].level if code in self.divisions else "prefecture"
            seats = self._of(province, sort)
            codes[code] = self.chance.pick(seats, number, "seat", place, again)
        raw = dict(template.given)
        if "received_at" in raw:
            raw["received_at"] = codes[str(raw["received_at"])]
        raw["places"] = {name: codes[str(one)] for name, one in raw.get("places", {}).items()}
        return raw

    def _of(self, province: str, level: str) -> tuple[str, ...]:
        """The divisions of a level in a province; of a municipality its districts."""
        known = self._seats.get((province, level))
        if known is None:
            inside = [
                one for one in self.divisions.values() if one.province == province and not one.until
            ]
            fit = [one.code for one in inside if one.level == level]
            fit = fit or [one.code for one in inside if one.level == "county"] or [province]
            known = self._seats[province, level] = tuple(sorted(fit))
        return known

    def _eligible(self, item: Item, raw: Mapping[str, Any]) -> bool:
        application = {"applicant": {"kind": item.applicant.value[0]}, **raw}
        decided = self.examples.decide({**application, "item": item.key, "as_of": self._day})
        return decided.outcome == "eligible"

    @cached_property
    def _day(self) -> str:
        return self.scenario.start.isoformat()

    def shares(self, sample: int = 300) -> Mapping[tuple[str, str], float]:
        """Which share of the work falls to each department of each province, about.

        Args:
            sample: so many applications are drawn for it.
        """
        departments: Counter[str] = Counter()
        for number in range(sample):
            item = self.chance.choose(self._items, "share", number)
            departments[item.department] += 1
        people = self.scenario.provinces
        total = sum(one.people for one in people.values())
        draw = sum(one.draw for one in people.values())
        return {
            (code, department): (one.people / total + one.draw / draw) / 2 * count / sample
            for code, one in people.items()
            for department, count in departments.items()
        }


def _template(given: Mapping[str, Any]) -> _Template:
    places = {name: str(one) for name, one in given.get("places", {}).items()}
    received = str(given.get("received_at", ""))
    here = received or next((code for name, code in places.items() if name in _HERE), "")
    return _Template(given, here, tuple(_unique([received, *places.values()])))


def _unique(codes: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(code for code in codes if code)


def _named(raw: Mapping[str, Any], item: Item, number: int) -> dict[str, Any]:
    """With an applicant: a made-up name, which no log may contain."""
    applicant = {"kind": item.applicant.value[0], **raw.get("applicant", {})}
    applicant.setdefault("name", f"申请人{number:06d}")
    applicant.setdefault("phone", f"1380000{number % 10_000:04d}")
    return {"channel": "online", **raw, "applicant": applicant}
