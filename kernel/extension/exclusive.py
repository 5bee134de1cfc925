"""Hooks whose answers are asked more later: carriers, storage, working days."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import evolve

from tongban.kernel.errors import HookError, PluginError, TongbanError, nearest
from tongban.kernel.extension.calls import is_ours
from tongban.kernel.extension.manager import Implementation, Plugins
from tongban.kernel.extension.returned_values import days_of_year
from tongban.kernel.ports.exchange import Carrier
from tongban.kernel.ports.storage import Storage
from tongban.kernel.ports.working_days import WorkingDays

if TYPE_CHECKING:
    from tongban.kernel.ports.store import Store

_T = TypeVar("_T")


def carrier(plugins: Plugins, node: str) -> Carrier | None:
    """What carries messages; None where no plugin does.

    Args:
        plugins: of a kernel.
        node: what is known of the store's place in the exchange, "" for nothing.

    Raises:
        PluginError: where two do.
        TongbanError: a plugin's own, about `node`.
    """
    asked = plugins.implementations("exchange")
    found: dict[str, Carrier] = dict(_answers(plugins, asked, "exchange", {"node": node}))
    if len(found) > 1:
        raise PluginError(f"{' and '.join(found)} both carry messages; only one may be installed")
    name, one = next(iter(found.items()), ("", None))
    if one is None or is_ours(type(one).__module__):
        return one
    return cast(Carrier, _Guarded(plugins, name, one))


class _Guarded:
    """Somebody else's carrier: its calls may take their time, and are guarded otherwise."""

    def __init__(self, plugins: Plugins, name: str, carrier: Carrier) -> None:
        self._plugins = plugins
        self._name = name
        self._carrier = carrier

    def serves(self, address: str) -> bool:
        """`Carrier.serves`."""
        return self._run(lambda: bool(self._carrier.serves(address)))

    def run(self, store: Store, receive: Callable[..., object], now: datetime) -> Mapping[str, Any]:
        """`Carrier.run`."""
        run = getattr(self._carrier, "run", None) or getattr(self._carrier, "pump")  # noqa: B009
        return self._run(lambda: dict(run(store, receive, now)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    def _run(self, function: Callable[[], _T]) -> _T:
        try:
            return self._plugins.guarded(self._name, "exchange", function, limited=False)
        except HookError as error:
            self._plugins.fail(self._name, f"exchange {error}")
            raise PluginError(f"the plugin {self._name} carries no messages: {error}") from None


def storage(plugins: Plugins, name: str = "") -> Storage:
    """What keeps cases.

    Args:
        plugins: of a kernel.
        name: the plugin's; "" for the only one there is.

    Raises:
        PluginError: where there is none, or several and no name.
        TongbanError: a plugin's own.
    """
    known = plugins.implementations("storage")
    wanted = [one for one in known if name in ("", one[0])]
    if not wanted:
        raise PluginError(_unknown(plugins, name, [one[0] for one in known]))
    found: dict[str, Storage] = dict(_answers(plugins, wanted, "storage", {}))
    if len(found) > 1:
        choice = " or ".join(f"TONGBAN_STORE={one}" for one in found)
        raise PluginError(f"{' and '.join(found)} both keep cases; choose one with {choice}")
    if not found:
        raise PluginError(f"no cases can be kept here; {_why(plugins, [one[0] for one in wanted])}")
    return next(iter(found.values()))


def working_days(plugins: Plugins, division: str | None) -> Iterator[WorkingDays]:
    """What each plugin knows of the working days of a place; what it is asked later is guarded too.

    Args:
        plugins: of a kernel.
        division: six digits, or None.
    """
    for name, days in plugins.call("working_days", {"division": division}):
        law = days.statutory
        yield days if law is None else evolve(days, statutory=_guarded_law(plugins, name, law))


def _guarded_law(
    plugins: Plugins, name: str, law: Callable[[int], Collection[date]]
) -> Callable[[int], frozenset[date]]:
    @cache
    def statutory(year: int) -> frozenset[date]:
        try:
            return plugins.guarded(name, "working_days", lambda: days_of_year(law(year)))
        except HookError as error:
            plugins.fail(name, f"working_days {error}")
            return frozenset()

    return statutory


def _unknown(plugins: Plugins, name: str, known: Sequence[str]) -> str:
    if any(one.name == name and one.state == "failed" for one in plugins.report):
        return f"TONGBAN_STORE={name}: this plugin failed; {_why(plugins, [name])}"
    if not known:
        return "no plugin that is installed keeps cases (the hook `storage`)"
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there is {', '.join(known)}"
    return f"TONGBAN_STORE={name}: no plugin of that name keeps cases; {hint}"


def _why(plugins: Plugins, names: Sequence[str]) -> str:
    says = {one.name: "; ".join(one.problems) for one in plugins.report}
    return ", ".join(f"{one}: {says[one] or 'gave no storage'}" for one in names)


def _answers(
    plugins: Plugins, asked: Sequence[Implementation], hook: str, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What plugins answer; a TongbanError is not their fault, and goes to the caller."""
    absent = {one.name for one in plugins.report if one.state == "absent"}
    for one in asked:
        answer = None if one[0] in absent else _answer(plugins, one, hook, arguments)
        if answer is not None:
            yield one[0], answer


def _answer(plugins: Plugins, one: Implementation, hook: str, arguments: Mapping[str, Any]) -> Any:
    name, function = one
    told: list[TongbanError] = []

    def listened(given: Mapping[str, Any]) -> Any:
        try:
            return function(given)
        except TongbanError as error:
            told.append(error)
            return None

    _, answer = plugins.attempt((name, listened), hook, arguments)
    if told:
        raise told[0]
    return answer
