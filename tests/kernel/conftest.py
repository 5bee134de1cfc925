"""Kernels for these tests, and the oracle: every completion, decided on its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tongban.kernel import Decision, DepartmentRules, Item, Kernel, hookimpl
from tongban.kernel.model.conditions import tests as each_test

Clock = Callable[[], datetime]


class Brings:
    """A plugin that brings the departments of some rule files."""

    def __init__(self, name: str, paths: Iterable[Path]) -> None:
        self.__name__ = name
        self.paths = list(paths)

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        """One department for each file."""
        return [DepartmentRules(path) for path in self.paths]


def new_year() -> datetime:
    """The present moment of these tests."""
    return datetime(2026, 1, 1, 9, tzinfo=timezone.utc)  # noqa: UP017 - the same in 3.11


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with every installed department, on 2026-01-01."""
    return Kernel(clock=new_year)


@pytest.fixture(scope="session")
def make_kernel(kernel: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Kernel]:
    """Makes a strict kernel from the texts of rule files, one plugin each."""
    numbers = count()
    base = kernel.base

    def make(*texts: str, clock: Clock = new_year) -> Kernel:
        folder = tmp_path_factory.mktemp("rules")
        plugins = []
        for text in texts:
            name = f"plugin{next(numbers)}"
            path = folder / f"{name}.yaml"
            path.write_text(text, encoding="utf-8")
            plugins.append(Brings(name, [path]))
        return Kernel(plugins, clock=clock, strict=True, rules=base)

    return make


@pytest.fixture(scope="session")
def one_item() -> Callable[..., str]:
    """Makes the text of a department with one item, `9-01`.

    It takes the item's further keys, its rules and the department's rules as
    YAML, each line without indent.
    """

    def text(keys: str = "", rules: str = "", department_rules: str = "", head: str = "") -> str:
        def indented(block: str, by: int) -> str:
            return "\n".join(" " * by + line for line in block.strip().splitlines())

        given = {line.partition(":")[0] for line in keys.strip().splitlines()}
        usual = {
            "applicant": "[person]",
            "handled_at": "[hukou]",
            "available": "{from: 2020-12-31}",
        }
        lines = [f"{key}: {value}" for key, value in usual.items() if key not in given]
        body = "\n".join([*lines, keys.strip()])
        rules = f"    rules:\n{indented(rules, 6)}\n" if rules.strip() else ""
        own = f"rules:\n{indented(department_rules, 2)}\n" if department_rules.strip() else ""
        return (
            "department: {id: tests, jurisdiction: 630000, name: 省测试厅, title: Tests}\n"
            f"{head}{own}"
            "items:\n"
            "  - id: 9-01\n"
            "    name: 测试事项\n"
            "    title: a test\n"
            "    kind: 查询\n"
            "    cite: {row: 9/1}\n"
            f"{indented(body, 4)}\n{rules}"
        )

    return text


@pytest.fixture(scope="session")
def rule() -> Callable[..., str]:
    """Makes the text of one rule: `rule("a", when="{…}", then="{…}", unless="{…}")`."""

    def text(name: str, then: str, **more: str) -> str:
        usual = {"because": f"因为{name}", "cite": "{row: 9/1}"}
        keys = {"id": name, "then": then, **usual, **more}
        written = ", ".join(f"{key.rstrip('_')}: {value}" for key, value in keys.items())
        return f"- {{{written}}}\n"

    return text


def came_to(decision: Decision) -> tuple[Any, ...]:
    """Outcome, modes and route."""
    return (
        decision.outcome,
        sorted(decision.modes),
        decision.receiving,
        decision.handling,
        decision.legs,
        decision.delivery,
    ) if decision.outcome == "eligible" else (decision.outcome,)  # fmt: skip


def settled_by(decision: Decision) -> tuple[Any, ...]:
    """What must not depend on anything that is not asked for."""
    return decision.outcome, sorted(decision.modes), sorted(decision.delivery)


def _each_matters(
    flat: Flat,
    missing: set[str],
    completions: list[tuple[dict[str, Any], Decision]],
    options: set[str],
) -> None:
    ends = [(guess, str(came_to(full))) for guess, full in completions] if missing else []
    for name in missing:
        seen: dict[tuple[Any, ...], set[str]] = {}
        for guess, end in ends:
            rest = tuple((n, v) for n, v in guess.items() if n != name)
            if name in options and guess["facts.handle_at"] == name.removeprefix("places."):
                continue
            seen.setdefault(rest, set()).add(end)
        assert any(len(results) > 1 for results in seen.values()), (name, flat)


def _nothing_else_matters(
    flat: Flat, named: set[str], completions: list[tuple[dict[str, Any], Decision]]
) -> None:
    seen: dict[tuple[Any, ...], tuple[Any, dict[str, Any]]] = {}
    for guess, full in completions:
        key = tuple((n, v) for n, v in guess.items() if n in named)
        settled = settled_by(full)
        before, other = seen.setdefault(key, (settled, guess))
        assert before == settled, (flat, other, guess, before, settled)


