"""Identity checks: what a number tells, what is wrong with one, and that none is shown whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tongban.kernel import Application, Defect, Party
from tongban.kernel.model import Text
from tongban.plugins import identity

ITEM = "630000/3-02"
TODAY = date(2026, 1, 1)
CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident(first17: str) -> str:
    """A resident ID number with its check character, by GB 11643's own table of weights."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(first17, weights, strict=True))
    return first17 + "10X98765432"[total % 11]


def credit(first17: str) -> str:
    """A credit code with its check character, by GB 32100: weights are powers of 3 modulo 31."""
    total = sum(CREDIT_SIGNS.index(sign) * 3**n for n, sign in enumerate(first17))
    return first17 + CREDIT_SIGNS[-total % 31]


def born(day: str, sequence: str = "001", division: str = "630102") -> str:
    return resident(division + day.replace("-", "") + sequence)


def apply(as_of: date = TODAY, **party: Any) -> Application:
    return Application(item=ITEM, as_of=as_of, applicant=Party(**{"kind": "person", **party}))


def derived(number: str | None, as_of: date = TODAY, kind: str | None = "person") -> dict[str, Any]:
    return dict(identity.derive_facts(apply(as_of, kind=kind, id_number=number), ITEM))


def defects(**party: Any) -> list[Defect]:
    return [d for d in identity.receive(apply(**party), ITEM) if not d.warning]


def age(day_of_birth: str, as_of: str) -> object:
    return derived(born(day_of_birth), date.fromisoformat(as_of)).get("identity.age")


dates_of_birth = st.dates(date(1900, 1, 1), TODAY)
residents = st.builds(
    lambda division, day, sequence: born(day.isoformat(), f"{sequence:03d}", f"{division:06d}"),
    st.integers(0, 999_999),
    dates_of_birth,
    st.integers(0, 999),
)
credits = st.builds(
    lambda head, division, body: credit(head + f"{division:06d}" + body),
    st.text(CREDIT_SIGNS, min_size=2, max_size=2),
    st.integers(0, 999_999),
    st.text(CREDIT_SIGNS, min_size=9, max_size=9),
)


def test_examples_of_the_standard() -> None:
    female = {"identity.valid": True, "identity.age": 76, "identity.sex": "female"}
    male = {"identity.valid": True, "identity.age": 146, "identity.sex": "male"}
    assert derived("11010519491231002X") == female
    assert derived("440524188001010014") == male


def test_small_x_is_as_good_as_a_capital() -> None:
    assert derived("11010519491231002x") == derived("11010519491231002X")
    assert defects(id_number="11010519491231002x") == []


@pytest.mark.parametrize(
    ("division", "warned"), [("632123", False), ("422201", False), ("000000", True)]
)
def test_any_division_passes_an_unknown_one_with_a_warning(division: str, warned: bool) -> None:
    number = born("1985-06-07", division=division)
    assert derived(number)["identity.valid"] is True
    found = identity.receive(apply(id_number=number), ITEM)
    assert [defect.warning for defect in found] == [True] * warned


@pytest.mark.parametrize("division", ["810000", "820000", "830000"])
@pytest.mark.parametrize("day", ["1941-02-28", "1978-10-10", "2004-02-29", "2025-12-31"])
def test_a_residence_permit_from_hong_kong_macao_or_taiwan_is_a_number_like_another(
    division: str, day: str
) -> None:
    """国办发〔2018〕81号第三条: whatever the birthday, the permits are from 2018 on."""
    number = born(day, division=division)
    assert derived(number)["identity.valid"] is True
    assert identity.receive(apply(id_number=number), ITEM) == []


@pytest.mark.parametrize(
    ("first17", "warned"),
    [
        ("91184019850412001", False),  # 9, 11 Beijing, 840 the nationality
        ("93139220010229001", None),  # no such day
        ("96339220000229012", False),
        ("97039219700101001", True),  # no province has 70
    ],
)
def test_a_foreigners_card_since_2023_is_a_number_like_another(
    first17: str, warned: bool | None
) -> None:
    number = resident(first17)
    found = identity.receive(apply(id_number=number), ITEM)
    assert [one.warning for one in found] == ([False] if warned is None else [True] * warned)
    assert derived(number)["identity.valid"] is (warned is not None)


@pytest.mark.parametrize("number", ["CHN110085041201", "usa310072010112"])
def test_a_foreigners_card_from_before_2023_passes_and_tells_no_age(number: str) -> None:
    assert derived(number) == {"identity.valid": True}
    assert identity.receive(apply(id_number=number), ITEM) == []


def test_nothing_is_derived_but_from_the_number_of_a_person() -> None:
    for kind in ("enterprise", "institution", None):
        assert derived(born("1985-06-07"), kind=kind) == {}
        assert derived("nonsense", kind=kind) == {}
    assert derived(None) == {}
    agent = Party("person", id_number=born("1985-06-07"))
    assert identity.derive_facts(apply(agent=agent), ITEM) == {}


