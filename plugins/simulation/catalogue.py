"""The catalogue of every province: the installed departments under each jurisdiction.

The other provinces carry out the same catalogue under their own jurisdiction, with
the variations that the scenario states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import yaml
from attrs import field, frozen

from tongban.kernel import DepartmentRules, Kernel, TongbanError, hookimpl
from tongban.plugins.simulation.scenario import Change, Scenario, ScenarioError

__all__ = ["Catalogue", "Raised", "World"]

_HOOKS = ("working_days", "receive", "derive_facts")
"""What a node needs of plugins besides departments; nothing that acts outside of the run."""


class Raised(Exception):
    """What a plugin raises that the scenario lets fail."""


class World:
    """What the simulated plugin asks the run that is going on; set by each run."""

    def raises(self, hook: str, item: str) -> bool:
        """Whether the plugin fails now."""
        return False

    def disagrees(self, item: str) -> bool:
        """Whether the second engine says otherwise now."""
        return False


class _Simulated:
    """A plugin that now and then fails, and a second engine that now and then disagrees."""

    __name__ = "simulated"

    def __init__(self) -> None:
        self.world = World()

    @hookimpl
    def receive(self, application: Any, item: str) -> list[Any]:
        self._may_raise("receive", item)
        return []

    @hookimpl
    def second_opinion(self, item: Any, facts: Any) -> list[str] | None:
        self._may_raise("second_opinion", item.item.key)
        if not self.world.disagrees(item.item.key):
            return None
        return [f"{item.item.id}.simulated"]

    @hookimpl
    def observe(self, event: Any) -> None:
        self._may_raise("observe", event["case"])

    def _may_raise(self, hook: str, item: str) -> None:
        if self.world.raises(hook, item):
            raise Raised("simulated failure")


class _Departments:
    """The departments of one province."""

    def __init__(self, province: str, rules: Sequence[DepartmentRules]) -> None:
        self.__name__ = f"departments{province}"
        self._rules = rules

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        return list(self._rules)


@frozen
class _Text:
    """A rule file that is not on the disk."""

    name: str
    content: bytes = field(repr=False)

    def read_bytes(self) -> bytes:
        return self.content

    def open(self, mode: str = "rb", *args: Any, **kwargs: Any) -> IO[bytes]:
        return BytesIO(self.content)


@cache
def _installed() -> tuple[tuple[str, bytes], ...]:
    """The rule files of the installed departments, by the door through which all plugins come."""
    found = []
    for point in sorted(entry_points(group="tongban"), key=lambda one: (one.name, one.value)):
        if point.dist is None or point.dist.name != "tongban" or _is_command(point.value):
            continue
        bring = getattr(point.load(), "departments", None)
        for one in bring() if bring else ():
            found.append((one.file or one.rules.name, one.rules.read_bytes()))
    return tuple(found)


@cache
def _helpers() -> tuple[object, ...]:
    """Plugins of ours that know the calendar and read numbers."""
    found = []
    for point in sorted(entry_points(group="tongban"), key=lambda one: (one.name, one.value)):
        if point.dist is None or point.dist.name != "tongban" or _is_command(point.value):
            continue
        plugin = point.load()
        if any(hasattr(plugin, name) for name in _HOOKS) and not hasattr(plugin, "departments"):
            found.append(plugin)
    return tuple(found)


def _is_command(value: str) -> bool:
    """Commands, engines and channels have no part here, and take long to import."""
    parts = ("commands", "engines", "delivery", "exchange", "simulation", "stores")
    return any(f".{part}" in value for part in parts)


@frozen(eq=False)
class Catalogue:
    """The kernels of every province of a scenario, each made when it is first needed.

    Attributes:
        scenario: with the variations and changes.
        simulated: the plugin that fails now and then; its `world` is set by each run.
        kernels: that were made; may be shared by scenarios with the same rules.
    """

    scenario: Scenario
    simulated: Any = field(factory=_Simulated)
    kernels: dict[tuple[str, str], Kernel] = field(factory=dict)

    def kernel(self, province: str, day: int) -> Kernel:
        """The kernel of a province on a day of the run, with the rules that hold there.

        Raises:
            ScenarioError: where a variation or a draft gives rules that are wrong.
        """
        changes = self.scenario.changes_at(day, province)
        key = province, repr(changes)
        known = self.kernels.get(key)
        if known is None:
            known = self.kernels[key] = self._made(province, changes)
        return known

    def _made(self, province: str, changes: tuple[Change, ...]) -> Kernel:
        texts = [*_installed()]
        replaced = self._drafts()
        texts = [(name, replaced.pop(name, text)) for name, text in texts]
        rules = [
            DepartmentRules(
                _Text(f"{province}-{name}", _adapted(text, province, changes)),  # type: ignore[arg-type]
                f"{province}-{name}",
            )
            for name, text in (*texts, *replaced.items())
        ]
        kernel = Kernel([_Departments(province, rules), *_helpers(), self.simulated])
        try:
            problems = kernel.problems
        except TongbanError as error:
            raise ScenarioError(f"the rules of {province}: {error}") from None
        if problems:
            raise ScenarioError(f"the rules of {province}: {problems[0]}")
        return kernel

    def _drafts(self) -> dict[str, bytes]:
        """Rule files of the scenario, by the file that they replace."""
        by_id = {_header(text)["id"]: name for name, text in _installed()}
        found: dict[str, bytes] = {}
        for path in self.scenario.drafts:
            try:
                text = Path(path).read_bytes()
                header = _header(text)
            except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
                raise ScenarioError(f"{path}: no department's rule file ({error})") from None
            found[by_id.get(header["id"], Path(path).name)] = text
        return found


def _header(text: bytes) -> dict[str, Any]:
    raw = _read(text)["department"]
    if not isinstance(raw, dict):
        raise ValueError("department must be a mapping")
    return raw


def _read(text: bytes) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw: dict[str, Any] = yaml.load(text, Loader=loader)
    if not isinstance(raw, dict):
        raise ValueError("not a mapping")
    return raw


@cache
def _parsed(text: bytes) -> dict[str, Any]:
    return _read(text)


def _adapted(text: bytes, province: str, changes: tuple[Change, ...]) -> bytes:
    """A department's file under another jurisdiction, with the changes to its items."""
    raw = dict(_parsed(text))
    here = f"jurisdiction: {raw['department'].get('jurisdiction')},".encode()
    if here in text and not any(_touches(one, item) for one in changes for item in raw["items"]):
        return text.replace(here, f"jurisdiction: {province},".encode(), 1)
    raw["department"] = {**raw["department"], "jurisdiction": int(province)}
    raw["items"] = [_item(one, changes) for one in raw["items"]]
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumped: bytes = yaml.dump(
        raw, Dumper=dumper, allow_unicode=True, sort_keys=False, encoding="utf-8", width=10_000
    )
    return dumped


