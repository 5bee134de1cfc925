"""What is installed: the rule files of every department, and the plugins that help to decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from attrs import field, frozen

from tongban.kernel import DepartmentRules, Kernel, hookimpl
from tongban.plugins.simulation.scenario.document import document

DECIDING = ("derive_facts", "receive", "route", "second_opinion", "working_days")
"""The hooks that act in a run; what acts outside of it (delivery, exchange) does not."""

_OURS = "tongban"


@frozen
class RuleFile:
    """A department's rule file.

    Attributes:
        plugin: that brings it; "" for a draft.
        name: what messages call it.
        jurisdiction, department: whose it is.
        items: the ids of its items.
    """

    plugin: str
    name: str
    jurisdiction: str
    department: str
    items: frozenset[str]
    text: bytes = field(repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """Whose it is."""
        return self.jurisdiction, self.department


@frozen(eq=False)
class House:
    """An installation.

    Attributes:
        home: the jurisdiction whose catalogue the other provinces carry out too.
        files: of every department that is right, in the order of the kernel.
        plugins: those that have rules or help to decide, by name, with their deciding hooks alone.
        problems: of plugins that failed.
    """

    home: str
    files: tuple[RuleFile, ...]
    plugins: Mapping[str, Mapping[str, Any]]
    problems: tuple[str, ...]

    def plugin(self, name: str, rules: Iterable[DepartmentRules]) -> object:
        """A plugin with its deciding hooks, and rules in place of its own.

        Args:
            name: the plugin's.
            rules: none for a plugin that brings no department.
        """
        hooks = dict(self.plugins.get(name, {}))
        brought = list(rules)
        if brought:
            hooks["departments"] = hookimpl(lambda: brought)
        return SimpleNamespace(__name__=name, **hooks)


@cache
def installed() -> House:
    """The house of everything that is installed."""
    return house_of(Kernel())


def house_of(kernel: Kernel) -> House:
    """The house of a kernel's plugins.

    Args:
        kernel: whose departments and deciding plugins there are; those that are broken
            are left out, and stand in `problems`.
    """
    home = kernel.rulebook.base.jurisdiction
    right = {(one.jurisdiction, one.id) for one in kernel.rulebook.departments}
    files = tuple(_files(kernel, home, right))
    ours = {one.name for one in kernel.plugins if one.distribution == _OURS}
    plugins: dict[str, dict[str, Any]] = {}
    for name in kernel.ports.implementing("departments", *DECIDING):
        plugins[name] = {}
    for hook in DECIDING:
        for name, plugin in kernel.ports.implementing(hook).items():
            # A second engine of ours says the same, and takes its time for it.
            if hook != "second_opinion" or name not in ours:
                plugins[name][hook] = getattr(plugin, hook)
    problems = (
        f"{one.name}: {problem}" for one in kernel.ports.failures for problem in one.problems
    )
    return House(home, files, plugins, tuple(problems))


def _files(kernel: Kernel, home: str, right: Collection[tuple[str, str]]) -> Iterator[RuleFile]:
    seen = set()
    for plugin, one in kernel.ports.brought():
        try:
            found = rule_file(plugin, one.file or one.rules.name, one.rules.read_bytes(), home)
        except Exception:  # noqa: BLE001, S112 - the kernel has reported it
            continue
        if found.key in right and found.key not in seen:
            seen.add(found.key)
            yield found


def rule_file(plugin: str, name: str, text: bytes, home: str) -> RuleFile:
    """A rule file by its text.

    Args:
        plugin: that brings it.
        name: what messages call it.
        text: of the file.
        home: the jurisdiction of one that names none.

    Raises:
        ValueError, KeyError, TypeError, ScenarioError: where it is none.
    """
    raw = parsed(text)
    header = raw["department"]
    if not isinstance(header, dict):
        raise ValueError("department must be a mapping")
    items = frozenset(str(one["id"]) for one in raw.get("items", ()))
    jurisdiction = str(header.get("jurisdiction", home))
    return RuleFile(plugin, name, jurisdiction, header["id"], items, text)


@cache
def parsed(text: bytes) -> dict[str, Any]:
    """What a rule file says, as the kernel reads it; not to be changed.

    Raises:
        ValueError, ScenarioError: where it is none.
    """
    raw = document(text.decode("utf-8-sig"), "the rule file", decimals=False)
    if not isinstance(raw, dict):
        raise ValueError("not a mapping")
    return raw
