"""The wheel holds what the repository root holds, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHIPPED = ["kernel", "plugins", "rules", "cli.py"]
LEFT_BEHIND = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")


@pytest.mark.parametrize("name", SHIPPED)
def test_src_links_to_root(name: str) -> None:
    assert os.readlink(ROOT / "src" / "tongban" / name) == f"../../{name}"


def goes_along(path: Path) -> bool:
    """Whether a file is copied into the projects of departments, or is a font for names."""
    return bool({"template", "typefaces"} & set(path.parts))


def test_wheel_holds_the_tree(tmp_path: Path) -> None:
    copy, out = tmp_path / "copy", tmp_path / "out"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_BEHIND)
    command = [sys.executable, "-m", "build", "--no-isolation", "-o", str(out), str(copy)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]

    files = [path for name in SHIPPED for path in [copy / name, *(copy / name).rglob("*")]]
    want = {
        f"tongban/{path.relative_to(copy).as_posix()}"
        for path in files
        if "build" not in path.relative_to(copy).parts
        and "__pycache__" not in path.parts
        and (path.suffix in (".py", ".yaml", ".json") or (path.is_file() and goes_along(path)))
    }
    want |= {f"tongban/{name}" for name in ("__init__.py", "__main__.py", "py.typed")}
    (wheel,) = out.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == want
    assert any(name.endswith("licenses/LICENSE") for name in names)
