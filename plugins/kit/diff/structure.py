"""What two programs of one item have in common, without a solver: the quick part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel import Condition, Item, Rule
from tongban.kernel.engine import Program
from tongban.kernel.model import STATED, AllOf, AnyOf, Between, Not, OneOf

ROUTE_KEYS = ("handled_at", "receives", "involves", "level", "authorities", "department")
"""Keys of an item that its route follows from, besides its rules."""

_WORDS = (
    "name",
    "title",
    "lead",
    "cooperating",
    "cite",
    "basis",
    "materials",
    "decisions",
    "notes",
)
_RULE_WORDS = ("because", "cite", "basis", "advise")


def same_program(old: Program, new: Program) -> bool:
    """Whether both conclude the same from everything, as far as their form shows it.

    Args:
        old, new: of one item.

    Returns:
        False does not say that they differ: other conditions can mean the same.
    """
    return (
        same_route(old.item, new.item)
        and _rules(old) == _rules(new)
        and _domains(old) == _domains(new)
    )


def same_route(old: Item, new: Item) -> bool:
    """Whether the keys that the route follows from are the same."""
    return not any(route_keys(old, new))


def route_keys(old: Item, new: Item) -> Iterator[str]:
    """Those keys that the route follows from, and that are not the same."""
    for key in ROUTE_KEYS:
        chosen = key == "handled_at" and old.choice != new.choice
        if chosen or _plain(getattr(old, key)) != _plain(getattr(new, key)):
            yield key


def _plain(value: Any) -> Any:
    """What a key says, without its citation."""
    return getattr(value, "value", value)


def _rules(program: Program) -> list[str]:
    """The rules by what they do, in any order; neither their names nor their words."""
    return sorted(
        f"{rule.layer} {_normal(rule.when)!r} {_then(rule.then)!r}" for rule in program.rules
    )


def _then(then: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(
        (key, sorted(value) if key in ("modes", "requires") else value)
        for key, value in then.items()
    )


def _normal(condition: Condition) -> Any:
    """A condition in which the order of parts and values no longer shows."""
    if isinstance(condition, OneOf):
        values = sorted((type(v).__name__, str(v)) for v in condition.values)
        return ("one", condition.attribute, condition.negated, values)
    if isinstance(condition, Between):
        return ("between", condition.attribute, condition.low, condition.high)
    if isinstance(condition, Not):
        return ("not", _normal(condition.part))
    word = "all" if isinstance(condition, AllOf) else "any"
    assert isinstance(condition, AllOf | AnyOf)
    return (word, *sorted((_normal(part) for part in condition.parts), key=repr))


def _domains(program: Program) -> dict[str, Any]:
    """The domain of every attribute that the rules look at."""
    found = {}
    for name in program.tested:
        attribute = program.vocabulary.attributes.get(name)
        if attribute is not None:
            values = sorted(attribute.values) if attribute.values is not None else None
            found[name] = (
                attribute.type,
                values,
                attribute.low,
                attribute.high,
                attribute.asked,
            )
    return found


def domains(old: Program, new: Program) -> Iterator[str]:
    """The facts that both look at and whose domain is not the same."""
    before, after = _domains(old), _domains(new)
    yield from (name for name in before if name in after and before[name] != after[name])


def wording(old: Program, new: Program) -> Iterator[str]:
    """What changed in words only: `name`, `2-03.reason: because`, `facts.degree: question`.

    How long the result holds is among it: no application comes out otherwise by it.

    Args:
        old, new: of one item.
    """
    for key in _WORDS:
        if getattr(old.item, key) != getattr(new.item, key):
            yield key
    for key in STATED:
        one, other = getattr(old.item, key), getattr(new.item, key)
        if one is not None and other is not None and one.value == other.value and one != other:
            yield f"{key}: words"
    if old.valid_for != new.valid_for:
        yield f"valid_for: {_period(old)} → {_period(new)}"
    yield from _rule_wording(old, new)
    for name in sorted(old.tested & new.tested):
        one, other = (p.vocabulary.facts.get(name) for p in (old, new))
        for part in ("label", "title", "question") if one and other else ():
            if getattr(one, part) != getattr(other, part):
                yield f"facts.{name}: {part}"
    for name in old.needed_places:
        before, after = (p.vocabulary.places.get(name) for p in (old, new))
        for part in ("label", "title", "question") if before and after else ():
            if getattr(before, part) != getattr(after, part):
                yield f"places.{name}: {part}"


def _period(program: Program) -> str:
    said = program.valid_for or {}
    return ", ".join(f"{count} {unit}" for unit, count in said.items()) or "nothing"


def _rule_wording(old: Program, new: Program) -> Iterator[str]:
    before, after = _spoken(old), _spoken(new)
    for name in (*before, *(n for n in after if n not in before)):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            # One that only got another name stands here; others are differences.
            twin = after if other is None else before
            rule = one or other
            assert rule is not None
            if any(_alike(rule, r) for r in twin.values()):
                yield f"{name}: {'removed' if other is None else 'added'} (another says the same)"
            continue
        for part in _RULE_WORDS:
            if getattr(one, part) != getattr(other, part):
                yield f"{name}: {part}"


def _spoken(program: Program) -> dict[str, Rule]:
    """The rules that an author wrote; the bars repeat the item's own keys."""
    return {rule.id: rule for rule in program.rules if rule.layer != "bar"}


def _alike(one: Rule, other: Rule) -> bool:
    return _normal(one.when) == _normal(other.when) and _then(one.then) == _then(other.then)
