"""A stranger's machine: Python, a package index that holds tongban's wheel, and nothing of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from attrs import field, frozen

ROOT = Path(__file__).resolve().parents[3]
BUILT = ("kernel", "plugins", "rules", "src", "cli.py", "pyproject.toml", "README.md", "LICENSE")
LEFT_BEHIND = shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__")
OURS = "tongban"
DONE = "\x1e"
"""Ends what a command printed; no command of the tutorial prints it."""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of this tree."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheels")
    for name in BUILT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, symlinks=True, ignore=LEFT_BEHIND)
        else:
            shutil.copy(source, copy)
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "-o",
        str(out),
        str(copy),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return out


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is installed here but tongban: what a download would bring."""
    folder = tmp_path_factory.mktemp("others")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if OURS not in path.name.lower():
            (folder / path.name).symlink_to(path)
    return folder


@frozen
class Done:
    """The result of a command."""

    output: str
    status: int
    folder: Path


@frozen
class Shell:
    """One session of a shell in a clean folder; it keeps its folder and its variables."""

    process: subprocess.Popen[str]
    others: Path
    bridged: list[Path] = field(factory=list)

    def run(self, command: str) -> Done:
        """Runs a line; output and errors together, as they appear."""
        assert self.process.stdin
        assert self.process.stdout
        end = f'printf "%s%s %s\\n" "{DONE}" "$?" "$PWD"'
        self.process.stdin.write(f"{{ {command}\n}} 2>&1 < /dev/null\n{end}\n")
        self.process.stdin.flush()
        lines = []
        while DONE not in (line := self.process.stdout.readline()):
            assert line, "the shell has ended"
            lines.append(line)
        rest, _, last = line.partition(DONE)
        status, _, folder = last.rstrip("\n").partition(" ")
        self._bridge(Path(folder))
        return Done("".join([*lines, rest]), int(status), Path(folder))

    def _bridge(self, folder: Path) -> None:
        """Lets a new environment see the packages that it would otherwise download."""
        for config in folder.glob("*/pyvenv.cfg"):
            if config not in self.bridged:
                self.bridged.append(config)
                base = {"base": str(config.parent), "platbase": str(config.parent)}
                packages = Path(sysconfig.get_path("purelib", "venv", base))
                line = f"import site; site.addsitedir({str(self.others)!r})\n"
                (packages / "others.pth").write_text(line, encoding="utf-8")
                # Projects are built with the setuptools that they would download, not with
                # an old one that Python 3.11 puts into its environments.
                for old in packages.glob("setuptools*"):
                    shutil.rmtree(old)


@pytest.fixture
def shell(tmp_path: Path, wheels: Path, others: Path):  # type: ignore[no-untyped-def]
    """A shell on the stranger's machine, without a network."""
    programs, home = tmp_path / "programs", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    base = getattr(sys, "_base_executable", sys.executable)
    (programs / "python3").symlink_to(base)
    pip = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads the variable as the option's value, not its name
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
    }
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.defpath}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        **pip,
    }
    process = subprocess.Popen(
        ["bash", "--norc", "--noprofile"],
        cwd=home,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    with process:
        yield Shell(process, others)
        assert process.stdin
        process.stdin.close()
