"""`missing` against brute force: every completion, decided on its own, is the oracle."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tongban.kernel import Decision, Item, Kernel, RulebookError
from tongban.kernel.conditions import tests as each_test

RICH = """
630000 630100 630102 630106 630122 630200 632800 632801 632857 632700 440100 440103 440300 440304
441900 440600 330100 330200 330203 330300 110000 110105 310000 310115 500000 500110 650100 650104
652100 650500 659001 659002 540100 540102 540200 450100 450200 150200 710000 810000 820000 429004 420100
460100 460200 469001 370100 371200 370200 370600 510100 510104 513200 620200 620900 419001
""".split()
"""Divisions of every kind: provinces, capitals, their counties, planned cities, municipalities, …"""

FEW = """
630100 630102 632700 632801 630000 440100 440300 440304 441900 110000 110105 310115 650100 659001
429004 420100 540100 540102 650104
""".split()
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
        if name == "channel":
            return ["online", *product(("window", "kiosk"), codes)]
        if name == "applicant.kind":
            return ["person", "enterprise", "institution"]
        if name == "facts.handle_at":
            return list(self.item.handled_at.value)
        if name.startswith("places."):
            level = self.item.level.value if self.item.level else None
            here = name.removeprefix("places.") in self.item.handled_at.value
            at_level = self.kernel.divisions.at_level
            return [c for c in codes if not (here and level) or at_level(c, level)]
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
        divisions = self.kernel.divisions
        received = flat.get("received_at")
        for name in self.item.handled_at.value if self.item.choice and received else ():
            code = flat.get(f"places.{name}")
            if code and divisions.apart(code, received) == "none":
                return str(name)
        return None

    def open_names(self, flat: Flat) -> list[str]:
        names = [n for n in self.names if n not in flat]
        return [n for n in names if n != "facts.handle_at" or not self.decided(flat)]

    def around(self, flat: Flat) -> Iterator[str]:
        """The divisions that are known, and another place in the province of each."""
        table = self.kernel.divisions
        for name, code in flat.items():
            if name == "received_at" or name.startswith("places."):
                yield code
                home, seat = table[code].province, table[code].seat
                near = [c for c in table.places if table[c].province == home and c != seat][:1]
                yield from (d.code for c in (seat, *near) for d in table.places[c])

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
        for values in product(*options):
            full: dict[str, Any] = dict(flat)
            for name, value in zip(names, values, strict=True):
                full = self.fill(full, name, value)
            found.append((dict(zip(names, values, strict=True)), self.decide(full)))
        return found


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


def check_missing(oracle: Oracle, flat: Flat, exact: bool) -> bool:
    """Compares the decision on a partial application with all its completions.

    Where `exact` is not demanded and there was too much to try, more may be
    asked for than matters, and the decision says so.
    """
    completions = oracle.completions(flat)
    if not completions:
        return False
    decision = oracle.decide(flat)
    missing = {one.name for one in decision.missing}
    exact = exact or all(one.exact for one in decision.missing)
    assert not exact or all(one.exact for one in decision.missing)
    outcomes = {full.outcome for _, full in completions}
    assert "incomplete" not in outcomes
    refused = outcomes == {"ineligible"}
    if exact or not refused:
        assert (decision.outcome == "ineligible") == refused, (flat, decision.outcome, outcomes)
    assert (decision.outcome == "incomplete") == bool(missing)
    assert missing <= set(oracle.open_names(flat)), flat
    options = set()
    if "facts.handle_at" in missing:
        options = {f"places.{n}" for n in oracle.item.handled_at.value}
    if exact:
        _each_matters(flat, missing, completions, options)
    if not refused:
        _nothing_else_matters(flat, missing | options, completions)
    return True


def _each_matters(
    flat: Flat,
    missing: set[str],
    completions: list[tuple[dict[str, Any], Decision]],
    options: set[str],
) -> None:
    for name in missing:
        seen: dict[tuple[Any, ...], set[str]] = {}
        for guess, full in completions:
            rest = tuple((n, v) for n, v in guess.items() if n != name)
            if name in options and guess["facts.handle_at"] == name.removeprefix("places."):
                continue
            seen.setdefault(rest, set()).add(str(came_to(full)))
        assert any(len(results) > 1 for results in seen.values()), (name, flat)


def _nothing_else_matters(
    flat: Flat, named: set[str], completions: list[tuple[dict[str, Any], Decision]]
) -> None:
    seen: dict[tuple[Any, ...], tuple[Any, dict[str, Any]]] = {}
    for guess, full in completions:
        key = tuple((n, v) for n, v in guess.items() if n in named)
        before, other = seen.setdefault(key, (settled_by(full), guess))
        assert before == settled_by(full), (flat, other, guess, before, settled_by(full))


def answers(oracle: Oracle, flat: dict[str, Any], full: Flat, pick: random.Random) -> Decision:
    """The decision after every question was answered, in any order, as `full` says."""
    while True:
        decision = oracle.decide(flat)
        if decision.outcome != "incomplete":
            return decision
        name = pick.choice(decision.missing).name
        flat = {**flat, name: full[name]}
        if name == "channel" and "received_at" in full:
            flat["received_at"] = full["received_at"]


def check_answers(oracle: Oracle, flat: Flat, full: Flat, pick: random.Random) -> None:
    whole = oracle.decide(full)
    after = answers(oracle, dict(flat), full, pick)
    assert came_to(after) == came_to(whole), (flat, full)
    if whole.outcome == "eligible":
        assert (after.crossing, after.modes) == (whole.crossing, whole.modes)


def draw_full(oracle: Oracle, pick: random.Random) -> dict[str, Any]:
    """A complete application; its places lie near each other more often than not."""
    near = pick.sample(RICH, 3)
    full: dict[str, Any] = {}
    for name in oracle.names:
        here = near if pick.random() < 0.7 else RICH
        full = oracle.fill(
            full, name, pick.choice(oracle.values(name, here) or oracle.values(name, RICH))
        )
    return full


def draw_partial(oracle: Oracle, full: Flat, pick: random.Random) -> dict[str, Any]:
    """Some of it left out."""
    share = pick.choice((0.2, 0.4, 0.6))
    kept = {n: v for n, v in full.items() if pick.random() > share}
    if "channel" in kept and "received_at" in full:
        kept["received_at"] = full["received_at"]
    return kept


def consistent(oracle: Oracle, flat: Flat, full: Flat) -> dict[str, Any]:
    """`full` as `flat` leaves it: where the receiving place decides the choice, it is made."""
    decided = oracle.decided(flat)
    made = decided and "facts.handle_at" not in flat
    return {**full, "facts.handle_at": decided} if made else dict(full)


ITEM_COUNT = 138


@pytest.mark.parametrize("number", range(ITEM_COUNT))
def test_every_item(kernel: Kernel, number: int) -> None:
    """Outcome and missing facts are those of all completions; answers end in the whole decision."""
    assert len(kernel.items) == ITEM_COUNT
    item = kernel.items[number]
    pick = random.Random(item.id)
    days = ("2026-01-01", "2026-01-01", "2021-10-01", "2024-06-01")
    compared = 0
    for _ in range(12):
        oracle = Oracle(kernel, item, pick.choice(days))
        full = draw_full(oracle, pick)
        flat = draw_partial(oracle, full, pick)
        check_answers(oracle, flat, consistent(oracle, flat, full), pick)
        compared += check_missing(oracle, flat, exact=True)
    assert compared


ATTRIBUTES = """
attributes:
  tests.born: {type: date, name: 日, title: a day, question: "哪一天?"}
  tests.note: {type: text, name: 文, title: a text, question: "什么?"}
  tests.seat: {type: division, name: 地, title: a division, question: "哪里?"}
  tests.count: {type: int, name: 数, title: a number, question: "多少?"}
