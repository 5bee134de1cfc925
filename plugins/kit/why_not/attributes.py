"""The parts of an application: which may change, which are held, which are still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import click
from attrs import frozen

from tongban.kernel import Kernel, Scalar, nearest
from tongban.kernel.engine import RECEIVED_AT
from tongban.kernel.model import Text, term
from tongban.plugins.console.decisions import answers

_PLAIN = {
    "channel": ("申请渠道", "channel"),
    "received_at": ("收件地", "place of application"),
    "applicant.kind": ("申请人类别", "kind of applicant"),
    "deliver_by": ("送达方式", "way of delivery"),
    "as_of": ("日期", "day of application"),
}
"""Parts that no vocabulary declares: Chinese term, title."""

_RANKS = {"as_of": 2, "places": 3, "applicant": 4}
"""What is harder to change comes later among as many changes; all else is 1."""


@frozen
class Part:
    """What a change, an answer or a hindrance is about.

    Attributes:
        name: as an application says it.
        question: asks for it; none for the day.
        rank: how hard it is to change.
    """

    name: str
    label: str
    title: str
    question: Text
    rank: int


@frozen
class Policy:
    """What was said of single parts.

    Attributes:
        hold: parts that must stay.
        free: parts that may change though they would be held.
    """

    hold: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()

    def why_held(self, kernel: Kernel, name: str) -> str:
        """Why a part that was said may not change, "" where it may.

        A place is where something already is: a household, an insurance, a house.
        Only where one applies is chosen, and the notary, who says so with his name.
        """
        if name in self.hold:
            return "按要求保持不变 held as asked"
        if name in self.free:
            return ""
        family, _, rest = name.partition(".")
        if family == "facts" and kernel.rulebook.vocabulary.facts[rest].fixed:
            return "既成事实,无法改变 nobody can change it"
        if family == "places" and rest not in CHOSEN_PLACES:
            return "已有的地点 a place where something already is"
        return ""


CHOSEN_PLACES = ("chosen", "present")
"""Places that the applicant picks freely."""


def policy(kernel: Kernel, hold: Iterable[str], free: Iterable[str]) -> Policy:
    """What `--hold` and `--free` name.

    Raises:
        click.UsageError: with the nearest right name.
    """
    vocabulary = kernel.rulebook.vocabulary
    known = [*_PLAIN, *(f"facts.{name}" for name in vocabulary.facts)]
    known += [f"places.{name}" for name, place in vocabulary.places.items() if place.division]

    def full(option: str, word: str) -> str:
        for name in (word, f"facts.{word}", f"places.{word}"):
            if name in known:
                return name
        near = nearest(word, known) or nearest(f"facts.{word}", known)
        hint = f"; did you mean {near!r}?" if near else " (channel, facts.…, places.…)"
        raise click.UsageError(f"{option} {word}: no part of an application is called so{hint}")

    held = frozenset(full("--hold", word) for word in hold)
    freed = frozenset(full("--free", word) for word in free)
    if both := held & freed:
        raise click.UsageError(f"{', '.join(sorted(both))}: both held and free")
    return Policy(held, freed)


def part(kernel: Kernel, name: str) -> Part:
    """The part called `name`."""
    family, _, rest = name.partition(".")
    rank = _RANKS.get(family, 1)
    vocabulary = kernel.rulebook.vocabulary
    if name in _PLAIN:
        attribute = vocabulary.attributes.get(name)
        asked = RECEIVED_AT if name == "received_at" else attribute.question if attribute else None
        return Part(name, *_PLAIN[name], asked or Text(), rank)
    if family == "places":
        place = vocabulary.places[rest]
        return Part(name, place.label, place.title, place.question, rank)
    fact = vocabulary.facts[rest]
    return Part(name, fact.label, fact.title, fact.question, rank)


def shown(kernel: Kernel, name: str, value: Any) -> str:
    """A value of a part as people read it: `窗口 window`, `630100 青海省西宁市`."""
    if value is None:
        return "默认 default" if name == "deliver_by" else "未说明 not said"
    if name == "received_at" or name.startswith("places."):
        return f"{value} {kernel.base.divisions.full_name(str(value))}"
    if name == "channel":
        return term("channel", value)
    if isinstance(value, date):
        return value.isoformat()
    chinese = answers(kernel, name, [value])[value]
    word = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{chinese} {word}".strip()


def put(raw: Mapping[str, Any], values: Mapping[str, Scalar | None]) -> dict[str, Any]:
    """A raw application in which some parts have other values; None takes a part away."""
    changed = dict(raw)
    for name, value in values.items():
        family, _, rest = name.partition(".")
        written = value if isinstance(value, bool | int | str) or value is None else str(value)
        if not rest:
            changed[name] = written
            if value is None:
                del changed[name]
            continue
        inner = {key: one for key, one in (changed.get(family) or {}).items() if key != rest}
        changed[family] = inner if value is None else {**inner, rest: written}
    return changed
