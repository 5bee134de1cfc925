"""Kernels for these tests: the real rules, and small rule files of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from itertools import count
from pathlib import Path

import pytest

from tongban.kernel import DepartmentRules, Kernel, hookimpl

Clock = Callable[[], datetime]


class Brings:
    """A plugin that brings the departments of some rule files."""

    def __init__(self, name: str, paths: Iterable[Path]) -> None:
        self.__name__ = name
        self.paths = list(paths)

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        """One department for each file."""
        return [DepartmentRules(path) for path in self.paths]


def new_year() -> datetime:
    """The present moment of these tests."""
    return datetime(2026, 1, 1, 9, tzinfo=timezone.utc)  # noqa: UP017 - the same in 3.11


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with every installed department, on 2026-01-01."""
    return Kernel(clock=new_year)


@pytest.fixture(scope="session")
def make_kernel(kernel: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Kernel]:
    """Makes a strict kernel from the texts of rule files, one plugin each."""
    numbers = count()
    base = kernel.base

    def make(*texts: str, clock: Clock = new_year) -> Kernel:
        folder = tmp_path_factory.mktemp("rules")
        plugins = []
        for text in texts:
            name = f"plugin{next(numbers)}"
            path = folder / f"{name}.yaml"
            path.write_text(text, encoding="utf-8")
            plugins.append(Brings(name, [path]))
        made = Kernel(plugins, clock=clock, strict=True)
        vars(made)["base"] = base  # read once for all: the shared rules are the same
        return made

    return make


@pytest.fixture(scope="session")
def one_item() -> Callable[..., str]:
    """Makes the text of a department with one item, `9-01`.

    It takes the item's further keys, its rules and the department's rules as
    YAML, each line without indent.
    """

    def text(keys: str = "", rules: str = "", department_rules: str = "", head: str = "") -> str:
        def indented(block: str, by: int) -> str:
            return "\n".join(" " * by + line for line in block.strip().splitlines())

        given = {line.partition(":")[0] for line in keys.strip().splitlines()}
        usual = {
            "applicant": "[person]",
            "handled_at": "[hukou]",
            "available": "{from: 2020-12-31}",
        }
        lines = [f"{key}: {value}" for key, value in usual.items() if key not in given]
        body = "\n".join([*lines, keys.strip()])
        rules = f"    rules:\n{indented(rules, 6)}\n" if rules.strip() else ""
        own = f"rules:\n{indented(department_rules, 2)}\n" if department_rules.strip() else ""
        return (
            "department: {id: tests, jurisdiction: 630000, name: 省测试厅, title: Tests}\n"
            f"{head}{own}"
            "items:\n"
            "  - id: 9-01\n"
            "    name: 测试事项\n"
            "    title: a test\n"
            "    kind: 查询\n"
            "    cite: {row: 9/1}\n"
            f"{indented(body, 4)}\n{rules}"
        )

    return text


@pytest.fixture(scope="session")
def rule() -> Callable[..., str]:
    """Makes the text of one rule: `rule("a", when="{…}", then="{…}", unless="{…}")`."""

    def text(name: str, then: str, **more: str) -> str:
        usual = {"because": f"因为{name}", "cite": "{row: 9/1}"}
        keys = {"id": name, "then": then, **usual, **more}
        written = ", ".join(f"{key.rstrip('_')}: {value}" for key, value in keys.items())
        return f"- {{{written}}}\n"

    return text
