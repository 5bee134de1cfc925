"""The plugin manager of one kernel: what pluggy does, and the checks that it lacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeAlias

import pluggy
from attrs import define, field, frozen

from tongban.kernel.errors import PluginError, nearest
from tongban.kernel.hookspecs import PROJECT, Hooks

__all__ = ["Implementation", "Plugins", "Status"]

Implementation: TypeAlias = tuple[str, Callable[..., Any], tuple[str, ...]]
"""A plugin's name, its function for a hook, and the arguments that it takes."""


@frozen
class Status:
    """What became of a plugin.

    Attributes:
        name: its entry point's name, or the one it was registered under.
        source: module or object that it is.
        state: `absent` is a plugin that says itself that it cannot work here.
        problems: why it failed, or what failed in it since.
        hooks: the hooks that it implements.
    """

    name: str
    source: str
    state: Literal["loaded", "failed", "absent"]
    distribution: str = ""
    hooks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "source": self.source,
            "distribution": self.distribution,
            "state": self.state,
            "hooks": list(self.hooks),
            "problems": list(self.problems),
        }


@define
class _Entry:
    name: str
    source: str
    state: Literal["loaded", "failed", "absent"]
    distribution: str = ""
    hooks: tuple[str, ...] = ()
    problems: list[str] = field(factory=list)


class Plugins:
    """The plugins of one kernel.

    Args:
        strict: whether a broken plugin is an error rather than a report.
    """

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._entries: dict[str, _Entry] = {}

    @property
    def report(self) -> tuple[Status, ...]:
        """What became of every plugin, by name."""
        return tuple(
            Status(e.name, e.source, e.state, e.distribution, e.hooks, tuple(e.problems))
            for _, e in sorted(self._entries.items())
        )

    def load_installed(self) -> None:
        """Loads every installed plugin, by the entry-point group `tongban`.

        Raises:
            PluginError: with `strict`, for the first plugin that is broken.
        """
        for point in sorted(entry_points(group=PROJECT), key=lambda p: (p.name, p.value)):
            distribution = point.dist.name if point.dist else ""
            if point.name in self._entries:
                other = self._entries[point.name].source
                self.fail(point.name, f"the name is claimed twice: by {other} and by {point.value}")
                continue
            self._load(point, distribution)

    def _load(self, point: EntryPoint, distribution: str) -> None:
        entry = _Entry(point.name, point.value, "loaded", distribution)
        self._entries[point.name] = entry
        try:
            plugin = point.load()
        except BaseException as error:  # noqa: BLE001 - whatever an import raises
            _let_stop(error)
            self.fail(point.name, f"cannot be imported: {_described(error)}")
            return
        self._register(plugin, entry)

    def register(self, plugin: object, name: str | None = None) -> None:
        """Adds one plugin, a module or an object with hook functions.

        Raises:
            PluginError: with `strict`, where it is broken.
        """
        source = getattr(plugin, "__name__", None) or type(plugin).__qualname__
        known = name or source.rpartition(".")[2]
        if known in self._entries:
            raise PluginError(f"the plugin name {known!r} is claimed twice")
        entry = self._entries[known] = _Entry(known, source, "loaded")
        self._register(plugin, entry)

    def _register(self, plugin: object, entry: _Entry) -> None:
        wrong = list(_wrong_hooks(plugin))
        if wrong:
            for problem in wrong:
                self.fail(entry.name, problem)
            return
        try:
            self._manager.register(plugin, entry.name)
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises
            _let_stop(error)
            self.fail(entry.name, f"cannot be registered: {_described(error)}")
            return
        entry.hooks = tuple(sorted(n for n in _HOOKS if _implements(plugin, n)))
        absent = getattr(plugin, "ABSENT", "")
        if absent:
            entry.state = "absent"
            entry.problems.append(str(absent))

    def fail(self, name: str, problem: str) -> None:
        """Notes that the plugin `name` is broken.

        Raises:
            PluginError: with `strict`.
        """
        entry = self._entries[name]
        entry.state = "failed"
        if problem not in entry.problems:
            entry.problems.append(problem)
        if self.strict:
            raise PluginError(f"plugin {name} ({entry.source}): {problem}")

    def implementations(self, hook: str) -> list[Implementation]:
        """Who implements `hook`: name, function, and the arguments that it takes."""
        caller = getattr(self._manager.hook, hook)
        return [(i.plugin_name, i.function, tuple(i.argnames)) for i in caller.get_hookimpls()]

    def call(self, hook: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Calls every implementation of `hook`, each on its own.

        Yields:
            The plugin's name and what it returned, where that is not None. One
            that raises is reported and left out.
        """
        yield from self.each(self.implementations(hook), hook, arguments)

    def each(
        self, found: Iterable[Implementation], hook: str, arguments: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """`call`, for implementations that were looked up before."""
        for name, function, names in found:
            try:
                result = function(*(arguments[n] for n in names))
            except BaseException as error:  # noqa: BLE001 - whatever a plugin raises
                _let_stop(error)
                self.fail(name, f"{hook} raised {_described(error)}")
                continue
            if result is not None:
                yield name, result


def _let_stop(error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt | MemoryError):
        raise error


def _described(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return text.encode("utf-8", "backslashreplace").decode().replace("\n", " ")[:500]


_HOOKS = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(Hooks).items()
    if not name.startswith("_")
}


def _members(plugin: object) -> Iterable[tuple[str, Any]]:
    for name in dir(plugin):
        try:
            yield name, getattr(plugin, name)
        except Exception:  # noqa: BLE001, S112 - a property of the plugin's own
            continue


def _implements(plugin: object, hook: str) -> bool:
    return hasattr(getattr(plugin, hook, None), f"{PROJECT}_impl")


def _wrong_hooks(plugin: object) -> Iterator[str]:
    """What pluggy lets pass: names that are no hooks, wrong arguments, defaults."""
    for name, member in _members(plugin):
        if not hasattr(member, f"{PROJECT}_impl"):
            continue
        if name not in _HOOKS:
            near = nearest(name, _HOOKS)
            hint = f"; did you mean {near!r}?" if near else f"; hooks are {', '.join(_HOOKS)}"
            yield f"{name!r} is no hook{hint}"
            continue
        for parameter in inspect.signature(member).parameters.values():
            if parameter.name not in _HOOKS[name]:
                allowed = ", ".join(_HOOKS[name]) or "none"
                yield f"{name}: unknown argument {parameter.name!r}; it may take: {allowed}"
            elif parameter.default is not parameter.empty:
                yield f"{name}: the argument {parameter.name!r} has a default, so it is never given"
