"""What OLD and NEW may be, and what is said of what they cannot be."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Changed = Callable[..., Path]

PLANTED = ("departments/postal.yaml", "postal_enterprise: false}", "postal_enterprise: true}")


def status(result: Result) -> dict[str, str]:
    return {one["item"]: one["status"] for one in json.loads(result.stdout)["items"]}


def test_a_rule_file_is_compared_with_the_department_it_replaces(
    run: Run, changed: Changed
) -> None:
    file = changed(PLANTED) / "departments" / "postal.yaml"
    for words in ([str(file)], ["installed", str(file)]):
        result = run("diff", "--json", *words)
        assert result.exit_code == 1
        assert status(result) == {"1-50": "same", "1-51": "differs", "1-52": "same", "2-65": "same"}


def test_a_file_and_a_tree_are_compared_in_the_file_s_department(
    run: Run, changed: Changed, old: str
) -> None:
    file = changed() / "departments" / "postal.yaml"
    assert set(status(run("diff", "--json", str(file), old))) == {"1-50", "1-51", "1-52", "2-65"}


def test_a_wheel_s_rules(run: Run, changed: Changed, old: str, tmp_path: Path) -> None:
    tree, wheel = changed(PLANTED), tmp_path / "tongban-0.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in tree.rglob("*.yaml"):
            archive.write(file, f"tongban/rules/{file.relative_to(tree)}")
    result = run("diff", "--json", old, str(wheel))
    assert result.exit_code == 1
    assert [item for item, said in status(result).items() if said != "same"] == ["1-51"]


def test_a_department_s_wheel(run: Run, changed: Changed, tmp_path: Path) -> None:
    file, wheel = changed(PLANTED) / "departments" / "postal.yaml", tmp_path / "postal.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(file, "postal/rules.yaml")
    assert status(run("diff", "--json", str(wheel)))["1-51"] == "differs"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_revision(
    run: Run, changed: Changed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    shutil.copytree(changed(), repository / "rules")
    monkeypatch.chdir(repository)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], check=True, capture_output=True)
    shutil.copytree(changed(PLANTED), repository / "rules", dirs_exist_ok=True)
    result = run("diff", "--json", "git:HEAD", "rules")
    assert [item for item, said in status(result).items() if said != "same"] == ["1-51"]
    result = run("diff", "--json", "git:HEAD:rules/departments/postal.yaml", "rules")
    assert status(result)["1-51"] == "differs"
    assert len(status(result)) == 4
    result = run("diff", "git:nowhere", "rules")
    assert result.exit_code == 2
    assert "git:nowhere" in result.stderr


def test_what_was_unpacked_is_gone_afterwards(
    run: Run, changed: Changed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, scratch = tmp_path / "postal.whl", tmp_path / "scratch"
    scratch.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(changed() / "departments" / "postal.yaml", "postal/rules.yaml")
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    assert run("diff", str(wheel)).exit_code == 0
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "two rule sets, or two dates"),
        (["installed"], "two rule sets, or two dates"),
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["git:", "installed"], "write git:REVISION"),
        (["git:--help", "installed"], "write git:REVISION"),
        (["--as-of", "2021-13-01..2022-01-01"], "'2021-13-01' is not a date"),
        (["--as-of", "2021-01-01..soon"], "'soon' is not a date"),
        (["no.whl", "installed"], "cannot be read as a wheel"),
        (["installed", "installed", "--csv", "x.csv"], "--csv needs --applications"),
    ],
)
def test_words_that_name_nothing(words: list[str], says: str, run: Run) -> None:
    result = run("diff", *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_rules_with_mistakes_are_not_compared(run: Run, changed: Changed) -> None:
    """Left out of a kernel, their items would all seem removed."""
    file = changed(("departments/postal.yaml", "because:", "becauze:")) / "departments/postal.yaml"
    result = run("diff", str(file))
    assert result.exit_code == 2
    assert f"{file}:" in result.stderr
    assert "'becauze'" in result.stderr
