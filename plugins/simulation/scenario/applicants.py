"""Who applies for what, from where: drawn by the scenario's weights.

The facts of an application are those of an example that the department's rule file
gives; only its places are drawn anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel import ApplicationError, Divisions, Item, Kernel
from tongban.kernel.service import refused_way
from tongban.plugins.simulation.scenario.random_streams import Chance, Weighted
from tongban.plugins.simulation.scenario.scenario import Scenario

_HERE = frozenset(
    ("residence", "work", "move_in", "transfer_in", "present")
    + ("treatment", "purchase", "vehicle_in", "birth")
)
"""Places where the applicant is now; the others are where he or she comes from."""

_TRIES = 4
_OTHER = 10
_SHARES = 1_000


@frozen
class Draft:
    """One application before it is handed in.

    Attributes:
        number: from 0.
        home, here: provinces: where the applicant comes from, and is.
        raw: the application as JSON, without the jurisdiction.
        item: id of the item.
        jurisdiction: whose item it is; "" for that of the province that receives it.
        offered: whether the province that receives it has such an item at all.
    """

    number: int
    home: str
    here: str
    item: str
    raw: Mapping[str, Any]
    jurisdiction: str = ""
    offered: bool = True


@frozen(eq=False)
class Local:
    """A province that has departments of its own.

    Attributes:
        kernel: with everything that holds there.
        departments: ids of its own ones.
    """

    kernel: Kernel
    departments: frozenset[str]

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of its own departments."""
        return tuple(one for one in self.kernel.items if one.department in self.departments)


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
        locals: provinces with departments of their own, by code.
    """

    scenario: Scenario
    examples: Kernel
    chance: Chance
    locals: Mapping[str, Local] = field(factory=dict)
    _seats: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False)

    @property
    def divisions(self) -> Divisions:
        """The table of divisions."""
        return self.examples.base.divisions

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
        if not self.locals:
            return self._weighted(self.examples.items)
        # A province's own items, by its part in the country.
        common = self._weighted(self.examples.items)
        things, weights = list(common.things), [one * _SHARES for one in common.weights]
        for province, local in self.locals.items():
            own = self._weighted(local.items)
            things += own.things
            weights += [one * self._share(province) for one in own.weights]
        return Weighted(tuple(things), tuple(weights))

    def _weighted(self, some: Iterable[Item]) -> Weighted[Item]:
        only = self.scenario.only_items
        items = tuple(
            one
            for one in some
            if (not only or one.id in only) and (one.key, True) in self.templates
        )
        return Weighted(items, tuple(self.scenario.items.get(one.kind, _OTHER) for one in items))

    def _share(self, province: str) -> int:
        places = self.scenario.provinces
        people = sum(one.people for one in places.values())
        draw = sum(one.draw for one in places.values())
        here = places[province]
        return (here.people * _SHARES // people + here.draw * _SHARES // draw) // 2

    @cached_property
    def templates(self) -> Mapping[tuple[str, bool], tuple[_Template, ...]]:
        """Examples of each item, by its key and by whether they are eligible."""
        found: dict[tuple[str, bool], list[_Template]] = {}
        own = [item for local in self.locals.values() for item in local.items]
        for item in (*self.examples.items, *own):
            for case in item.cases:
                eligible = case.expect.get("eligible", case.expect.get("outcome") == "eligible")
                given = {key: one for key, one in case.given.items() if key != "as_of"}
                if item.jurisdiction not in self.locals or self._stays(item, given, eligible):
                    some = found.setdefault((item.key, eligible is True), [])
                    some.append(_template(given))
        return {key: tuple(some) for key, some in found.items()}

    def _stays(self, item: Item, given: Mapping[str, Any], eligible: object) -> bool:
        """Whether an example of a province's own item is received in that province."""
        raw = {**given, "places": _codes(given)}
        return self._eligible(item, raw) if eligible is True else self._refused(item, raw)

    def draft(self, number: int) -> Draft:
        """The application of one number; the same whatever else happens.

        Args:
            number: from 0.
        """
        item = self.chance.choose(self._items, number, "item")
        draft = self._drawn(number, item)
        if not self.locals or draft.jurisdiction:
            return draft
        return self._where_it_is_received(number, item, draft)

    def _drawn(self, number: int, item: Item) -> Draft:
        chance = self.chance
        own = item.jurisdiction if item.jurisdiction in self.locals else ""
        good = not chance.happens(self.scenario.choices.ineligible, number, "ineligible")
        some = self.templates.get((item.key, good)) or self.templates[item.key, True]
        some = self._by_channel(some, chance.choose(self._channels, number, "channel"))
        template = chance.pick(some, number, "template")
        home = chance.choose(self._people, number, "home")
        here = own or chance.choose(self._draw, number, "here")
        raw: dict[str, Any] = {}
        for again in range(_TRIES):
            raw = self._placed(template, number, again, home, here)
            if self._eligible(item, raw) if good else self._refused(item, raw):
                break
        else:
            raw = dict(template.given)  # no place drawn will do: the example's own
            raw["places"] = _codes(raw)
        raw = _named(raw, item, number)
        return Draft(number, home, here, item.id, raw, own)

    def _where_it_is_received(self, number: int, item: Item, draft: Draft) -> Draft:
        """The same, or one for an own item of the province that has put its own in its place."""
        province = _province(self.receiving(draft) or "")
        local = self.locals.get(province)
        if local is None:
            return draft
        there = local.kernel.rulebook.items.get(f"{province}/{item.id}")
        if there is not None and there.department not in local.departments:
            return draft
        wanted = {item.department, there.department if there else ""}
        fit = self._weighted(one for one in local.items if one.department in wanted)
        if not fit.things:
            return evolve(draft, offered=False)
        return self._drawn(number, self.chance.choose(fit, number, "own item"))

    def receiving(self, draft: Draft) -> str | None:
        """The division where an application is handed in; None where it will be turned away.

        What the rules refuse is a case too, at the authority that would decide it.
        """
        if "received_at" in draft.raw:
            return str(draft.raw["received_at"])
        home = self.examples.items[0].jurisdiction
        asked = {**draft.raw, "item": f"{home}/{draft.item}", "as_of": self._day}
        try:
            decision = self.examples.decide(asked)
        except ApplicationError:
            return None
        if decision.outcome == "ineligible":
            return refused_at(self.examples, asked)
        if decision.receiving is None or decision.outcome != "eligible":
            return None
        return decision.receiving.division or "-"

    def other_facts(self, draft: Draft, eligible: bool) -> Mapping[str, Any]:
        """Facts of another example of the same item that differ from those applied for.

        Args:
            draft: what was applied for.
            eligible: whether the rules allow what the other example applies for.

        Returns:
            `facts.NAME` to a value; empty where no example has other facts.
        """
        jurisdiction = draft.jurisdiction or self.examples.items[0].jurisdiction
        some = self.templates.get((f"{jurisdiction}/{draft.item}", eligible), ())
        stated = draft.raw.get("facts", {})
        for template in some:
            facts = template.given.get("facts", {})
            found = {f"facts.{k}": one for k, one in facts.items() if stated.get(k) != one}
            if found:
                return found
        return {}

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
        local = self.locals.get(item.jurisdiction)
        kernel = local.kernel if local else self.examples
        application = {"applicant": {"kind": item.applicant.value[0]}, **raw}
        asked = {**application, "item": item.key, "as_of": self._day}
        if local is None:
            return kernel.decide(asked).outcome == "eligible"
        try:
            decided = kernel.decide(asked)
        except ApplicationError:
            return False
        place = raw.get("received_at") or (decided.receiving and decided.receiving.division)
        return decided.outcome == "eligible" and _province(place or "") == item.jurisdiction

    def _refused(self, item: Item, raw: Mapping[str, Any]) -> bool:
        """Whether an application that is meant to be refused is handed in where its item is."""
        local = self.locals.get(item.jurisdiction)
        if local is None or "received_at" in raw:
            return local is None or _province(raw["received_at"]) == item.jurisdiction
        asked = {"applicant": {"kind": item.applicant.value[0]}, **raw, "item": item.key}
        try:
            place = refused_at(local.kernel, {**asked, "as_of": self._day})
        except ApplicationError:
            return False
        return _province(place) == item.jurisdiction

    @cached_property
    def _day(self) -> str:
        return self.scenario.start.isoformat()

    def shares(self, sample: int = 300) -> Mapping[tuple[str, str], float]:
        """Which share of the work falls to each department of each province, about.

        Args:
            sample: this many applications are drawn for it.
        """
        departments: Counter[str] = Counter()
        if not self._items.things:
            return {}
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


def _codes(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(one) for name, one in given.get("places", {}).items()}


def _province(place: object) -> str:
    return f"{str(place)[:2]}0000"


def _template(given: Mapping[str, Any]) -> _Template:
    places = _codes(given)
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


def refused_at(kernel: Kernel, raw: Mapping[str, Any]) -> str:
    """The division where an application is handed in that the rules refuse; "-" for none.

    Args:
        kernel: by whose rules.
        raw: the application, ineligible.
    """
    application = kernel.application(raw)
    way = refused_way(kernel.program(application.item), application)
    return way[0].division or "-"
