"""`tongban new` under test: in this process, and what it writes in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel

New = Callable[..., Result]


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with every installed department."""
    return Kernel()


@pytest.fixture
def new(kernel: Kernel, tmp_path: Path) -> New:
    """Runs `tongban new department …` into `tmp_path`; nobody sits at a terminal."""

    def invoke(*args: str, input: str | None = None) -> Result:
        words = ["new", "department", *args, "--into", str(tmp_path)]
        runner = CliRunner(catch_exceptions=False)
        return runner.invoke(cli, words, input=input, obj=kernel, terminal_width=80)

    return invoke


@frozen
class Environment:
    """A fresh environment beside this one: it sees what is installed here, not the other way."""

    folder: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    def run(self, *args: str, cwd: Path, input: str = "") -> subprocess.CompletedProcess[str]:
        """Runs `python …` in it, as a user would, away from this repository."""
        return subprocess.run(
            [self.python, *args],
            cwd=cwd,
            input=input,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def install(self, *projects: Path) -> None:
        """Installs projects, without a network."""
        offline = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet"]
        pip = [sys.executable, "-m", "pip", "--python", self.python]
        command = [*pip, "install", *offline, *map(str, projects)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Environment]:
    """Makes a fresh environment in which tongban is installed, and nothing else of ours."""

    def make() -> Environment:
        folder = tmp_path_factory.mktemp("environment") / "venv"
        venv.create(folder, symlinks=True)
        base = {"base": str(folder), "platbase": str(folder)}
        packages = Path(sysconfig.get_path("purelib", "venv", base))
        here = sysconfig.get_path("purelib")
        (packages / "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")
        return Environment(folder)

    return make


@pytest.fixture(scope="session")
def environment(fresh: Callable[[], Environment]) -> Environment:
    """A fresh environment, shared by the tests of all projects."""
    return fresh()
