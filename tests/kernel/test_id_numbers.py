"""Numbers of identity documents in free text, in any spelling; and what only looks like one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.audit.hash_chain import canonical
from tongban.kernel.model.id_numbers import (
    has_id_number,
    id_number_in,
    many_digits,
    without_id_numbers,
)

DIVISIONS = ["630102", "110105", "510100", "371202", "632123", "810000", "830000", "653101"]
BIRTHS = st.dates(date(1910, 1, 1), date(2026, 12, 31))
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
BETWEEN = st.sampled_from(
    ["", " ", "-", "_", ".", "/", "·", "\u3000", "——", ", ", "\n", "－", " - "]
)
UNSEEN = st.sampled_from(["", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a"])
BEFORE = st.sampled_from(
    ["", "ID", "no", "本人", "证件号", "①", "第一", "_", "(", "0971-6123456,", "\u202e"]
)
BEHIND = st.sampled_from(["", "号", "x1", ".pdf", "²", "_", ")", "。张某", ",13800000000", "abc"])


def check(first: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(a) * b for a, b in zip(first, weights, strict=True)) % 11]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number that could be somebody's; nobody's in particular."""
    first = f"{draw(st.sampled_from(DIVISIONS))}{draw(BIRTHS):%Y%m%d}{draw(st.integers(1, 999)):03}"
    return first + check(first)


@st.composite
def grouped(draw: st.DrawFn, number: str, cuts: tuple[int, ...] = (4, 6, 10, 12, 14, 17)) -> str:
    """A number in groups, each with its separator, with characters that nobody sees."""
    parts, start = [], 0
    for cut in sorted(draw(st.sets(st.sampled_from(cuts)))):
        parts.append(number[start:cut])
        start = cut
    parts.append(number[start:])
    text = parts[0]
    for part in parts[1:]:
        text += draw(BETWEEN) + part
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(UNSEEN) + text[place:]


@given(numbers(), st.data())
def test_a_number_is_recognised_however_it_is_spelled(number: str, data: st.DataObject) -> None:
    digits = data.draw(st.sampled_from([{}, WIDE, ARABIC, CHINESE, CIRCLED]))
    text = data.draw(grouped(number)).translate(digits)
    before = data.draw(BEFORE.filter(lambda text: not digits or not has_digits(text)))
    behind = data.draw(BEHIND.filter(lambda text: not has_digits(text)))
    assert many_digits(canonical({"data": {"note": before + text + behind}}))
    assert has_id_number(before + text + behind)
    assert has_id_number(data.draw(BEFORE) + number + data.draw(BEHIND))


@given(numbers(), st.data())
def test_what_is_shown_has_no_digit_of_it(number: str, data: st.DataObject) -> None:
    digits = data.draw(st.sampled_from([{}, WIDE, ARABIC, CHINESE, CIRCLED]))
    text = data.draw(grouped(number)).translate(digits)
    before, behind = "--id: '甲 ", " ' is wrong: 64 letters, 2026-03-02T09:00"
    for spelled in (text, repr(text), f"证{text}号 {text}"):
        says = without_id_numbers(before + spelled + behind)
        assert not has_id_number(says)
        assert says.startswith(before)
        assert says.endswith(behind)
        shown = re.sub(r"\\([tnr]|x..|u....|U........)", "", says[len(before) : -len(behind)])
        assert not has_digits(shown)


@pytest.mark.parametrize(
    "text", ["", "BJ2026113097530AB83C", "2026-03-02 09:00:00.123456 +08:00", "a" * 99, "12" * 9]
)
def test_other_words_are_shown_as_they_are(text: str) -> None:
    assert without_id_numbers(text) == text


def has_digits(text: str) -> bool:
    return any(char.isnumeric() for char in text)


