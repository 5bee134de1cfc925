"""Departments side by side: what one may say and not another, and what a kernel does about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tongban.kernel import DepartmentRules, Kernel, RulebookError, Status, department, hookimpl
from tongban.kernel.rulefile.loader import Base, Loaded
from tongban.kernel.rulefile.rulebook import disagreements

Text = Callable[..., str]
Load = Callable[..., Loaded]
Make = Callable[..., Kernel]


def rules(*texts: str) -> str:
    """The key `rules` of an item, from rules in flow style without because and cite."""
    more = "because: 是, cite: {row: 9/1}"
    return "rules:\n" + "".join(f"  - {{{text}, {more}}}\n" for text in texts)


def messages(loaded: Loaded) -> list[str]:
    """What is wrong with a file."""
    return [problem.message for problem in loaded.problems]


REFUSES, ALLOWS = "then: {eligible: false}", "then: {eligible: true}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("when: {channel: window}", "when: {channel: kiosk}"),
        ("when: {channel: window}", "when: {channel: {not: window}}"),
        ("when: {channel: window}", "unless: {channel: window}"),
        ("when: {birth_order: {at_most: 2}}", "when: {birth_order: {at_least: 3}}"),
        ("when: {first_id_card: true}", "when: {first_id_card: false}"),
        ("until: 2022-09", "from: 2022-10"),
        ("when: {date: {before: 2022-10-01}}", "from: 2022-10"),
        ("when: {degree: [master, doctor]}", "when: {degree: [bachelor, college, other]}"),
        ("when: {place.hukou.province: 540000}", "when: {place.hukou.province: {not: 540000}}"),
        ("when: {handling.count: 1}", "when: {handling.count: {at_least: 2}}"),
        (
            "when: {any: [{channel: window}, {degree: master}]}",
            "when: {channel: online, degree: doctor}",
        ),
    ],
)
def test_rules_that_never_hold_together_may_conclude_differently(
    load: Load, harbour: Text, one: str, other: str
) -> None:
    both = rules(f"id: one, {one}, {REFUSES}", f"id: other, {other}, {ALLOWS}")
    assert messages(load(harbour(both))) == []


@pytest.mark.parametrize(
    ("one", "other", "example"),
    [
        ("when: {channel: window}", "when: {degree: master}", "channel: window, degree: master"),
        ("when: {channel: [window, kiosk]}", "unless: {channel: window}", "channel: kiosk"),
        (
            "when: {birth_order: {at_most: 3}}",
            "when: {birth_order: {at_least: 3}}",
            "birth_order: 3",
        ),
        ("until: 2022-10-01", "from: 2022-10", "date: 2022-10-01"),
        (
            "when: {any: [{channel: window}, {degree: master}]}",
            "when: {channel: online, degree: [doctor, master]}",
            "degree: master, channel: online",
        ),
        (
            "when: {place.hukou.province: {not: 540000}}",
            "when: {place.hukou.level: county}",
            "place.hukou.province: 110000, place.hukou.level: county",
        ),
        (
            "unless: {place.hukou.province: 540000}",
            "unless: {place.hukou.province: {not: 540000}}",
            "place.hukou.province: nothing",
        ),
    ],
)
def test_rules_of_one_layer_that_contradict_each_other_are_named_with_an_example(
    load: Load, harbour: Text, one: str, other: str, example: str
) -> None:
    both = rules(f"id: one, {one}, {REFUSES}", f"id: other, {other}, {ALLOWS}")
    (problem,) = load(harbour(both)).problems
    assert problem.rule == "9-01.other"
    assert (problem.line, problem.column) == (13, 9)
    assert problem.message == (
        "concludes eligible: true, but 9-01.one (line 12) concludes false,"
        f" and both hold for {example}; narrow one of them by `when` or `unless`"
    )


def test_rules_that_always_hold_contradict_each_other_always(load: Load, harbour: Text) -> None:
    both = rules(f"id: one, {REFUSES}", f"id: other, {ALLOWS}")
    (said,) = messages(load(harbour(both)))
    assert "and both hold always" in said


def test_every_pair_of_contradicting_rules_is_told(load: Load, harbour: Text) -> None:
    three = rules(
        f"id: one, {REFUSES}",
        f"id: two, when: {{channel: window}}, {ALLOWS}",
        f"id: three, when: {{channel: online}}, {ALLOWS}",
    )
    found = load(harbour(three)).problems
    assert [(problem.line, problem.rule) for problem in found] == [
        (13, "9-01.two"),
        (14, "9-01.three"),
    ]


def test_conclusions_that_are_collected_never_contradict(load: Load, harbour: Text) -> None:
    both = rules("id: one, then: {modes: online}", "id: other, then: {modes: joint, requires: 表}")
    assert messages(load(harbour(both))) == []


def test_layers_may_conclude_differently(load: Load, harbour: Text) -> None:
    own = "rules:\n  - {id: all, then: {eligible: false}, because: 是, cite: {row: 9/1}}\n"
    assert messages(load(harbour(rules(f"id: one, {ALLOWS}"), head=own))) == []


def test_rules_of_a_department_contradict_each_other_too(load: Load, harbour: Text) -> None:
    more = "because: 是, cite: {row: 9/1}"
    own = f"rules:\n  - {{id: a, {REFUSES}, {more}}}\n  - {{id: b, {ALLOWS}, {more}}}\n"
    (problem,) = load(harbour(head=own)).problems
    assert problem.rule == "harbour.b"
    assert "harbour.a (line 3)" in problem.message


def test_an_attribute_of_its_own_may_be_tested(load: Load, harbour: Text) -> None:
    own = "attributes:\n  harbour.ice: {type: bool, name: 冰, title: ice, question: 结冰吗?}\n"
    text = harbour(rules(f"id: one, when: {{harbour.ice: true}}, {REFUSES}"), head=own)
    loaded = load(text)
    assert messages(loaded) == []
    assert [attribute.name for attribute in loaded.attributes] == ["harbour.ice"]


def test_an_attribute_of_its_own_cannot_take_a_shared_name(load: Load, harbour: Text) -> None:
    own = "attributes:\n  identity.age: {type: int, name: 年, title: age, question: 几岁?}\n"
    (problem,) = load(harbour(head=own, name="identity")).problems
    assert (problem.line, problem.column) == (3, 3)
    assert problem.message == "the attribute 'identity.age' is taken by the shared vocabulary"


def test_departments_of_two_provinces_declare_an_attribute_alike(load: Load, harbour: Text) -> None:
    own = "attributes:\n  harbour.ice: {type: bool, name: 冰, title: ice, question: 结冰吗?}\n"
    ours = load(harbour(head=own), "ours.yaml")
    theirs = harbour(head=own).replace("{id: harbour", "{id: harbour, jurisdiction: 510000")
    assert disagreements([ours, load(theirs)]) == [[], []]
    otherwise = theirs.replace("type: bool", "type: text")
    before, (problem,) = disagreements([ours, load(otherwise)])
    assert before == []
    assert problem.message == "the attribute 'harbour.ice' is declared otherwise by ours.yaml"


def test_ids_are_unique_in_a_jurisdiction_not_beyond(load: Load, harbour: Text) -> None:
    ours = load(harbour(), "ours.yaml")
    theirs = harbour().replace("{id: harbour", "{id: harbour, jurisdiction: 510000")
    assert disagreements([ours, load(theirs, "theirs.yaml")]) == [[], []]


def test_rules_outside_the_default_jurisdiction_carry_its_code(load: Load, harbour: Text) -> None:
    text = harbour(rules(f"id: one, {REFUSES}"))
    loaded = load(text.replace("{id: harbour", "{id: harbour, jurisdiction: 510000"))
    assert loaded.department is not None
    (item,) = loaded.department.items
    assert item.key == "510000/9-01"
    assert item.rules[0].id == "510000/9-01.one"


def test_the_second_of_two_files_is_told_that_its_id_is_taken(load: Load, harbour: Text) -> None:
    first = load(harbour(), "first.yaml")
    second = load(harbour(name="pilots"), "second.yaml")
    before, (problem,) = disagreements([first, second])
    assert before == []
    assert str(problem) == (
        "second.yaml:3:9: [9-01] the id '9-01' is taken by first.yaml, line 3; ids are unique"
    )


def test_files_of_one_name_are_told_apart(load: Load, harbour: Text) -> None:
    advice = rules(f"id: one, {REFUSES}, advise: [9-09]")
    right, wrong = (
        load(harbour(), "rules.yaml"),
        load(harbour(advice, "", "p", "9-02"), "rules.yaml"),
    )
    assert [len(found) for found in disagreements([right, wrong])] == [0, 1]


def test_advice_reaches_every_file_and_jurisdiction(load: Load, harbour: Text) -> None:
    theirs = harbour(item="9-03").replace("{id: harbour", "{id: harbour, jurisdiction: 510000")
    advice = rules(f"id: one, {REFUSES}, advise: [9-02, 510000/9-03]")
    loaded = [load(harbour(advice)), load(harbour(name="pilots", item="9-02")), load(theirs)]
    assert disagreements(loaded) == [[], [], []]


def test_advice_to_an_item_with_mistakes_is_no_mistake(load: Load, harbour: Text) -> None:
    wrong = load(harbour("level: city", name="pilots", item="9-02"))
    assert wrong.problems
    right = load(harbour(rules(f"id: one, {REFUSES}, advise: [9-02]")))
    assert disagreements([wrong, right]) == [[], []]


def test_advice_is_not_judged_beside_a_file_that_cannot_be_read(load: Load, harbour: Text) -> None:
    right = load(harbour(rules(f"id: one, {REFUSES}, advise: [9-02]")))
    assert disagreements([right, load("items: [")]) == [[], []]


def test_mistakes_of_a_file_and_beside_others_are_told_together(load: Load, harbour: Text) -> None:
    wrong = harbour("level: city\n" + rules(f"id: one, {REFUSES}, advise: [9-09]"))
    loaded = load(wrong)
    assert len(loaded.problems) == 1
    ((problem,),) = disagreements([loaded])
    assert "advises the unknown item '9-09'" in problem.message


def test_a_wrong_department_is_left_out_and_reported_and_the_others_work(
    make: Make, harbour: Text
) -> None:
    kernel = make(pilots=harbour("levle: county", name="pilots", item="9-02"), harbour=harbour())
    assert [item.id for item in kernel.items] == ["9-01"]
    states = _states(kernel)
    assert states["harbour"].state == "loaded"
    assert states["pilots"].state == "failed"
    assert states["pilots"].problems == (
        "pilots.yaml:11:5: [9-02] unknown key 'levle' of an item; did you mean 'level'?",
    )
    decided = kernel.decide({"item": "9-01", "channel": "online", "applicant": {"kind": "person"},
                             "places": {"registered": "630100"}})  # fmt: skip
    assert decided.outcome == "eligible"


def test_every_mistake_of_a_department_is_in_the_report(make: Make, harbour: Text) -> None:
    kernel = make(harbour=harbour("levle: county\nreceives: registred\nbasis: infered"))
    assert len(_states(kernel)["harbour"].problems) == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "nested deeper than 40 levels"),
        (b"a: &a [x]\nb: [*a, *a]\n", "the anchor &a is not part of the language"),
        (b"a: !!python/object/apply:os.abort []\n", "the tag !!python/object/apply:os.abort"),
    ],
    ids=["empty", "bytes", "deep", "bomb", "tag"],
)
def test_a_hostile_rule_file_is_one_plugin_that_failed(
    make: Make, harbour: Text, content: bytes, says: str
) -> None:
    kernel = make(hostile=content, harbour=harbour())
    assert [item.id for item in kernel.items] == ["9-01"]
    failed = _states(kernel)["hostile"]
    assert failed.state == "failed"
    assert any(says.lower() in problem.lower() for problem in failed.problems)


def test_a_rule_file_that_is_not_there_is_named(make: Make, tmp_path: Path, base: Base) -> None:
    plugin = ModuleType("lost")
    plugin.departments = department(tmp_path / "lost.yaml")  # type: ignore[attr-defined]
    kernel = Kernel([plugin], rules=base)
    (problem,) = _states(kernel)["lost"].problems
    assert "lost.yaml" in problem
    assert "cannot be read" in problem


def test_strict_makes_wrong_rules_an_error_that_tells_all(make: Make, harbour: Text) -> None:
    text = harbour("levle: county\nreceives: registred\nbasis: infered")
    with pytest.raises(RulebookError) as raised:
        _ = make(harbour=text, strict=True).rulebook
    assert [problem.line for problem in raised.value.problems] == [11, 12, 13]
    assert str(raised.value).count("\n") == 2


def test_strict_is_content_with_right_rules(make: Make, harbour: Text) -> None:
    assert len(make(harbour=harbour(), strict=True).items) == 1


def test_a_department_that_two_plugins_claim_is_the_first_ones(make: Make, harbour: Text) -> None:
    kernel = make(early=harbour(), late=harbour(item="9-02"))
    assert [item.id for item in kernel.items] == ["9-01"]
    states = _states(kernel)
    assert states["early"].state == "loaded"
    (problem,) = states["late"].problems
    assert "harbour" in problem
    assert "early" in problem
    assert "late" in problem


def test_an_item_that_two_plugins_claim_is_the_first_ones(make: Make, harbour: Text) -> None:
    kernel = make(early=harbour(), late=harbour(name="pilots"))
    assert [item.department for item in kernel.items] == ["harbour"]
    (problem,) = _states(kernel)["late"].problems
    assert "the id '9-01' is taken by early.yaml, line 3" in problem


def test_a_plugin_may_bring_several_departments(base: Base, harbour: Text, tmp_path: Path) -> None:
    paths = [tmp_path / "harbour.yaml", tmp_path / "pilots.yaml"]
    paths[0].write_text(harbour(), encoding="utf-8")
    paths[1].write_text(harbour(name="pilots", item="9-02"), encoding="utf-8")
    plugin = ModuleType("coast")
    plugin.departments = hookimpl(  # type: ignore[attr-defined]
        lambda: [DepartmentRules(path) for path in paths]
    )
    kernel = Kernel([plugin], rules=base)
    assert [item.id for item in kernel.items] == ["9-01", "9-02"]


def _states(kernel: Kernel) -> dict[str, Status]:
    return {status.name: status for status in kernel.plugins}
