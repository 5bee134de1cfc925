"""Applications to try a plugin with: its cases, and others from the values rules tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from attrs import frozen

from tongban.kernel import Application, ApplicationError, Item, Kernel
from tongban.plugins.kit.conformance.subject import Subject
from tongban.plugins.kit.examples import AS_OF
from tongban.plugins.kit.testing.hostile_values import WHOLE, mutations, spoilt
from tongban.plugins.kit.testing.value_pool import (
    AGES,
    NAMES,
    Choices,
    as_json,
    resident_number,
)

LEAST = 2
"""Applications of each item, however many items there are."""

_ODD_PLACES = ("630000", "429004", "110000", "469021", "419001")
"""Places without a seat of their own: provinces, a municipality, counties under a province."""


@frozen
class Trial:
    """An application, raw as `tongban route` takes it, and checked."""

    raw: Mapping[str, Any]
    application: Application


def trials(subject: Subject, kernel: Kernel, count: int, seed: int) -> tuple[Trial, ...]:
    """Applications for the plugin's items, or for all where it has none; always the same.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        count: how many, about.
        seed: of the choice.
    """
    items = subject.tried_items(kernel)
    each = max(LEAST, count // max(1, len(items)))
    raws = (raw for item in items for raw in _of_item(kernel, item, each, seed))
    return tuple(_checked(kernel, raws))


def _of_item(kernel: Kernel, item: Item, count: int, seed: int) -> Iterator[dict[str, Any]]:
    choices = Choices(kernel, item)
    usual = {"as_of": AS_OF, "applicant": {"kind": item.applicant.value[0]}, "item": choices.short}
    random = Random(f"{seed} {item.key}")  # noqa: S311 - to be repeated, not to be secret
    for case in item.cases[: (count + 1) // 2]:
        yield {**usual, **case.given}
    yield _drawn(choices, random, usual=True)
    for _ in range(count - min(len(item.cases), (count + 1) // 2) - 1):
        yield _drawn(choices, random, usual=False)


def _drawn(choices: Choices, random: Random, usual: bool) -> dict[str, Any]:
    """One application that says everything; the usual one, or of values taken at random."""

    def pick(values: Sequence[Any]) -> Any:
        # The first half of the values is where the boundaries are.
        return values[0] if usual or random.random() < 0.4 else random.choice(values)

    day: date = pick(choices.days)
    channel = pick(choices.channels)
    facts = {name: pick(choices.values(name)) for name in choices.facts}
    places: dict[str, str] = {}
    for name in choices.places(facts.get("handle_at")):
        codes = choices.codes(name, tuple(places.values()))
        odd = [code for code in _ODD_PLACES if choices.fits(name, code)]
        places[name] = pick((*codes, *odd))
    applicant = {"kind": pick(choices.kinds)}
    if not usual and random.random() < 0.6:
        applicant |= _person(random, day, next(iter(places.values()), "630102"))
    raw = {
        "item": choices.short,
        "channel": channel,
        "as_of": day.isoformat(),
        "applicant": applicant,
        "places": places,
        "facts": {name: as_json(value) for name, value in facts.items()},
        "deliver_by": pick(choices.deliveries),
    }
    if channel != "online":
        raw["received_at"] = pick(choices.codes("received", tuple(places.values())))
    return {name: value for name, value in raw.items() if value not in (None, {})}


def _person(random: Random, day: date, division: str) -> dict[str, Any]:
    born = date(day.year - random.choice(AGES), day.month, min(day.day, 28))
    person: dict[str, Any] = {
        "name": random.choice(NAMES),
        "id_number": resident_number(division, born, random.randint(1, 999)),
        "phone": "13800000000",
        "address": "某街1号",
    }
    if random.random() < 0.3:
        person["credit_code"] = "91630100MA7F3A0000"
        person["agent"] = {"kind": "person", "name": random.choice(NAMES), "id_number": "1"}
    return person


def incomplete(found: Sequence[Trial], kernel: Kernel) -> tuple[Trial, ...]:
    """The same applications with parts left out, one after the other, and nearly empty ones.

    Args:
        found: applications that are right.
        kernel: that checks what is left.
    """
    raws: dict[str, dict[str, Any]] = {}
    for number, trial in enumerate(found):
        raw = trial.raw
        empty = {"item": raw["item"], "as_of": raw.get("as_of", AS_OF)}
        raws.setdefault(str(empty), empty)
        parts = [path for path in _parts(raw) if path not in (("item",), ("as_of",))]
        if parts:
            less = _without(raw, parts[number % len(parts)])
            raws.setdefault(str(less), less)
    return tuple(_checked(kernel, raws.values()))


def hostile(found: Sequence[Trial], kernel: Kernel, count: int) -> Iterator[Any]:
    """What is not an application: one of each sort, spread over the applications.

    Args:
        found: applications that are right.
        kernel: whose vocabulary says what is wrong.
        count: how many, at most.
    """
    yield from WHOLE
    if not found:
        return
    ways = [*mutations(kernel, (), ())]
    step = max(1, len(ways) // count)
    for number, way in enumerate(ways[::step]):
        yield spoilt(found[number % len(found)].raw, way)


def smallest(
    raw: Mapping[str, Any], kernel: Kernel, fails: Callable[[Application], bool]
) -> Mapping[str, Any]:
    """What is left of an application when all is gone that its failure does not need.

    Args:
        raw: an application that shows it.
        kernel: that checks it.
        fails: whether an application still shows it.
    """
    shrunk = dict(raw)
    for path in _parts(raw):
        if path[0] in ("item", "as_of"):
            continue
        less = _without(shrunk, path)
        if any(fails(one.application) for one in _checked(kernel, [less])):
            shrunk = less
    return shrunk


def _parts(raw: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What can be left out, smaller parts after those that they are in."""
    inner = [(key, name) for key in raw if isinstance(raw[key], Mapping) for name in raw[key]]
    return [*((key,) for key in raw), *inner]


def _without(raw: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    name, *below = path
    if not below:
        return {key: value for key, value in raw.items() if key != name}
    if not isinstance(raw.get(name), Mapping):
        return dict(raw)
    return {**raw, name: _without(raw[name], tuple(below))}


def _checked(kernel: Kernel, raws: Any) -> Iterator[Trial]:
    for raw in raws:
        try:
            yield Trial(raw, kernel.application(raw))
        except ApplicationError:
            continue
