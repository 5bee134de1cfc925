"""A scenario: what a simulated world is like, read from YAML. Every number is an assumption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from attrs import field, fields, frozen

from tongban.plugins.simulation.chance import Spread
from tongban.plugins.simulation.shape import ScenarioError, read

__all__ = [
    "FAULTS",
    "Assumption",
    "Change",
    "Choices",
    "Faults",
    "Network",
    "Place",
    "Planned",
    "Post",
    "Scenario",
    "ScenarioError",
    "Staff",
    "Work",
    "built_in",
    "load_scenario",
    "merged",
]

BUILT_IN = files("tongban.plugins.simulation") / "scenarios"


@frozen
class Assumption:
    """What a number stands for, why it is so, and where it comes from, if from anywhere."""

    what: str
    because: str
    source: str = ""


@frozen
class Place:
    """A province: how many people hand in from there, and how strongly it draws others."""

    people: int
    draw: int


@frozen
class Choices:
    """What people do: rates from 0 to 1, days."""

    ineligible: float
    defects: float
    withdraw: float
    withdraw_days: Spread
    supplement: float
    supplement_working_days: int
    supply_days: Spread
    supply_never: float
    supply_in_parts: float
    decline: float
    deny: float
    refuse: float
    terminate: float
    pause: float
    pause_days: Spread
    extend: float
    pickup_days: Spread
    rate: float
    rate_days: Spread
    grades: Mapping[str, int]
    stranger: float
    settle: float


@frozen
class Work:
    """What one step takes: minutes of work, and days that the file lies before."""

    minutes: Spread
    days: Spread = Spread(0, 0, 0)


@frozen
class Staff:
    """When officers work, and how many there are for the work that is expected."""

    hours: tuple[int, ...]
    utilisation: float
    least: int
    reserve: int


@frozen
class Post:
    """How long letters take, and after how many days one counts as lost."""

    days: Spread
    lost_after: int


@frozen
class Network:
    """How long messages take, and when one that was not acknowledged is sent again."""

    minutes: Spread
    again_after: int
    again_most: int


@frozen
class Faults:
    """Rates of faults, from 0 to 1, and how long they last."""

    message_lost: float
    message_doubled: float
    message_delayed: float
    delay_minutes: Spread
    cut_off: float
    cut_off_days: Spread
    killed_before_commit: float
    killed_after_commit: float
    killed_before_acknowledgement: float
    down_minutes: Spread
    post_lost: float
    post_returned: float
    officer_ill: float
    plugin_raises: float
    engines_disagree: float
    clock_minutes: int


FAULTS: Mapping[str, str] = {
    "message_lost": "消息丢失",
    "message_doubled": "消息重复",
    "message_delayed": "消息延迟或乱序",
    "cut_off": "省级节点断网",
    "killed_before_commit": "提交前宕机",
    "killed_after_commit": "提交后宕机",
    "killed_before_acknowledgement": "回执前宕机",
    "post_lost": "邮件丢失",
    "post_returned": "邮件退回",
    "officer_ill": "经办人缺勤",
    "plugin_raises": "插件故障",
    "engines_disagree": "引擎结论不一致",
    "clock_minutes": "时钟偏差",
}
"""Every kind of fault, with its official term."""


@frozen
class Planned:
    """A fault by plan: a province that is cut off for days, or a node that is killed."""

    day: int
    cut_off: str = ""
    killed: str = ""
    days: int = 1
    hour: int = 10


@frozen
class Change:
    """How provinces carry out the same catalogue otherwise.

    Attributes:
        day: from which day of the run on; 0 from the first.
        provinces: which; all where empty.
        items, kinds: for which items.
        limits: step to working days.
        from_date: the first day on which the items are available there.
    """

    provinces: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(factory=dict)
    from_date: str = ""
    because: str = ""
    day: int = 0


@frozen
class Scenario:
    """What a simulated world is like.

    Attributes:
        name: short; `title` is what reports show.
        start: the first day.
        drain_days: how long after the last application cases may take to end.
        provinces: by code.
        channels: of the applications, by weight.
        items: kinds of items against 10 for others.
        only_items: ids; all where empty.
        choices, work, staff, post, network, faults: what happens.
        journeys: how often an authority far away is visited in person for one case.
        plan: faults by plan.
        variations: from the first day on; `changes` from a later one on.
        drafts: rule files that take the place of those of the installed departments.
    """

    name: str
    title: str
    says: str
    assumptions: tuple[Assumption, ...]
    start: date
    drain_days: int
    provinces: Mapping[str, Place]
    channels: Mapping[str, int]
    items: Mapping[str, int]
    choices: Choices
    work: Mapping[str, Work]
    staff: Staff
    post: Post
    network: Network
    journeys: int
    faults: Faults
    only_items: tuple[str, ...] = ()
    plan: tuple[Planned, ...] = ()
    variations: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()
    drafts: tuple[str, ...] = ()

    def changes_at(self, day: int, province: str) -> tuple[Change, ...]:
        """The variations and changes that hold in a province on a day of the run."""
        return tuple(
            one
            for one in (*self.variations, *self.changes)
            if one.day <= day and (not one.provinces or province in one.provinces)
        )


def built_in() -> tuple[str, ...]:
    """The names of the scenarios that come with the program."""
    names = (one.name for one in BUILT_IN.iterdir() if one.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


def load_scenario(word: str | Path) -> Scenario:
    """A scenario by its name, or from a file.

    Args:
        word: a name of `built_in`, or a path.

    Raises:
        ScenarioError: where there is none, or something in it is wrong; by file and key.
    """
    raw = _raw(str(word), ())
    scenario: Scenario = read(Scenario, raw, str(word))
    return _checked(scenario, str(word))


def _raw(word: str, before: tuple[str, ...]) -> dict[str, Any]:
    if word in before:
        raise ScenarioError(f"{word}: extends itself")
    text = _text(word, before)
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ScenarioError(f"{word}{where}: not YAML ({getattr(error, 'problem', '')})") from None
    if not isinstance(raw, dict):
        raise ScenarioError(f"{word}: a scenario is a mapping of keys")
    base = raw.pop("extends", None)
    drafts = raw.get("drafts")
    if isinstance(drafts, list) and word not in built_in():
        raw["drafts"] = [str(Path(word).parent / str(one)) for one in drafts]
    return merged(_raw(str(base), (*before, word)), raw) if base else raw


def _text(word: str, before: tuple[str, ...]) -> str:
    if word in built_in():
        return (BUILT_IN / f"{word}.yaml").read_text(encoding="utf-8")
    path = Path(before[-1]).parent / word if before and before[-1] not in built_in() else Path(word)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(built_in())
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise ScenarioError(f"{word}: {reason}; built in are {known}") from None


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `more` says otherwise: mappings of fixed keys are put together."""
    together = {"choices", "work", "staff", "post", "network", "faults"}
    found = dict(base)
    for name, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(name), dict)
        found[name] = {**found[name], **value} if both and name in together else value
    return found


def _checked(scenario: Scenario, where: str) -> Scenario:
    def need(holds: bool, says: str) -> None:
        if not holds:
            raise ScenarioError(f"{where}: {says}")

    for group in (scenario.choices, scenario.faults):
        for one in fields(type(group)):
            value = getattr(group, one.name)
            if isinstance(value, float):
                need(0 <= value <= 1, f"{one.name} is a rate: from 0 to 1, found {value:g}")
    need(bool(scenario.provinces), "provinces: there must be at least one")
    for name in ("channels", "items"):
        weights = getattr(scenario, name)
        need(all(one >= 0 for one in weights.values()), f"{name}: no weight is below 0")
    need(sum(scenario.channels.values()) > 0, "channels: one must have a weight")
    for planned in scenario.plan:
        at = planned.cut_off or planned.killed
        need(at in scenario.provinces, f"plan: {at or 'nothing'} is no province of the scenario")
    hours = scenario.staff.hours
    need(len(hours) == 2 and 0 <= hours[0] < hours[1] <= 24, "staff.hours: from and to, [9, 17]")
    need(0.05 <= scenario.staff.utilisation <= 1, "staff.utilisation: from 0.05 to 1")
    need(scenario.staff.least >= 1, "staff.least: at least one officer")
    return scenario
