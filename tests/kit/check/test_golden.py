"""Every code is found in a bad file of its own, and clean files stay silent."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from tongban.kernel import ApplicationError
from tongban.plugins.kit.check.findings import CODES
from tongban.plugins.kit.check.run import Options, Report, run
from tongban.plugins.kit.check.text_format import plain_line
from tongban.plugins.kit.sources import read_text

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
BAD = sorted(path for path in (GOLDEN / "bad").glob("TB*") if path.suffix != ".txt")

ELSEWHERE = {"TB100", "TB300", "TB503"}
"""Codes that no file can have: what no message fits, and what is not installed."""

Examine = Callable[[Path], Report]
Golden = Callable[[Path, str], None]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file(
    path: Path, examine_golden: Examine, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    report = examine_golden(Path(path.name))
    assert path.stem in {one.code for one in report.findings}
    # Of several witnesses that are equally small, a solver may show any.
    lines = "\n".join(plain_line(one) for one in report.findings).splitlines()
    said = "".join(f"{line}\n" for line in lines if not line.startswith("  witness: "))
    golden(path.with_suffix(".txt"), said)


def test_every_code_has_a_bad_file() -> None:
    assert {path.stem for path in BAD} == set(CODES) - ELSEWHERE
    assert {path.stem for path in (GOLDEN / "bad").glob("TB*.txt")} == {path.stem for path in BAD}


WITNESSED = [path for path in BAD if path.stem.startswith(("TB3", "TB5"))]


@pytest.mark.parametrize("path", WITNESSED, ids=lambda path: path.stem)
def test_every_witness_can_be_decided(path: Path, examine_golden: Examine) -> None:
    report = examine_golden(path)
    for finding in report.findings:
        if finding.witness is not None:
            assert report.kernel is not None
            try:
                report.kernel.decide(finding.witness)
            except ApplicationError as error:
                pytest.fail(f"{finding.code}: {error}")


def test_a_clean_file_is_silent() -> None:
    sources = {"plan": read_text(GOLDEN / "bad" / "source.txt")}
    options = Options(sources=sources, engines=True)
    report = run([GOLDEN / "clean" / "harbour.yaml"], options)
    assert [plain_line(one) for one in report.findings if one.code != "TB503"] == []


def test_our_own_departments_have_no_errors() -> None:
    text = os.environ.get("TONGBAN_SOURCE")
    sources = {"plan": read_text(Path(text))} if text else {}
    report = run([], Options(sources=sources, proofs=False))
    assert [plain_line(one) for one in report.findings] == []
    departments = Path(str(files("tongban.rules"))) / "departments"
    looked = {Path(one.file).name for one in report.documents}
    assert {path.name for path in departments.glob("*.yaml")} <= looked


def test_no_file_however_broken_ends_the_check() -> None:
    folder = GOLDEN.parent / "rules" / "golden" / "bad"
    broken = sorted(folder.rglob("*.yaml"))
    report = run(broken, Options(proofs=False))
    assert {Path(one.file) for one in report.findings if one.severity == "error"} == {*broken}
