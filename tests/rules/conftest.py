"""The rule files as their authors meet them: loading them, and running their cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from tongban.kernel import Item, Kernel, RulebookError
from tongban.kernel.cases import CaseResult, run_case
from tongban.kernel.loading import Base, Loaded, load_department
from tongban.kernel.model import Case

RULES = Path(str(files("tongban.rules")))
CASES = "test_cases.py"
VARIABLES = ("TONGBAN_CATALOGUE", "TONGBAN_SOURCE")


@cache
def installed() -> Kernel:
    """A kernel with everything that is installed."""
    return Kernel()


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with everything that is installed; treat it as read only."""
    return installed()


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
def results(kernel: Kernel) -> tuple[CaseResult, ...]:
    """What became of every case of every item."""
    return tuple(run_case(kernel, item, case) for item in kernel.items for case in item.cases)


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


@pytest.hookimpl
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> object:
    """Collects the cases of the rule files beside the tests of `test_cases.py`."""
    if module_path.name != CASES:
        return None
    return CasesModule.from_parent(parent, path=module_path)


class CasesModule(pytest.Module):
    """`test_cases.py`: its own tests, and every rule file with its cases."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Its tests, then the files in the order of their names."""
        yield from super().collect()
        for path in sorted((RULES / "departments").glob("*.yaml")):
            yield RuleFile.from_parent(self, name=path.name)


class RuleFile(pytest.Collector):
    """One department's file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases, by item and name."""
        kernel = installed()
        items = [item for item in kernel.items if item.file == self.name]
        if not items:
            said = [problem for plugin in kernel.plugins for problem in plugin.problems]
            raise self.CollectError("\n".join([f"{self.name} is not loaded", *said]))
        for item in items:
            for case in item.cases:
                name = f"{item.id} {case.name}".replace("::", ":")
                yield RuleCase.from_parent(self, name=name, item=item, case=case)


class WrongCaseError(Exception):
    """A case that does not come out as it expects."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(str(result))


class RuleCase(pytest.Item):
    """One case of an item, as a test."""

    def __init__(self, *, item: Item, case: Case, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.item = item
        self.case = case

    def runtest(self) -> None:
        """Decides what the case gives."""
        result = run_case(installed(), self.item, self.case)
        if not result.passed:
            raise WrongCaseError(result)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """Only what the author of the case needs."""
        if isinstance(excinfo.value, WrongCaseError | RulebookError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return RULES / "departments" / self.case.file, self.case.line - 1, self.name
