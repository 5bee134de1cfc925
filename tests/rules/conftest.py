"""The rule files as their authors meet them: loading them, and running their cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

from tongban.kernel import Kernel, department
from tongban.kernel.rulefile.loader import Base, Loaded, load_department
from tongban.plugins.kit.examples import ExampleResult, run_example

RULES = Path(str(files("tongban.rules")))
VARIABLES = ("TONGBAN_CATALOGUE", "TONGBAN_SOURCE")


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with everything that is installed; treat it as read only."""
    return Kernel()


@pytest.fixture(scope="session")
def base(kernel: Kernel) -> Base:
    """Our vocabulary, sources and common rules."""
    return kernel.base


@pytest.fixture(scope="session")
def rule_files() -> tuple[Path, ...]:
    """Every department's file in the repository."""
    return tuple(sorted((RULES / "departments").glob("*.yaml")))


@pytest.fixture(scope="session")
def load(base: Base) -> Callable[..., Loaded]:
    """Reads a department's file from its text: `load(text)`, `load(text, "harbour.yaml")`."""

    def read(text: str | bytes, file: str = "harbour.yaml") -> Loaded:
        return load_department(base, file, text)

    return read


@pytest.fixture(scope="session")
def harbour() -> Callable[..., str]:
    """Makes the text of a small department with one item, `9-01`.

    It takes YAML for more keys of the item, without indent, a file's further
    keys, and the department's id.
    """

    def text(more: str = "", head: str = "", name: str = "harbour", item: str = "9-01") -> str:
        indented = "".join(f"    {line}\n" for line in more.strip().splitlines())
        return (
            f"department: {{id: {name}, name: 省港务局, title: Harbour Office}}\n"
            f"{head}"
            "items:\n"
            f"  - id: {item}\n"
            f"    name: 码头使用许可{item}\n"
            "    title: Licence to use a quay\n"
            "    kind: 许可\n"
            "    applicant: [person, enterprise]\n"
            "    handled_at: [registered]\n"
            "    available: {from: 2021-12-31}\n"
            "    cite: {row: 9/1}\n"
            f"{indented}"
        )

    return text


@pytest.fixture(scope="session")
def kernel_of(base: Base) -> Callable[..., Kernel]:
    """Makes a kernel with a plugin for each rule file: `kernel_of({"harbour": path})`."""

    def make(files: Mapping[str, Path], strict: bool = False) -> Kernel:
        plugins = []
        for name, path in files.items():
            plugin = ModuleType(name)
            plugin.departments = department(path)  # type: ignore[attr-defined]
            plugins.append(plugin)
        return Kernel(plugins, strict=strict, rules=base)

    return make


@pytest.fixture
def make(kernel_of: Callable[..., Kernel], tmp_path: Path) -> Callable[..., Kernel]:
    """Makes a kernel of plugins, each named with the text of its rule file."""

    def kernel(strict: bool = False, **texts: str | bytes) -> Kernel:
        files = {name: tmp_path / f"{name}.yaml" for name in texts}
        for name, text in texts.items():
            files[name].write_bytes(text if isinstance(text, bytes) else text.encode())
        return kernel_of(files, strict)

    return kernel


@pytest.fixture(scope="session")
def results(kernel: Kernel) -> tuple[ExampleResult, ...]:
    """The result of every case of every item."""
    return tuple(run_example(kernel, item, case) for item in kernel.items for case in item.cases)


@pytest.hookimpl
def pytest_report_collectionfinish() -> list[str]:
    """Says which comparisons with what is not in the repository are left out.

    Not `pytest_report_header`: from the root, this file is read after the header.
    """
    absent = [name for name in VARIABLES if name not in os.environ]
    return [f"rules: not compared with a source outside, {name} is not set" for name in absent]


@pytest.hookimpl
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leaves out the comparison with a source that is not named."""
    needs = {"test_catalogue.py": "TONGBAN_CATALOGUE", "test_citations.py": "TONGBAN_SOURCE"}
    variable = needs.get(collection_path.name)
    return True if variable and variable not in os.environ else None
