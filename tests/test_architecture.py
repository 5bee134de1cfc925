"""Who may import whom (design: "The house"), and how large a file may be."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tongban.kernel

ROOT = Path(__file__).parent.parent
KERNEL = sorted((ROOT / "kernel").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
OURS = [*KERNEL, *PLUGINS, ROOT / "cli.py", *sorted((ROOT / "src").rglob("*.py"))]


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return f"tongban.{name.removesuffix('.__init__')}"


def imports(path: Path, top_level: bool = False) -> Iterator[tuple[str, str]]:
    """Every module that is imported, with the name that is taken from it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield from ((node.module or "", alias.name) for alias in node.names)


def of_tongban(path: Path) -> list[tuple[str, str]]:
    return [(module, name) for module, name in imports(path) if module.split(".")[0] == "tongban"]


@pytest.mark.parametrize("path", KERNEL, ids=module_of)
def test_the_kernel_imports_nothing_of_ours(path: Path) -> None:
    for module, _ in of_tongban(path):
        assert module.startswith("tongban.kernel")


def plugin_of(path: Path) -> str:
    """The plugin that a module is part of: a folder is one, but for those that hold several."""
    parts = path.relative_to(ROOT / "plugins").with_suffix("").parts
    depth = 2 if parts[0] in ("departments", "engines", "stores") else 1
    return ".".join(["tongban.plugins", *parts[:depth]]).removesuffix(".__init__")


@pytest.mark.parametrize("path", PLUGINS, ids=module_of)
def test_plugins_import_public_names_and_no_other_plugin(path: Path) -> None:
    own = plugin_of(path)
    for module, name in of_tongban(path):
        if module == "tongban.kernel":
            assert name in tongban.kernel.__all__
        else:
            assert f"{module}.".startswith(f"{own}."), f"{module} is another plugin's"


def test_the_command_line_imports_the_kernel_alone() -> None:
    for module, name in of_tongban(ROOT / "cli.py"):
        assert module == "tongban.kernel"
        assert name in {*tongban.kernel.__all__, "__version__"}


def test_no_import_cycles() -> None:
    modules = {module_of(path): path for path in [*KERNEL, *PLUGINS]}
    graph = {
        module: {
            known
            for source, name in imports(path, top_level=True)
            if (known := f"{source}.{name}" if f"{source}.{name}" in modules else source) in modules
            and known not in (module, "tongban.kernel")
        }
        for module, path in modules.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(modules)


@pytest.mark.parametrize("path", OURS, ids=module_of)
def test_only_its_plugin_touches_durable_rules(path: Path) -> None:
    if "durable_rules" in path.as_posix():
        return
    assert not {m for m, _ in imports(path) if m.split(".")[0].startswith("durable")}


@pytest.mark.parametrize("path", KERNEL, ids=module_of)
def test_the_core_has_no_clock_and_no_chance(path: Path) -> None:
    if path.stem == "kernel":
        return  # the edge: it holds the system's clock, for whoever passes none
    text = path.read_text(encoding="utf-8")
    assert not {"random", "time", "uuid", "socket", "sqlite3"} & {m for m, _ in imports(path)}
    assert ".now(" not in text
    assert ".today(" not in text


def test_no_file_is_long() -> None:
    folders = ("kernel", "plugins", "tests", "benchmarks", "src")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    lengths = {os.path.relpath(p, ROOT): len(p.read_text("utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > 410} == {}
