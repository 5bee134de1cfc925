"""`tongban check` as users run it: what is checked, selected, excused, and the exit status."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel, hookimpl
from tongban.plugins.kit.check import run as running
from tongban.plugins.kit.check.run import Options, examine, subject_of
from tongban.plugins.kit.targets import Targets

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
BAD, CLEAN = GOLDEN / "bad", GOLDEN / "clean" / "harbour.yaml"
SOURCE = str(BAD / "source.txt")

Check = Callable[..., Result]


@pytest.fixture(scope="session")
def check() -> Check:
    """Runs `tongban check` in this process: `check("file.yaml", "--strict")`."""
    kernel, runner = Kernel(), CliRunner(catch_exceptions=False)

    def invoke(*args: str | Path, source: str | None = None) -> Result:
        words = ["check", *map(str, args)]
        return runner.invoke(cli, words, obj=kernel, env={"TONGBAN_SOURCE": source})

    return invoke


def codes(result: Result) -> list[str]:
    return [one["code"] for one in json.loads(result.stdout)["findings"]]


def test_a_clean_file_ends_with_0_and_says_so(check: Check) -> None:
    result = check(CLEAN, "--source", SOURCE)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "没有问题 nothing found in 1 file" in result.stderr


def test_errors_end_with_1_and_warnings_only_with_strict(check: Check) -> None:
    assert check(BAD / "TB104.yaml", "--no-proofs").exit_code == 1
    assert check(BAD / "TB212.yaml", "--no-proofs").exit_code == 0
    strict = check(BAD / "TB212.yaml", "--no-proofs", "--strict")
    assert strict.exit_code == 1
    assert ": error TB212" in strict.stdout
    assert check(BAD / "TB213.yaml", "--no-proofs", "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--select", "TB999"), "unknown code 'TB999'"),
        (("--ignore", ""), "unknown code ''"),
        (("--json", "--format", "sarif"), "exclude each other"),
        (("--watch", "--write-cases"), "exclude each other"),
        (("--yes",), "--yes goes with --write-cases"),
        (("--source", "plan=nowhere.txt"), "nowhere.txt: No such file"),
        (("--source", "nowhere.txt"), "nowhere.txt: No such file"),
        (("--source", str(BAD / "TB101.yaml")), "is not UTF-8"),
        (("--format", "xml"), "'xml' is not one of"),
    ],
)
def test_bad_usage_ends_with_2_and_one_message(
    args: tuple[str, ...], says: str, check: Check
) -> None:
    result = check(CLEAN, *args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_everything_that_loading_finds_is_told_at_once(check: Check, tmp_path: Path) -> None:
    shutil.copy(BAD / "TB101.yaml", tmp_path / "encoding.yaml")
    shutil.copy(BAD / "TB102.yaml", tmp_path / "yaml.yaml")
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    names = ["encoding.yaml", "yaml.yaml", "empty.yaml", "folder", "nowhere.yaml"]
    result = check(*(tmp_path / name for name in names), "--json", "--no-proofs")
    assert result.exit_code == 1
    shown = {(Path(one["file"]).name, one["code"]) for one in json.loads(result.stdout)["findings"]}
    wanted = {(name, "TB101") for name in names if name != "yaml.yaml"} | {("yaml.yaml", "TB102")}
    assert shown == wanted


def test_a_folder_is_searched(check: Check) -> None:
    result = check(GOLDEN / "clean", "--json", "--no-proofs")
    assert json.loads(result.stdout)["files"] == [str(CLEAN)]


def test_codes_are_selected_and_ignored(check: Check) -> None:
    path = BAD / "TB203.yaml"  # TB203; without the place, another row than the item's own
    assert codes(check(path, "--json", "--no-proofs", "--source", SOURCE)) == ["TB203"]
    assert codes(check(path, "--json", "--no-proofs")) == ["TB208"]
    assert codes(check(path, "--json", "--select", "TB1", "--source", SOURCE)) == []
    assert codes(check(path, "--json", "--select", "tb203", "--source", SOURCE)) == ["TB203"]
    assert codes(check(path, "--json", "--ignore", "TB2", "--source", SOURCE)) == []
    both = ("--ignore", "TB2", "--select", "TB203", "--source", SOURCE)
    assert codes(check(path, "--json", *both)) == ["TB203"]


def test_a_comment_excuses_a_warning_and_no_error(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "harbour.yaml"
    text = (BAD / "TB212.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "TODO" in line)
    path.write_text(text.replace(line, f"{line}  # tongban: ignore TB212"), encoding="utf-8")
    assert codes(check(path, "--json", "--no-proofs")) == []
    above = f"        # tongban: ignore TB204, TB212\n{line}"
    path.write_text(text.replace(line, above), encoding="utf-8")
    assert codes(check(path, "--json", "--no-proofs")) == []
    path.write_text(text.replace(line, f"{line}  # tongban: ignore TB213"), encoding="utf-8")
    assert codes(check(path, "--json", "--no-proofs")) == ["TB212", "TB223"]
    wrong = text.replace(line, "        becuase: 国产  # tongban: ignore TB103")
    path.write_text(wrong, encoding="utf-8")
    assert codes(check(path, "--json", "--no-proofs")) == ["TB103", "TB223"]


def test_a_source_has_a_name(check: Check) -> None:
    path = BAD / "TB202.yaml"
    assert codes(check(path, "--json", "--no-proofs", "--source", f"plan={SOURCE}")) == ["TB202"]
    law = f"licensing_law={SOURCE}"
    assert codes(check(path, "--json", "--no-proofs", "--source", law)) == []
    unknown = check(path, "--no-proofs", "--source", f"licensing_lw={SOURCE}")
    assert unknown.exit_code == 2
    assert "did you mean 'licensing_law'?" in unknown.stderr


def test_without_the_solver_the_rest_is_checked(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "find_spec", lambda name: None)
    result = check(BAD / "TB212.yaml", "--json")
    assert result.exit_code == 3
    assert codes(result) == ["TB212", "TB300"]
    assert "tongban[check]" in json.loads(result.stdout)["findings"][1]["fix"]
    assert check(BAD / "TB104.yaml", "--json").exit_code == 1
    silent = check(BAD / "TB212.yaml", "--json", "--no-proofs")
    assert (silent.exit_code, codes(silent)) == (0, ["TB212"])


def test_an_item_that_an_installed_department_has_is_told_of_the_file(
    check: Check, tmp_path: Path
) -> None:
    path = tmp_path / "harbour.yaml"
    text = CLEAN.read_text(encoding="utf-8")
    path.write_text(text.replace("9-01", "1-01"), encoding="utf-8")
    result = check(path, "--json", "--no-proofs", "--select", "TB4")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["code"], finding["file"], finding["line"]) == ("TB401", str(path), 4)
    assert "justice.yaml" in finding["message"]


def test_several_sources_from_the_environment(check: Check) -> None:
    variable = f"plan={SOURCE}{os.pathsep}licensing_law={SOURCE}"
    path = BAD / "TB202.yaml"
    assert codes(check(path, "--json", "--no-proofs", source=variable)) == ["TB202"]


def test_a_plugin_that_has_nothing_to_do_with_a_file_is_not_told_with_it(tmp_path: Path) -> None:
    broken = SimpleNamespace(__name__="broken", departments=hookimpl(lambda: 1 / 0))
    kernel = Kernel(plugins=[broken], drafts=[CLEAN])
    items = tuple(kernel.items)
    named = subject_of(Targets(kernel, items, (CLEAN,)), Options())
    assert [*examine(named, Options(proofs=False))] == []
    everything = subject_of(Targets(kernel, items, ()), Options())
    found = [one for one in examine(everything, Options(proofs=False)) if one.code == "TB406"]
    assert [one.rule for one in found] == ["broken"]
    assert "division by zero" in found[0].message


def test_watching_checks_again_when_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "harbour.yaml"
    shutil.copy(CLEAN, path)
    out, err = tmp_path / "out", tmp_path / "err"
    command = [sys.executable, "-m", "tongban", "check", "--watch", "--no-proofs", str(path)]
    with out.open("wb") as stdout, err.open("wb") as stderr:
        env = {name: value for name, value in os.environ.items() if name != "TONGBAN_SOURCE"}
        program = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=ROOT, env=env)
        try:
            _wait(lambda: b"waiting for changes" in err.read_bytes(), program)
            assert out.read_bytes() == b""
            broken = CLEAN.read_text("utf-8").replace(
                "domestic_product: false}\n", "domestic: x}\n"
            )
            # Some editors write anew and rename; the folder must be watched, not the file.
            other = tmp_path / "harbour.yaml~"
            other.write_text(broken, encoding="utf-8")
            _wait(lambda: _again(other, path, broken, b"TB104" in out.read_bytes()), program)
            assert f"{path}:14:16: error TB104".encode() in out.read_bytes()
            program.send_signal(signal.SIGINT)
            assert program.wait(60) == 130
        finally:
            program.kill()
    assert b"Traceback" not in err.read_bytes()


def _again(other: Path, path: Path, text: str, done: bool) -> bool:
    """Puts the file in its place until it was seen: the watcher may have begun a moment late."""
    if not done:
        other.write_text(text, encoding="utf-8")
        other.replace(path)
    return done


def _wait(for_what: Callable[[], bool], program: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if for_what():
            return
        assert program.poll() is None, "it ended"
        time.sleep(0.5)
    pytest.fail("nothing happened for two minutes")