def test_without_a_number_nothing_is_imported() -> None:
    code = (
        "import sys; from datetime import date; from tongban.plugins import identity\n"
        "from tongban.kernel import Application, Party\n"
        "a = Application('630000/3-02', date(2026, 1, 1), applicant=Party(kind='person'))\n"
        "assert not identity.derive_facts(a, a.item)\n"
        "sys.exit(any(name.split('.')[0] == 'stdnum' for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(dates_of_birth, st.integers(0, 999), st.dates(date(1900, 1, 1), date(2049, 12, 31)))
@example(date(2008, 2, 29), 1, date(2026, 2, 28))
@example(date(2008, 2, 29), 2, date(2028, 2, 29))
def test_sex_and_birth_come_back(day: date, sequence: int, as_of: date) -> None:
    facts = derived(born(day.isoformat(), f"{sequence:03d}"), as_of)
    if day > as_of:
        assert facts == {"identity.valid": False}
        return
    assert facts["identity.sex"] == ("female" if sequence % 2 == 0 else "male")
    assert facts["identity.age"] == birthdays(day, as_of)


def birthdays(day: date, as_of: date) -> int:
    """Counted one by one."""
    count = 0
    for year in range(day.year + 1, as_of.year + 1):
        try:
            birthday = day.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        count += birthday <= as_of
    return count


@pytest.mark.parametrize(
    ("day", "as_of", "years"),
    [
        ("2010-05-20", "2026-05-19", 15),
        ("2010-05-20", "2026-05-20", 16),
        ("2010-12-31", "2026-12-30", 15),
        ("2011-01-01", "2026-12-31", 15),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-28", 19),
        ("2008-02-29", "2028-02-29", 20),
        ("2000-02-29", "2100-02-28", 99),  # 2100 is not a leap year
        ("2000-02-29", "2100-03-01", 100),
        ("2026-01-01", "2026-01-01", 0),
        ("1876-01-01", "2026-12-31", 150),
    ],
)
def test_years_complete_on_the_birthday(day: str, as_of: str, years: int) -> None:
    assert age(day, as_of) == years


IMPOSSIBLE = {
    "31 April": born("2010-04-31"),
    "29 February 1900": born("1900-02-29"),
    "day 0": born("2010-01-00"),
    "year 0": born("0000-01-01"),
    "tomorrow": born((TODAY + timedelta(days=1)).isoformat()),
    "over 150 years old": born("1875-01-01"),
}
GOOD = born("2010-05-20")
MALFORMED = {
    "15 digits": "630102100520001",
    "17": GOOD[:-1],
    "19": GOOD + "X",  # which the check alone would let pass
    "X in the middle": GOOD[:9] + "X" + GOOD[10:],
    "full width": "".join(chr(ord(c) + 0xFEE0) for c in GOOD),
    "one full width": "6" + GOOD[1:].replace("0", "\uff10", 1),
    "Arabic": "".join(chr(0x660 + int(c)) for c in GOOD[:17]) + "1",
    "superscript": GOOD[:4] + "\u00b2" + GOOD[5:],
    "leading space": " " + GOOD[:17],
    "surrounding spaces": f" {GOOD} ",
    "new line at the end": GOOD + "\n",
    "new line instead of the last": GOOD[:17] + "\n",
    "emoji": "\U0001f600" * 18,
    "emoji inside": GOOD[:8] + "\U0001f600" + GOOD[9:],
    "sign": "-" + GOOD[1:],
    "64 KiB of digits": "1" * 65_536,
    "64 KiB of emoji": "\U0001f600" * 65_536,
    "lone surrogate": GOOD[:17] + "\ud800",
    "empty": "",
    "Cyrillic x": GOOD[:17] + "\u0445",
}


@pytest.mark.parametrize("name", [*IMPOSSIBLE, *MALFORMED])
def test_an_impossible_number_is_only_invalid_and_a_defect(name: str) -> None:
    number = {**IMPOSSIBLE, **MALFORMED}[name]
    assert derived(number) == {"identity.valid": False}
    (defect,) = defects(id_number=number)
    assert defect.field == "applicant.id_number"
    said = Text.read(defect.message)
    assert said.zh.startswith("公民身份号码")
    assert said.en.startswith("resident ID number")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (MALFORMED["17"], "现为17位; 应为18位 ("),
        (MALFORMED["X in the middle"], "character 10 is wrong"),
        (MALFORMED["Cyrillic x"], "第18位有误"),
        (MALFORMED["full width"], "半角数字"),
        (IMPOSSIBLE["31 April"], "第7至14位应为真实的出生日期"),
        (IMPOSSIBLE["tomorrow"], "born after 2026-01-01"),
        (IMPOSSIBLE["over 150 years old"], "over 150 years ago"),
        ("11010519491231002" + "1", "校验码与前17位不符"),
    ],
)
def test_a_defect_says_what_is_wrong_and_what_is_right(number: str, said: str) -> None:
    (defect,) = defects(id_number=number)
    assert said in defect.message


