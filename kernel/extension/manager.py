"""The plugin manager of one kernel: what pluggy does, and the checks that it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeAlias, TypeVar

import pluggy
from attrs import define, field

from tongban.kernel.errors import PluginError
from tongban.kernel.extension.calls import Calls, Function, is_ours
from tongban.kernel.extension.contract import HOOKS, described, implements, wrong_hooks
from tongban.kernel.hookspecs import Hooks
from tongban.kernel.model.printing import printable
from tongban.kernel.ports.guarding import Guard, Watch
from tongban.kernel.ports.logs import logger
from tongban.kernel.ports.markers import PROJECT
from tongban.kernel.ports.plugin_status import Status

_T = TypeVar("_T")

Implementation: TypeAlias = tuple[str, Function]
"""A plugin's name, and its function for a hook."""

MAX_PROBLEMS = 250
"""How many different problems of one plugin are kept: one may come with every application.

A rule file tells up to 201, and all of them are wanted at once.
"""
MAX_PROBLEM = 2_000
"""Longest problem, and reason for being absent, in characters."""


_IN_SHORT = re.compile(r"\w+ raised \w+|cannot be (?:imported|registered)|\w+", re.ASCII)


def _in_short(problem: str) -> str:
    """A problem without what the plugin said: that may be personal. `derive_facts raised …`."""
    match = _IN_SHORT.match(problem)
    return match[0] if match else "its rules or hooks"


@define
class _Entry:
    name: str
    source: str
    state: Literal["loaded", "failed", "absent"]
    distribution: str = ""
    hooks: tuple[str, ...] = ()
    problems: list[str] = field(factory=list)

    @property
    def ours(self) -> bool:
        """Whether it came with Tongban."""
        return self.distribution == PROJECT or (not self.distribution and is_ours(self.source))