@pytest.mark.parametrize(
    "text",
    [
        "ID630102199003071231",
        "630102199003071239",  # mistyped, and still somebody
        "ID630102199003071239",
        "630102 19900307 1239",
        "6 3 0 1 0 2 1 9 9 0 0 3 0 7 1 2 3 1",
        "六三〇一〇二一九九〇〇三〇七一二三一",
        "统一编号630102199003071231",
        "11010519491231002x",
        "630102900307123",
        "证630102 900307 123",
        "810000197810100015",
        "911840198504120011",
        "no911840198504120011",
        "630102199003071231 630102198001011234",
    ],
)
def test_spellings(text: str) -> None:
    assert has_id_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1630102199003071231",  # nineteen digits are a bank card's
        "6217001234567890123",
        "EMS 1234 5678 9012 3",
        "EA123456785CN",
        "SF1234567890123",
        "914403001922038216",  # a credit code of digits alone
        "91440300708461136T",
        "青政办〔2022〕98号",
        "XT6301002026030212345678",
        "630102-20260302-0003",  # a case's number, dated since cases are numbered like it
        "630102201300000000",
        "630102900007123",
        "999999900307123",
        "2026-03-02 09:00 至 2026-03-05 18:00",
        "0971-6123456、0971-6123457、13800000000",
        "护照E12345678",
        "f" * 20 + "630102900307123" + "a" * 29,
    ],
)
def test_numbers_of_other_things(text: str) -> None:
    assert not has_id_number(text)


TRACKING: dict[str, Callable[[random.Random], str]] = {
    "EMS": lambda chance: f"E{chance.choice('ACEY')}{chance.randrange(10**9):09}CN",
    "post of 13 digits": lambda chance: (
        f"{chance.choice(['1', '9'])}{chance.randrange(10**12):012}"
    ),
    "SF": lambda chance: f"SF{chance.randrange(10**13):013}",
    "JD": lambda chance: f"JD{chance.randrange(10**13):013}",
    "YT": lambda chance: f"YT{chance.randrange(10**13):013}",
    "12 digits": lambda chance: f"{chance.randrange(10**12):012}",
    "14 digits": lambda chance: f"{chance.randrange(10**14):014}",
    "15 digits": lambda chance: f"{chance.randrange(10**15):015}",
    "in groups": lambda chance: " ".join(f"{chance.randrange(10**4):04}" for _ in range(3)),
}


@pytest.mark.parametrize("kind", TRACKING)
def test_no_number_of_a_letter_is_refused(kind: str) -> None:
    """Twenty thousand of each, the same every time."""
    chance = random.Random(kind)
    made = [TRACKING[kind](chance) for _ in range(20_000)]
    assert not [one for one in made if id_number_in({"data": {"tracking": one}})]


@pytest.mark.parametrize(
    ("kind", "make", "most"),
    [
        ("papers", lambda c: f"青政办〔20{c.randrange(15, 27)}〕{c.randrange(1, 999)}号", 0),
        ("cases", lambda c: f"QH{c.randrange(2020, 2027)}0302{c.randrange(10**8):08}", 0),
        ("credit codes", lambda c: f"91630102MA{c.randrange(10**8):08}", 0),
        ("bank cards", lambda c: f"62{c.randrange(10**17):017}", 0),
        ("fifteen digits in a note", lambda c: f"{c.randrange(10**15):015}", 10),
        ("hashes", lambda c: f"{c.getrandbits(256):064x}", 0),
    ],
)
def test_few_numbers_of_other_things_are_refused(
    kind: str, make: Callable[[random.Random], str], most: int
) -> None:
    chance = random.Random(kind)
    assert sum(has_id_number(make(chance)) for _ in range(20_000)) <= most


def test_the_place_is_named() -> None:
    number = "ID630102199003071231"
    assert id_number_in({"data": {"reasons": ["不符", number]}}) == "data.reasons.1"
    assert id_number_in({"data": {number: 1}}) == "data"
    assert id_number_in({"cause": number}) == "cause"
    assert id_number_in({"a": "510100198603020001"}, besides="510100198603020001") is None


def test_every_birthday_counts_to_the_day_before_cases_are_numbered() -> None:
    day = date(1999, 12, 28)
    for one in (day + timedelta(n) for n in range(10)):
        assert has_id_number(f"证630102-{one:%Y%m%d}-1239")
