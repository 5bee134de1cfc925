"""What the import contracts in pyproject.toml cannot say: public names, effects, lengths."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tongban import kernel as kernel_face
from tongban.kernel import Kernel

ROOT = Path(__file__).parent.parent
ROOMS = ("audit", "engine", "model", "ports", "protocol", "rulefile", "service")
FACES = ("tongban.kernel", *(f"tongban.kernel.{room}" for room in ROOMS))
KERNEL = sorted((ROOT / "kernel").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
EXCEPT = {("plugins/kit/conformance/simulated.py", "tongban.plugins.simulation")}
"""Faces of other plugins that a module may import: conformance tries them in a simulated world."""


@cache
def imported(path: Path) -> tuple[tuple[str, str, int], ...]:
    """Every module that is imported, what is taken from it, and where."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(one.name, "", node.lineno) for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", one.name, node.lineno) for one in node.names]
    return tuple(found)


def of_tongban(path: Path) -> list[tuple[str, str, int]]:
    """Imports of our own modules, with their lines."""
    return [one for one in imported(path) if one[0].split(".")[0] == "tongban"]


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def plugin_of(path: Path) -> str:
    """The plugin that a module is part of: a folder is one, but for those that hold several."""
    parts = path.relative_to(ROOT / "plugins").with_suffix("").parts
    depth = 2 if parts[0] in ("departments", "engines", "stores") else 1
    return ".".join(["tongban.plugins", *parts[:depth]]).removesuffix(".__init__")


def not_public(path: Path) -> Iterable[str]:
    """What a plugin imports that is neither a public name of the kernel nor its own."""
    own = plugin_of(path)
    for module, name, line in of_tongban(path):
        if module in FACES:
            if f"{module}.{name}" not in FACES and name not in import_module(module).__all__:
                yield f"{where(path, line)}: {module} has no public name {name}"
        elif (path.relative_to(ROOT).as_posix(), module) in EXCEPT:
            continue
        elif not f"{module}.".startswith((f"{own}.", "tongban.plugins.console.")):
            yield f"{where(path, line)}: {module} is another plugin's"


def test_plugins_import_public_names_and_no_other_plugin() -> None:
    assert [wrong for path in PLUGINS for wrong in not_public(path)] == []


def test_the_command_line_imports_the_kernel_and_its_process() -> None:
    for module, name, _ in of_tongban(ROOT / "cli.py"):
        if module != "tongban.plugins.process":
            assert name in {*import_module(module).__all__, "__version__"}


def test_the_core_has_no_clock_and_no_chance() -> None:
    wrong = []
    for path in KERNEL:
        if path.stem == "kernel":
            continue  # the edge: it holds the system's clock, for callers that pass none
        text = path.read_text(encoding="utf-8")
        modules = {module for module, _, _ in imported(path)}
        found = [*({"random", "time", "uuid", "socket", "sqlite3"} & modules)]
        found += [call for call in (".now(", ".today(") if call in text]
        wrong += [f"{path.relative_to(ROOT)}: {one}" for one in found]
    assert wrong == []


def test_no_file_is_long() -> None:
    folders = ("kernel", "plugins", "tests", "benchmarks", "src")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    lengths = {os.path.relpath(p, ROOT): len(p.read_text("utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > 410} == {}


@pytest.mark.parametrize(
    ("heading", "folder"),
    [("The kernel's rooms", "kernel"), ("The rooms of the plugins", "plugins")],
)
def test_the_page_on_architecture_lists_every_room(heading: str, folder: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    written = re.findall(r"`([^`]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", section, re.M)))
    files = {one.name for one in (ROOT / folder).glob("*.py")} - {"__init__.py"}
    assert sorted(written) == sorted(
        files | {f"{one.parent.name}/" for one in (ROOT / folder).glob("*/__init__.py")}
    )


def test_the_kernel_is_small() -> None:
    lines = (ROOT / "kernel" / "kernel.py").read_text("utf-8").splitlines()
    assert len(lines) <= 280
    public = {name for name in dir(Kernel([])) if not name.startswith("_")}
    assert len(public) <= 15, sorted(public)


def test_the_face_of_the_kernel_is_small() -> None:
    names = kernel_face.__all__
    assert len(names) <= 40
    assert [name for name in names if isinstance(getattr(kernel_face, name), ModuleType)] == []
    assert {"Kernel", "Service"} <= {*names}


def test_every_plugin_stands_in_the_contract_of_plugins() -> None:
    """But for the library; a room that is not listed would be held by nothing."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (modules,) = (
        one["modules"]
        for one in contracts["tool"]["importlinter"]["contracts"]
        if one["type"] == "independence"
    )
    rooms = {one.parent.name for one in (ROOT / "plugins").glob("*/__init__.py")}
    rooms |= {one.stem for one in (ROOT / "plugins").glob("*.py")} - {"__init__"}
    assert {one.split(".")[2] for one in modules} == rooms - {"console"}
