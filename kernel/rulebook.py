"""The rulebook: all departments' items and rules, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import combinations, groupby

from attrs import field, frozen

from tongban.kernel.conditions import AllOf, Between, Literal, OneOf, Scalar, disjuncts, passes
from tongban.kernel.errors import Problem, nearest
from tongban.kernel.loading import Base, Loaded
from tongban.kernel.model import (
    APPLICANTS,
    CHANNELS,
    SINGLE,
    Advice,
    Department,
    Item,
    Material,
    Rule,
    Stated,
)
from tongban.kernel.vocabulary import Attribute, Vocabulary

__all__ = ["Rulebook", "bars", "check", "contradictions"]


@frozen(eq=False)
class Rulebook:
    """Every item that can be decided, with the rules that may matter to it.

    Attributes:
        base: vocabulary, sources and common rules.
        vocabulary: the shared one and every department's own attributes.
        departments: in the order in which they were given.
    """

    base: Base
    vocabulary: Vocabulary
    departments: tuple[Department, ...]
    items: Mapping[str, Item] = field(init=False)

    @items.default
    def _items(self) -> Mapping[str, Item]:
        return {item.key: item for department in self.departments for item in department.items}

    def find(self, word: str) -> Item | None:
        """The item that `word` names: an id, `510000/2-03`, or the exact official name."""
        return self._by_word.get(word)

    def suggest(self, word: str) -> str | None:
        """The id, or id and name, of the item that was probably meant."""
        near = nearest(word, self._by_word)
        if near is None:
            parts = [name for name in self._by_word if len(word) > 2 and word in name]
            near = parts[0] if parts else None
        item = self._by_word[near] if near else None
        return f"{self.short(item)} {item.name}" if item else None

    def short(self, item: Item) -> str:
        """The item's id, with its jurisdiction where that is not the default one."""
        return item.id if item.jurisdiction == self.base.jurisdiction else item.key

    def rules(self, item: Item) -> tuple[Rule, ...]:
        """All rules that may speak about `item`, common first, the item's bars last."""
        own = next(d for d in self.departments if d.id == item.department and item in d.items)
        return (*self.base.rules, *own.rules, *item.rules, *bars(item, self.short(item)))

    def department(self, item: Item) -> Department:
        """The lead department of `item`."""
        return self._departments[item.jurisdiction, item.department]

    def materials(self, item: Item, applicant: str = "") -> tuple[Material, ...]:
        """What an application for `item` needs, common papers first.

        Args:
            item: an item.
            applicant: a kind of applicant; "" for every kind that the item admits.
        """
        kinds = {applicant} if applicant else set(item.applicant.value)
        common = [
            one.material
            for one in self.base.materials
            if item.kind not in one.except_kinds
            and (not one.applicant or kinds.intersection(one.applicant))
        ]
        return (*common, *item.materials)

    @cached_property
    def _departments(self) -> Mapping[tuple[str, str], Department]:
        return {(d.jurisdiction, d.id): d for d in self.departments}

    @cached_property
    def _by_word(self) -> Mapping[str, Item]:
        words: dict[str, Item] = {}
        for item in self.items.values():
            if item.jurisdiction == self.base.jurisdiction:
                words |= {item.id: item, item.name: item}
            else:
                words.setdefault(f"{item.jurisdiction}/{item.name}", item)
        for item in self.items.values():
            words[item.key] = item
            words.setdefault(item.name, item)
        return words


def bars(item: Item, short: str) -> Iterator[Rule]:
    """The rules that follow from an item's own keys and that nothing overrides.

    Args:
        item: an item.
        short: its id as rules' ids begin with it.
    """

    def bar(name: str, when: OneOf | Between, says: str, stated: Stated, *advice: Advice) -> Rule:
        return Rule(
            id=f"{short}.{name}",
            layer="bar",
            then={"eligible": False},
            because=stated.because or says,
            cite=stated.cite,
            when=when,
            basis=stated.basis,
            advise=advice,
            file=item.file,
            line=item.line,
        )

    first, last = item.available.value
    if first:
        before = Between("date", None, first - timedelta(days=1))
        yield bar("available", before, f"本事项自{first}起可以办理", item.available)
    if last:
        after = Between("date", last + timedelta(days=1), None)
        yield bar("available", after, f"本事项办理至{last}为止", item.available)
    if set(item.applicant.value) != set(APPLICANTS):
        admitted = "、".join(APPLICANTS[kind] for kind in item.applicant.value)
        other = OneOf("applicant.kind", item.applicant.value, negated=True)
        yield bar("applicant", other, f"本事项限{admitted}申请", item.applicant)
    if item.channels.value:
        admitted = "、".join(CHANNELS[channel] for channel in item.channels.value)
        closed = OneOf("channel", item.channels.value, negated=True)
        advice = [Advice("use_channel", channel) for channel in item.channels.value]
        yield bar("channels", closed, f"本事项限{admitted}申请", item.channels, *advice)


