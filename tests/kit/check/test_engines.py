"""`tongban check --engines`: every case, every witness and generated facts, put to both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tongban.kernel import Kernel, hookimpl
from tongban.kernel.engine import Facts, Program
from tongban.plugins.kit.check.engines import compare_engines
from tongban.plugins.kit.check.findings import Finding, Witness
from tongban.plugins.kit.check.run import Options, examine, report_of, subject_of
from tongban.plugins.kit.check.subject import Subject
from tongban.plugins.kit.targets import Targets

CLEAN = Path(__file__).resolve().parents[2] / "golden" / "clean" / "harbour.yaml"

Opinion = Callable[[Program, Facts], list[str] | None]


def subject_with(*plugins: object) -> Subject:
    kernel = Kernel(plugins=plugins, drafts=[CLEAN])
    return subject_of(Targets(kernel, tuple(kernel.items), (CLEAN,)), Options())


def engine(opinion: Opinion) -> object:
    """A plugin with a second opinion."""

    @hookimpl
    def second_opinion(item: Program, facts: Facts) -> list[str] | None:
        return opinion(item, facts)

    return SimpleNamespace(__name__="other", second_opinion=second_opinion)


def held(item: Program, facts: Facts) -> list[str]:
    bits = item.match(facts)
    return [rule.id for n, rule in enumerate(item.rules) if bits >> n & 1]


def compare(opinion: Opinion, *witnesses: Witness, seed: int = 0) -> list[Finding]:
    return [*compare_engines(subject_with(engine(opinion)), witnesses, seed)]


def test_engines_that_agree_are_silent() -> None:
    assert compare(held) == []


def test_what_each_engine_is_asked_about() -> None:
    asked: list[Facts] = []

    def listen(item: Program, facts: Facts) -> list[str]:
        asked.append(facts)
        return held(item, facts)

    witness = {"item": "9-01", "channel": "kiosk", "received_at": "630100", "as_of": "1999-01-01",
               "applicant": {"kind": "person"}, "places": {"registered": "630100"},
               "facts": {"domestic_product": True}}  # fmt: skip
    assert compare(listen, witness, {"item": "no such item"}) == []
    assert [facts["domestic_product"] for facts in asked[:2]] == [True, False]
    assert str(asked[2]["date"]) == "1999-01-01"
    generated = asked[3:]
    assert len(generated) > 20
    assert {facts["channel"] for facts in generated} == {"online", "window", "kiosk"}
    # The day before the item opens, that day, and the day after.
    days = {str(facts["date"]) for facts in generated}
    assert {"2021-12-30", "2021-12-31", "2022-01-01"} & days


def test_generated_facts_are_the_same_again_and_others_with_another_seed() -> None:
    def facts_of(seed: int) -> list[Facts]:
        asked: list[Facts] = []

        def listen(item: Program, facts: Facts) -> list[str]:
            asked.append(facts)
            return held(item, facts)

        compare(listen, seed=seed)
        return asked

    assert facts_of(1) == facts_of(1)
    assert facts_of(1) != facts_of(2)


def test_a_disagreement_names_the_rules_and_comes_with_its_case() -> None:
    (finding,) = compare(lambda item, facts: [*held(item, facts), "common.collect"])
    assert finding.code == "TB501"
    assert "other holds common.collect too (case 'a ship built here': " in finding.message
    assert finding.witness == {
        "item": "9-01",
        "channel": "online",
        "places": {"registered": 630100},
        "facts": {"domestic_product": True},
        "as_of": "2026-01-01",
        "applicant": {"kind": "person"},
    }


def test_an_engine_that_raises_does_not_end_the_check() -> None:
    def raising(item: Program, facts: Facts) -> list[str]:
        raise RuntimeError("out of memory")

    (finding,) = compare(raising)
    assert finding.code == "TB502"
    assert "the engine other failed on this application" in finding.message


@pytest.mark.parametrize("plugins", [(), (SimpleNamespace(__name__="other"),)])
def test_an_absent_engine_is_said_and_the_report_is_not_complete(plugins: tuple[object]) -> None:
    subject = subject_with(*plugins)
    options = Options(engines=True, proofs=False)
    report = report_of(examine(subject, options), options, subject)
    assert [one.code for one in report.findings] == ["TB503"]
    assert report.left_out


def test_an_engine_that_says_itself_that_it_is_absent() -> None:
    plugin = engine(held)
    plugin.ABSENT = "no compiler"  # type: ignore[attr-defined]
    (finding,) = compare_engines(subject_with(plugin), ())
    assert finding.code == "TB503"
    assert "no compiler" in finding.message
