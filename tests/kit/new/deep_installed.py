"""What `tongban new department` writes, installed in a fresh environment beside tongban."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel

PROJECTS = {
    "sichuan-human-resources": ["四川省人力资源和社会保障厅", "--defaults"],
    "yunnan-forestry": ["云南省林业和草原局", "--defaults", "--with-code"],
    "qinghai-water": ["省水利厅", "--id", "water", "--defaults"],
    "qinghai-class": [
        "类 \"'` \\ {{ 7*7 }} [[ 7 ]] # : 厅", "--id", "class", "--item", "1-60",
        "--item-name", "示例: #\"'{", "--jurisdiction", "青海", "--defaults", "--with-code",
    ],
    "beijing-json": ["json", "--name", "北京市数据局", "--defaults", "--kind", "许可"],
}  # fmt: skip
"""Folder to arguments: both kinds, Qinghai and others, names that mean something to Python."""

ITEMS = {
    "sichuan-human-resources": "510000/1-01",
    "yunnan-forestry": "530000/1-01",
    "qinghai-water": "1-59",
    "qinghai-class": "1-60",
    "beijing-json": "110000/1-01",
}


class Environment(Protocol):
    """See conftest.py."""

    def run(self, *args: str, cwd: Path, input: str = "") -> subprocess.CompletedProcess[str]: ...

    def install(self, *projects: Path) -> None: ...


@pytest.fixture(scope="session")
def projects(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all projects, which are installed."""
    folder, kernel = tmp_path_factory.mktemp("projects"), Kernel()
    for args in PROJECTS.values():
        words = ["new", "department", *args, "--into", str(folder)]
        result = CliRunner().invoke(cli, words, obj=kernel)
        assert result.exit_code == 0, result.output
    assert sorted(path.name for path in folder.iterdir()) == sorted(PROJECTS)
    environment.install(*sorted(folder.iterdir()))
    return folder


def application(item: str) -> dict[str, Any]:
    department = {
        "510000/1-01": "human_resources", "530000/1-01": "forestry", "1-59": "water",
        "1-60": "class", "110000/1-01": "json",
    }[item]  # fmt: skip
    facts = {f"{department}.example_condition": True}
    return {"item": item, "channel": "online", "applicant": {"kind": "person"},
            "places": {"hukou": 510100}, "facts": facts}  # fmt: skip


def test_all_appear_among_the_plugins(environment: Environment, projects: Path) -> None:
    done = environment.run("-m", "tongban", "--strict", "plugins", "--json", cwd=projects)
    assert done.returncode == 0, done.stderr
    states = {one["name"]: one["state"] for one in json.loads(done.stdout)}
    assert {states[name.replace("-", "_")] for name in PROJECTS} == {"loaded"}


def test_their_items_are_routed(environment: Environment, projects: Path) -> None:
    given = "\n".join(json.dumps(application(item)) for item in ITEMS.values())
    done = environment.run("-m", "tongban", "route", "--json", "-", cwd=projects, input=given)
    assert done.returncode == 0, done.stderr
    decisions = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(decisions) == len(PROJECTS)
    for one in decisions:
        assert (one["outcome"], one["modes"]) == ("eligible", ["online"])


@pytest.mark.parametrize("name", PROJECTS)
def test_its_own_tests_pass(environment: Environment, projects: Path, name: str) -> None:
    done = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=projects / name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
    (rules,) = (projects / name).glob("src/*/rules.yaml")
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > rules.read_text("utf-8").count("given:") >= 4


@pytest.mark.parametrize("command", ["check", "test", "fmt --check"])
def test_the_program_finds_nothing_wrong(
    environment: Environment, projects: Path, command: str
) -> None:
    """Mistakes, cases that do not come out, another layout than that of `fmt`."""
    sources = [f"{name}/src" for name in PROJECTS]
    done = environment.run("-m", "tongban", *command.split(), *sources, cwd=projects)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_derived_fact_decides(environment: Environment, projects: Path) -> None:
    window = {"channel": "window", "received_at": 440300, "as_of": "2026-01-03"}
    given = json.dumps({**application("530000/1-01"), **window})
    done = environment.run("-m", "tongban", "route", "--json", "-", cwd=projects, input=given)
    reasons = [reason["rule"] for reason in json.loads(done.stdout)["reasons"]]
    assert "530000/1-01.weekend" in reasons


def test_the_defect_at_the_window_is_told(environment: Environment, projects: Path) -> None:
    raw = application("530000/1-01")
    raw["applicant"]["agent"] = {"kind": "person"}
    done = environment.run("-m", "tongban", "route", "-", cwd=projects, input=json.dumps(raw))
    assert "请填写代办人姓名" in done.stderr


def test_the_task_of_the_editor_renews_the_schema(environment: Environment, projects: Path) -> None:
    project = projects / "qinghai-water"
    tasks = json.loads((project / ".vscode" / "tasks.json").read_text("utf-8"))["tasks"]
    (task,) = [one for one in tasks if one.get("runOptions") == {"runOn": "folderOpen"}]
    program, *args = shlex.split(task["command"])
    schema = project / ".vscode" / "tongban.schema.json"
    schema.write_text("{}", "utf-8")
    done = environment.run("-m", program, *args, cwd=project)
    assert done.returncode == 0, done.stderr
    conditions = json.loads(schema.read_text("utf-8"))["$defs"]["condition"]["properties"]
    assert {"channel", "water.example_condition"} <= set(conditions)