class Plugins:
    """The plugins of one kernel.

    Args:
        strict: whether a broken plugin is an error rather than a report.
        guard: put around what is not Tongban's own; None for a limit of time alone.
        before: those in whose place these come; what was looked at there is not again.
    """

    def __init__(
        self, strict: bool = False, guard: Guard | None = None, before: Plugins | None = None
    ) -> None:
        self.strict = strict
        self.guard = guard or Watch()
        self._calls: Calls = Calls(
            self.guard, self.fail, before._calls.watched if before else set()
        )
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._entries: dict[str, _Entry] = {}
        self._found: dict[str, list[Implementation]] = {}

    @property
    def report(self) -> tuple[Status, ...]:
        """The state of every plugin, by name."""
        return tuple(
            Status(e.name, e.source, e.state, e.distribution, e.hooks, tuple(e.problems))
            for _, e in sorted(self._entries.items())
        )

    def load_installed(self) -> None:
        """Loads every installed plugin, by the entry-point group `tongban`, ours first.

        So a name of ours is not taken by a plugin that comes earlier in the alphabet.

        Raises:
            PluginError: with `strict`, for the first plugin that is broken.
        """
        points = entry_points(group=PROJECT)
        # A distribution reads all of its metadata each time its name is asked for.
        names = {one: (one.name or "") if one else "" for one in {p.dist for p in points}}
        for point in sorted(points, key=lambda p: (names[p.dist] != PROJECT, p.name, p.value)):
            entry = _Entry(point.name, point.value, "loaded", names[point.dist])
            first = self._entries.get(point.name)
            if first is None:
                self._entries[point.name] = entry
                self._load(point, entry)
                continue
            # The first keeps its name and goes on working: it has done nothing wrong.
            key = f"{point.name} {point.value} {entry.distribution}"
            self._entries[key] = entry
            self.fail(key, f"the name {point.name!r} is taken by {first.source}; choose another")

    def _load(self, point: EntryPoint, entry: _Entry) -> None:
        load = point.load
        try:
            plugin = load() if entry.ours else self._calls.watch(point.name, "import", load)
        except BaseException as error:  # noqa: BLE001 - whatever an import raises
            self._let_stop(error)
            self.fail(point.name, f"cannot be imported: {described(error)}")
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
        try:
            if entry.ours:
                wrong, absent = self._looked_at(plugin, entry)
            else:
                looked = self.guarded(entry.name, "import", lambda: self._looked_at(plugin, entry))
                wrong, absent = looked
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises
            self._let_stop(error)
            self.fail(entry.name, f"cannot be registered: {described(error)}")
            return
        for problem in wrong:
            self.fail(entry.name, problem)
        if absent and not wrong:
            entry.state = "absent"
            entry.problems.append(absent)

    def _looked_at(self, plugin: object, entry: _Entry) -> tuple[list[str], str]:
        """Registers a plugin; what is wrong in its hooks, and why it cannot work here."""
        wrong = list(wrong_hooks(plugin))
        if wrong:
            return wrong, ""
        self._manager.register(plugin, entry.name)
        self._found.clear()
        entry.hooks = tuple(sorted(n for n in HOOKS if implements(plugin, n)))
        absent = getattr(plugin, "ABSENT", "")
        return [], printable(absent[:MAX_PROBLEM]) if isinstance(absent, str) else ""

    def fail(self, name: str, problem: str) -> None:
        """Notes that the plugin `name` is broken.

        Raises:
            PluginError: with `strict`.
        """
        entry = self._entries[name]
        entry.state = "failed"
        problem = printable(problem[:MAX_PROBLEM])
        if problem not in entry.problems and len(entry.problems) < MAX_PROBLEMS:
            entry.problems.append(problem)
            says = "plugin %s failed: %s; `tongban plugins` shows everything"
            logger("plugins").warning(says, entry.name, _in_short(problem))
        if self.strict:
            raise PluginError(f"the plugin {entry.name} ({entry.source}) is broken: {problem}")

    def implementations(self, hook: str) -> list[Implementation]:
        """Who implements `hook`."""
        found = self._found.get(hook)
        if found is None:
            found = self._found[hook] = self._implementations(hook)
        return found

    def _implementations(self, hook: str) -> list[Implementation]:
        caller = getattr(self._manager.hook, hook)
        return [
            (i.plugin_name, self._calls.hook(i.plugin_name, hook, i.function, tuple(i.argnames)))
            for i in caller.get_hookimpls()
        ]

    def guarded(
        self, plugin: str, doing: str, function: Callable[[], _T], *, limited: bool = True
    ) -> _T:
        """What code of a plugin outside its hooks returns: of its files, say.

        Args:
            plugin: its name.
            doing: which hook the code belongs to.
            function: what is called.
            limited: whether time and memory are bounded.

        Raises:
            HookError: for whatever it raises, and where it took too long; of a plugin of
                Tongban's own the error itself.
        """
        if self._entries[plugin].ours:
            return function()
        return self._calls.run(plugin, doing, function, limited=limited)

    def implementing(self, hooks: Iterable[str]) -> dict[str, object]:
        """The plugins that have a function for one of `hooks`, by name, as they were registered."""
        found = {name for hook in hooks for name, _ in self.implementations(hook)}
        return {name: self._manager.get_plugin(name) for name in self._entries if name in found}

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
        for one in found:
            _, result = self.attempt(one, hook, arguments)
            if result is not None:
                yield one[0], result

    def attempt(
        self, one: Implementation, hook: str, arguments: Mapping[str, Any]
    ) -> tuple[bool, Any]:
        """Calls one implementation of `hook`.

        Returns:
            Whether it did as the hook says, and what it returned; one that
            raises, or returns something else, is reported.
        """
        name, function = one
        try:
            return True, function(arguments)
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises
            self._let_stop(error)
            self.fail(name, f"{hook} {described(error)}")
            return False, None

    def _let_stop(self, error: BaseException) -> None:
        """Raises what a plugin is not at fault for, and what was reported already."""
        told = self.strict and isinstance(error, PluginError)
        if told or isinstance(error, KeyboardInterrupt | MemoryError):
            raise error

    def add_commands(self, cli: Any) -> None:
        """Calls `register_commands`; a name belongs to the first that takes it.

        Args:
            cli: a click group.
        """
        owners: dict[str, str] = {}
        for one in self.implementations("register_commands"):
            plugin, before = one[0], dict(cli.commands)
            done, _ = self.attempt(one, "register_commands", {"cli": cli})
            after = dict(cli.commands)
            added = {n: command for n, command in after.items() if done and n not in before}
            cli.commands = {**before, **added}
            owners |= dict.fromkeys(added, plugin)
            for name in before:
                if after.get(name) is not before[name]:
                    owner = owners.get(name, "tongban")
                    claim = f"register_commands: the command {name!r} is taken by {owner}"
                    self.fail(plugin, f"{claim}; {plugin} cannot have it too")
