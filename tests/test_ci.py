"""Which Pythons `.ci/run` finds, and which ones it is said to test."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def python(path: Path, version: str) -> Path:
    """Something that answers `-c` as a Python of this version does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\ncase "$2" in *"\'{version}\'"*) exit 0;; esac\nexit 1\n')
    path.chmod(0o755)
    return path


def found(tmp_path: Path, *versions: str) -> str | None:
    """The Python that is found among those of a test."""
    tools = f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}"
    done = subprocess.run(
        [ROOT / ".ci" / "find-python", *versions],
        env={"PATH": tools, "PYENV_ROOT": str(tmp_path / "pyenv")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert (done.returncode == 0) is bool(done.stdout)
    return done.stdout.strip() or None


def test_the_newest_python_is_found_on_the_path_or_among_those_of_pyenv(tmp_path: Path) -> None:
    assert found(tmp_path, "4.14", "4.13") is None
    pyenv = tmp_path / "pyenv" / "versions"
    old = python(pyenv / "4.13.2" / "bin" / "python3", "4.13")
    assert found(tmp_path, "4.14", "4.13") == str(old)
    new = python(tmp_path / "bin" / "python4.14", "4.14")
    assert found(tmp_path, "4.14", "4.13") == str(new)
    assert found(tmp_path, "4.13") == str(old)
    assert found(tmp_path, "4.12") is None


def test_a_shim_of_a_version_that_is_not_in_use_is_passed_over(tmp_path: Path) -> None:
    python(tmp_path / "bin" / "python4.13", "another")
    assert found(tmp_path, "4.13") is None
    real = python(tmp_path / "pyenv" / "versions" / "4.13.0" / "bin" / "python3", "4.13")
    assert found(tmp_path, "4.13") == str(real)


def test_readers_are_told_which_pythons_are_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    tested = re.findall(r"Python :: ([\d.]+)", " ".join(project["classifiers"]))
    assert project["requires-python"] == f">={tested[0]}"
    for page in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        text = re.sub(r" and |、| 和 ", ", ", (ROOT / page).read_text("utf-8"))
        assert f"Python {', '.join(tested)}" in text, page