"""

TESTS = {
    "transferable": ["true", "false"],
    "own_record": ["true", "{not: true}"],
    "move_reason": ["graduation", "[enrolment, graduation]", "{not: [job_transfer, enrolment]}"],
    "disability_grade": ["3", "{at_least: 5}", "{at_most: 2}", "{at_least: 2, at_most: 8}"],
    "tests.born": ["{before: 2020-01-01}", "{from: 2020-01-02}", "2024-02-29"],
    "tests.note": ["甲", "{not: 甲}"],
    "tests.seat": ["630100", "{not: [630100, 440300]}"],
    "tests.count": ["{at_least: 3}", "{at_most: 0}", "7"],
    "applicant.kind": ["person", "[person, enterprise]"],
    "channel": ["online", "[window, kiosk]", "{not: kiosk}"],
    "handling.includes_receiving": ["true", "false"],
    "handling.count": ["1", "{at_least: 2}"],
    "apart.hukou.work": ["none", "province", "[none, prefecture]"],
    "apart.received.hukou": ["none", "prefecture", "{not: none}"],
    "apart.work.received": ["province", "{not: province}"],
    "place.hukou.standing": ["capital", "[separate_planning, municipality]", "other"],
    "place.work.standing": ["other", "{not: [capital, autonomous_capital]}"],
    "place.hukou.level": ["prefecture", "[province, county]"],
    "place.hukou.province": ["630000", "{not: [440000, 650000]}"],
    "place.residence.province": ["630000", "540000"],
    "handle_at": ["hukou", "{not: work}"],
}

CONCLUSIONS = [
    *["{eligible: false}"] * 4,
    "{eligible: true}",
    "{modes: joint}",
    "{modes: [local, collect]}",
    "{delivery: post}",
    "{requires: 原件}",
    "{time_limit: [{step: decide, working_days: 7}]}",
]

KEYS = {
    "handled_at": [
        "[hukou]",
        "[hukou, work]",
        "[military]",
        "[work, military]",
        "{one_of: [hukou, work]}",
        "{one_of: [work, residence, hukou]}",
    ],
    "receives": ["", "", "work", "residence"],
    "involves": ["", "", "[residence]"],
    "attendance": ["", "", "required"],
    "channels": ["", "", "[window]", "[online, window]"],
    "level": ["", "", "", "prefecture", "county"],
    "applicant": ["[person]", "[person, enterprise]", "[person, enterprise, institution]"],
}


@st.composite
def conditions(draw: st.DrawFn, most: int = 3) -> str:
    """A condition, some with alternatives."""

    def mapping(size: int) -> str:
        names = draw(
            st.lists(st.sampled_from(sorted(TESTS)), min_size=1, max_size=size, unique=True)
        )
        return ", ".join(f"{name}: {draw(st.sampled_from(TESTS[name]))}" for name in names)

    if draw(st.integers(0, 3)):
        return "{" + mapping(most) + "}"
    return "{" + mapping(1) + ", any: [{" + mapping(2) + "}, {" + mapping(1) + "}]}"


@st.composite
def rulebooks(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """Keys of an item, its rules as keyword texts, the department's rules."""
    keys = {name: draw(st.sampled_from(options)) for name, options in KEYS.items()}
    keys = {name: value for name, value in keys.items() if value}

    def rules(prefix: str, most: int) -> list[str]:
        found = []
        for number in range(draw(st.integers(0, most))):
            when, then = draw(conditions()), draw(st.sampled_from(CONCLUSIONS))
            parts = [f"id: {prefix}{number}", f"when: {when}", f"then: {then}"]
            if draw(st.integers(0, 2)) == 0:
                parts.append(f"unless: {draw(conditions(2))}")
            if draw(st.integers(0, 3)) == 0:
                parts.append(
                    draw(st.sampled_from(["from: 2025-06", "until: 2025-05", "until: 2030-12"]))
                )
            found.append(", ".join([*parts, f"because: 因{prefix}{number}", "cite: {row: 9/1}"]))
        return found

    text = "\n".join(f"{name}: {value}" for name, value in keys.items())
    return text, rules("a", 4), rules("d", 2)


@settings(
    max_examples=int(__import__("os").environ.get("EX", "120")),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(rulebooks(), st.integers(0, 2**32))
def test_any_rulebook(
    make_kernel: Callable[..., Kernel],
    one_item: Callable[..., str],
    book: tuple[str, list[str], list[str]],
    seed: int,
) -> None:
    """The same for rules that nobody wrote."""
    keys, rules, department_rules = book
    written = ["".join(f"- {{{rule}}}\n" for rule in some) for some in (rules, department_rules)]
    try:
        made = make_kernel(one_item(keys, *written, head=ATTRIBUTES.lstrip()))
        item = made.items[0]
    except RulebookError as error:
        assume(not any(word in str(error) for word in ("both hold", "can never hold")))
        raise
    pick = random.Random(seed)
    oracle = Oracle(made, item)
    for _ in range(2):
        full = draw_full(oracle, pick)
        flat = dict(full)
        for name in pick.sample(oracle.names, min(len(oracle.names), pick.randint(1, 4))):
            flat.pop(name, None)
        if "channel" not in flat and pick.random() < 0.6:
            flat.pop("received_at", None)
        check_answers(oracle, flat, consistent(oracle, flat, full), pick)
        check_missing(oracle, flat, exact=False)
