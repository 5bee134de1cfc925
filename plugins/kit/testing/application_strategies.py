"""Hypothesis strategies for applications and their parts; see `strategies`, which is public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

from tongban.kernel import Item, Kernel, Scalar
from tongban.plugins.kit.testing.hostile_values import WHOLE, Mutation, mutations, spoilt
from tongban.plugins.kit.testing.value_pool import (
    AGES,
    NAMES,
    Choices,
    as_json,
    in_force,
    resident_number,
    values_of,
)

_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(2035, 12, 31)
"""Between these any date is drawn, besides those that rules tell apart."""


@cache
def installed() -> Kernel:
    """A kernel with everything that is installed, once for all strategies."""
    return Kernel()


@lru_cache(maxsize=1_000)
def _choices(kernel: Kernel, key: str) -> Choices:
    return Choices(kernel, kernel.rulebook.items[key])


def choices_of(item: Item | str | None, kernel: Kernel | None) -> st.SearchStrategy[Choices]:
    """What may stand in applications for an item, or for any.

    Raises:
        LookupError: where there is no such item; with the nearest right one.
    """
    found = kernel or installed()
    if item is None:
        # By their keys: anybody who reads a failure is not shown whole items.
        keys = st.sampled_from([*found.rulebook.items])
        return keys.map(lambda key: _choices(found, key))
    if isinstance(item, str):
        named = found.rulebook.find(item)
        if named is None:
            near = found.rulebook.suggest(item)
            hint = f"; did you mean {near}?" if near else ""
            raise LookupError(f"unknown item {item!r}{hint}")
        item = named
    return st.builds(_choices, st.just(found), st.just(item.key))


def divisions(
    level: str | None = None,
    province: str | None = None,
    standing: str | None = None,
    *,
    abolished: bool = False,
    kernel: Kernel | None = None,
) -> st.SearchStrategy[str]:
    """Codes of divisions (行政区划), in force unless `abolished`.

    Args:
        level: `province`, `prefecture` or `county`; None for all.
        province: six digits; only divisions of that province, itself among them.
        standing: of the place that it counts as: `capital`, `separate_planning`,
            `municipality`, `autonomous_capital` or `other`.
        abolished: whether codes that hold no longer are drawn too.
        kernel: whose table; the installed one by default.

    Raises:
        LookupError: where there is no such division.
    """
    return _divisions(kernel or installed(), level, province, standing, abolished)


@lru_cache(maxsize=1_000)
def _divisions(
    kernel: Kernel, level: str | None, province: str | None, standing: str | None, abolished: bool
) -> st.SearchStrategy[str]:
    """Kept, since hypothesis looks at every value of a strategy that it has not seen before."""
    found = in_force(kernel.base.divisions, level, province, standing, abolished)
    if not found:
        raise LookupError(f"no division with {level=}, {province=}, {standing=}")
    return st.sampled_from(found)


def attribute_values(attribute: str, *, kernel: Kernel | None = None) -> st.SearchStrategy[Scalar]:
    """Values of an attribute's domain, its boundaries first.

    Args:
        attribute: as rules write it: a fact, or one that the kernel derives.
        kernel: whose vocabulary; the installed one by default.

    Raises:
        LookupError: where it is not declared.
    """
    found = kernel or installed()
    known = found.rulebook.vocabulary.attributes
    if attribute not in known:
        raise LookupError(f"unknown attribute {attribute!r}")
    declared, first = known[attribute], st.sampled_from(values_of(found, attribute))
    more: st.SearchStrategy[Any]
    if declared.type == "int":
        more = st.integers(declared.low, declared.high)
    elif declared.type == "date":
        more = st.dates(date(1900, 1, 1), date(2999, 12, 31))
    elif declared.type == "division":
        more = divisions(kernel=found, abolished=True)
    elif declared.type == "text":
        more = st.text()
    else:
        return first
    return first | more


def as_of(
    item: Item | str | None = None, *, kernel: Kernel | None = None
) -> st.SearchStrategy[date]:
    """Dates to decide as of: the usual one, those around each day that the rules tell apart, any.

    Args:
        item: an id, an exact name or an item; None for any.
        kernel: that has loaded it; the installed one by default.
    """
    return choices_of(item, kernel).flatmap(_days)


def facts(
    item: Item | str, *, kernel: Kernel | None = None, **given: Any
) -> st.SearchStrategy[dict[str, Any]]:
    """The facts that an application for an item must say, as JSON says them.

    Args:
        item: an id, an exact name or an item.
        kernel: that has loaded it; the installed one by default.
        given: facts with a fixed value, or with a strategy of their own.
    """
    return choices_of(item, kernel).flatmap(lambda choices: _facts(choices, given))


def applicants(
    kinds: tuple[str, ...] = ("person",), *, kernel: Kernel | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Applicants: of a kind, sometimes with name, number, address and somebody who acts for them.

    Args:
        kinds: of which one is drawn.
        kernel: whose divisions their numbers begin with; the installed ones by default.
    """
    return _applicants(kernel or installed(), kinds, st.just(date(2026, 1, 1)))


