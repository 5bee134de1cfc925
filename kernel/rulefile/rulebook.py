"""The rulebook: all departments' items and rules, checked against each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from attrs import field, frozen

from tongban.kernel.errors import Problem, nearest
from tongban.kernel.model.conditions import AnyOf, Between, Condition, OneOf
from tongban.kernel.model.rules import (
    APPLICANTS,
    CHANNELS,
    Advice,
    Department,
    Item,
    Material,
    Rule,
    Stated,
)
from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile.diagnostics import Mark
from tongban.kernel.rulefile.loader import Base, Loaded

WINDOW_NAME = "政务服务“跨省通办”窗口"
"""What a window is called after its place."""

_BUREAU = {"厅": "局"}
"""What a province's department is called below the province."""

_ROW = re.compile(r"(\d)[-/.](\d{1,2})", re.ASCII)
"""A row of the annex as people write it: 2-3 and 2/3 are the item 2-03."""


@frozen(eq=False)
class Rulebook:
    """Every item that can be decided, with the rules that may matter to it.

    Attributes:
        base: vocabulary, sources and common rules.
        vocabulary: the shared one and every department's own attributes.
        departments: in the order in which they were given.
        left_out: keys of items whose file has mistakes, each with that file.
    """

    base: Base
    vocabulary: Vocabulary
    departments: tuple[Department, ...]
    left_out: Mapping[str, str] = field(factory=dict)
    items: Mapping[str, Item] = field(init=False)

    @items.default
    def _items(self) -> Mapping[str, Item]:
        return {item.key: item for department in self.departments for item in department.items}

    @cached_property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """Every source that a citation may name, by id: the shared ones and departments' own."""
        own = (source for d in self.departments for source in d.sources.items())
        return {**self.base.sources, **dict(own)}

    def find(self, word: str) -> Item | None:
        """The item that `word` names: an id, `510000/2-03`, or the exact official name."""
        return self._by_word.get(word)

    def suggest(self, word: str) -> str | None:
        """The id, or id and name, of the item that was probably meant."""
        row = _ROW.fullmatch(word.strip())
        near = nearest(f"{row[1]}-{row[2]:0>2}" if row else word, self._by_word)
        if near is None:
            parts = [name for name in self._by_word if len(word) > 2 and word in name]
            near = parts[0] if parts else None
        item = self._by_word[near] if near else None
        return f"{self.short(item)} {item.name}" if item else None

    def missing(self, word: str) -> str:
        """The file with mistakes for which the item `word` was left out, "" where none was."""
        return self.left_out.get(word if "/" in word else f"{self.base.jurisdiction}/{word}", "")

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

    def office_name(self, item: str, division: str | None, department: str) -> str:
        """What an office is called in documents: `青海省西宁市公安局`.

        The name of a local branch is inferred from that of the department that leads; where
        a place calls it otherwise, the plugin that issues documents there gives the right name.

        Args:
            item: key of the item.
            division: six digits; None where the authority is of no place.
            department: its id, `window` for a window.
        """
        where = self.vocabulary.divisions.full_name(division) if division else ""
        if department == "window":
            return f"{where}{WINDOW_NAME}"
        found = self.items.get(item)
        own = next((a.name for a in found.authorities if a.id == department), "") if found else ""
        if own:
            return f"{where}{own}"
        lead = self._departments.get((item.partition("/")[0], department))
        name = (lead.name if lead else department).removeprefix("省")
        is_province = bool(division) and str(division).endswith("0000")
        if not is_province and name[-1:] in _BUREAU:
            name = name[:-1] + _BUREAU[name[-1]]
        return f"{where}{name}"

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

    def bar(name: str, when: Condition, says: str, stated: Stated[object], *advice: Advice) -> Rule:
        return Rule(
            id=f"{short}.{name}",
            layer="bar",
            then={"eligible": False},
            because=f"{says}({stated.because})" if stated.because else says,
            cite=stated.cite,
            when=when,
            basis=stated.basis,
            advise=advice,
            file=item.file,
            line=item.line,
        )

    first, last = item.available.value
    outside: list[Condition] = []
    if first:
        outside.append(Between("date", None, first - timedelta(days=1)))
    if last:
        outside.append(Between("date", last + timedelta(days=1), None))
    if outside:
        begins, ends = f"自{first}起" if first else "", f"至{last}止" if last else ""
        when = outside[0] if len(outside) == 1 else AnyOf(tuple(outside))
        yield bar("available", when, f"本事项{begins}{ends}可以办理", item.available)
    if set(item.applicant.value) != set(APPLICANTS):
        admitted = "、".join(APPLICANTS[kind] for kind in item.applicant.value)
        other = OneOf("applicant.kind", item.applicant.value, negated=True)
        yield bar("applicant", other, f"本事项限{admitted}申请", item.applicant)
    if item.channels.value:
        admitted = "、".join(CHANNELS[channel] for channel in item.channels.value)
        closed = OneOf("channel", item.channels.value, negated=True)
        advice = [Advice("use_channel", channel) for channel in item.channels.value]
        yield bar("channels", closed, f"本事项限{admitted}申请", item.channels, *advice)
    if item.agent:
        acts = OneOf("applicant.agent", (True,))
        advice = [Advice("bring", "申请人本人(亲自到场)")]
        yield bar("agent", acts, "本事项须由申请人亲自办理,不得委托代办", item.agent, *advice)


