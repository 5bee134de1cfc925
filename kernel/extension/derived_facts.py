"""What plugins derive from an application, checked: who may derive which fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import evolve

from tongban.kernel.engine.facts import is_said
from tongban.kernel.extension.departments import Gathered
from tongban.kernel.extension.manager import Implementation, Plugins
from tongban.kernel.extension.returned_values import NO_SCALAR
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar


def derive(
    plugins: Plugins,
    implementations: Sequence[Implementation],
    gathered: Gathered,
    application: Application,
    item: str = "",
) -> dict[str, Scalar]:
    """More facts about an application; a wrong one is left out, and its plugin reported.

    Args:
        plugins: who is asked.
        implementations: of the hook `derive_facts`.
        gathered: the vocabulary, and who brings which department.
        application: what it says itself is never replaced.
        item: key of an item that is advised; "" for the application's own.
    """
    more: dict[str, Scalar] = {}
    arguments = {"application": application, "item": item or application.item}
    for one in implementations:
        _, derived = plugins.attempt(one, "derive_facts", arguments)
        if not derived:
            continue
        for fact, value in derived.items():
            problem = _problem(one[0], gathered, fact, value)
            declared = gathered.rulebook.vocabulary.facts.get(fact)
            if declared and not all(is_said(application, p) for p in declared.derived_from):
                continue  # a part is open, so that another value may follow
            if problem:
                plugins.fail(one[0], f"derive_facts: {fact} {problem}")
            elif fact not in application.facts:
                more[fact] = value
    return more


def looked_for(
    plugins: Plugins, implementations: Sequence[Implementation], application: Application
) -> tuple[str, ...]:
    """The facts and places that plugins look for in an application that does not say them.

    So a fact that does not declare what it follows from asks for what is missing all the same.
    Personal data is not seen.

    Args:
        plugins: who is asked.
        implementations: of the hook `derive_facts`.
        application: with gaps.

    Returns:
        The parts that the vocabulary may know, in the order in which they were looked for.
    """
    seen: dict[str, None] = {}
    watched = evolve(
        application,
        facts=MappingProxyType(_Watched(application.facts, "facts", seen)),
        places=MappingProxyType(_Watched(application.places, "places", seen)),
    )
    arguments = {"application": watched, "item": application.item}
    for one in implementations:
        plugins.attempt(one, "derive_facts", arguments)
    return tuple(seen)


class _Watched(dict[str, Any]):
    """What an application says, which notes what is looked for and not there."""

    def __init__(self, said: Mapping[str, Any], family: str, seen: dict[str, None]) -> None:
        super().__init__(said)
        self._family = family
        self._seen = seen

    def _note(self, name: object) -> None:
        if isinstance(name, str) and not dict.__contains__(self, name):
            self._seen[f"{self._family}.{name}"] = None

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def copy(self) -> _Watched:
        """Itself: the copy that a plugin is given notes what the plugin looks for."""
        return self


def _problem(plugin: str, gathered: Gathered, fact: str, value: object) -> str | None:
    declared = gathered.rulebook.vocabulary.facts.get(fact)
    if declared is None:
        if not fact.startswith(f"{plugin}."):
            return f"is not declared and not within the prefix {plugin}."
        return "must be true or false, a number, text or a date" if value is NO_SCALAR else None
    if declared.derived_by and declared.derived_from and plugin != declared.derived_by:
        return f"is derived by the plugin {declared.derived_by}, which {plugin} is not"
    # The owner of a department that a draft brings is unknown.
    if declared.owner and plugin not in gathered.owners.get(declared.owner, (plugin,)):
        return f"belongs to the department {declared.owner}, which {plugin} is not"
    return declared.problem(value)