_RICH = """
630000 630100 630102 630106 630122 630200 632800 632801 632857 632700 440100 440103 440300 440304
441900 440600 330100 330200 330203 330300 110000 110105 310000 310115 500000 500110 650100 650104
652100 650500 659001 659002 540100 540102 540200 450100 450200 150200 710000 810000 820000 429004
420100 460100 460200 469001 370100 371200 370200 370600 510100 510104 513200 620200 620900 419001
"""
RICH = _RICH.split()
"""Divisions of every kind: provinces, capitals and their counties, municipalities, …"""

_FEW = """
630100 630102 632700 632801 630000 440100 440300 440304 441900 110000 110105 310115 650100 659001
429004 420100 540100 540102 650104
"""
FEW = _FEW.split()
"""The kinds again, for where two places are open."""

MOST = 3_000
"""Completions of one application that are tried."""

Flat = Mapping[str, Any]
"""An application by paths: `facts.transferable`, `places.hukou`, `channel`, `applicant.kind`."""


def nested(item: str, flat: Flat, as_of: str) -> dict[str, Any]:
    """The application that JSON would give."""
    raw: dict[str, Any] = {"item": item, "as_of": as_of}
    for path, value in flat.items():
        family, _, name = path.partition(".")
        if name:
            raw.setdefault(family, {})[name] = value
        else:
            raw[path] = value
    return raw