def applications(
    item: Item | str | None = None,
    *,
    kernel: Kernel | None = None,
    complete: bool = True,
    places: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    **given: Any,
) -> st.SearchStrategy[dict[str, Any]]:
    """Raw applications, each of them right: `kernel.application(raw)` takes every one.

    Args:
        item: an id, an exact name or an item; None for any.
        kernel: that has loaded it; the installed one by default.
        complete: whether everything is said that a decision may need, so that none is
            `incomplete`; if not, something is left out.
        places: places with a fixed division, or with a strategy of their own.
        facts: the same of facts.
        given: the same of `channel`, `as_of`, `received_at`, `applicant`, `deliver_by`.

    Raises:
        LookupError: where there is no such item; with the nearest right one.
    """
    whole = choices_of(item, kernel).flatmap(
        lambda choices: _applications(choices, places or {}, facts or {}, given)
    )
    kept = {*given, *(f"places.{n}" for n in places or ()), *(f"facts.{n}" for n in facts or ())}
    return whole if complete else whole.flatmap(lambda raw: _with_gaps(raw, frozenset(kept)))


def raw_applications(
    item: Item | str | None = None, *, kernel: Kernel | None = None
) -> st.SearchStrategy[Any]:
    """What is not an application, each for a reason of its own: all end in `ApplicationError`.

    Wrong types, unknown keys, huge numbers, lone surrogates, and what is not an object at all.

    Args:
        item: an id, an exact name or an item; None for any.
        kernel: that has loaded it; the installed one by default.
    """
    found = kernel or installed()
    broken = applications(item, kernel=found).flatmap(
        lambda raw: _mutations(found, raw).map(lambda one: spoilt(raw, one))
    )
    return broken | st.sampled_from(WHOLE)


def _mutations(kernel: Kernel, raw: Mapping[str, Any]) -> st.SearchStrategy[Mutation]:
    named = (tuple(raw.get(key, ())) for key in ("places", "facts"))
    return st.sampled_from(_mutations_of(kernel, *named))


@lru_cache(maxsize=1_000)
def _mutations_of(
    kernel: Kernel, places: tuple[str, ...], facts: tuple[str, ...]
) -> tuple[Mutation, ...]:
    return tuple(mutations(kernel, places, facts))


def _pinned(given: Mapping[str, Any], name: str, usual: st.SearchStrategy[Any]) -> Any:
    """What was given for a part: a strategy as it is, a value as the only one."""
    if name not in given:
        return usual
    value = given[name]
    return value if isinstance(value, st.SearchStrategy) else st.just(value)


