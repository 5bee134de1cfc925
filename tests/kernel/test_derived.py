"""Who may derive what: declared facts, and those within a plugin's own prefix."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongban.kernel import Application, DepartmentRules, Kernel, Scalar, hookimpl

RULES = """\
department: {id: harbour, name: 省港务局, title: Harbour Office}
attributes:
  harbour.pilot: {type: bool, name: 需要引航, title: needs a pilot, derived: true}
items:
  - id: 9-01
    name: 码头使用许可
    title: Licence to use a quay
    kind: 许可
    applicant: [person]
    handled_at: [registered]
    available: {from: 2021-12-31}
    cite: {row: 9/1}
    rules:
      - id: pilot
        when: {harbour.pilot: true}
        then: {eligible: false}
        because: 需要引航的不予办理
        cite: {row: 9/1}
"""
SHIP = {
    "item": "9-01",
    "channel": "online",
    "applicant": {"kind": "person"},
    "places": {"registered": "630100"},
}


class Harbour:
    """Brings a department, under a name that is not the department's."""

    def __init__(self, rules: Path, derives: bool) -> None:
        self.rules = rules
        self.derives = derives

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        return [DepartmentRules(self.rules)]

    @hookimpl
    def derive_facts(self, application: Application, item: str) -> dict[str, Scalar]:
        return {"harbour.pilot": True} if self.derives else {}


class Stranger:
    """Sets a fact that another department declares."""

    @hookimpl
    def derive_facts(self, application: Application, item: str) -> dict[str, Scalar]:
        return {"harbour.pilot": True}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


class Meddler:
    """Writes into what the applicant said."""

    @hookimpl
    def derive_facts(self, application: Application, item: str) -> dict[str, Scalar]:
        application.facts["harbour.pilot"] = True  # type: ignore[index]
        return {}


def test_what_the_applicant_said_cannot_be_changed(rules: Path) -> None:
    kernel = Kernel([Harbour(rules, derives=False), Meddler()])
    assert kernel.decide(SHIP).outcome == "incomplete"
    (failed,) = kernel.ports.failures
    assert failed.source == "Meddler"
    assert "does not support item assignment" in failed.problems[0]


def test_a_plugin_derives_the_facts_of_its_own_department(rules: Path) -> None:
    kernel = Kernel([Harbour(rules, derives=True)])
    assert kernel.decide(SHIP).outcome == "ineligible"
    assert not kernel.ports.failures


def test_a_plugin_does_not_derive_the_facts_of_another_department(rules: Path) -> None:
    kernel = Kernel([Harbour(rules, derives=False), Stranger()])
    assert kernel.decide(SHIP).outcome == "incomplete"
    (failure,) = kernel.ports.failures
    assert failure.name == "Stranger"
    assert failure.problems == (
        "derive_facts: harbour.pilot belongs to the department harbour, which Stranger is not",
    )


def test_the_plugin_of_a_draft_is_not_known_and_may_derive(rules: Path) -> None:
    kernel = Kernel([Stranger()], drafts=[rules])
    assert kernel.decide(SHIP).outcome == "ineligible"
    assert not kernel.ports.failures
