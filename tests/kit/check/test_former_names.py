"""Authors of departments made with a former version are told what to rename, by file and line."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tongban.kernel import Carrier, Kernel, Service
from tongban.plugins.kit.check.former_names import MEMBERS, MODULES, NAMES
from tongban.plugins.kit.check.run import Options, run

FORMER_TEST = '''"""The department as everybody sees it who has installed it."""

from __future__ import annotations

from collections.abc import Callable

from tongban.kernel import Decision, Item, Kernel, run_case, unfired


def test_every_rule_fires_in_some_case(kernel: Kernel) -> None:
    results = [run_case(kernel, item, case) for item in kernel.items for case in item.cases]
    assert unfired(kernel, results) == ()
'''
"""As `tongban new` and the example of Sichuan had it."""

Told = Callable[[str], list[tuple[str, int, str]]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What is found in a project with one more Python file: file, line, and what to write."""
    package = tmp_path / "src" / "harbour"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'harbour'\n", "utf-8")
    (package / "__init__.py").write_text("from tongban.kernel import department\n", "utf-8")
    golden = Path(__file__).resolve().parents[2] / "golden" / "clean" / "harbour.yaml"
    (package / "rules.yaml").write_bytes(golden.read_bytes())
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)

    def check(text: str) -> list[tuple[str, int, str]]:
        (tmp_path / "tests" / "test_department.py").write_text(text, "utf-8")
        report = run([Path("src")], Options(proofs=False, select=("TB407",)))
        return [(one.file, one.line, one.fix) for one in report.findings]

    return check


def test_the_tests_that_new_wrote(told: Told) -> None:
    file = "tests/test_department.py"
    found = told(FORMER_TEST)
    assert [(name, line) for name, line, _ in found] == [(file, 7), (file, 7)]
    assert found[0][2].startswith("write from tongban.plugins.kit.examples import run_example")
    assert found[1][2] == "write from tongban.plugins.kit.examples import unfired_rules"


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        (
            "from tongban.plugins.commands.testing.strategies import applications",
            "write from tongban.plugins.kit.testing.strategies import applications",
        ),
        (
            "import tongban.plugins.commands.testing.strategies as s",
            "import tongban.plugins.kit.testing.strategies",
        ),
        (
            "from tongban.plugins.commands.testing import strategies",
            "write from tongban.plugins.kit.testing import strategies",
        ),
        ("from tongban.kernel import Facts", "write from tongban.kernel.engine import Facts"),
        ("from tongban.kernel import AllOf", "write from tongban.kernel.model import AllOf"),
        ("from tongban.kernel import Node", "write from tongban.kernel.rulefile import Node"),
        ("from tongban.kernel import chain", "write from tongban.kernel.audit import hash_chain"),
        ("from tongban.kernel import store", "write from tongban.kernel.ports import store"),
        ("from tongban.kernel import guarding", "write from tongban.kernel.ports import guarding"),
        ("from tongban.kernel import Case", "write from tongban.kernel import Example"),
        ("from tongban.kernel import lazy", "write from tongban.plugins.console import lazy"),
        ("from tongban.kernel import Applicatoin", "did you mean Application?"),
        (
            "kernel.world('calm', 1)",
            "write tongban.plugins.simulation.simulated_world(kernel, …)",
        ),
        (
            "from tongban.plugins.exchange.nodes import load_node",
            "write from tongban.plugins.exchange.membership import load_node",
        ),
        (
            "from tongban.plugins.exchange import letters",
            "write from tongban.plugins.exchange import envelope",
        ),
        (
            "from tongban.kernel.audit.hash_chain import Break",
            "write from tongban.kernel.audit.hash_chain import Finding",
        ),
        (
            "service.take(message)  # tongban",
            "write service.receive_message(message, personal, sender)",
        ),
        ("kernel.examine(application)", "write kernel.ports.examine"),
        ("x = [kernel.opinions(one) for one in y]", "write kernel.engines.opinions"),
    ],
)
def test_what_to_write_instead(told: Told, line: str, fix: str) -> None:
    assert [(found[1], found[2]) for found in told(f"\n{line}\n")] == [(2, fix)]


@pytest.mark.parametrize(
    "line",
    [
        "from tongban.kernel import Application, Kernel, hookimpl, protocol, service",
        "from tongban.kernel import *",
        "import tongban.kernel.protocol",
        "from . import hooks",
        "from tongban_harbour import run_case",
        "world.kernel",
        "kernel.ports.examine(application); application.facts; kernel.decide(raw)",
        "def broken(:",
        "\x00",
    ],
)
def test_what_there_is_is_not_told(told: Told, line: str) -> None:
    assert told(line) == []


def test_code_is_not_run_and_other_peoples_is_not_read(told: Told) -> None:
    for folder in (".venv/lib", "build", "src/harbour/node_modules"):
        Path(folder).mkdir(parents=True)
        Path(folder, "old.py").write_text(FORMER_TEST, "utf-8")
    assert told("raise SystemExit('it was imported')") == []


def exists(module: str) -> bool:
    """Whether there is a module; a folder without code is none, nor what stands for another."""
    try:
        spec = find_spec(module)
    except (ModuleNotFoundError, ValueError):
        return False
    return spec is not None and spec.origin is not None


def test_every_name_and_module_of_the_table_is_gone_and_leads_somewhere() -> None:
    assert {old for old in MODULES if exists(old)} == set()
    assert {new for new in MODULES.values() if not exists(new)} == set()
    for name, write in NAMES.items():
        assert name not in vars(import_module("tongban.kernel"))
        if write.startswith("from "):
            _, module, _, there = write.partition(" (")[0].split()
            public = getattr(import_module(module), "__all__", ())
            assert there in public or exists(f"{module}.{there}"), write


def test_every_former_member_of_a_kernel_is_gone_and_leads_somewhere() -> None:
    kernel = Kernel([])
    assert {name.removeprefix("kernel.") for name in MEMBERS} & {*dir(kernel)} == set()
    assert hasattr(Service, "receive_message")
    assert hasattr(Carrier, "run")
    for write in MEMBERS.values():
        room, _, member = write.removeprefix("kernel.").partition(".")
        if write.startswith("kernel.") and "(" not in write:
            assert hasattr(getattr(kernel, room), member), write


def test_an_installed_plugin_that_cannot_be_imported_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, metadata = tmp_path / "quays_of_old", tmp_path / "quays_of_old-1.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").write_text("\nfrom tongban.kernel import run_case\n", "utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: quays-of-old\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[tongban]\nquays = quays_of_old\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    report = run([], Options(proofs=False, select=("TB406", "TB407")))
    found = [(one.code, one.file, one.line) for one in report.findings]
    file = str(Path("quays_of_old", "__init__.py"))
    assert found == [("TB406", file, 1), ("TB407", file, 2)]