def check(base: Base, loaded: Iterable[Loaded]) -> list[Problem]:
    """What is wrong between files that are each right on their own.

    Ids that stand twice, advice to items that are not there, and rules of one
    layer that can conclude differently for the same facts.
    """
    departments = [one.department for one in loaded if one.department]
    problems = list(contradictions(base.rules, base.vocabulary.attributes))
    keys: dict[str, Item] = {}
    for department in departments:
        for item in department.items:
            first = keys.setdefault(item.key, item)
            if first is not item:
                where = f"{first.file}:{first.line}"
                message = f"the id {item.id!r} is taken, first in {where}; ids are unique"
                problems.append(Problem(item.file, item.line, 1, item.id, message))
    attributes = base.vocabulary.with_facts(a for one in loaded for a in one.attributes).attributes
    for department in departments:
        problems += contradictions(department.rules, attributes)
        for item in department.items:
            problems += contradictions(item.rules, attributes)
            problems += _bad_advice(item, keys)
    return problems


def _bad_advice(item: Item, keys: Mapping[str, Item]) -> Iterator[Problem]:
    for rule in item.rules:
        for advice in rule.advise:
            key = advice.target if "/" in advice.target else f"{item.jurisdiction}/{advice.target}"
            if advice.do == "use_item" and key not in keys:
                near = nearest(key, keys)
                hint = f"; did you mean {near.partition('/')[2]!r}?" if near else ""
                message = f"advises the unknown item {advice.target!r}{hint}"
                yield Problem(rule.file, rule.line, 1, rule.id, message)


def contradictions(rules: Iterable[Rule], attributes: Mapping[str, Attribute]) -> Iterator[Problem]:
    """Rules of one layer with one id, or that can conclude differently for the same facts."""
    ordered = sorted(rules, key=lambda rule: (rule.layer, rule.line))
    for _, group in groupby(ordered, key=lambda rule: rule.layer):
        for one, other in combinations(group, 2):
            if one.id == other.id:
                message = f"the id {one.id!r} is taken, first in line {one.line}; ids are unique"
                yield Problem(other.file, other.line, 1, other.id, message)
            for name in SINGLE:
                if (
                    name in one.then
                    and name in other.then
                    and one.then[name] != other.then[name]
                    and _can_both_hold(one, other, attributes)
                ):
                    message = (
                        f"concludes {name} {_said(other, name)}, but {one.id} (line {one.line})"
                        f" can conclude {_said(one, name)} for the same facts; add `unless`"
                    )
                    yield Problem(other.file, other.line, 1, other.id, message)


def _said(rule: Rule, name: str) -> str:
    return str(rule.then[name]).lower()


def _can_both_hold(one: Rule, other: Rule, attributes: Mapping[str, Attribute]) -> bool:
    both = disjuncts(AllOf((one.when, other.when)))
    return any(_satisfiable(literals, attributes) for literals in both)


def _satisfiable(literals: tuple[Literal, ...], attributes: Mapping[str, Attribute]) -> bool:
    """Whether some value of each attribute passes all of its literals."""
    by_attribute: dict[str, list[Literal]] = {}
    for literal in literals:
        by_attribute.setdefault(literal[0].attribute, []).append(literal)
    for name, group in by_attribute.items():
        attribute = attributes[name]
        values: list[Scalar | None] = [*attribute.told_apart(test for test, _ in group)]
        if attribute.optional:
            values.append(None)
        if not any(all(passes(test, value) is want for test, want in group) for value in values):
            return False
    return True