def _touches(change: Change, item: Mapping[str, Any]) -> bool:
    return item["id"] in change.items or item.get("kind") in change.kinds


def _item(raw: Mapping[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    item = dict(raw)
    mine = [one for one in changes if _touches(one, raw)]
    for change in mine:
        if change.from_date:
            item["available"] = {"from": change.from_date}
    limits: dict[str, int] = {}
    because = ""
    for change in mine:
        limits |= change.limits
        because = change.because or because
    if limits:
        item["rules"] = _limited(item, limits, because or "情景设定的时限")
    return item


def _limited(item: Mapping[str, Any], limits: Mapping[str, int], because: str) -> list[Any]:
    """The rules of an item with other limits: its own rules keep their conditions."""
    rules = [dict(rule) for rule in item.get("rules", ())]
    own = [rule for rule in rules if "time_limit" in rule["then"]]
    for rule in own:
        told = rule["then"]["time_limit"]
        given = {one["step"]: dict(one) for one in (told if isinstance(told, list) else [told])}
        for step, days in limits.items():
            given[step] = {**given.get(step, {"step": step}), "working_days": days}
        rule["then"] = {**rule["then"], "time_limit": list(given.values())}
    if own:
        return rules
    rule = {
        "id": "simulated_limits",
        "then": {
            "time_limit": [
                {"step": step, "working_days": days, "extension": max(1, days // 2)}
                for step, days in limits.items()
            ]
        },
        "because": because,
        "cite": dict(item["cite"]),
        "basis": "inferred",
    }
    return [*rules, rule]
