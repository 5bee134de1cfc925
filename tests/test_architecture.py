"""Who may import whom (design: "The house"), and how large a file may be."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import tongban.kernel

ROOT = Path(__file__).parent.parent
KERNEL = sorted((ROOT / "kernel").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
OURS = [*KERNEL, *PLUGINS, ROOT / "cli.py", *sorted((ROOT / "src").rglob("*.py"))]


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return f"tongban.{name.removesuffix('.__init__')}"


@cache
def imported(path: Path) -> tuple[tuple[str, str, int, bool], ...]:
    """Every module that is imported, what is taken from it, where, and whether at top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(one.name, "", node.lineno, node in tree.body) for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            # A relative import has its dots in front, and so no name that is allowed.
            module = "." * node.level + (node.module or "")
            found += [(module, one.name, node.lineno, node in tree.body) for one in node.names]
    return tuple(found)


def imports(path: Path, top_level: bool = False) -> Iterator[tuple[str, str]]:
    """Every module that is imported, with the name that is taken from it."""
    for module, name, _, at_top in imported(path):
        if at_top or not top_level:
            yield module, name


def of_tongban(path: Path) -> list[tuple[str, str, int]]:
    """Imports of our own modules, relative ones among them, with their lines."""
    found = ((module, name, line) for module, name, line, _ in imported(path))
    return [one for one in found if one[0].split(".")[0] in ("tongban", "")]


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_no_import_is_relative() -> None:
    wrong = [
        where(path, line)
        for path in OURS
        for module, _, line, _ in imported(path)
        if module.startswith(".")
    ]
    assert wrong == []


def test_the_kernel_imports_nothing_of_ours() -> None:
    wrong = [
        f"{where(path, line)}: {module}"
        for path in KERNEL
        for module, _, line in of_tongban(path)
        if not module.startswith("tongban.kernel")
    ]
    assert wrong == []


def plugin_of(path: Path) -> str:
    """The plugin that a module is part of: a folder is one, but for those that hold several."""
    parts = path.relative_to(ROOT / "plugins").with_suffix("").parts
    depth = 2 if parts[0] in ("departments", "engines", "stores") else 1
    return ".".join(["tongban.plugins", *parts[:depth]]).removesuffix(".__init__")


def not_public(path: Path) -> Iterable[str]:
    """What a plugin imports that is neither a public name of the kernel nor its own."""
    own = plugin_of(path)
    for module, name, line in of_tongban(path):
        if module == "tongban.kernel":
            if name not in tongban.kernel.__all__:
                yield f"{where(path, line)}: {module} has no public name {name}"
        elif not f"{module}.".startswith(f"{own}."):
            yield f"{where(path, line)}: {module} is another plugin's"


def test_plugins_import_public_names_and_no_other_plugin() -> None:
    assert [wrong for path in PLUGINS for wrong in not_public(path)] == []


def test_the_command_line_imports_the_kernel_and_its_process() -> None:
    for module, name, _ in of_tongban(ROOT / "cli.py"):
        if module != "tongban.plugins.process":
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


def test_only_its_plugin_touches_durable_rules() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in OURS
        if "durable_rules" not in path.relative_to(ROOT).as_posix()
        for module, _ in imports(path)
        if module.split(".")[0].startswith("durable")
    ]
    assert wrong == []


def test_the_core_has_no_clock_and_no_chance() -> None:
    wrong = []
    for path in KERNEL:
        if path.stem == "kernel":
            continue  # the edge: it holds the system's clock, for whoever passes none
        text, modules = path.read_text(encoding="utf-8"), {module for module, _ in imports(path)}
        found = [*({"random", "time", "uuid", "socket", "sqlite3"} & modules)]
        found += [call for call in (".now(", ".today(") if call in text]
        wrong += [f"{path.relative_to(ROOT)}: {one}" for one in found]
    assert wrong == []


def test_no_file_is_long() -> None:
    folders = ("kernel", "plugins", "tests", "benchmarks", "src")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    lengths = {os.path.relpath(p, ROOT): len(p.read_text("utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > 410} == {}
