"""What differs between two rule sets, item by item; each witness decided again from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import Result

from tongban.kernel import Decision, Kernel
from tongban.plugins.kit.diff.compare import compare, pairs
from tongban.plugins.kit.diff.rulesets import Opener

Run = Callable[..., Result]
Changed = Callable[..., Path]
Golden = Callable[[str, str], None]


def as_json(result: Result) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


def differing(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["item"]: one for one in shown["items"] if one["status"] == "differs"}


PLANTED = [
    # file, before, after, item, kind, rule
    ("departments/human_resources.yaml", "disability_grade: {at_least: 5}",
     "disability_grade: {at_least: 6}", "2-17", "eligible", "2-17.grade"),
    ("departments/postal.yaml", "when: {postal_enterprise: false}",
     "when: {postal_enterprise: false, channel: window}", "1-51", "eligible",
     "1-51.postal_enterprise"),
    ("departments/public_security.yaml", "when: {booklet_unobtainable: false}",
     "when: {booklet_unobtainable: false, applicant.kind: enterprise}", "2-02", "eligible",
     "2-02.booklet"),
    ("departments/health.yaml", "when: {birth_order: {at_least: 3}}",
     "when: {birth_order: {at_least: 4}}", "2-49", "eligible", "2-49.birth_order"),
    ("departments/forestry.yaml", "from: 2021-12-31", "from: 2022-06-30", "2-64", "eligible",
     "2-64.available"),
]  # fmt: skip


def test_a_tree_and_itself_are_the_same_program_for_every_item(
    run: Run, changed: Changed, old: str, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without asking the solver: there is none here."""
    monkeypatch.setitem(__import__("sys").modules, "z3", None)
    result = run("diff", "--json", old, str(changed()))
    assert result.exit_code == 0
    shown = as_json(result)
    assert shown["differs"] is False
    assert len(shown["items"]) == len(kernel.items) == 138
    assert {one["status"] for one in shown["items"]} == {"same"}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda p: p[3])
def test_a_planted_change_is_found_with_its_item_and_rule(
    planted: tuple[str, ...], run: Run, changed: Changed, old: str, kernel: Kernel
) -> None:
    file, before, after, item, kind, rule = planted
    tree = changed((file, before, after))
    result = run("diff", "--json", old, str(tree))
    assert result.exit_code == 1
    found = differing(as_json(result))
    assert list(found) == [item]
    witnesses = found[item]["witnesses"]
    assert {witness["kind"] for witness in witnesses} == {kind}
    assert rule in {one["rule"] for witness in witnesses for one in witness["rules"]}
    for witness in witnesses:
        decision = kernel.decide(witness["application"])
        assert decision.outcome == witness["old"]["outcome"] != witness["new"]["outcome"]


def test_several_planted_changes_are_each_found(run: Run, changed: Changed, old: str) -> None:
    tree = changed(*(planted[:3] for planted in PLANTED))
    found = differing(as_json(run("diff", "--json", old, str(tree))))
    assert set(found) == {planted[3] for planted in PLANTED}


KINDS = [
    ("modes", "departments/public_security.yaml",
     "    rules:\n      - id: booklet",
     "    rules:\n      - {id: here, when: {channel: online}, then: {modes: local},"
     " because: 就地, cite: {row: 2/2}}\n      - id: booklet", "2-02.here"),
    ("delivery", "common.yaml", "then: {delivery: post}", "then: {delivery: pickup}",
     "common.deliver_post"),
    ("time_limit", "common.yaml", "{step: decide, working_days: 20, extension: 10}",
     "{step: decide, working_days: 15, extension: 10}", "common.licence_limits"),
    ("requires", "departments/public_security.yaml",
     "    rules:\n      - id: booklet",
     "    rules:\n      - {id: bring, when: {channel: window}, then: {requires: 情况说明},"
     " because: 须核对, cite: {row: 2/2}}\n      - id: booklet", "2-02.bring"),
    ("handling", "departments/public_security.yaml", "value: [hukou]", "value: [residence]",
     "2-01"),
    ("route", "departments/public_security.yaml", "receives: {value: move_in,",
     "receives: {value: move_out,", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "file", "before", "after", "rule"), KINDS, ids=[k[0] for k in KINDS]
)
def test_every_kind_of_difference_has_a_witness_that_both_engines_confirm(
    kind: str, file: str, before: str, after: str, rule: str,
    run: Run, changed: Changed, old: str, kernel: Kernel,
) -> None:  # fmt: skip
    tree = changed((file, before, after))
    found = differing(as_json(run("diff", "--json", old, str(tree))))
    assert found
    other = Kernel([], rules=tree, drafts=sorted((tree / "departments").glob("*.yaml")))
    for item in found.values():
        shown = {witness["kind"]: witness for witness in item["witnesses"]}
        assert kind in shown
        assert all(witness["confirmed"] for witness in shown.values())
        raw = shown[kind]["application"]
        derived = shown[kind]["derived"]
        one, two = (decided(side, raw, derived).to_dict() for side in (kernel, other))
        assert one == shown[kind]["old"]
        assert two == shown[kind]["new"]
        key = {"requires": "advice", "route": "legs"}.get(kind, kind)
        assert one[key] != two[key]
        if rule:
            assert rule in {said["rule"] for said in shown[kind]["rules"]}
        else:
            assert shown[kind]["keys"] == ["receives"]


def decided(kernel: Kernel, raw: dict[str, Any], derived: dict[str, Any]) -> Decision:
    """The decision where plugins derive these facts."""
    application = kernel.application(raw)
    return kernel.decide(evolve(application, facts={**application.facts, **derived}))


