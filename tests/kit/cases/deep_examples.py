"""The examples that carry a case from end to end, by typed commands (`make deep`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """A folder with a program `tongban` that need not start for each command."""
    server = [sys.executable, str(ROOT / "tests" / "program_server.py"), str(tmp_path)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield tmp_path
        process.terminate()


def carried(example: str, program: Path) -> str:
    """What an example prints; it has to end well."""
    done = subprocess.run(
        ["sh", f"examples/{example}"],
        cwd=ROOT,
        env={**os.environ, "BIN": str(program)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


def test_a_joint_case_by_typed_commands(program: Path) -> None:
    """examples/joint-case.sh ends well, with both sides rated and both logs whole."""
    printed = carried("joint-case.sh", program)
    assert "已办结 closed: decided, delivered and closed" in printed
    assert "核验通过 genuine" in printed
    assert printed.count("日志自洽 self-consistent") == 2
    assert len(re.findall("好差评 rated · 申请人", printed)) == 2
    assert "下一步 next       无 nothing" in printed


def test_a_refused_case_by_typed_commands(program: Path) -> None:
    """examples/refused-case.sh ends with the corrected result at the new address."""
    printed = carried("refused-case.sh", program)
    assert printed.count("核验通过 genuine") == 4
    for title in ("不予办理告知书", "不予决定书", "更正通知书", "准予决定书"):
        assert re.search(f"^ +{title}$", printed, re.MULTILINE), title
    timeline = re.findall(r"^.* ([0-9]+)\. .* ([a-z_]+) · ", printed, re.MULTILINE)
    assert [kind for _, kind in timeline] == [
        "submitted",
        "ruled_ineligible",
        "insisted",
        "received",
        "dispatched",
        "taken_over",
        "arrived",
        "accepted",
        "recused",
        "claimed",
        "examined",
        "decided",
        "delivery_started",
        "delivered",
        "remedy_lodged",
        "remedy_admitted",
        "remedy_resolved",
        "corrected",
        "decision_replaced",
        "contact_changed",
        "delivery_started",
        "delivered",
        "closed",
    ]
    assert "  理由 reasons: 户口簿可以取得,可直接使用" in printed
    assert "address: 四川省成都市武侯区示例街2号" in printed
    assert "li.na: 系申请人近亲属" in printed
    assert "偏离规则 departs   准予 granted; 按规则 by the rules: 不予办理" in printed
    assert printed.count("日志自洽 self-consistent") == 2
    (total,) = re.findall("^合计 total\t.*$", printed, re.MULTILINE)
    (head,) = re.findall("^分类 by\t.*$", printed, re.MULTILINE)
    figures = dict(zip(head.split("\t"), total.split("\t"), strict=True))
    assert figures["依规则不予办理 ineligible"] == figures["坚持申请 insisted"] == "1"
    assert figures["偏离规则 departures"] == figures["更正 corrections"] == "1"
    assert (figures["复议诉讼 remedies"], figures["结果 outcomes"]) == ("1", "变更 1")
