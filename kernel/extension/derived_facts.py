"""What plugins derive from an application, checked: who may derive which fact."""

from __future__ import annotations

from collections.abc import Sequence

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
            if problem:
                plugins.fail(one[0], f"derive_facts: {fact} {problem}")
            elif fact not in application.facts:
                more[fact] = value
    return more


def _problem(plugin: str, gathered: Gathered, fact: str, value: object) -> str | None:
    declared = gathered.rulebook.vocabulary.facts.get(fact)
    if declared is None:
        if not fact.startswith(f"{plugin}."):
            return f"is not declared and not within the prefix {plugin}."
        return "must be true or false, a number, text or a date" if value is NO_SCALAR else None
    # The owner of a department that a draft brings is unknown.
    if declared.owner and plugin not in gathered.owners.get(declared.owner, (plugin,)):
        return f"belongs to the department {declared.owner}, which {plugin} is not"
    return declared.problem(value)
