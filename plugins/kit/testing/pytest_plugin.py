"""The pytest plugin `tongban`: cases of rule files as tests, and fixtures for departments.

It is loaded by every pytest of an environment that has tongban, so it imports
nothing of tongban before a rule file is found or a fixture is used. PYTEST_DONT_REWRITE:
there is no `assert` here, and where tongban is imported already pytest would warn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tongban.kernel import Application, Decision, Example, Kernel
    from tongban.kernel import Item as ServiceItem
    from tongban.plugins.kit.testing.running import Ran

INI = "tongban_rules"
_HEADS = (re.compile(rb"^department:", re.MULTILINE), re.compile(rb"^items:", re.MULTILINE))
_BESIDE = pytest.StashKey[dict[Path, list[Path]]]()
_KERNELS = pytest.StashKey[dict[tuple[Path, ...], Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini option."""
    parser.addini(
        INI,
        "Rule files of departments whose cases are tests: patterns of paths below the root"
        " folder, all of *.yaml and *.yml by default; empty for none.",
        type="args",
        default=["*.yaml", "*.yml"],
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects rule files of departments, and leaves every other YAML file alone."""
    if file_path.suffix not in (".yaml", ".yml") or not _wanted(file_path, parent.config):
        return None
    try:
        content = file_path.read_bytes()
    except OSError:
        return None
    if not all(head.search(content) for head in _HEADS):
        return None
    beside = parent.config.stash.setdefault(_BESIDE, {}).setdefault(file_path.parent, [])
    if file_path not in beside:
        beside.append(file_path)
    return RuleFile.from_parent(parent, path=file_path)


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with everything that is installed; treat it as read only."""
    from tongban.kernel import Kernel  # noqa: PLC0415 - not at pytest's start

    return Kernel()


@pytest.fixture
def application(kernel: Kernel) -> Callable[..., Application]:
    """Makes an application: `application(item="2-03", channel="online", facts={...})`.

    What is left out is usual, as in a case of a rule file: the channel is online,
    the applicant of the first kind that the item admits, the date 2026-01-01.
    `applicant` may be a kind alone. Anything wrong raises `ApplicationError`.
    """

    def make(item: str, **given: Any) -> Application:
        return kernel.application(_usual(kernel, item, given))

    return make


@pytest.fixture
def decide(kernel: Kernel) -> Callable[..., Decision]:
    """Decides an application; takes what `application` takes."""

    def make(item: str, **given: Any) -> Decision:
        return kernel.decide(_usual(kernel, item, given))

    return make


def _usual(kernel: Kernel, item: str, given: Mapping[str, Any]) -> dict[str, Any]:
    from tongban.plugins.kit.examples import AS_OF  # noqa: PLC0415 - not at pytest's start

    found = kernel.rulebook.find(item)
    raw = {"channel": "online", "as_of": AS_OF, **given, "item": item}
    if isinstance(raw.get("applicant"), str):
        raw["applicant"] = {"kind": raw["applicant"]}
    elif found is not None:
        raw["applicant"] = {"kind": found.applicant.value[0], **raw.get("applicant", {})}
    return raw


def _wanted(path: Path, config: pytest.Config) -> bool:
    """Whether one of the patterns means this file."""
    try:
        name = path.relative_to(config.rootpath).as_posix()
    except ValueError:
        name = path.as_posix()
    return any(fnmatch(name, pattern) for pattern in config.getini(INI))


def _shown(path: Path) -> Path:
    """A path as messages show it: from the folder in which pytest runs."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class RuleFile(pytest.File):
    """A rule file of a department."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases, in the order in which they stand there.

        Raises:
            CollectError: where the file has mistakes; with all of them.
        """
        kernel, file = self._kernel(), str(_shown(self.path))
        problems = [str(one) for one in kernel.problems if one.file == file]
        if problems:
            raise self.CollectError("\n".join(problems))
        names: dict[str, int] = {}
        for item in kernel.items:
            for case in item.cases if item.file == file else ():
                name = f"{kernel.rulebook.short(item)} {case.name}".replace("::", ":")
                names[name] = names.get(name, 0) + 1
                # Two cases of one name are told apart, so that each can be run alone.
                if names[name] > 1:
                    name = f"{name} ({names[name]})"
                yield RuleCase.from_parent(self, name=name, kernel=kernel, item=item, case=case)

    def _kernel(self) -> Kernel:
        """What is installed, with the rule files of this folder: they may advise each other."""
        from tongban.kernel import Kernel  # noqa: PLC0415 - not at pytest's start

        files = tuple(map(_shown, self.config.stash[_BESIDE][self.path.parent]))
        kernels = self.config.stash.setdefault(_KERNELS, {})
        if files not in kernels:
            kernels[files] = Kernel(drafts=files)
        made: Kernel = kernels[files]
        return made


class WrongCaseError(Exception):
    """A case that does not come out as it expects."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(ran.case.name)
        self.ran = ran


class RuleCase(pytest.Item):
    """One case of an item, as a test."""

    def __init__(self, *, kernel: Kernel, item: ServiceItem, case: Example, **more: Any) -> None:
        super().__init__(**more)
        self.kernel = kernel
        self.item = item
        self.case = case

    def runtest(self) -> None:
        """Decides what the case gives."""
        from tongban.plugins.kit.testing.running import run_one  # noqa: PLC0415 - not at pytest's start

        ran = run_one(self.kernel, self.item, self.case)
        if not ran.passed:
            raise WrongCaseError(ran)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Only what the author of the case needs: no traceback."""
        if not isinstance(excinfo.value, WrongCaseError):
            return super().repr_failure(excinfo, style)
        from tongban.plugins.kit.testing.report import block  # noqa: PLC0415 - not at pytest's start

        return block(self.kernel, excinfo.value.ran)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.line - 1, self.name
