"""examples/sichuan-human-resources: a department of another province, installed and used."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "sichuan-human-resources"
PACKAGE = "src/sichuan_human_resources"

Decide = Callable[[dict[str, Any]], dict[str, Any]]


class Environment(Protocol):
    """See conftest.py."""

    def run(self, *args: str, cwd: Path, input: str = "") -> subprocess.CompletedProcess[str]: ...

    def install(self, *projects: Path) -> None: ...


@pytest.fixture(scope="session")
def example(fresh: Callable[[], Environment], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The environment in which the example is installed, and its folder."""
    folder = tmp_path_factory.mktemp("example") / EXAMPLE.name
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.egg-info", "build"))
    environment = fresh()
    environment.install(folder)
    return environment, folder


@pytest.fixture(scope="session")
def decide(example: tuple[Environment, Path]) -> Decide:
    """What `tongban route` says there about an application."""
    environment, folder = example

    def route(raw: dict[str, Any]) -> dict[str, Any]:
        given = json.dumps({"channel": "online", "applicant": {"kind": "person"}, **raw})
        done = environment.run("-m", "tongban", "route", "--json", "-", cwd=folder, input=given)
        assert done.stdout, done.stderr
        decision: dict[str, Any] = json.loads(done.stdout)
        return decision

    return route


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "tongban", "--strict", "plugins"],
        ["-m", "tongban", "check", "src"],
        ["-m", "tongban", "test", "--min-coverage", "100", "src"],
        ["-m", "tongban", "fmt", "--check", "src"],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider"],
    ],
    ids=lambda command: " ".join(command[1:]),
)
def test_it_is_in_order(example: tuple[Environment, Path], command: list[str]) -> None:
    environment, folder = example
    done = environment.run(*command, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_item_and_qinghais_of_one_name_are_two(decide: Decide) -> None:
    places, facts = {"residence": 510100}, {"handle_at": "residence"}
    sichuan = decide(
        {
            "item": "510000/1-03",
            "applicant": {"kind": "person", "id_number": "510104199503071241"},
            "places": places,
            "facts": {**facts, "human_resources.jobless": True},
        }
    )
    qinghai = decide({"item": "1-05", "places": places, "facts": facts})
    by_name = decide({"item": "失业登记", "places": places, "facts": facts})
    assert sichuan["item"]["name"] == qinghai["item"]["name"] == "失业登记"
    assert [one["item"]["jurisdiction"] for one in (sichuan, qinghai)] == ["510000", "630000"]
    assert [one["outcome"] for one in (sichuan, qinghai)] == ["eligible", "eligible"]
    assert by_name["item"] == qinghai["item"]


def test_code_finds_what_nobody_says(decide: Decide) -> None:
    raw = {
        "item": "510000/1-03",
        "as_of": "2026-01-01",
        "applicant": {"kind": "person", "id_number": "510104201204012057"},
        "places": {"residence": 510100},
        "facts": {"handle_at": "residence", "human_resources.jobless": True},
    }
    refused = decide(raw)
    assert refused["outcome"] == "ineligible"
    assert "510000/1-03.too_young" in [reason["rule"] for reason in refused["reasons"]]
    assert decide({**raw, "as_of": "2028-04-01"})["outcome"] == "eligible"


def test_advice_leads_to_an_item_of_the_same_province(decide: Decide) -> None:
    facts = {"human_resources.registered_unemployed": False}
    refused = decide({"item": "510000/1-02", "places": {"insured": 510100}, "facts": facts})
    assert [one["item"] for one in refused["advice"]] == ["510000/1-03"]


def test_it_says_that_it_is_an_example_and_cites_no_plan_of_another_province() -> None:
    assert "不是四川省的正式事项清单" in (EXAMPLE / "README.md").read_text("utf-8")
    rules = (EXAMPLE / PACKAGE / "rules.yaml").read_text("utf-8")
    assert "row:" not in rules
    assert "words:" not in rules