@frozen
class Oracle:
    """Completes applications for one item and decides each completion on its own."""

    kernel: Kernel
    item: Item
    as_of: str = "2026-01-01"

    def decide(self, flat: Flat) -> Decision:
        """The kernel's own decision."""
        return self.kernel.decide(nested(self.item.key, flat, self.as_of))

    @property
    def looked_at(self) -> list[str]:
        """Every attribute that a rule for this item looks at."""
        rules = self.kernel.rulebook.rules(self.item)
        return sorted({test.attribute for rule in rules for test in each_test(rule.when)})

    @property
    def names(self) -> list[str]:
        """Every path that can make a difference; `received_at` goes with the channel."""
        vocabulary, item = self.kernel.rulebook.vocabulary, self.item
        facts = [n for n in self.looked_at if n in vocabulary.facts and vocabulary.facts[n].asked]
        places = [*item.handled_at.value, *item.involves.value]
        places += [item.receives.value] if item.receives else []
        for attribute in self.looked_at:
            family, *parts = attribute.split(".")
            places += parts[:1] if family == "place" else parts if family == "apart" else []
        real = {n for n in places if n in vocabulary.places and vocabulary.places[n].division}
        choice = ["facts.handle_at"] if item.choice else []
        facts = [f"facts.{n}" for n in facts if n != "handle_at"]
        return [
            "channel",
            "applicant.kind",
            *facts,
            *choice,
            *(f"places.{n}" for n in sorted(real)),
        ]

    def values(self, name: str, codes: Sequence[str]) -> list[Any]:
        vocabulary = self.kernel.rulebook.vocabulary
        divisions = self.kernel.base.divisions
        mainland = [code for code in codes if not divisions[code].outside]
        if name == "channel":
            return ["online", *product(("window", "kiosk"), mainland or FEW[:1])]
        if name == "applicant.kind":
            return ["person", "enterprise", "institution"]
        if name == "facts.handle_at":
            return list(self.item.handled_at.value)
        if name.startswith("places."):
            level = self.item.level.value if self.item.level else None
            place = name.removeprefix("places.")
            here = place in self.item.handled_at.value
            receives = self.item.receives is not None and place == self.item.receives.value
            known = mainland if here or receives or vocabulary.places[place].mainland else codes
            return [c for c in known if not (here and level) or divisions.at_level(c, level)]
        fact = vocabulary.facts[name.removeprefix("facts.")]
        if fact.type == "bool":
            return [False, True]
        if fact.values is not None:
            return list(fact.values)
        if fact.type == "int":
            return [n for n in (*range(-1, 13), 99) if fact.problem(n) is None]
        if fact.type == "date":
            return ["1990-01-01", "2019-12-31", "2020-01-01", "2020-01-02", "2024-02-29"]
        return ["630100", "440300", "540100"] if fact.type == "division" else ["甲", "乙", "丙"]

    def fill(self, flat: Flat, name: str, value: Any) -> dict[str, Any]:
        if name == "channel" and isinstance(value, tuple):
            channel, received = value
            return {**flat, "channel": channel, "received_at": flat.get("received_at", received)}
        return {**flat, name: value}

    def decided(self, flat: Flat) -> str | None:
        """The option that the receiving place decides, where `handle_at` is left out."""
        divisions = self.kernel.base.divisions
        received = flat.get("received_at")
        for name in self.item.handled_at.value if self.item.choice and received else ():
            code = flat.get(f"places.{name}")
            if code and divisions.apart(code, str(received)) == "none":
                return str(name)
        return None

    def open_names(self, flat: Flat) -> list[str]:
        names = [n for n in self.names if n not in flat]
        return [n for n in names if n != "facts.handle_at" or not self.decided(flat)]

    def around(self, flat: Flat) -> Iterator[str]:
        """The divisions that are known, and another place in the province of each."""
        table = self.kernel.base.divisions
        for name, code in flat.items():
            if name == "received_at" or name.startswith("places."):
                yield code
                home, seat = table[code].province, table[code].seat
                near = [c for c in table.places if table[c].province == home and c != seat][:1]
                known = () if table[code].outside else (seat, *near)
                yield from (d.code for c in known for d in table.places[c])

    def completions(self, flat: Flat) -> list[tuple[dict[str, Any], Decision]]:
        """Every completion with its decision; none where there are too many."""
        names = self.open_names(flat)
        divisions = sum(n.startswith("places.") or n == "channel" for n in names)
        received = flat.get("received_at")
        codes = [*dict.fromkeys([*self.around(flat), *(RICH if divisions < 2 else FEW)])]
        options = [
            self.values(n, codes if received is None or n != "channel" else codes[:1])
            for n in names
        ]
        size = 1
        for values in options:
            size *= len(values)
        if size > MOST:
            return []
        found = []
        for chosen in product(*options):
            full: dict[str, Any] = dict(flat)
            for name, value in zip(names, chosen, strict=True):
                full = self.fill(full, name, value)
            found.append((dict(zip(names, chosen, strict=True)), self.decide(full)))
        return found

    def check_missing(self, flat: Flat, exact: bool) -> bool:
        """Compares the decision on a partial application with all its completions.

        Where `exact` is not demanded and there was too much to try, more may be
        asked for than matters, and the decision says so.
        """
        completions = self.completions(flat)
        if not completions:
            return False
        decision = self.decide(flat)
        missing = {one.name for one in decision.missing}
        exact = exact or all(one.exact for one in decision.missing)
        assert not exact or all(one.exact for one in decision.missing)
        outcomes = {full.outcome for _, full in completions}
        assert "incomplete" not in outcomes
        refused = outcomes == {"ineligible"}
        if exact or not refused:
            assert (decision.outcome == "ineligible") == refused, (flat, decision.outcome, outcomes)
        assert (decision.outcome == "incomplete") == bool(missing)
        assert missing <= set(self.open_names(flat)), flat
        options = set()
        if "facts.handle_at" in missing:
            options = {f"places.{n}" for n in self.item.handled_at.value}
        if exact:
            _each_matters(flat, missing, completions, options)
        if not refused:
            _nothing_else_matters(flat, missing | options, completions)
        return True

    def check_answers(self, flat: Flat, full: Flat, pick: random.Random) -> None:
        """Answers every question as `full` says, in any order: it ends as if all had been said."""
        said = dict(flat)
        decision = self.decide(said)
        while decision.outcome == "incomplete":
            name = pick.choice(decision.missing).name
            said[name] = full[name]
            if name == "channel" and "received_at" in full:
                said["received_at"] = full["received_at"]
            decision = self.decide(said)
        chosen = self.decided(said)
        made = chosen and "facts.handle_at" not in said
        whole = self.decide({**full, "facts.handle_at": chosen} if made else full)
        assert came_to(decision) == came_to(whole), (flat, full)
        if whole.outcome == "eligible":
            assert (decision.crossing, decision.modes) == (whole.crossing, whole.modes)

    def draw_full(self, pick: random.Random) -> dict[str, Any]:
        """A complete application; its places lie near each other more often than not."""
        near = pick.sample(RICH, 3)
        full: dict[str, Any] = {}
        for name in self.names:
            here = near if pick.random() < 0.7 else RICH
            full = self.fill(
                full, name, pick.choice(self.values(name, here) or self.values(name, RICH))
            )
        return full

    def draw_partial(self, full: Flat, pick: random.Random) -> dict[str, Any]:
        """Some of it left out."""
        share = pick.choice((0.2, 0.4, 0.6))
        kept = {n: v for n, v in full.items() if pick.random() > share}
        if "channel" in kept and "received_at" in full:
            kept["received_at"] = full["received_at"]
        return kept

    def check_irrelevant(self, flat: Flat, pick: random.Random) -> None:
        """What no rule looks at may be said or not: the decision is the same."""
        vocabulary = self.kernel.rulebook.vocabulary
        facts = [f"facts.{n}" for n, f in vocabulary.facts.items() if f.asked and n != "handle_at"]
        places = [f"places.{n}" for n, place in vocabulary.places.items() if place.division]
        beside = [n for n in (*facts, *places) if n not in self.names]
        more = dict(flat)
        for name in pick.sample(beside, min(5, len(beside))):
            more[name] = pick.choice(self.values(name, RICH))
        assert self.decide(more) == self.decide(flat)


@pytest.fixture(scope="session")
def oracle() -> Callable[..., Oracle]:
    """Makes the oracle of an item: `oracle(kernel, item, as_of)`."""
    return Oracle
