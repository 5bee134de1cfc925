"""How many applications a change of rules turns, by department, item and province."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import Factory, define, field, frozen

from tongban.kernel import ApplicationError, Item, PluginError
from tongban.plugins.console.jsonl import Entry
from tongban.plugins.kit.diff.replay import differing, fitted
from tongban.plugins.kit.diff.rulesets import Side

GROUPS = {"department": "部门", "item": "事项", "province": "省份"}
MAX_KEPT = 1_000
"""How many bad rows are remembered for JSON; all are reported as they come."""


@define
class Counts:
    """How many applications, and their results.

    Attributes:
        differ: those with any difference: the sum of the following.
        opened: eligible now and not before.
        closed: eligible before and not now.
        other: any other difference.
    """

    applications: int = 0
    differ: int = 0
    opened: int = 0
    closed: int = 0
    other: int = 0

    def add(self, turn: str) -> None:
        """Counts one application; `turn` is `opened`, `closed`, `other` or "" for the same."""
        self.applications += 1
        if turn:
            self.differ += 1
            setattr(self, turn, getattr(self, turn) + 1)

    def to_dict(self) -> dict[str, int]:
        """For JSON and CSV."""
        names = ("applications", "differ", "opened", "closed", "other")
        return {name: getattr(self, name) for name in names}


@frozen
class Bad:
    """An application that could not be compared."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"line": self.line, "field": self.field, "message": self.message}


@define
class Flips:
    """What came of a file of applications.

    Attributes:
        groups: by `GROUPS`, the counts of each key, with what people call it.
        bad_rows: how many could not be compared.
        bad: the first of them.
    """

    total: Counts = Factory(Counts)
    groups: dict[str, dict[str, tuple[str, Counts]]] = field(
        factory=lambda: {name: {} for name in GROUPS}
    )
    bad_rows: int = 0
    bad: list[Bad] = field(factory=list)

    def add(self, keys: Mapping[str, tuple[str, str]], turn: str) -> None:
        """Counts an application under its department, item and province."""
        self.total.add(turn)
        for group, (key, name) in keys.items():
            self.groups[group].setdefault(key, (name, Counts()))[1].add(turn)

    def rows(self, group: str) -> Iterator[tuple[str, str, Counts]]:
        """Key, name and counts, those with most differences first."""
        found = self.groups[group].items()
        ranked = sorted(found, key=lambda one: (-one[1][1].differ, one[0]))
        yield from ((key, name, counts) for key, (name, counts) in ranked)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        shown: dict[str, Any] = {"total": self.total.to_dict()}
        for group in GROUPS:
            shown[f"by_{group}"] = [
                {"key": key, "name": name, **counts.to_dict()}
                for key, name, counts in self.rows(group)
            ]
        shown["bad_rows"] = self.bad_rows
        shown["bad"] = [one.to_dict() for one in self.bad]
        return shown


def count(
    old: Side,
    new: Side,
    found: Iterable[Entry],
    tell: Callable[[Bad], None],
    alike: frozenset[str] = frozenset(),
) -> Flips:
    """Decides every application by both rule sets and counts what differs.

    Args:
        alike: keys of items with one program on both sides: only checked, not decided.
        found: the applications, read one by one; only the counts are kept.
        tell: called for every mistake of every row that cannot be compared.
    """
    flips = Flips()
    for entry in found:
        wrong = _compare(old, new, entry, flips, alike)
        if wrong:
            flips.bad_rows += 1
            flips.bad += wrong[: max(0, MAX_KEPT - len(flips.bad))]
            for one in wrong:
                tell(one)
    return flips


def _compare(old: Side, new: Side, entry: Entry, flips: Flips, alike: frozenset[str]) -> list[Bad]:
    """Counts one application; returns what is wrong with it, if it cannot be compared."""
    if entry.error:
        return [Bad(entry.line, "", entry.error)]
    if not isinstance(entry.raw, Mapping):
        return [Bad(entry.line, "", "an application is a JSON object")]
    word = entry.raw.get("item")
    items = [
        side.kernel.rulebook.find(word) if isinstance(word, str) else None for side in (old, new)
    ]
    present = [(side, item) for side, item in zip((old, new), items, strict=True) if item]
    asked: list[Side] = [side for side, _ in present] or [new]
    outcomes = []
    same = len(present) == 2 and present[1][1].key in alike
    if same:
        asked = [new]
    wrong: dict[tuple[str, str], Bad] = {}
    for side in asked:
        try:
            raw, _ = fitted(side, entry.raw)
            application = side.kernel.application(raw)
            if not same:
                outcomes.append(side.kernel.decide(application))
        except ApplicationError as error:
            for defect in error.defects:
                bad = Bad(entry.line, defect.field, defect.message)
                wrong.setdefault((defect.field, defect.message), bad)
        except PluginError as error:
            wrong.setdefault(("", str(error)), Bad(entry.line, "", str(error)))
    if wrong:
        return [*wrong.values()]
    if same:
        turn = ""
    elif len(outcomes) == 2:
        turn = _turn(outcomes[0].outcome, outcomes[1].outcome, bool(differing(*outcomes)))
    else:
        # Of an item that only one side has, the other can decide nothing.
        only = outcomes[0].outcome == "eligible"
        turn = ("closed" if present[0][0] is old else "opened") if only else "other"
    side, item = present[-1]
    assert item is not None
    flips.add(_keys(side, item, entry.raw), turn)
    return []


def _turn(old: str, new: str, differs: bool) -> str:
    if not differs:
        return ""
    if old != "eligible" and new == "eligible":
        return "opened"
    return "closed" if old == "eligible" and new != "eligible" else "other"


def _keys(side: Side, item: Item, raw: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    rulebook = side.kernel.rulebook
    department = rulebook.department(item)
    home = f"{item.jurisdiction}/{item.department}"
    return {
        "department": (home, department.name),
        "item": (rulebook.short(item), item.name),
        "province": _province(side, item, raw),
    }


def _province(side: Side, item: Item, raw: Mapping[str, Any]) -> tuple[str, str]:
    """The province of the receiving place, else of the first place that the item handles at."""
    places = raw.get("places") or {}
    named = [places.get(name) for name in item.handled_at.value]
    for code in (raw.get("received_at"), *named, *places.values()):
        if code is not None:
            text = f"{code:06d}" if isinstance(code, int) else str(code)
            if text in side.kernel.base.divisions:
                province = side.kernel.base.divisions[text].province
                return province, side.kernel.base.divisions[province].name
    return "", "未说明 not said"
