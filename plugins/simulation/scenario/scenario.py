"""A scenario: what a simulated world is like, read from YAML. Every number is an assumption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from attrs import field, frozen

from tongban.kernel import CHANNELS, nearest
from tongban.plugins.simulation.scenario.choices import Choices, weighs
from tongban.plugins.simulation.scenario.document import document
from tongban.plugins.simulation.scenario.faults import FAULTS, Faults
from tongban.plugins.simulation.scenario.fields import ScenarioError, fields_of, one_of, within
from tongban.plugins.simulation.scenario.random_streams import Spread

__all__ = [
    "FAULTS",
    "Assumption",
    "Change",
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

BUILT_IN = files("tongban.plugins.simulation.scenario") / "scenarios"

_STEPS = (
    *("receive", "forward", "arrive", "accept", "confirm", "examine", "grant", "deliver"),
    *("settle", "follow_up", "resume", "correct", "reopen"),
)
"""What officers do, and takes time."""

_MOST_LAYERS = 20
"""At most this many scenarios may extend each other in a row."""


def _hours(hours: tuple[int, ...]) -> str:
    fit = len(hours) == 2 and 0 <= hours[0] < hours[1] <= 24
    return "" if fit else "from and to, [9, 17]"


def _places(places: Mapping[str, Place]) -> str:
    if not places:
        return "there must be at least one"
    odd = [one for one in places if not (one.isdecimal() and len(one) == 6 and one[2:] == "0000")]
    if odd:
        return f"{odd[0]!r} is not a code of a province, such as 630000"
    for name in ("people", "draw"):
        if not sum(getattr(one, name) for one in places.values()):
            return f"one must have {name}"
    return ""


def _first_day(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) == len("2026-01-31") else f"{text}-01")
    except ValueError:
        return f"a day or a month, 2026-01-31 or 2026-01, found {text!r}"
    return ""


Count: TypeAlias = Annotated[int, within(0, 1_000_000_000)]
Days: TypeAlias = Annotated[int, within(0, 3_650)]
Minutes: TypeAlias = Annotated[int, within(1, 100_000)]


@frozen
class Assumption:
    """What a number stands for, why it is so, and where it comes from, if from anywhere.

    Attributes:
        zh: the same in Chinese, in one line.
    """

    what: str
    because: str
    source: str = ""
    zh: str = ""


@frozen
class Place:
    """A province: how many people hand in from there, and how strongly it draws others."""

    people: Count
    draw: Count


@frozen
class Work:
    """What one step takes: minutes of work, and days that the file lies before."""

    minutes: Spread
    days: Spread = Spread(0, 0, 0)


@frozen
class Staff:
    """When officers work, and how many there are for the work that is expected."""

    hours: Annotated[tuple[int, ...], _hours]
    utilisation: Annotated[float, within(0.05, 1)]
    least: Annotated[int, within(1, 100_000)]
    reserve: Annotated[int, within(0, 100_000)]


@frozen
class Post:
    """How long letters take, and after how many days one counts as lost."""

    days: Spread
    lost_after: Days


@frozen
class Network:
    """How long messages take, and when one that was not acknowledged is sent again."""

    minutes: Spread
    again_after: Minutes
    again_most: Minutes


@frozen
class Planned:
    """A fault by plan: a province that is cut off for days, or a node that is killed."""

    day: Days
    cut_off: str = ""
    killed: str = ""
    days: Days = 1
    hour: Annotated[int, within(0, 23)] = 10


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
    limits: Mapping[str, Days] = field(factory=dict, eq=lambda limits: tuple(limits.items()))
    from_date: Annotated[str, _first_day] = ""
    because: str = ""
    day: Days = 0


@frozen
class Scenario:
    """What a simulated world is like.

    Attributes:
        name: short; `title` is what reports show.
        says: what is special about it; `zh` is the same in Chinese.
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
    drain_days: Days
    provinces: Annotated[Mapping[str, Place], _places]
    channels: Annotated[Mapping[str, int], one_of(CHANNELS), weighs]
    items: Mapping[str, Count]
    choices: Choices
    work: Annotated[Mapping[str, Work], one_of(_STEPS)]
    staff: Staff
    post: Post
    network: Network
    journeys: Count
    faults: Faults
    only_items: tuple[str, ...] = ()
    plan: tuple[Planned, ...] = ()
    variations: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()
    drafts: tuple[str, ...] = ()
    zh: str = ""

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
        ScenarioError: where there is none, or something in it is wrong: every mistake by
            file and key.
    """
    name = str(word)
    problems: list[str] = []
    layers = _layers(name, (), problems)
    whole: dict[str, Any] = {}
    for layer in layers:
        whole = merged(whole, layer)
    found: list[str] = []
    values = fields_of(Scenario, whole, name, found)
    # What a file itself gets wrong was said with its name, and is wrong in all of them.
    wrong = [*(problems or found), *(f"{name}: {says}" for says in _elsewhere(values))]
    if wrong:
        raise ScenarioError("\n".join(wrong))
    return Scenario(**values)


def _layers(word: str, before: tuple[str, ...], problems: list[str]) -> list[dict[str, Any]]:
    """What a file says and, before it, those that it extends."""
    try:
        raw = document(_text(word), word)
    except ScenarioError as error:
        problems.append(f"{before[-1]}: extends: {error}" if before else str(error))
        return []
    if not isinstance(raw, dict):
        problems.append(f"{word}: a scenario is a mapping of keys")
        return []
    base = raw.pop("extends", None)
    drafts = raw.get("drafts")
    if isinstance(drafts, list) and word not in built_in():
        raw["drafts"] = [str(Path(word).parent / str(one)) for one in drafts]
    if before or base:
        fields_of(Scenario, raw, word, problems, part=True)
    if base is None:
        return [raw]
    if not isinstance(base, str) or not base:
        problems.append(f"{word}: extends: must be the name of a scenario, or a file")
        return [raw]
    if base not in built_in():
        base = str(Path(word).parent / base)
    if base in (*before, word) or len(before) >= _MOST_LAYERS:
        says = "extends itself" if base in (*before, word) else f"the {_MOST_LAYERS + 1}th one"
        problems.append(f"{word}: extends: {base}: {says}")
        return [raw]
    return [*_layers(base, (*before, word), problems), raw]


def _text(word: str) -> str:
    if word in built_in():
        return (BUILT_IN / f"{word}.yaml").read_text(encoding="utf-8")
    try:
        return Path(word).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ScenarioError(f"{word}: not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        near = nearest(Path(word).name, built_in())
        hint = f"; did you mean {near}?" if near else ""
        known = ", ".join(built_in())
        raise ScenarioError(f"{word}: {reason}; built in are {known}{hint}") from None


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `more` says otherwise: mappings of fixed keys are put together."""
    together = {"choices", "work", "staff", "post", "network", "faults"}
    found = dict(base)
    if "says" in more:
        found.pop("zh", None)  # it said in Chinese what the other scenario says
    for name, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(name), dict)
        found[name] = {**found[name], **value} if both and name in together else value
    return found


def _elsewhere(values: Mapping[str, Any]) -> Iterator[str]:
    """What speaks of a province that the scenario does not have."""
    if "provinces" not in values:
        return
    for n, planned in enumerate(values.get("plan", ())):
        for at in (planned.cut_off, planned.killed):
            if at and at not in values["provinces"]:
                yield f"plan[{n}]: {at} is not a province of the scenario"
        if not planned.cut_off and not planned.killed:
            yield f"plan[{n}]: must say which province is cut_off or killed"
