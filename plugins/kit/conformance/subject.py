"""Which plugin is meant, and kernels to try it in."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
from attrs import field, frozen

from tongban.kernel import DepartmentRules, Item, Kernel, Status, nearest
from tongban.kernel.ports import guarding
from tongban.plugins.kit.targets import rule_files

GROUP = "tongban"
"""Of the entry points by which Tongban finds plugins."""

_MARK = "tongban_impl"
HOOKS = ("derive_facts", "receive", "route", "second_opinion", "working_days")
"""The hooks whose answers decide something."""

_BESIDE = ("departments", *HOOKS)
_MOST = 100_000
"""How much of what a hook returns is read."""


class NotLoadedError(Exception):
    """A plugin that is there and cannot be imported."""


class EndedError(Exception):
    """A hook raised what would have ended the program: the name of that."""


def said(error: Exception) -> str:
    """What a hook did instead of answering: `raises ValueError`."""
    if isinstance(error, guarding.ExceededError):
        return str(error)
    return f"raises {error if isinstance(error, EndedError) else type(error).__name__}"


@frozen(eq=False)
class Subject:
    """The plugin that is tried.

    Attributes:
        name: as the kernel knows it.
        source: its module, object or file, for messages.
        plugin: None for rule files alone.
        files: rule files that are being written.
        others: the other installed plugins, those that decide something.
        load: loads it; None for rule files alone.
        module: that it is, or is in.
        guard: put around its code.
    """

    name: str
    source: str
    plugin: object | None
    files: tuple[Path, ...]
    others: tuple[object, ...]
    load: Callable[[], object] | None = None
    module: str = ""
    guard: guarding.Guard = field(factory=guarding.Watch)
    _late: list[guarding.ExceededError] = field(factory=list)

    def kernel(
        self, beside: Iterable[object] = (), clock: Callable[[], datetime] | None = None
    ) -> Kernel:
        """A kernel with the plugin and the others that are installed.

        Args:
            beside: more plugins.
            clock: the present moment.
        """
        own = [self.plugin] if self.plugin is not None else []
        plugins = [*self.others, *own, *beside]
        return Kernel(plugins, clock, drafts=self.files, guard=self.guard)

    def unrouted(self, kernel: Kernel) -> Kernel:
        """The same kernel without the plugin's `route`, for what that hook is given."""
        if not self.has("route"):
            return kernel
        return kernel.restarted([*self.others, _named(self.plugin, self.name, without="route")])

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The keys of the items that it brings, in order."""
        files = {str(file) for file in self.files}
        kernel = self.kernel()
        if files:
            return tuple(one.key for one in kernel.items if one.file in files)
        before = set(Kernel(self.others).rulebook.items) if self.brings else set()
        return tuple(key for key in kernel.rulebook.items if self.brings and key not in before)

    @property
    def brings(self) -> bool:
        """Whether it brings departments."""
        return self.function("departments") is not None

    @cached_property
    def rules(self) -> tuple[Path, ...]:
        """Its rule files, as far as they are files."""
        departments = self.function("departments")
        if departments is None:
            return self.files
        brought: Iterable[DepartmentRules] = departments()
        paths = (one.rules for one in brought)
        return tuple(path for path in paths if isinstance(path, Path))

    def function(self, hook: str) -> Callable[..., Any] | None:
        """Its function for a hook, if it has one."""
        found = getattr(self.plugin, hook, None)
        return found if _marked(self.plugin, hook) else None

    def has(self, *hooks: str) -> bool:
        """Whether it has a function for one of these hooks."""
        return any(self.function(hook) for hook in hooks)

    def call(self, hook: str, arguments: Mapping[str, Any]) -> Any:
        """What its function for a hook returns; many things as a list.

        Args:
            hook: one that it has.
            arguments: everything that the hook may take.

        Raises:
            ExceededError: where it takes too long; once it did, it is not called any more.
            Exception: whatever the function raises; `EndedError` for what would end the program.
        """
        function = self.function(hook)
        assert function is not None
        names = inspect.signature(function).parameters
        given = {name: arguments[name] for name in names if name in arguments}
        if self._late:
            raise self._late[0]
        try:
            return self.guard.run(self.name, hook, lambda: _taken(function(**given)))
        except guarding.ExceededError as error:
            self._late.append(error)
            raise
        except Exception:
            raise
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and guarding.interrupted_by_hand(error):
                raise
            raise EndedError(type(error).__name__) from None

    def starts(self) -> tuple[list[object], bool]:
        """The plugins of a place whose process starts: it, imported anew, and the others.

        Returns:
            And whether it could be imported anew; else the one is given that is there.
        """
        others = [one for one in self.others if any(_marked(one, hook) for hook in HOOKS)]
        if self.load is None:
            return others, True
        try:
            return [*others, _named(_anew(self.load, self.module), self.name)], True
        except Exception:  # noqa: BLE001 - what can be imported only once in a process
            return [*others, self.plugin], False

    def tried_items(self, kernel: Kernel) -> tuple[Item, ...]:
        """Its own items; of a plugin without any, all."""
        keys = self.items or tuple(kernel.rulebook.items)
        return tuple(kernel.rulebook.items[key] for key in keys)

    def early_problems(self, kernel: Kernel) -> tuple[str, ...]:
        """What is wrong in its hooks themselves: found before any rule is read.

        Args:
            kernel: one that has read no rules yet.
        """
        found = (one for one in kernel.ports.failures if one.name == self.name)
        return tuple(problem for one in found for problem in one.problems)

    def status(self, kernel: Kernel) -> Status | None:
        """Its status in a kernel; None for rule files alone."""
        return next((one for one in kernel.plugins if one.name == self.name), None)


def _taken(value: Any) -> Any:
    """What a hook returned, read once: a mapping or a list may do anything when it is read."""
    if isinstance(value, Mapping):
        return {key: value[key] for key in islice(value, _MOST)}
    if isinstance(value, Iterator | list):
        return [*islice(value, _MOST)]
    return value


def find(word: str, guard: guarding.Guard | None = None) -> Subject:
    """The plugin that is meant.

    Args:
        word: the name of an entry point, a rule file or a folder of them, or a module
            (`package.module`, `package.module:object`).
        guard: put around its code; None for a limit of time.

    Raises:
        click.UsageError: where there is none.
        NotLoadedError: where it is there and cannot be imported.
    """
    guard = guard or guarding.Watch()
    points = {one.name: one for one in _points()}
    if word in points:
        point = points.pop(word)
        plugin = _loaded(point.load, word, guard)
        others = _others(points.values())
        named = _named(plugin, word)
        return Subject(word, point.value, named, (), others, point.load, point.module, guard)
    path = Path(word)
    module, _, attribute = word.partition(":")
    named = path.suffix in (".yaml", ".yml") or len(path.parts) > 1
    # A package whose folder lies here is meant as a package, where it can be imported.
    if named or (path.exists() and not _is_there(module)):
        files = tuple(one.resolve() for one in rule_files(path))
        return Subject(path.name, word, None, files, _others(points.values()), guard=guard)
    if not _is_there(module):
        near = nearest(word, points)
        hint = f"; did you mean {near!r}?" if near else "; `tongban plugins` lists those installed"
        raise click.UsageError(f"{word}: no entry point, rule file or module of this name{hint}")

    def load() -> object:
        found = import_module(module)
        return getattr(found, attribute) if attribute else found

    plugin = _loaded(load, word, guard)
    rest = (one for one in points.values() if one.value != word)
    name = (getattr(plugin, "__name__", None) or type(plugin).__qualname__).rpartition(".")[2]
    others = _others(rest)
    return Subject(name, word, _named(plugin, name), (), others, load, module, guard)


def load_others(word: str) -> None:
    """Imports every installed plugin but the one that is meant.

    Args:
        word: as of `find`.
    """
    _others(one for one in _points() if word not in (one.name, one.value))


def _points() -> Iterator[EntryPoint]:
    seen: set[str] = set()
    for point in entry_points(group=GROUP):
        if point.name not in seen:
            seen.add(point.name)
            yield point


def _loaded(load: Callable[[], object], word: str, guard: guarding.Guard) -> object:
    try:
        return guard.run(word, "import", load)
    except guarding.ExceededError as error:
        raise NotLoadedError(f"{word} cannot be imported: {error}") from None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and guarding.interrupted_by_hand(error):
            raise
        raise NotLoadedError(
            f"{word} cannot be imported: {type(error).__name__}: {error}"
        ) from error


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _others(points: Iterable[EntryPoint]) -> tuple[object, ...]:
    """The plugins beside it: those that decide something, and can be loaded."""
    found = []
    for point in sorted(points, key=lambda one: one.name):
        try:
            plugin = point.load()
        except Exception:  # noqa: BLE001, S112 - broken neighbours are not what is tried
            continue
        if any(_marked(plugin, hook) for hook in _BESIDE):
            found.append(_named(plugin, point.name))
    return tuple(found)


def _named(plugin: object, name: str, without: str = "") -> object:
    """A plugin under the name of its entry point, which its facts begin with."""
    names = [one for one in dir(plugin) if not one.startswith("__") and one != without]
    members = {one: getattr(plugin, one, None) for one in names}
    return SimpleNamespace(**{**members, "__name__": name})


def _marked(plugin: object, hook: str) -> bool:
    return isinstance(getattr(getattr(plugin, hook, None), _MARK, None), dict)


def _anew(load: Callable[[], object], module: str) -> object:
    """A plugin as a process finds it that starts: nothing of what it kept in its modules."""
    root = module if module.startswith(f"{GROUP}.") else module.partition(".")[0]
    own = {name: one for name, one in sys.modules.items() if _within(name, root)}
    for name in own:
        del sys.modules[name]
    try:
        return load()
    finally:
        for name in [name for name in sys.modules if _within(name, root)]:
            del sys.modules[name]
        sys.modules.update(own)
        parent, _, last = root.rpartition(".")
        if parent and root in own:
            setattr(sys.modules[parent], last, own[root])


def _within(module: str, root: str) -> bool:
    return module == root or module.startswith(f"{root}.")
