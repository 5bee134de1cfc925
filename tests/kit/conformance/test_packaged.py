"""What a department's package lacks to be found once it is installed: each with the line to add."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tongban.cli import cli
from tongban.plugins.kit.conformance.packaged import lacks_of, packaged
from tongban.plugins.kit.conformance.subject import Subject

PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "harbour"
version = "0"

[project.entry-points.tongban]
harbour = "harbour"

[tool.setuptools.packages.find]
where = ["src"]

[tool.setuptools.package-data]
harbour = ["*.yaml"]
"""
RULES = "department: {id: harbour, name: 省港务局, title: Harbour Office}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "harbour"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def lacks(project: Path, state: str = "failed") -> list[str]:
    """What the package of the rule file lacks."""
    file = project / "src" / "harbour" / "rules.yaml"
    found = packaged(Subject("rules.yaml", str(file), None, (file,), ()))
    assert found.state == state
    assert all(one.place == "pyproject.toml" for one in found.failures)
    return [one.message for one in found.failures]


def change(project: Path, before: str, after: str) -> None:
    file = project / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_package_that_is_whole_lacks_nothing(project: Path) -> None:
    assert lacks(project, "passed") == []


ENTRY = '[project.entry-points.tongban]\nharbour = "harbour"\n'
NONE = "declares no entry point of the group 'tongban', so the plugin is not found"
ADD = '; add [project.entry-points.tongban] and under it: harbour = "harbour"'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (ENTRY, "", NONE + ADD),
        (ENTRY, "[project.entry-points.tongban]\n", NONE + ADD),
        (
            "entry-points.tongban]",
            "entry-points.tongbang]",
            f"{NONE}; the group 'tongbang' is another one{ADD}",
        ),
        (
            "entry-points.tongban]",
            'entry-points."tongban.plugins"]',
            f"{NONE}; the group 'tongban.plugins' is another one{ADD}",
        ),
        (
            'harbour = "harbour"',
            'harbour = "harbor"',
            "the entry point harbour = 'harbor' names no module that is there;"
            ' write: harbour = "harbour"',
        ),
        (
            'harbour = "harbour"',
            'harbour = "harbour.rule_files:departments"',
            "the entry point harbour = 'harbour.rule_files:departments' names no module that is"
            ' there; write: harbour = "harbour"',
        ),
        (
            'harbour = "harbour"',
            'other = "json"',
            "no entry point of the group 'tongban' names the module 'harbour';"
            ' add under [project.entry-points.tongban]: harbour = "harbour"',
        ),
        (
            'harbour = "harbour"',
            'postal = "harbour"',
            "the name 'postal' of an entry point is taken by tongban; write another, such as:"
            " harbour_rules = 'harbour'",
        ),
        (
            'harbour = ["*.yaml"]',
            "",
            "the rule file rules.yaml of the package 'harbour' is not shipped with it;"
            ' add under [tool.setuptools.package-data]: harbour = ["*.yaml"]',
        ),
        (
            'harbour = ["*.yaml"]',
            'harbour = ["*.json", "data/*.yaml"]',
            "the rule file rules.yaml of the package 'harbour' is not shipped with it;"
            ' add under [tool.setuptools.package-data]: harbour = ["*.yaml"]',
        ),
        ("[project]", "[project", "cannot be read: "),
    ],
)
def test_what_is_missing_is_told_with_the_line_to_add(
    before: str, after: str, told: str, project: Path
) -> None:
    change(project, before, after)
    found = lacks(project)
    assert found[0].startswith(told) if told.endswith(": ") else found == [told]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('harbour = "harbour"', 'harbour = "harbour:departments"'),
        ('harbour = ["*.yaml"]', '"*" = ["*.yaml"]'),
        ('harbour = ["*.yaml"]', 'harbour = ["**/*.y*ml"]'),
        (ENTRY, '[tool.poetry.plugins.tongban]\nharbour = "harbour"\n'),
        ('version = "0"', 'version = "0"\ndynamic = ["entry-points"]'),
        ('"setuptools.build_meta"', '"hatchling.build"\n[x]\na = []'),
    ],
)
def test_other_ways_to_say_it_will_do(before: str, after: str, project: Path) -> None:
    change(project, before, after)
    assert lacks(project, "passed") == []


@pytest.mark.parametrize(
    ("line", "shipped"),
    [
        ("include src/harbour/*.yaml", True),
        ("recursive-include src *.yaml", True),
        ("graft src", True),
        ("global-include *.yaml", True),
        ("include *.yaml", False),
        ("recursive-include docs *.yaml", False),
        ("prune src", False),
    ],
)
def test_a_manifest_ships_files_too(line: str, shipped: bool, project: Path) -> None:
    change(project, 'harbour = ["*.yaml"]', "")
    (project / "MANIFEST.in").write_text(f"# files\n{line}\n", encoding="utf-8")
    assert bool(lacks(project, "passed" if shipped else "failed")) is not shipped
    change(project, "[tool.setuptools.packages.find]", "[tool.setuptools.packages.find ]")
    change(
        project, "[tool.setuptools.package-data]", "[tool.setuptools]\ninclude-package-data=false"
    )
    assert lacks(project)


def test_setup_cfg_declares_entry_points_too(project: Path) -> None:
    change(project, ENTRY, "")
    config = "[options.entry_points]\ntongban =\n    harbour = harbour\n"
    (project / "setup.cfg").write_text(config, encoding="utf-8")
    assert lacks(project, "passed") == []


def test_rules_without_a_package_or_a_project_have_nothing_to_lack(project: Path) -> None:
    (project / "src" / "harbour" / "__init__.py").unlink()
    assert lacks(project, "not_applicable") == []
    (project / "pyproject.toml").unlink()
    assert lacks(project, "not_applicable") == []


def test_an_installed_package_is_not_taken_for_part_of_the_project_around_it(project: Path) -> None:
    installed = project / ".venv" / "site-packages" / "src" / "harbour"
    installed.mkdir(parents=True)
    file = installed / "rules.yaml"
    file.write_text(RULES, encoding="utf-8")
    (installed / "__init__.py").write_text("")
    found = packaged(Subject("rules.yaml", str(file), None, (file,), ()))
    assert found.state == "not_applicable"


def test_a_plugin_that_is_not_found_is_told_what_its_project_lacks(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(project, ENTRY, "")
    monkeypatch.chdir(project)
    done = CliRunner().invoke(cli, ["conformance", "harbour"])
    assert done.exit_code == 2
    assert f"pyproject.toml here {NONE}{ADD}" in done.stderr
    assert lacks_of(project / "src") == ()