def slips(numbers: st.SearchStrategy[str], signs: str) -> st.SearchStrategy[tuple[str, str]]:
    """A number, and the same with one sign replaced by another."""

    def slip(number: str) -> st.SearchStrategy[tuple[str, str]]:
        place = st.integers(0, len(number) - 1)
        wrong = st.tuples(place, st.sampled_from(signs)).filter(lambda w: number[w[0]] != w[1])
        return wrong.map(lambda w: (number, number[: w[0]] + w[1] + number[w[0] + 1 :]))

    return numbers.flatmap(slip)


@given(slips(residents, "0123456789X"))
def test_any_single_wrong_sign_is_caught(pair: tuple[str, str]) -> None:
    good, wrong = pair
    assert derived(good)["identity.valid"] is True
    assert defects(id_number=good) == []
    assert derived(wrong) == {"identity.valid": False}
    assert len(defects(id_number=wrong)) == 1


@given(residents, st.integers(0, 16))
def test_any_two_neighbours_swapped_are_caught(good: str, place: int) -> None:
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert derived(swapped)["identity.valid"] is (swapped == good)


@given(st.text(max_size=40) | st.text("0123456789xX ", min_size=16, max_size=20))
def test_no_text_breaks_anything(text: str) -> None:
    facts = derived(text)
    found = defects(id_number=text, credit_code=text, kind="enterprise")
    assert (facts["identity.valid"] is False) == any(d.field.endswith("id_number") for d in found)


COMPANIES = ["9144030071526726XG", "91110000600037341L", "12100000400000624D"]


@pytest.mark.parametrize("kind", ["enterprise", "institution", None])
@pytest.mark.parametrize("code", [*COMPANIES, COMPANIES[0].lower()])
def test_credit_codes_in_use_pass(kind: str | None, code: str) -> None:
    assert credit(code.upper()[:17]) == code.upper()
    assert defects(kind=kind, credit_code=code) == []


@pytest.mark.parametrize("head", ["N2", "Y1", "A1", "5A"])
def test_registering_departments_may_have_letters(head: str) -> None:
    assert defects(kind="institution", credit_code=credit(head + "630100MF0000001")) == []


def test_a_person_has_no_credit_code_to_check() -> None:
    assert defects(kind="person", credit_code="nonsense") == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (COMPANIES[0][:-1], "现为17位"),
        (COMPANIES[0][:-1] + "H", "校验码与前17位不符"),
        (COMPANIES[0].replace("X", "I"), "不用I、O、S、V、Z"),
        ("91A4030071526726XG", "第3至8位为数字"),
        ("".join(chr(ord(c) + 0xFEE0) for c in COMPANIES[0]), "半角"),
        (COMPANIES[0][:-1] + "\u017f", "wrong character"),  # ſ, whose capital is S
        ("\U0001f600" * 18, "wrong character"),
        ("9 1 440300 71526726XG", "现为21位"),
        ("9" * 65_536, "现为65536位"),
    ],
)
def test_a_wrong_credit_code_is_a_defect(code: str, said: str) -> None:
    (defect,) = defects(kind="enterprise", credit_code=code)
    assert defect.field == "applicant.credit_code"
    text = Text.read(defect.message)
    assert text.zh.startswith("统一社会信用代码")
    assert text.en.startswith("unified social credit code")
    assert said in defect.message


@given(slips(credits, CREDIT_SIGNS))
def test_any_single_wrong_sign_of_a_credit_code_is_caught(pair: tuple[str, str]) -> None:
    good, wrong = pair
    assert defects(kind="enterprise", credit_code=good) == []
    assert len(defects(kind="enterprise", credit_code=wrong)) == 1


def test_all_numbers_of_applicant_and_agent_are_in_one_notice() -> None:
    agent = Party(kind="institution", id_number=GOOD[:-1], credit_code="1")
    found = defects(kind="enterprise", id_number="7", credit_code=COMPANIES[0][1:], agent=agent)
    assert [defect.field for defect in found] == [
        "applicant.id_number",
        "applicant.credit_code",
        "applicant.agent.id_number",
        "applicant.agent.credit_code",
    ]
    assert defects(agent=Party(kind="person", id_number=GOOD)) == []


def test_a_number_is_shown_by_its_two_ends() -> None:
    wrong = "630102201005201230"
    (defect,) = defects(id_number=wrong)
    assert "6301********1230" in str(defect)


@pytest.mark.parametrize("short", ["1234", "63010220", "63010220100520"])
def test_a_short_number_is_not_shown_at_all(short: str) -> None:
    (defect,) = defects(id_number=short)
    assert short[:4] not in str(defect)


@given(slips(residents, "0123456789X") | slips(credits, CREDIT_SIGNS))
def test_no_number_is_ever_shown_whole(pair: tuple[str, str]) -> None:
    _, wrong = pair
    for number in (wrong, wrong[:-1], wrong + "0"):
        for defect in defects(kind="enterprise", id_number=number, credit_code=number):
            assert not any(number[n : n + 5] in str(defect) for n in range(len(number) - 4))


def test_hostile_signs_are_not_repeated() -> None:
    signs = "\u202e\x1b\U0001f600\0"
    for number in (signs, signs * 4, signs + GOOD[4:], GOOD[:14] + signs):
        for defect in defects(kind="enterprise", id_number=number, credit_code=number):
            assert not set(signs) & set(str(defect))