@st.composite
def _facts(draw: st.DrawFn, choices: Choices, given: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {}
    for name in (*choices.facts, *(one for one in given if one not in choices.facts)):
        chosen[name] = draw(_pinned(given, name, _fact(choices, name)))
    if draw(st.booleans()):
        other = draw(st.lists(st.sampled_from(choices.other_facts), max_size=2, unique=True))
        chosen |= {name: draw(_fact(choices, name)) for name in other if name not in chosen}
    return {name: as_json(value) for name, value in chosen.items() if value is not None}


# Strategies are kept: hypothesis looks through every new one before it draws from it.


@lru_cache(maxsize=1_000)
def _fact(choices: Choices, name: str) -> st.SearchStrategy[Any]:
    first = st.sampled_from(choices.values(name))
    if name == "handle_at":
        return first
    return first | attribute_values(name, kernel=choices.kernel)


@st.composite
def _applications(
    draw: st.DrawFn,
    choices: Choices,
    places: Mapping[str, Any],
    facts: Mapping[str, Any],
    given: Mapping[str, Any],
) -> dict[str, Any]:
    channel, received = draw(_channels(choices, given))
    when = draw(_pinned(given, "as_of", _days(choices)))
    born_by = st.just(when if isinstance(when, date) else date.fromisoformat(str(when)))
    # Those whom the item admits come up oftener: of the others it says but one thing.
    kinds = (*choices.item.applicant.value * 3, *choices.kinds)
    applicant = draw(
        _pinned(
            given,
            "applicant",
            _applicants(choices.kernel, kinds, born_by, bool(choices.program.by_plugins)),
        )
    )
    said = draw(_facts(choices, facts))
    codes: dict[str, Any] = {}
    for name in (*choices.places(said.get("handle_at")), *places):
        known = tuple(code for code in codes.values() if isinstance(code, str))
        codes[name] = draw(_pinned(places, name, _codes(choices, name, known)))
    known = tuple(code for code in codes.values() if isinstance(code, str))
    # Drawn for every channel: of two applications hypothesis shrinks to the one with fewer choices.
    where = draw(_pinned(given, "received_at", _codes(choices, "received", known)))
    if not received and "received_at" not in given:
        where = None
    raw = {
        "item": choices.short,
        "channel": channel,
        "received_at": where,
        "as_of": as_json(when),
        "applicant": applicant,
        "places": codes,
        "facts": said,
        "deliver_by": draw(_pinned(given, "deliver_by", st.sampled_from(choices.deliveries))),
    }
    return {name: value for name, value in raw.items() if value not in (None, {})}


def _channels(choices: Choices, given: Mapping[str, Any]) -> st.SearchStrategy[tuple[Any, bool]]:
    """A channel, and whether the receiving place is said, which an online application need not.

    Both in one draw: an application at a window of another province shrinks to one that is made
    online there, which with two draws would have to change together.
    """
    if "channel" in given:
        both = st.tuples(_pinned(given, "channel", st.nothing()), st.booleans())
        return both.map(lambda one: (one[0], one[1] or one[0] != "online"))
    pairs = [(one, said) for one in choices.channels for said in (False, True)]
    return st.sampled_from([pair for pair in pairs if pair[1] or pair[0] == "online"])


@lru_cache(maxsize=1_000)
def _days(choices: Choices) -> st.SearchStrategy[date]:
    return st.sampled_from(choices.days) | st.dates(_FIRST_DAY, _LAST_DAY)


@lru_cache(maxsize=1_000)
def _codes(choices: Choices, place: str, known: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(choices.codes(place, known)) | _anywhere(choices, place)


@lru_cache(maxsize=1_000)
def _anywhere(choices: Choices, place: str) -> st.SearchStrategy[str]:
    table = divisions(kernel=choices.kernel, abolished=True)
    return table.filter(lambda code: choices.fits(place, code))


@st.composite
def _applicants(
    draw: st.DrawFn,
    kernel: Kernel,
    kinds: tuple[str, ...],
    days: st.SearchStrategy[date],
    numbered: bool = False,
) -> dict[str, Any]:
    """An applicant; `numbered` where facts follow from a person's number, so that all say it."""
    applicant: dict[str, Any] = {"kind": draw(st.sampled_from(kinds))}
    if not draw(st.booleans()):
        if numbered and applicant["kind"] == "person":
            applicant["id_number"] = draw(_numbers(kernel, draw(days)))
        return applicant
    applicant["name"] = draw(st.sampled_from(NAMES))
    applicant["phone"] = "13800000000"
    if applicant["kind"] == "person":
        applicant["id_number"] = draw(_numbers(kernel, draw(days)))
    if draw(st.booleans()):
        applicant["agent"] = {"kind": "person", "name": draw(st.sampled_from(NAMES))}
    return applicant


@st.composite
def _numbers(draw: st.DrawFn, kernel: Kernel, day: date) -> str:
    """Of people who are about to complete, or have just completed, a year that matters."""
    year = day.year - draw(st.sampled_from(AGES))
    # No birth is on the 29th of February of a common year.
    birthday = date(year, day.month, min(day.day, 28))
    born = min(day, birthday + timedelta(days=draw(st.sampled_from((0, -1, 1)))))
    return resident_number(draw(divisions("county", kernel=kernel)), born, draw(st.integers(1, 2)))


@st.composite
def _with_gaps(draw: st.DrawFn, raw: dict[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    """An application with at least one thing left out, of those that were not asked for."""
    parts = [f"{key}.{name}" for key in ("places", "facts") for name in raw.get(key, {})]
    parts += [name for name in ("channel", "applicant") if name in raw]
    parts = [one for one in parts if one not in kept]
    left_out = set(draw(st.lists(st.sampled_from(parts), min_size=1, unique=True)) if parts else ())
    shown: dict[str, Any] = {}
    for key, value in raw.items():
        if key in ("places", "facts"):
            value = {n: one for n, one in value.items() if f"{key}.{n}" not in left_out}
        if key not in left_out and value != {}:
            shown[key] = value
    return shown