def test_another_form_of_the_same_condition_is_proved_equal(
    run: Run, changed: Changed, old: str
) -> None:
    tree = changed(
        ("departments/human_resources.yaml", "disability_grade: {at_least: 5}",
         "disability_grade: [5, 6, 7, 8, 9, 10]"),
        ("departments/public_security.yaml", "move_reason: {not: job_transfer}",
         "move_reason: [enrolment, graduation, joining_spouse, joining_children]"),
    )  # fmt: skip
    result = run("diff", "--json", old, str(tree))
    assert result.exit_code == 0
    status = {one["item"]: one["status"] for one in as_json(result)["items"]}
    assert {item for item, said in status.items() if said == "equal"} == {"2-17", "2-03"}
    assert set(status.values()) == {"same", "equal"}


def test_words_alone_are_no_difference_and_are_listed_apart(
    run: Run, changed: Changed, old: str
) -> None:
    tree = changed(
        (
            "departments/postal.yaml",
            "because: 本事项限邮政企业申请",
            "because: 只有邮政企业可以申请",
        ),
        ("vocabulary.yaml", "申请人是否为邮政企业?", "是邮政企业吗?"),
    )
    result = run("diff", "--json", old, str(tree))
    assert result.exit_code == 0
    words = {one["item"]: one["wording"] for one in as_json(result)["items"] if one["wording"]}
    assert words == {
        "1-51": ["1-51.postal_enterprise: because", "facts.postal_enterprise: question"]
    }


def test_items_that_come_and_go(run: Run, changed: Changed, old: str) -> None:
    tree = changed(("departments/postal.yaml", "id: 1-51\n", "id: 1-99\n"))
    text = (tree / "departments/postal.yaml").read_text("utf-8").replace("[1-51.", "[1-99.")
    (tree / "departments/postal.yaml").write_text(text, "utf-8")
    result = run("diff", "--json", old, str(tree))
    assert result.exit_code == 1
    status = {one["item"]: one["status"] for one in as_json(result)["items"]}
    assert (status.pop("1-51"), status.pop("1-99")) == ("removed", "added")
    assert set(status.values()) == {"same"}


def test_a_narrower_domain_is_a_difference(run: Run, changed: Changed, old: str) -> None:
    tree = changed(("vocabulary.yaml", "    min: 1\n    max: 10\n", "    min: 1\n    max: 12\n"))
    result = run("diff", "--json", old, str(tree))
    assert result.exit_code == 1
    assert differing(as_json(result))["2-17"]["domains"] == ["disability_grade"]


def test_one_rule_set_at_two_dates(run: Run, kernel: Kernel) -> None:
    """What opened between two days, and nothing else."""
    result = run("diff", "--json", "--as-of", "2021-12-30..2021-12-31")
    assert result.exit_code == 1
    shown = as_json(result)
    assert (shown["old"]["as_of"], shown["new"]["as_of"]) == ("2021-12-30", "2021-12-31")
    found = differing(shown)
    opened = {
        kernel.rulebook.short(item)
        for item in kernel.items
        if item.opens and item.opens.isoformat() == "2021-12-31"
    }
    assert set(found) == opened
    for item in found.values():
        for witness in item["witnesses"]:
            assert (witness["old"]["outcome"], witness["new"]["outcome"]) == (
                "ineligible", "eligible",
            )  # fmt: skip
            raw = {**witness["application"], "as_of": "2021-12-30"}
            assert kernel.decide(raw).outcome == "ineligible"
            assert kernel.decide({**raw, "as_of": "2021-12-31"}).outcome == "eligible"


def test_a_date_at_which_two_rule_sets_agree(run: Run, changed: Changed, old: str) -> None:
    tree = str(changed(("departments/forestry.yaml", "from: 2021-12-31", "from: 2022-06-30")))
    assert run("diff", "--as-of", "2022-06-30", old, tree).exit_code == 0
    assert run("diff", "--as-of", "2022-06-29", old, tree).exit_code == 1


def test_what_the_engine_does_not_confirm_is_called_a_bug(
    run: Run, changed: Changed, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.plugins.kit.diff import witnesses

    monkeypatch.setattr(witnesses, "_shown", lambda *_: None)
    tree = str(
        changed(
            ("departments/postal.yaml", "postal_enterprise: false}", "postal_enterprise: true}")
        )
    )
    result = run("diff", old, tree)
    assert result.exit_code == 70
    assert "1-51" in result.stderr


def test_the_screen(run: Run, changed: Changed, old: str, golden: Golden) -> None:
    tree = changed(
        PLANTED[0][:3],
        ("departments/postal.yaml", "because: 本事项限邮政企业申请", "because: 限邮政企业"),
        ("departments/public_security.yaml", "move_reason: {not: job_transfer}",
         "move_reason: [enrolment, graduation, joining_spouse, joining_children]"),
    )  # fmt: skip
    golden("planted.txt", run("diff", old, str(tree)).stdout)


def test_compare_speaks_of_both_directions(kernel: Kernel, changed: Changed, old: str) -> None:
    tree = changed(
        ("departments/postal.yaml", "postal_enterprise: false}", "postal_enterprise: true}")
    )
    with Opener(kernel, kernel.clock) as opener:
        before, after = opener.open(old), opener.open(str(tree))
        found = compare(before, after, *pairs(before, after)["630000/1-51"])
    turned = [(w.found.old.outcome, w.found.new.outcome) for w in found.witnesses if w.found]
    assert turned == [("eligible", "ineligible"), ("ineligible", "eligible")]
