"""Calls of hooks: Tongban's own functions as they are, anybody else's with care.

Somebody else's function is given copies, runs under a guard, and what it returns and raises
is taken over there; afterwards it is looked at whether the copies and Tongban's own modules
are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from tongban.kernel.engine.program import Program
from tongban.kernel.errors import HookError, TongbanError
from tongban.kernel.extension.contract import described
from tongban.kernel.extension.copies import copied, difference
from tongban.kernel.extension.intact import mended, names
from tongban.kernel.extension.returned_values import returned
from tongban.kernel.ports.guarding import Ending, ExceededError, Guard, TooLong, interrupted_by_hand

_T = TypeVar("_T")

Function: TypeAlias = Callable[[Mapping[str, Any]], Any]
Watched: TypeAlias = tuple[str, str, object]
"""A hook function, called with every argument of the hook; gives what `returned` gives."""

_PASSING = ("exchange", "storage")
"""Hooks whose TongbanError is for the person at the command line."""


def is_ours(module: object) -> bool:
    """Whether a module of this name came with Tongban; its code is as good as the kernel's."""
    return isinstance(module, str) and module.startswith("tongban.")


class Calls:
    """Calls the code of plugins.

    Args:
        guard: put around what is not Tongban's own.
        fail: called with a plugin's name and what it did wrong, where it does no other harm.
        watched: plugin, hook and code of the functions whose first call was watched.
    """

    def __init__(
        self, guard: Guard, fail: Callable[[str, str], None], watched: set[Watched]
    ) -> None:
        self._guard = guard
        self._fail = fail
        self.watched = watched
        self._ended: dict[str, str] = {}
        self._shown: dict[tuple[str, str], Program] = {}
        self._copies: dict[str, dict[int, Any]] = {}

    def run(
        self, plugin: str, doing: str, function: Callable[[], _T], *, limited: bool = True
    ) -> _T:
        """What somebody else's code returns.

        Args:
            plugin: whose it is.
            doing: the hook, or `import`.
            function: what is called.
            limited: whether time and memory are bounded.

        Raises:
            HookError: for any exception that it raises, and where it took too long: now or before.
            TongbanError: its own, where that is for the person at the command line.
            KeyboardInterrupt: where somebody pressed Ctrl-C.
        """
        if plugin in self._ended:
            raise HookError(self._ended[plugin])
        try:
            told = partial(_told, function, doing in _PASSING)
            return self._guard.run(plugin, doing, told, limited=limited)
        except ExceededError as error:
            raise self._end(plugin, f"{error} and was ended") from None
        except Ending as error:
            raise HookError(f"called {error}, which would have ended the program") from None
        except MemoryError as error:  # what it took is still held where it was raised
            raise HookError(described(error)) from None
        finally:
            for problem in self._guard.noticed():
                self._fail(plugin, f"{doing} {problem}")

    def watch(self, plugin: str, doing: str, function: Callable[[], _T]) -> _T:
        """`run`, where it is also looked whether Tongban's own modules are what they were.

        Raises:
            HookError: also where they are not; they are put back.
        """
        before = names()
        failure: HookError | None = None
        try:
            found = self.run(plugin, doing, function)
        except HookError as error:  # it may come of what was replaced
            failure = error
        finally:
            replaced = mended(before)
        if replaced:
            more = f" and {len(replaced) - 3} more" if len(replaced) > 3 else ""
            what = f"replaced {', '.join(replaced[:3])}{more}, which was put back"
            raise self._end(plugin, what) from failure
        if failure is not None:
            raise failure
        return found

    def _end(self, plugin: str, what: str) -> HookError:
        """Leaves a plugin out from now on."""
        says = f"{what}; the plugin is left out from here on"
        self._ended[plugin] = says
        return HookError(says)

    def hook(
        self, plugin: str, hook: str, function: Callable[..., Any], names: tuple[str, ...]
    ) -> Function:
        """A plugin's function for a hook.

        Args:
            plugin: its name.
            hook: the hook's.
            function: as the plugin wrote it.
            names: the arguments that it takes.
        """
        take = _taking(function, names)
        if is_ours(getattr(function, "__module__", None)):
            return lambda arguments: _returned(hook, take(arguments))
        code = getattr(function, "__code__", type(function))
        return _Foreign(self, plugin, hook, take, names, code)

    def shown(self, plugin: str, program: Program) -> Program:
        """The program that a plugin sees: made once, and never used to decide."""
        key = plugin, program.item.key
        found = self._shown.get(key)
        if found is None:
            parts = program.item, program.rules, program.whole, program.vocabulary
            # What programs share, the vocabulary above all, is copied once.
            memo = self._copies.setdefault(plugin, {})
            item, rules, whole, vocabulary = deepcopy(parts, memo)
            made = Program(item, program.short, rules, whole, vocabulary, program.derived)
            found = self._shown[key] = made
        return found


class _Foreign:
    """Somebody else's function for a hook."""

    def __init__(
        self,
        calls: Calls,
        plugin: str,
        hook: str,
        take: Function,
        names: tuple[str, ...],
        code: object,
    ) -> None:
        self._calls = calls
        self._plugin = plugin
        self._hook = hook
        self._take = take
        self._names = names
        self._key = plugin, hook, code

    def __call__(self, arguments: Mapping[str, Any]) -> Any:
        given = {name: self._copied(arguments[name]) for name in self._names}

        def ask() -> Any:
            found = returned(self._hook, self._take(given))
            for name, one in given.items():
                changed = self._difference(one, arguments[name], name)
                if changed:
                    raise HookError(f"changed {changed}; it is given to be read")
            return found

        if self._key in self._calls.watched:
            return self._calls.run(self._plugin, self._hook, ask)
        self._calls.watched.add(self._key)
        return self._calls.watch(self._plugin, self._hook, ask)

    def _copied(self, value: Any) -> Any:
        if type(value) is Program:
            return self._calls.shown(self._plugin, value)
        return copied(value)

    def _difference(self, given: Any, original: Any, name: str) -> str:
        if type(original) is not Program:
            return difference(given, original, name)
        looked = ("item", "short", "rules", "whole")
        pairs = ((f"{name}.{one}", getattr(given, one), getattr(original, one)) for one in looked)
        return next((found for one in pairs if (found := difference(one[1], one[2], one[0]))), "")


def _told(function: Callable[[], _T], passing: bool) -> _T:
    """What `function` returns; whatever it raises is put into words while it is guarded."""
    try:
        return function()
    except (TooLong, Ending):
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and interrupted_by_hand(error):
            raise
        if passing and isinstance(error, TongbanError):
            raise
        raise HookError(described(error)) from None


def _returned(hook: str, value: Any) -> Any:
    if type(value) is dict and hook == "derive_facts":
        return value  # asked for every decision
    return returned(hook, value)


def _taking(function: Callable[..., Any], names: tuple[str, ...]) -> Function:
    """`function` for a mapping with the arguments `names` among others."""
    if not names:
        return lambda arguments: function()
    if len(names) == 1:
        return lambda arguments: function(arguments[names[0]])
    pick = itemgetter(*names)
    return lambda arguments: function(*pick(arguments))
