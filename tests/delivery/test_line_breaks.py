"""Lines of documents begin and end as Chinese typesetting has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.plugins.delivery.line_breaks import lines, unbroken

SIGNS = "，。；：、“”（）《》〔〕"
TEXTS = st.text(st.sampled_from(f"申请事项户籍证明{SIGNS}12 AB-/."), max_size=80)


def wide(text: str) -> float:
    """A character of Chinese is as wide as two others."""
    return sum(2.0 if ord(one) > 0xFF else 1.0 for one in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("能取得的可直接使用；依据方案", ["能取得的可直接使", "用；依据方案"]),
        (
            "依据附件2/2“因家庭矛盾无法取得”，原决定作废",
            ["依据附件2/2“因", "家庭矛盾无法取", "得”，原决定作废"],
        ),
        ("申请行政复议（《复议法》第二十条）", ["申请行政复议", "（《复议法》第二", "十条）"]),
        ("以BJ20261201-2号决定书为准", ["以BJ20261201-2号", "决定书为准"]),
    ],
)
def test_signs_stay_with_their_words(text: str, expected: list[str]) -> None:
    assert lines(text, 16, 0, wide) == expected


@given(TEXTS, st.integers(8, 40), st.integers(0, 4))
def test_no_line_begins_or_ends_with_a_sign_that_does_not(
    text: str, width: int, indent: int
) -> None:
    found = lines(text, width, indent, wide)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    first, *others = found
    assert wide(first) <= width - indent or len(first) == 1
    assert all(wide(one) <= width for one in others)
    if all(wide(part) <= width - indent for part in unbroken(text)):
        assert not any(one[0] in "，。；：、”）》〕" for one in others if one)
        assert not any(one[-1] in "“（《〔" for one in found[:-1] if one)


def test_what_is_longer_than_a_line_is_broken_where_the_line_is_full() -> None:
    assert lines("1" * 20, 8, 4, wide) == ["1111", "11111111", "11111111"]
    assert lines("", 8, 4, wide) == [""]
