"""What `tongban new department` writes, and what it refuses to write."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import Result

from tongban.kernel import Kernel
from tongban.plugins.kit.examples import run_example

New = Callable[..., Result]

SICHUAN = "四川省人力资源和社会保障厅"
HOSTILE = "类 \"'` \\ {{ 7*7 }} [[ 7 ]] [% if %] # : - $(id) </td> 龘"


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def only(folder: Path) -> Path:
    """The one project in `folder`; nothing else was left there."""
    (project,) = folder.iterdir()
    return project


def rules_of(project: Path) -> Path:
    (file,) = project.glob("src/*/rules.yaml")
    return file


def assert_its_cases_pass(project: Path) -> None:
    """All but those that need the hooks, which are not installed here."""
    file = rules_of(project)
    kernel = Kernel(drafts=[file])
    assert [str(problem) for problem in kernel.problems] == []
    items = [item for item in kernel.items if item.file == str(file)]
    assert items
    results = [run_example(kernel, item, case) for item in items for case in item.cases]
    assert len(results) >= 4
    failed = [one for one in results if not one.passed]
    assert [str(one) for one in failed if one.example.given["channel"] != "window"] == []


def test_a_chinese_name_and_defaults_are_enough(new: New, tmp_path: Path) -> None:
    result = new(SICHUAN, "--defaults")
    assert result.exit_code == 0, result.stderr
    project = only(tmp_path)
    assert project.name == "sichuan-human-resources"
    assert files(project) == [
        ".github/workflows/check.yml",
        ".gitignore",
        ".vscode/extensions.json",
        ".vscode/settings.json",
        ".vscode/tasks.json",
        ".vscode/tongban.schema.json",
        "README.md",
        "pyproject.toml",
        "src/sichuan_human_resources/__init__.py",
        "src/sichuan_human_resources/rules.yaml",
        "tests/test_department.py",
    ]
    assert_its_cases_pass(project)


def test_code_comes_with_its_tests(new: New, tmp_path: Path) -> None:
    assert new(SICHUAN, "--defaults", "--with-code").exit_code == 0
    written = files(only(tmp_path))
    assert "src/sichuan_human_resources/hooks.py" in written
    assert "tests/test_hooks.py" in written


def test_every_flag_is_heard(new: New, tmp_path: Path) -> None:
    flags = {
        "id": "forestry", "title": "Woods", "jurisdiction": "云南", "item": "2-07",
        "item-name": "林木采伐许可", "item-title": "Felling", "kind": "许可",
        "handled-at": "矿区所在地",
    }  # fmt: skip
    words = [word for flag, value in flags.items() for word in (f"--{flag}", value)]
    result = new("云南省林业和草原局", *words)
    assert result.exit_code == 0, result.stderr
    written = yaml.safe_load(rules_of(only(tmp_path)).read_text("utf-8"))
    assert written["department"] == {
        "id": "forestry", "jurisdiction": 530000, "name": "云南省林业和草原局", "title": "Woods"
    }  # fmt: skip
    (item,) = written["items"]
    said = [item[key] for key in ("id", "name", "title", "kind", "handled_at")]
    assert said == ["2-07", "林木采伐许可", "Felling", "许可", ["mine"]]
    assert_its_cases_pass(only(tmp_path))


@pytest.mark.parametrize("word", ["710000", "810000", "澳门特别行政区"])
def test_a_province_without_authorities_is_refused(new: New, word: str) -> None:
    result = new("示例厅", "--id", "example", "--jurisdiction", word, "--defaults")
    assert result.exit_code == 2
    assert "has no authority that takes part; name a mainland province" in result.stderr


@pytest.mark.parametrize("code", ["110000", "440000", "460000", "510000", "540000", "630000"])
def test_every_kind_of_province_has_cases_that_pass(new: New, tmp_path: Path, code: str) -> None:
    result = new("示例厅", "--id", "example", "--jurisdiction", code, "--defaults")
    assert result.exit_code == 0, result.stderr
    assert_its_cases_pass(only(tmp_path))


@pytest.mark.parametrize("word", ["class", "json", "tongban", "test", "__"])
def test_ids_that_mean_something_to_python_give_packages_of_their_own(
    new: New, tmp_path: Path, word: str
) -> None:
    result = new(word, "--name", "示例厅", "--jurisdiction", "青海", "--defaults", "--with-code")
    if word == "__":
        assert result.exit_code == 2
        assert "is not a department's name" in result.stderr
        return
    assert result.exit_code == 0, result.stderr
    project = only(tmp_path)
    for file in project.rglob("*.py"):
        ast.parse(file.read_text("utf-8"))
    (package,) = (project / "src").iterdir()
    assert package.name == f"qinghai_{word}"
    assert_its_cases_pass(project)


def test_a_hostile_name_stays_the_text_that_it_is(new: New, tmp_path: Path) -> None:
    texts = ["--title", HOSTILE, "--item-name", HOSTILE, "--item-title", HOSTILE]
    result = new(HOSTILE, "--id", "odd", *texts, "--defaults", "--with-code")
    assert result.exit_code == 0, result.stderr
    project = only(tmp_path)
    rules = yaml.safe_load(rules_of(project).read_text("utf-8"))
    assert rules["department"]["name"] == rules["department"]["title"] == HOSTILE
    assert rules["items"][0]["name"] == rules["items"][0]["title"] == HOSTILE
    toml = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    assert toml["project"]["description"] == HOSTILE
    for file in project.rglob("*.py"):
        ast.parse(file.read_text("utf-8"))
    assert_its_cases_pass(project)


@pytest.mark.parametrize(
    "name", ["是", "null 厅", "2021-01-01 厅", "厅: 一", "厅 - 一", "厅 #1", "“厅”"]
)
def test_names_that_yaml_could_mistake_are_quoted(new: New, tmp_path: Path, name: str) -> None:
    flags = ["--id", "odd", "--jurisdiction", "四川", "--title", "true", "--defaults"]
    assert new(name, *flags).exit_code == 0
    written = yaml.safe_load(rules_of(only(tmp_path)).read_text("utf-8"))["department"]
    assert (written["name"], written["title"]) == (name, "true")


def test_the_editor_is_told_of_the_schema(new: New, tmp_path: Path) -> None:
    assert new(SICHUAN, "--defaults", "--with-code").exit_code == 0
    project = only(tmp_path)
    rules = rules_of(project)
    first, _, text = rules.read_text("utf-8").partition("\n")
    schema = (rules.parent / first.partition("$schema=")[2]).resolve()
    settings = json.loads((project / ".vscode/settings.json").read_text("utf-8"))
    ((mapped, pattern),) = settings["yaml.schemas"].items()
    assert (project / mapped).resolve() == schema
    assert rules in project.glob(pattern)
    plain = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema.validate(plain, json.loads(schema.read_text("utf-8")))
    for file in (project / ".vscode").glob("*.json"):
        json.loads(file.read_text("utf-8"))
    workflow = yaml.safe_load((project / ".github/workflows/check.yml").read_text("utf-8"))
    (setup,) = [s["with"] for s in workflow["jobs"]["check"]["steps"] if "with" in s]
    assert setup["python-version"] == "${{ matrix.python }}"


@pytest.mark.parametrize("more", [[], ["--with-code"]], ids=["rules alone", "with code"])
def test_its_code_is_in_order(new: New, tmp_path: Path, more: list[str]) -> None:
    assert new(SICHUAN, "--defaults", *more).exit_code == 0
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
        done = subprocess.run(ruff, cwd=only(tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def refused(result: Result, *says: str) -> None:
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    for words in says:
        assert words in result.stderr.replace("\n", " ")


def test_nothing_is_overwritten(new: New, tmp_path: Path) -> None:
    assert new(SICHUAN, "--defaults").exit_code == 0
    mine = rules_of(only(tmp_path))
    mine.write_text("mine", "utf-8")
    refused(new(SICHUAN, "--defaults"), "is there already", "README.md", "pyproject.toml")
    assert mine.read_text("utf-8") == "mine"
    assert only(tmp_path)


@pytest.mark.parametrize("kind", ["file", "empty folder", "dangling link"])
def test_not_even_an_empty_folder_is_taken(new: New, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "sichuan-human-resources"
    if kind == "file":
        target.write_text("mine", "utf-8")
    elif kind == "empty folder":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    refused(new(SICHUAN, "--defaults"), "is there already")
    assert only(tmp_path) == target
    assert files(tmp_path) in ([], ["sichuan-human-resources"])


def test_nothing_is_left_where_writing_fails(
    new: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(self: Path, *args: Any, **more: Any) -> int:
        if self.name == "tongban.schema.json":  # the last one
            raise OSError(28, "No space left on device", str(self))
        return write(self, *args, **more)

    monkeypatch.setattr(Path, "write_text", full)
    result = new(SICHUAN, "--defaults")
    assert result.exit_code != 0
    assert "No space left" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["Human Resources"], "did you mean human_resources?"),
        (["123"], "is not a department's name"),
        (["示例厅", "--id", "Bad-Id"], "--id: 'Bad-Id' is not an id"),
        (["示例厅", "--id", "x", "--jurisdiction", "四川盛"], "did you mean 510000 四川省?"),
        (["示例厅", "--id", "x", "--jurisdiction", "成都"], "did you mean 510000 四川省?"),
        (["示例厅", "--id", "x", "--jurisdiction", "999999"], "is not a province"),
        (["示例厅", "--id", "x", "--kind", "登计"], "kind of item '登计'; did you mean 登记?"),
        (["示例厅", "--id", "x", "--handled-at", "hukuo"], "did you mean hukou?"),
        (["示例厅", "--id", "x", "--handled-at", "户籍"], "did you mean 户籍地?"),
        (["示例厅", "--id", "x", "--item", "Row 1"], "is not an item's id; write it as 2-03"),
        (["示例厅", "--id", "x", "--item", "1-07"], "1-59 is free"),
        (["示例厅", "--id", "x", "--item-name", "结婚登记"], "names are unique"),
        (["示例厅", "--id", "x", "--title", "a\nb"], "cannot be printed"),
        (["postal"], "the department postal of 630000 青海省 is installed"),
        (["postal", "--id", "other"], "say one of them"),
        (["四川省未知厅"], "missing: --id"),
        (["unheard_of"], "missing: --name"),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_wrong_answer_is_told_with_its_flag_and_what_would_be_right(
    new: New, tmp_path: Path, args: list[str], says: str
) -> None:
    refused(new(*args, "--defaults"), says)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_every_missing_flag_is_named_at_once(new: New, tmp_path: Path) -> None:
    refused(new(SICHUAN), "missing: --jurisdiction, --id, --title, --item,", "--defaults")
    assert list(tmp_path.iterdir()) == []


def test_without_copier_it_says_what_to_install(
    new: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "copier", None)
    result = new(SICHUAN, "--defaults")
    assert result.exit_code != 0
    assert "pip install 'tongban[kit]'" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_json_says_what_was_written(new: New, tmp_path: Path) -> None:
    result = new(SICHUAN, "--defaults", "--json")
    said = json.loads(result.stdout)
    project = only(tmp_path)
    assert said["folder"] == str(project)
    assert said["files"] == [str(project / name) for name in files(project)]
    assert (said["id"], said["jurisdiction"]) == ("human_resources", "510000")