def disagreements(loaded: Sequence[Loaded]) -> list[list[Problem]]:
    """What is wrong between files: what two claim or declare, advice to no item.

    Args:
        loaded: every file, those with mistakes of their own too, since they
            claim items that others may advise.

    Returns:
        For each file, in the same order, its problems with the ones before it.
    """
    problems: list[list[Problem]] = [[] for _ in loaded]
    items: dict[str, tuple[int, Mark]] = {}
    for number, found in enumerate(problems):
        found += _taken_items(number, loaded, items)
    between = (_taken_departments(loaded), _taken_attributes(loaded), _taken_sources(loaded))
    for number, problem in chain(*between):
        problems[number].append(problem)
    if all(one.jurisdiction for one in loaded):
        for one, found in zip(loaded, problems, strict=True):
            found += _bad_advice(one, items)
    return problems


def _taken_items(
    number: int, loaded: Sequence[Loaded], items: dict[str, tuple[int, Mark]]
) -> Iterator[Problem]:
    one = loaded[number]
    for mark in one.claims:
        owner, first = items.setdefault(_key(mark.target, one), (number, mark))
        if owner != number:
            where = f"{loaded[owner].file}, line {first.line}"
            message = f"the id {mark.target!r} is taken by {where}; ids are unique"
            yield _problem(one, mark, message)


def _taken_departments(loaded: Sequence[Loaded]) -> Iterator[tuple[int, Problem]]:
    seen: dict[tuple[str, str], Loaded] = {}
    for number, one in enumerate(loaded):
        if one.department:
            name = one.department.id
            first = seen.setdefault((one.jurisdiction, name), one)
            if first is not one:
                message = f"the department {name!r} is taken by {first.file}"
                yield number, Problem(one.file, 1, 1, name, message)


def _taken_attributes(loaded: Sequence[Loaded]) -> Iterator[tuple[int, Problem]]:
    seen: dict[str, tuple[Attribute, Loaded]] = {}
    for number, one in enumerate(loaded):
        for attribute in one.attributes:
            known, first = seen.setdefault(attribute.name, (attribute, one))
            if known != attribute:
                message = f"the attribute {attribute.name!r} is declared otherwise by {first.file}"
                yield number, Problem(one.file, 1, 1, attribute.name, message)


def _taken_sources(loaded: Sequence[Loaded]) -> Iterator[tuple[int, Problem]]:
    seen: dict[str, tuple[Mapping[str, Any], Loaded]] = {}
    for number, one in enumerate(loaded):
        for name, source in (one.department.sources if one.department else {}).items():
            known, first = seen.setdefault(name, (source, one))
            if known != source:
                message = f"the source {name!r} is declared otherwise by {first.file}"
                yield number, Problem(one.file, 1, 1, name, message)


def _bad_advice(one: Loaded, items: Collection[str]) -> Iterator[Problem]:
    for mark in one.references:
        key = _key(mark.target, one)
        if key not in items:
            hint = _hint(mark.target, key, items)
            yield _problem(one, mark, f"advises the unknown item {mark.target!r}{hint}")


def _problem(one: Loaded, mark: Mark, message: str) -> Problem:
    return Problem(one.file, mark.line, mark.column, mark.owner, message)


def _key(target: str, one: Loaded) -> str:
    return target if "/" in target else f"{one.jurisdiction}/{target}"


def _hint(target: str, key: str, items: Collection[str]) -> str:
    if target in CHANNELS:
        return f"; a channel is written {{channel: {target}}}"
    near = nearest(key, items)
    home = key.partition("/")[0]
    return f"; did you mean {near.removeprefix(f'{home}/')!r}?" if near else ""
