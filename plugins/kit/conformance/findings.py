"""What was tried of a plugin, how often, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

State: TypeAlias = Literal["passed", "failed", "not_applicable", "not_tried"]

REQUIREMENTS: Mapping[str, tuple[str, str, str]] = {
    "loads": (
        "可载入",
        "is found, imported and registered, its rules included",
        "Read the message: it names the file or the function.",
    ),
    "packaged": (
        "可安装",
        "its project declares the entry point and ships module and rule files",
        "Add the line that is named to pyproject.toml, then: pip install -e .",
    ),
    "hooks": (
        "接口合约",
        "hooks have the right names, arguments, defaults and return types",
        "docs/hooks.md has each hook with its arguments and what it returns.",
    ),
    "checks": (
        "规则检查",
        "`tongban check` finds no error in its departments",
        "docs/checks.md explains the code and shows what would be right.",
    ),
    "cases": (
        "事例通过",
        "the cases beside its rules pass",
        "`tongban test` shows what was given, expected and got.",
    ),
    "repeats": (
        "结果确定",
        "the same application comes to the same: again, in another order, in another process",
        "Keep nothing between calls, and bring what comes from a set into an order.",
    ),
    "no_clock": (
        "不问时钟与随机",
        "what decides reads no clock, no chance, no folder, no network",
        "Take the day from `application.as_of`, and everything else from the arguments.",
    ),
    "own_facts": (
        "只写自己的事实",
        "derives declared facts or its own, within their domain, from what they declare",
        "Begin the fact with the plugin's name, or declare it under `attributes`, with `from`.",
    ),
    "unchanged": (
        "不改输入",
        "leaves what it is given as it was",
        "Copy what is to be changed: `{**application.facts, …}`, `attrs.evolve`.",
    ),
    "no_traces": (
        "不留全局痕迹",
        "leaves no state behind in the process",
        "Use a context manager, or do without; other plugins live in the same process.",
    ),
    "hostile": (
        "经得起坏输入",
        "takes applications with missing, strange or hostile parts",
        "Every part of an application but its item and its date may be missing.",
    ),
    "neighbours": (
        "不受他人故障影响",
        "works the same beside a plugin that raises in every hook",
        "Do not build on what another plugin derives, unless the vocabulary declares it.",
    ),
    "cases_carried": (
        "办件全程",
        "goes through cases that are paused, refused, or whose letter is lost",
        "An event may be of any kind, and a delivery may be asked for again.",
    ),
    "faults_survived": (
        "经得起各类故障",
        "comes through each fault of the simulated world, every invariant kept",
        "Keep nothing in memory: a place forgets it when it starts anew, and knows no other's.",
    ),
    "personal": (
        "不泄露个人信息",
        "shows no personal data in messages, logs and output",
        "Name the field instead of its value, or mask it.",
    ),
}
"""Every requirement: official term, what it says, what to do where it fails."""

MOST = 5
"""How many failures of one requirement are kept: the others are mostly the same."""


@frozen
class Failure:
    """One thing that went wrong.

    Attributes:
        message: what happened.
        witness: an application that shows it, as `tongban route` takes it; None without one.
        place: file and line, where there is one.
        again: a command that shows it again, where the witness alone does not.
    """

    message: str
    witness: Mapping[str, Any] | None = field(default=None, hash=False)
    place: str = ""
    again: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON; every key is always there."""
        witness = dict(self.witness) if self.witness is not None else None
        shown = {"message": self.message, "place": self.place, "witness": witness}
        return {**shown, "again": self.again}


@frozen
class Outcome:
    """The result of one requirement.

    Attributes:
        id: of `REQUIREMENTS`.
        tried: what was tried, in a few words; why nothing, where it does not apply.
        times: how often.
        failures: at most `MOST`.
        count: how many there were in all.
        missing: what has to be installed before it can be tried; "" where nothing.
    """

    id: str
    tried: str
    times: int
    failures: tuple[Failure, ...] = ()
    count: int = 0
    missing: str = ""

    @property
    def state(self) -> State:
        """`not_applicable` where there was nothing to try, `not_tried` where it cannot be here."""
        if self.failures:
            return "failed"
        if self.missing:
            return "not_tried"
        return "passed" if self.times else "not_applicable"

    def to_dict(self) -> dict[str, Any]:
        """For JSON; every key is always there."""
        name, title, todo = REQUIREMENTS[self.id]
        return {
            "id": self.id,
            "name": name,
            "title": title,
            "state": self.state,
            "tried": self.tried,
            "times": self.times,
            "failed": self.count,
            "failures": [one.to_dict() for one in self.failures],
            "todo": todo if self.failures else self.missing,
        }


@frozen
class Report:
    """What a plugin holds.

    Attributes:
        plugin: its name.
        source: its module, object or file.
        outcomes: one for each requirement.
        notes: what is worth knowing and decides nothing, such as how long a hook takes.
    """

    plugin: str
    source: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no requirement failed."""
        return all(one.state != "failed" for one in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "plugin": self.plugin,
            "source": self.source,
            "passed": self.passed,
            "requirements": [one.to_dict() for one in self.outcomes],
            "notes": list(self.notes),
        }


def outcome(id: str, tried: str, times: int, failures: Iterable[Failure] = ()) -> Outcome:
    """An outcome with the first failures of each message.

    Args:
        id: of `REQUIREMENTS`.
        tried: what was tried.
        times: how often.
        failures: everything that went wrong.
    """
    found = list(failures)
    different = {one.message: one for one in reversed(found)}
    kept = sorted(different.values(), key=found.index)
    return Outcome(id, tried, times, tuple(kept[:MOST]), len(found))


def failed_once(id: str, message: str) -> Outcome:
    """An outcome with one failure and no witness."""
    return Outcome(id, "", 1, (Failure(message),), 1)
