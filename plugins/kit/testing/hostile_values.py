"""Applications that are wrong by construction: each must be refused, and nothing worse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

from tongban.kernel import APPLICANTS, CHANNELS, DELIVERIES, Kernel

Mutation: TypeAlias = tuple[tuple[str, ...], Any]
"""Where something is put into an application, and what."""

_HUGE = 10**4_000

JUNK: tuple[Any, ...] = (
    "",
    " ",
    "x",
    "null",
    "630100 ",
    "63010",
    "\uff16\uff13\uff10\uff11\uff10\uff10",
    "\ud800",
    "\u0000",
    "2026-02-30",
    "2026-1-1",
    "x" * 70_000,
    True,
    False,
    0,
    -1,
    1_000_000,
    _HUGE,
    -_HUGE,
    0.5,
    1e308,
    float("inf"),
    float("nan"),
    [],
    [[]],
    {},
    {"": None},
    {"kind": {"kind": {}}},
)
"""What stands where something else belongs."""

WHOLE: tuple[Any, ...] = (None, "", "2-03", 0, 1.5, True, [], [{}], ["item", "2-03"])
"""What is not an application at all."""

_PEOPLE = ("name", "id_number", "credit_code", "phone", "address")
_WRONG_KEYS = ("items", "", "\ud800", "as of", "name\u0000", "x" * 5_000)


def mutations(kernel: Kernel, places: Iterable[str], facts: Iterable[str]) -> Iterator[Mutation]:
    """Every way to spoil one application, in a fixed order; each makes it wrong.

    Args:
        kernel: its vocabulary says what is right.
        places, facts: the names of those that the application says.
    """
    for path, wrong in _checks(kernel, places, facts):
        yield from ((path, junk) for junk in JUNK if wrong(junk))
    for name in _WRONG_KEYS:
        yield ((name,), 1)
        yield (("applicant", name), "x")
        yield (("places", name), "630100")
        yield (("facts", name), True)
    yield (("applicant", "agent", "agent"), {"kind": "person"})
    for name, fact in kernel.rulebook.vocabulary.facts.items():
        if not fact.asked:
            yield (("facts", name), True)
    for name, place in kernel.rulebook.vocabulary.places.items():
        if not place.division:
            yield (("places", name), "630100")


def _checks(
    kernel: Kernel, places: Iterable[str], facts: Iterable[str]
) -> Iterator[tuple[tuple[str, ...], Callable[[Any], bool]]]:
    """Of each part of an application, what would be wrong there."""

    def no_code(value: Any) -> bool:
        whole = type(value) is int and 0 <= value < 1_000_000
        code = f"{value:06d}" if whole else value
        return not (isinstance(code, str) and code in kernel.base.divisions)

    def no_item(value: Any) -> bool:
        return not isinstance(value, str) or kernel.rulebook.find(value) is None

    yield ("item",), no_item
    yield ("channel",), _none_of(CHANNELS)
    yield ("deliver_by",), _none_of(DELIVERIES)
    yield ("received_at",), no_code
    yield ("as_of",), _no_day
    for name in ("applicant", "places", "facts"):
        yield (name,), _no_mapping
    yield ("applicant", "kind"), _none_of(APPLICANTS)
    yield ("applicant", "agent"), _no_mapping
    for name in _PEOPLE:
        yield ("applicant", name), _no_text
        yield ("applicant", "agent", name), _no_text
    for name in places:
        yield ("places", name), no_code
    for name in facts:
        yield ("facts", name), _no_fact(kernel, name, no_code)


def _no_fact(kernel: Kernel, name: str, no_code: Callable[[Any], bool]) -> Callable[[Any], bool]:
    fact = kernel.rulebook.vocabulary.facts[name]

    def wrong(value: Any) -> bool:
        if fact.type == "division":
            return no_code(value)
        if fact.type == "date":
            return _no_day(value)
        if fact.type == "place":
            return not isinstance(value, str) or value not in kernel.rulebook.vocabulary.places
        if fact.type == "text":
            return not isinstance(value, str) or not _whole(value)
        return fact.problem(value) is not None

    return wrong


def _none_of(known: Mapping[str, str]) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, str) or value not in known


def _no_mapping(value: Any) -> bool:
    return not isinstance(value, Mapping)


def _no_text(value: Any) -> bool:
    return not isinstance(value, str) or not value.strip() or not _whole(value)


def _no_day(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return type(value) is not date
    try:
        date.fromisoformat(value)
    except ValueError:
        return True
    return False


def _whole(text: str) -> bool:
    """Whether a text is short enough and can be written as UTF-8."""
    try:
        return len(text) <= 65_536 and bool(text.encode() or True)
    except UnicodeEncodeError:
        return False


def spoilt(raw: Mapping[str, Any], mutation: Mutation) -> dict[str, Any]:
    """A copy of an application with one mutation in it.

    Args:
        raw: an application.
        mutation: where something is put, and what.
    """
    (name, *below), junk = mutation
    inside = raw.get(name)
    if not below:
        return {**raw, name: junk}
    held = inside if isinstance(inside, Mapping) else {}
    return {**raw, name: spoilt(held, (tuple(below), junk))}
