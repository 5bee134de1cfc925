"""A text in both languages on one stored line, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Defect, protocol
from tongban.kernel.model import Text
from tongban.kernel.protocol.codec import dump, load

ENGLISH = st.text().map(lambda text: text.replace("\u00a0", " "))
PARTS = st.text("缺页签名 (see page 2).x\u00a0", max_size=12)


@given(zh=st.text() | PARTS, en=ENGLISH | PARTS.map(lambda text: text.replace("\u00a0", " ")))
def test_a_text_comes_back_from_its_line(zh: str, en: str) -> None:
    text = Text(zh, en)
    # A line without Chinese reads as English, whatever its source: it is shown the same.
    assert Text.read(str(text)) in (text, Text("", zh))
    assert en == "" or Text.read(str(text)) == text


def test_the_line_is_what_a_terminal_shows() -> None:
    assert str(Text("电话缺位", "a digit is missing")) == "电话缺位 (a digit is missing)"
    assert str(Text("电话缺位")) == "电话缺位"
    assert str(Text("", "a digit is missing")) == "a digit is missing"


@pytest.mark.parametrize("typed", ["缺签名 (see page 2)", "见 (page 2 of 3) 第2页", "no signature"])
def test_what_a_person_typed_is_shown_whole(typed: str) -> None:
    read = Text.read(str(Text(typed)))
    assert (read.zh or read.en) == typed


def test_a_line_from_before_comes_apart() -> None:
    line = (
        "公民身份号码 (resident ID number) 1101: 校验码不符 (the last character is wrong);"
        " 请核对 (do check)"
    )
    assert Text.read(line) == Text(
        "公民身份号码 1101: 校验码不符; 请核对",
        "resident ID number; the last character is wrong; do check",
    )


def test_a_defect_takes_both_languages_or_a_line() -> None:
    apart = Defect("materials", Text("缺页", "a page is missing"))
    assert apart == Defect("materials", "缺页 (a page is missing)")
    stored = {"field": "materials", "message": "缺页 (a page is missing)", "warning": False}
    assert dump(apart) == stored
    assert load(protocol.Defect, stored) == apart
