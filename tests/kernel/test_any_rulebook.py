"""`missing` for rules that nobody wrote, against all completions of partial applications."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tongban.kernel import Kernel, RulebookError

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
    "level": ["", "", "", "province", "prefecture", "county"],
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
    max_examples=30,
    derandomize=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(rulebooks(), st.integers(0, 2**32))
def test_any_rulebook(
    make_kernel: Callable[..., Kernel],
    one_item: Callable[..., str],
    oracle: Callable[..., Any],
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
    one = oracle(made, item)
    for _ in range(2):
        full = one.draw_full(pick)
        flat = dict(full)
        for name in pick.sample(one.names, min(len(one.names), pick.randint(1, 4))):
            flat.pop(name, None)
        if "channel" not in flat and pick.random() < 0.6:
            flat.pop("received_at", None)
        one.check_answers(flat, full, pick)
        one.check_irrelevant(flat, pick)
        one.check_missing(flat, exact=False)
