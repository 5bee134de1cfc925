"""The strategies for applications: what they promise holds for every item, and shrinks well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from operator import eq
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tongban.kernel import ApplicationError, Decision, Kernel
from tongban.plugins.kit.testing.strategies import (
    applicants,
    applications,
    as_of,
    attribute_values,
    divisions,
    facts,
    raw_applications,
)

KERNEL = Kernel()
KEYS = [*KERNEL.rulebook.items]
Search = Callable[[st.SearchStrategy[Any], Callable[[Any], bool]], Any]
MANY = settings(
    max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)


def decided(raw: Mapping[str, Any]) -> Decision:
    return KERNEL.decide(raw)


@MANY
@given(applications(kernel=KERNEL))
def test_complete_applications_are_never_incomplete(raw: dict[str, Any]) -> None:
    assert json.loads(json.dumps(raw)) == raw
    assert decided(raw).outcome != "incomplete"


@pytest.mark.parametrize("key", KEYS)
def test_each_item_has_a_usual_application(key: str) -> None:
    """The first that is tried: everything that the item asks, and nothing else."""

    @settings(max_examples=1, phases=[Phase.generate], database=None)
    @given(applications(key, kernel=KERNEL))
    def is_usual(raw: dict[str, Any]) -> None:
        known = {"item", "channel", "received_at", "as_of", "applicant", "places", "facts"}
        assert set(raw) <= known
        number = {"id_number"} if KERNEL.program(key).by_plugins else set()
        assert raw["applicant"].keys() == {"kind", *number}
        assert decided(raw).outcome != "incomplete"

    is_usual()


@MANY
@given(applications(kernel=KERNEL, complete=False))
def test_gaps_are_still_applications(raw: dict[str, Any]) -> None:
    KERNEL.application(raw)


def test_some_gaps_make_a_decision_incomplete(found: Search) -> None:
    raw = found(
        applications("2-03", kernel=KERNEL, complete=False),
        lambda raw: decided(raw).outcome == "incomplete",
    )
    missing = {"channel", "applicant", "facts", "places"} - set(raw)
    assert missing or len(raw["places"]) == 1


@MANY
@given(raw_applications(kernel=KERNEL))
def test_hostile_applications_are_refused_and_nothing_worse(raw: Any) -> None:
    with pytest.raises(ApplicationError) as caught:
        KERNEL.decide(raw)
    assert caught.value.defects
    assert str(caught.value)


@MANY
@given(st.data())
def test_what_is_given_is_kept(data: st.DataObject) -> None:
    raw = data.draw(
        applications(
            "2-03",
            kernel=KERNEL,
            places={"move_in": "510100", "move_out": divisions("county", province="630000")},
            facts={"move_reason": "graduation"},
            channel="window",
            as_of="2026-03-02",
        )
    )
    assert raw["places"]["move_in"] == "510100"
    assert raw["places"]["move_out"].startswith("63")
    assert raw["facts"]["move_reason"] == "graduation"
    assert (raw["channel"], raw["as_of"]) == ("window", "2026-03-02")
    assert decided(raw).outcome == "ineligible"


def test_a_failure_shrinks_to_the_usual(shrunk: Search) -> None:
    def not_for_a_job(raw: Mapping[str, Any]) -> bool:
        return "2-03.reason" in [one.rule for one in decided(raw).reasons]

    assert shrunk(applications("2-03", kernel=KERNEL), not_for_a_job) == {
        "item": "2-03",
        "channel": "online",
        "as_of": "2026-01-01",
        "applicant": {"kind": "person"},
        "places": {"move_in": "630100", "move_out": "630100"},
        "facts": {"move_reason": "enrolment"},
    }


def test_a_failure_of_a_relation_between_places_shrinks(shrunk: Search) -> None:
    many = applications("2-03", kernel=KERNEL)
    raw = shrunk(many, lambda raw: decided(raw).crossing == "province")
    places = [raw["places"].pop("move_out"), raw.pop("received_at", "630100")]
    assert sorted(places) == ["110000", "630100"]
    assert raw == {
        "item": "2-03",
        "channel": "online",
        "as_of": "2026-01-01",
        "applicant": {"kind": "person"},
        "places": {"move_in": "630100"},
        "facts": {"move_reason": "job_transfer"},
    }


@pytest.mark.parametrize("mode", ["online", "collect", "joint", "local"])
def test_every_mode_is_reached(mode: str, found: Search) -> None:
    item = {"joint": "2-03"}.get(mode, "1-52")
    raw = found(applications(item, kernel=KERNEL), lambda raw: mode in decided(raw).modes)
    assert mode in decided(raw).modes


def test_dates_lie_around_the_days_that_rules_tell_apart(found: Search, shrunk: Search) -> None:
    first = KERNEL.rulebook.items["630000/2-03"].opens
    assert first is not None
    for day in (first - timedelta(days=1), first):
        assert found(as_of("2-03", kernel=KERNEL), partial(eq, day)) == day
    assert shrunk(as_of("2-03", kernel=KERNEL), lambda one: True) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("level", "province", "standing"),
    [
        ("province", None, None),
        ("county", "630000", None),
        (None, None, "separate_planning"),
        ("prefecture", "510000", "capital"),
    ],
)
def test_divisions_are_what_was_asked_for(
    level: str | None, province: str | None, standing: str | None
) -> None:
    @settings(max_examples=30)
    @given(divisions(level, province, standing, kernel=KERNEL))
    def all_fit(code: str) -> None:
        one = KERNEL.base.divisions[code]
        assert level in (None, one.level)
        assert province in (None, one.province)
        assert standing in (None, one.standing)
        assert not one.until

    all_fit()


def test_abolished_divisions_only_where_they_are_wanted(found: Search) -> None:
    old = found(
        divisions(abolished=True, kernel=KERNEL),
        lambda code: bool(KERNEL.base.divisions[code].until),
    )
    assert KERNEL.base.divisions[old].until
    with pytest.raises(LookupError, match="no division"):
        divisions("county", standing="nowhere", kernel=KERNEL)


ATTRIBUTES = [*KERNEL.rulebook.vocabulary.facts, "channel", "place.hukou.standing", "date"]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_values_lie_in_the_domain(name: str) -> None:
    declared = KERNEL.rulebook.vocabulary.attributes[name]

    @settings(max_examples=30)
    @given(attribute_values(name, kernel=KERNEL))
    def all_fit(value: Any) -> None:
        assert declared.problem(value) is None

    all_fit()


def test_boundaries_come_up_early() -> None:
    seen: list[Any] = []

    @settings(max_examples=60, derandomize=True)
    @given(attribute_values("disability_grade", kernel=KERNEL))
    def note(value: Any) -> None:
        seen.append(value)

    note()
    assert {1, 10} <= set(seen)


@MANY
@given(facts("3-01", kernel=KERNEL, born_in_wedlock=False))
def test_facts_say_what_the_item_asks(said: dict[str, Any]) -> None:
    assert set(KERNEL.program("630000/3-01").asked) <= set(said)
    assert said["born_in_wedlock"] is False


@MANY
@given(applicants(("person",), kernel=KERNEL))
def test_numbers_of_people_are_well_formed(applicant: dict[str, Any]) -> None:
    assume("id_number" in applicant)
    raw = {"item": "2-03", "as_of": "2026-01-01", "applicant": applicant}
    defects = KERNEL.ports.examine(KERNEL.application(raw))
    assert [one for one in defects if not one.warning] == []


def test_a_wrong_item_is_named_with_the_nearest() -> None:
    with pytest.raises(LookupError, match="unknown item '2-3'; did you mean 2-"):
        applications("2-3", kernel=KERNEL)
    with pytest.raises(LookupError, match="unknown attribute 'channels'"):
        attribute_values("channels", kernel=KERNEL)


def test_without_hypothesis_it_is_named() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "try: import tongban.plugins.kit.testing.strategies\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "need the package hypothesis: pip install hypothesis" in ran.stdout


def test_nothing_else_imports_hypothesis() -> None:
    code = (
        "import sys\n"
        "import tongban.plugins.kit.testing.pytest_plugin\n"
        "import tongban.plugins.kit.conformance.run\n"
        "print('hypothesis' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
