"""From the departments that plugins bring to one rulebook; wrong ones are left out and reported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import TypeAlias

from attrs import evolve, frozen

from tongban.kernel.errors import Problem, RulebookError
from tongban.kernel.extension.calls import is_ours
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.model.vocabulary import Attribute
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.rulefile.loader import Base, Loaded, load_department
from tongban.kernel.rulefile.rulebook import Rulebook, disagreements

_DRAFT = ""
"""Stands for the plugin that brings a draft: there is none."""

MAX_FILE = 64_000_000
"""The largest rule file, in bytes."""

_Guarded: TypeAlias = Callable[[Callable[[], tuple[str, bytes]]], tuple[str, bytes]]


@frozen
class Gathered:
    """The rulebook of every department that is right, and what is wrong in the others.

    Attributes:
        owners: the plugins that bring departments of an id; none of one that a draft brings.
    """

    rulebook: Rulebook
    problems: tuple[Problem, ...]
    owners: Mapping[str, frozenset[str]]


def gather(plugins: Plugins, base: Base, drafts: Sequence[DepartmentRules] = ()) -> Gathered:
    """The rulebook of every department that is right.

    A department with mistakes is left out and its plugin reported. Of two that
    claim the same department, the first one stays; a draft takes the place of
    the department that a plugin brings.

    Args:
        plugins: who brings departments.
        base: what they stand on.
        drafts: rule files that are being written.

    Raises:
        RulebookError: where `plugins` are strict, with the mistakes of every file.
        PluginError: where they are strict and two claim the same department.
    """
    written = [_load(base, rules) for rules in drafts]
    replaced = {(one.jurisdiction, one.id) for one in written}
    brought = [(_DRAFT, one) for one in written]
    brought += _without_rivals(plugins, base, replaced)
    between = disagreements([one for _, one in brought])
    usable: list[tuple[str, Loaded]] = []
    wrong: list[tuple[str, Problem]] = []
    left_out: dict[str, str] = {}
    for (plugin, one), found in zip(brought, between, strict=True):
        problems = sorted((*one.problems, *found), key=lambda p: (p.line, p.column))
        wrong += [(plugin, problem) for problem in problems]
        if not problems:
            usable.append((plugin, one))
        else:
            keys = (f"{one.jurisdiction}/{claim.target}" for claim in one.claims)
            left_out |= dict.fromkeys(keys, one.file)
    if wrong and plugins.strict:
        raise RulebookError(problem for _, problem in wrong)
    for plugin, problem in wrong:
        if plugin != _DRAFT:
            plugins.fail(plugin, str(problem))
    facts = [fact for plugin, one in usable for fact in _owned(plugin, one)]
    departments = tuple(one.department for _, one in usable if one.department)
    rulebook = Rulebook(base, base.vocabulary.with_facts(facts), departments, left_out)
    drafted = {one.id for plugin, one in brought if plugin == _DRAFT}
    owners: dict[str, frozenset[str]] = {}
    for plugin, one in brought:
        if one.id not in drafted:
            owners[one.id] = owners.get(one.id, frozenset()) | {plugin}
    return Gathered(rulebook, tuple(problem for _, problem in wrong), owners)


def _owned(plugin: str, loaded: Loaded) -> Iterator[Attribute]:
    """What a department declares; what does not say which plugin derives it, its own does."""
    for fact in loaded.attributes:
        yield fact if fact.asked or fact.derived_by else evolve(fact, derived_by=plugin)


def _without_rivals(
    plugins: Plugins, base: Base, replaced: Collection[tuple[str, str]]
) -> Iterator[tuple[str, Loaded]]:
    owners: dict[tuple[str, str], str] = {}
    for plugin, departments in plugins.call("departments", {}):
        for rules in departments:
            ours = is_ours(type(rules.rules).__module__)
            guarded = _at_once if ours else partial(plugins.guarded, plugin, "departments")
            one = _load(base, rules, guarded)
            if (one.jurisdiction, one.id) in replaced:
                continue
            if one.department:
                identity = (one.department.jurisdiction, one.department.id)
                rival = owners.setdefault(identity, plugin)
                if rival != plugin:
                    claim = f"the department {one.department.id} is claimed by {rival} and {plugin}"
                    plugins.fail(plugin, claim)
                    continue
            yield plugin, one


def _at_once(read: Callable[[], tuple[str, bytes]]) -> tuple[str, bytes]:
    return read()


def _load(base: Base, rules: DepartmentRules, guarded: _Guarded = _at_once) -> Loaded:
    """A department; what stands for its file may be anything that a plugin wrote.

    Args:
        base: what it stands on.
        rules: its file.
        guarded: calls what reads it.
    """
    try:
        name, content = guarded(lambda: _read(rules))
    except Exception as error:  # noqa: BLE001 - whatever stands for a file there
        named = isinstance(rules.rules, str | PurePath)
        file = rules.file or (str(rules.rules) if named else type(rules.rules).__name__)
        return Loaded(None, (), (Problem(file, 1, 1, "", f"cannot be read: {error}"),), file)
    path = rules.rules if isinstance(rules.rules, PurePath) else None
    return load_department(base, rules.file or name, content, path)


def _read(rules: DepartmentRules) -> tuple[str, bytes]:
    with rules.rules.open("rb") as file:
        content = bytes(file.read(MAX_FILE + 1))
    if len(content) > MAX_FILE:
        raise ValueError(f"larger than {MAX_FILE:,} bytes, which no rule file is")
    return str(rules.rules.name), content
