"""Documents of a case, written by a typed command for a party to it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
WINDOW = "window:510100"


def _written(desk: Any, *args: str, as_: str) -> list[Path]:
    told = desk.json("case", "document", *args, "-o", str(desk.folder / "out"), as_=as_)
    return [Path(file) for file in told["files"]]


def _key(desk: Any) -> str:
    path = str(desk.folder / "office.pem")
    desk("audit", "key", path)
    return path


def test_a_receipt_for_the_applicant(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    files = _written(desk, case, "receipt", "--key", _key(desk), as_=WINDOW)
    assert {file.suffix for file in files} == {".pdf", ".json", ".txt"}
    text = next(file for file in files if file.suffix == ".txt").read_text("utf-8")
    assert "收件凭证" in text
    assert "金丝雀" in text
    assert "630102199003071231" not in text
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_the_decision_is_verified_and_has_a_label(desk: Any, applications: Any) -> None:
    key = _key(desk)
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_=CHENGDU)
    desk("case", "confirm", case, as_=XINING)
    desk("case", "grant", case, as_=CHENGDU)
    files = _written(desk, case, "--key", key, as_=CHENGDU)
    pdf = next(file for file in files if file.suffix == ".pdf")
    assert any("label" in file.name for file in files)
    unproved = desk("verify", str(pdf), "--key", f"{key}.pub", status=3).stdout
    assert "机关未证实" in unproved
    desk("audit", "key", key, "--for", "510100/public_security")
    assert "核验通过" in desk("verify", str(pdf), "--key", f"{key}.pub").stdout
    desk("audit", "key", key, "--for", "510100/postal")
    assert "签发机关不符" in desk("verify", str(pdf), "--key", f"{key}.pub", status=1).stdout
    pdf.write_bytes(pdf.read_bytes().replace(b"%%EOF", b"%%EoF"))
    desk("verify", str(pdf), "--key", f"{key}.pub", status=1)


def test_what_has_not_happened_is_not_written(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    answer = desk("case", "document", case, "decline", as_=WINDOW, status=4)
    assert "尚不能出具" in answer.stderr


@pytest.mark.parametrize(
    ("kind", "near"), [("recept", "did you mean 'receipt'?"), ("好差评", ""), ("x" * 300, "")]
)
def test_a_kind_of_document_that_there_is_not_is_told_with_those_that_there_are(
    desk: Any, applications: Any, kind: str, near: str
) -> None:
    case = desk.receive(applications["hukou"])
    answer = desk("case", "document", case, kind, as_=WINDOW, status=2)
    assert near in answer.stderr
    assert "没有此类文书" in answer.stderr
    assert "receipt 收件凭证" in answer.stderr
    assert "failed" not in answer.stderr


def test_a_stranger_gets_no_document(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    answer = desk("case", "document", case, "receipt", as_="window:440300", status=2)
    assert "本次尝试已记录" in answer.stderr
    assert not (desk.folder / "out").exists()
